import { expect } from 'chai';
import { serviceFieldsInconsistent } from '../../../src/core/checks/service-fields-inconsistent.ts';
import type { ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { apiServer, dualService, evaluateAll, service, serviceCIDR, type ServiceSketch } from '../build.ts';
import { describeCheck, type Wording } from './table.ts';

const IPV4 = '10.96.0.10';
const IPV6 = 'fd00:10:96::10';

type Fix = Pick<Wording, 'summary' | 'steps' | 'commands'>;

interface Fault {
  readonly of: string;
  readonly service: ServiceFacts;
  readonly families: string;
  readonly says: string;
  /** The patch that makes the fields agree; undefined where the API server takes none. */
  readonly patch?: string;
}

const CREATE =
  'the Service, and create it without clusterIP, clusterIPs and ipFamilies. It gets other addresses, and where it is a load balancer, a new one.';
const SHOW = 'kubectl get service web --namespace shop --output yaml';

const AGAIN: Fix = {
  summary: 'Create the Service again, since its first family and its first address cannot be changed.',
  steps: [`ChangesAddress: Delete ${CREATE}`],
  commands: [SHOW],
};

function patchedBy(patch: string): Fix {
  return {
    summary: 'Patch the fields so that they agree; the Service keeps its addresses.',
    steps: [
      'None: Make the fields agree with the addresses that the Service has.',
      `ChangesAddress: Only where the API server refuses the patch: delete ${CREATE}`,
    ],
    commands: [`kubectl patch service web --namespace shop --type merge --patch '${patch}'`, SHOW],
  };
}

function prefers(parts: ServiceSketch): ServiceFacts {
  return service({ policy: 'PreferDualStack', ...parts });
}

/** A headless Service with clusterIPs that it should not have. */
function headless(...clusterIPs: readonly string[]): ServiceFacts {
  return { ...prefers({ headless: true, ipFamilies: ['IPv4', 'IPv6'] }), clusterIPs };
}

const FAULTS: readonly Fault[] = [
  {
    of: 'SingleStack with two families (#default-family-policy)',
    patch: '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}',
    service: service({ clusterIPs: [IPV4, IPV6] }),
    families: 'IPv4+IPv6',
    says: 'the policy is SingleStack and ipFamilies has two',
  },
  {
    of: 'SingleStack with two families on a headless Service',
    patch: '{"spec":{"ipFamilyPolicy":"PreferDualStack"}}',
    service: service({ headless: true, ipFamilies: ['IPv6', 'IPv4'] }),
    families: 'IPv6+IPv4',
    says: 'the policy is SingleStack and ipFamilies has two',
  },
  {
    of: 'three families',
    patch: '{"spec":{"ipFamilies":["IPv4","IPv6"]}}',
    service: prefers({ clusterIPs: [IPV4, IPV6], ipFamilyCount: 3 }),
    families: 'IPv4+IPv6',
    says: 'ipFamilies has 3 entries',
  },
  {
    of: 'a family twice (#cluster-ips)',
    patch: '{"spec":{"ipFamilies":["IPv4"]}}',
    service: prefers({ ipFamilies: ['IPv4'], ipFamilyCount: 2 }),
    families: 'IPv4',
    says: 'ipFamilies names a family twice, or one that is none',
  },
  {
    of: 'a family that is none',
    service: prefers({ clusterIPs: [], ipFamilies: [], ipFamilyCount: 1 }),
    families: 'IPv4+IPv6',
    says: 'ipFamilies names a family twice, or one that is none',
  },
  {
    of: 'a clusterIP that is not the first (#cluster-ips)',
    patch: '{"spec":{"clusterIP":"10.96.0.10"}}',
    service: dualService({ clusterIP: IPV6 }),
    families: 'IPv4+IPv6',
    says: `clusterIP ${IPV6} is not the first of clusterIPs`,
  },
  {
    of: 'a clusterIP that is not among them (#cluster-ips)',
    patch: '{"spec":{"clusterIP":"10.96.0.10"}}',
    service: service({ clusterIP: '10.96.0.11' }),
    families: 'IPv4',
    says: 'clusterIP 10.96.0.11 is not the first of clusterIPs',
  },
  {
    of: 'clusterIP None and addresses in clusterIPs',
    service: { ...headless(IPV4), clusterIP: 'None' },
    families: 'IPv4+IPv6',
    says: 'clusterIP None is not the first of clusterIPs',
  },
  {
    of: 'a headless Service with an address',
    patch: '{"spec":{"clusterIPs":["None"]}}',
    service: headless('None', IPV4),
    families: 'IPv4+IPv6',
    says: `it is headless and clusterIPs are None, ${IPV4}`,
  },
  {
    of: 'two clusterIPs of one family',
    service: prefers({ clusterIPs: [IPV4, '10.96.0.11'] }),
    families: 'IPv4',
    says: `clusterIPs are ${IPV4}, 10.96.0.11`,
  },
  {
    of: 'three clusterIPs',
    service: dualService({ clusterIPs: [IPV4, IPV6, '10.96.0.11'] }),
    families: 'IPv4+IPv6',
    says: `clusterIPs are ${IPV4}, ${IPV6}, 10.96.0.11`,
  },
  {
    of: 'a clusterIP that is no address',
    service: service({ clusterIPs: ['nonsense'], ipFamilies: ['IPv4'] }),
    families: 'IPv4',
    says: 'clusterIPs are nonsense',
  },
  {
    of: 'a clusterIP of another family',
    service: service({ clusterIPs: [IPV6], ipFamilies: ['IPv4'] }),
    families: 'IPv4+IPv6',
    says: `clusterIPs are ${IPV6} and ipFamilies IPv4`,
  },
  {
    of: 'clusterIPs in another order than ipFamilies',
    service: dualService({ ipFamilies: ['IPv6', 'IPv4'] }),
    families: 'IPv6+IPv4',
    says: `clusterIPs are ${IPV4}, ${IPV6} and ipFamilies IPv6, IPv4`,
  },
  {
    of: 'one clusterIP for two families',
    patch: '{"spec":{"ipFamilies":["IPv4"]}}',
    service: prefers({ ipFamilies: ['IPv4', 'IPv6'] }),
    families: 'IPv4+IPv6',
    says: `clusterIPs are ${IPV4} and ipFamilies IPv4, IPv6`,
  },
  {
    of: 'two clusterIPs for one family',
    patch: '{"spec":{"ipFamilies":["IPv4","IPv6"]}}',
    service: prefers({ clusterIPs: [IPV4, IPV6], ipFamilies: ['IPv4'] }),
    families: 'IPv4+IPv6',
    says: `clusterIPs are ${IPV4}, ${IPV6} and ipFamilies IPv4`,
  },
  {
    of: 'two clusterIPs for one family, without a clusterIP',
    patch: '{"spec":{"ipFamilies":["IPv4","IPv6"]}}',
    service: prefers({ clusterIPs: [IPV4, IPV6], ipFamilies: ['IPv4'], clusterIP: '' }),
    families: 'IPv4+IPv6',
    says: `clusterIPs are ${IPV4}, ${IPV6} and ipFamilies IPv4`,
  },
  {
    of: 'the first of several disagreements',
    service: service({ clusterIPs: [IPV4, IPV6], ipFamilies: ['IPv6', 'IPv4'], clusterIP: IPV6 }),
    families: 'IPv6+IPv4',
    says: 'the policy is SingleStack and ipFamilies has two',
  },
];

const [FIRST] = FAULTS;
const wrong = FIRST ? [FIRST.service] : [];

describeCheck(
  serviceFieldsInconsistent,
  [
    ...FAULTS.map(({ of, service: given, families }) => ({
      name: `fires on ${of}`,
      given: [given],
      finds: [`Warning Service/shop/web ${families}`],
    })),
    { name: 'says nothing of a Service of one family', given: [service(), service({ name: 'six', clusterIPs: [IPV6] })], finds: [] },
    {
      name: 'says nothing of a Service of both, in either order',
      given: [dualService(), dualService({ name: 'six', clusterIPs: [IPV6, IPV4] })],
      finds: [],
    },
    {
      name: 'says nothing of headless Services',
      given: [
        service({ headless: true, ipFamilies: ['IPv6'] }),
        dualService({ name: 'dual', headless: true }),
        service({ name: 'bare', headless: true, policy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'], selector: {} }),
      ],
      finds: [],
    },
    { name: 'says nothing of default/kubernetes', given: [apiServer()], finds: [] },
    { name: 'leaves PreferDualStack with one family to ServiceNotUpgraded', given: [serviceCIDR(), prefers({})], finds: [] },
    {
      name: 'leaves RequireDualStack with one family to ServiceRequirementUnmet',
      given: [serviceCIDR(), service({ policy: 'RequireDualStack' })],
      finds: [],
    },
    {
      name: 'says nothing of a Service of 1.16 to 1.19, with a clusterIP and one ipFamily (#services-before-1-20)',
      given: [service({ clusterIPs: [IPV6], ipFamilies: ['IPv6'] })],
      finds: [],
    },
    { name: 'says nothing of a Service from before there were families', given: [service({ ipFamilies: [] })], finds: [] },
    { name: 'says nothing of a manifest that leaves the fields to the API server', given: [service({ clusterIPs: [] })], finds: [] },
    { name: 'says nothing of clusterIPs without a clusterIP', given: [service({ clusterIP: '' })], finds: [] },
    {
      name: 'says nothing of ipFamilies without clusterIPs',
      given: [prefers({ clusterIPs: [], ipFamilies: ['IPv4', 'IPv6'] })],
      finds: [],
    },
    {
      name: 'says nothing of an ExternalName Service, whatever it has (#external-name)',
      given: [service({ type: 'ExternalName', clusterIPs: [IPV4, IPV6], clusterIP: IPV6 })],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: wrong.map((one) => ({ ...one, deleting: true })), finds: [] },
    {
      name: 'says nothing of a family that is not expected',
      given: [service({ clusterIP: '10.96.0.11' })],
      expected: ['IPv6'],
      finds: [],
    },
    { name: 'does not wait', given: wrong, now: 0, finds: ['Warning Service/shop/web IPv4+IPv6'] },
    {
      name: 'needs no more than the Services',
      given: wrong,
      refused: ['ServiceCIDR', 'EndpointSlice', 'Pod', 'Node'],
      finds: ['Warning Service/shop/web IPv4+IPv6'],
    },
    { name: 'waits for the Services to be listed', given: wrong, pending: ['Service'], finds: [] },
    { name: 'says nothing without the Services', given: wrong, refused: ['Service'], finds: [] },
  ],
  FAULTS.map(({ of, service: given, says, patch }) => ({
    of,
    given: [given],
    message: `The fields of Service shop/web disagree: ${says}`,
    ...(patch === undefined ? AGAIN : patchedBy(patch)),
  })),
);

describe('ServiceFieldsInconsistent, between two evaluations', () => {
  it('says so of a Service that was fixed meanwhile', () => {
    const { evaluation, store } = evaluateAll(wrong);
    store.apply({ type: 'upsert', facts: service() });
    expect([...evaluation.findings.values()].map((finding) => evaluation.describe(finding).message)).to.deep.equal([
      'The fields of Service shop/web disagree: they agree by now',
    ]);
  });
});
