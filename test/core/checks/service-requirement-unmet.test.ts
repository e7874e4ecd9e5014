import { serviceRequirementUnmet } from '../../../src/core/checks/service-requirement-unmet.ts';
import type { Facts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { dualService, NOW, service, serviceCIDR, type ServiceSketch } from '../build.ts';
import { describeCheck, type Wording } from './table.ts';

const ONLY_IPV4 = serviceCIDR({ cidrs: ['10.96.0.0/16'] });
const ONLY_IPV6 = serviceCIDR({ cidrs: ['fd00:10:96::/112'] });

/** A Service of both families that requires them, as it stays behind when the cluster is taken back to one. */
function requires(parts: ServiceSketch = {}): ServiceFacts {
  return dualService({ policy: 'RequireDualStack', ...parts });
}

/** One with a single family, which can be seen in dumps only. */
function halfDone(parts: ServiceSketch = {}): ServiceFacts {
  return service({ policy: 'RequireDualStack', ...parts });
}

const FOUND = ['Critical Service/shop/web IPv6'];
const SUMMARY = 'Give the API server ranges of both families again, or leave the Service the one family that it can have.';
const GIVE_BOTH =
  "None: If the cluster should have both families, do this and nothing else. Give the API server's --service-cluster-ip-range a range of each family, the present one first. The API server restarts.";

type Fix = Pick<Wording, 'summary' | 'steps' | 'commands'>;

function leavingOne(family: string): Fix {
  return {
    summary: SUMMARY,
    steps: [
      GIVE_BOTH,
      `ChangesAddress: If it should have one: leave the Service ${family}. It loses its address of the other family, which leads nowhere now.`,
    ],
    commands: [
      `kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilyPolicy":"SingleStack","ipFamilies":["${family}"]}}'`,
    ],
  };
}

const AGAIN: Fix = {
  summary: SUMMARY,
  steps: [
    GIVE_BOTH,
    'ChangesAddress: If it should have one: delete the Service, and create it without ipFamilies, clusterIP and clusterIPs, since the first family cannot be changed. It gets another address.',
  ],
  commands: ['kubectl get service web --namespace shop --output yaml'],
};

interface Patched {
  readonly of: string;
  readonly given: readonly Facts[];
  readonly missing: string;
  readonly kept: string;
}

/** Seen on 1.36: these patches are accepted where every other update is refused. */
const PATCHED: readonly Patched[] = [
  { of: 'a Service of IPv4 first on an IPv4 cluster', given: [ONLY_IPV4, requires()], missing: 'IPv6', kept: 'IPv4' },
  {
    of: 'a Service of IPv6 first on an IPv6 cluster',
    given: [ONLY_IPV6, requires({ clusterIPs: ['fd00:10:96::10', '10.96.0.10'] })],
    missing: 'IPv4',
    kept: 'IPv6',
  },
  {
    of: 'a headless Service, whose first family can be changed',
    given: [ONLY_IPV4, requires({ headless: true, ipFamilies: ['IPv6', 'IPv4'] })],
    missing: 'IPv6',
    kept: 'IPv4',
  },
];

describeCheck(
  serviceRequirementUnmet,
  [
    { name: 'fires on a family that Services cannot have (#require-dual-stack)', given: [ONLY_IPV4, requires()], finds: FOUND },
    { name: 'fires on an IPv6 cluster', given: [ONLY_IPV6, requires()], finds: ['Critical Service/shop/web IPv4'] },
    { name: 'fires on a headless Service with a selector', given: [ONLY_IPV4, requires({ headless: true })], finds: FOUND },
    { name: 'fires on load balancers', given: [ONLY_IPV4, requires({ type: 'LoadBalancer' })], finds: FOUND },
    { name: 'says nothing where Services can have both', given: [serviceCIDR(), requires()], finds: [] },
    {
      name: 'says nothing where Services can have both, IPv6 first',
      given: [serviceCIDR({ cidrs: ['fd00:10:96::/112', '10.96.0.0/16'] }), requires()],
      finds: [],
    },
    {
      name: 'says nothing where it cannot be determined what Services can have (fact 5)',
      given: [requires({ headless: true })],
      finds: [],
    },
    {
      name: 'says nothing where the ServiceCIDR is contradicted by a Service that is younger (#service-cidr-is-evidence)',
      given: [ONLY_IPV4, requires({ createdAt: NOW })],
      finds: [],
    },
    { name: 'says nothing where the ServiceCIDR is not Ready', given: [{ ...ONLY_IPV4, ready: false }, requires()], finds: [] },
    { name: 'fires on one with a single family (dumps)', given: [serviceCIDR(), halfDone()], finds: FOUND },
    { name: 'fires on one with a single family, whatever Services can have', given: [halfDone()], finds: FOUND },
    {
      name: 'fires on one with the family alone that Services cannot have',
      given: [ONLY_IPV6, halfDone()],
      finds: ['Critical Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'fires on one without families (dumps)',
      given: [halfDone({ clusterIPs: [], ipFamilies: [] })],
      finds: ['Critical Service/shop/web IPv4+IPv6'],
    },
    {
      name: 'leaves the other policies to other checks',
      given: [ONLY_IPV4, dualService(), service({ name: 'single', clusterIPs: ['10.96.0.11', 'fd00:10:96::11'] })],
      finds: [],
    },
    {
      name: 'says nothing of a headless Service without a selector, which is allowed everywhere (#default-family-policy)',
      given: [ONLY_IPV4, requires({ headless: true, selector: {} }), halfDone({ name: 'two', headless: true, selector: {} })],
      finds: [],
    },
    { name: 'fires on a non-headless one without a selector', given: [ONLY_IPV4, requires({ selector: {} })], finds: FOUND },
    { name: 'says nothing of an ExternalName Service (#external-name)', given: [ONLY_IPV4, requires({ type: 'ExternalName' })], finds: [] },
    {
      name: 'says nothing of default/kubernetes (#api-server-service)',
      given: [ONLY_IPV4, requires({ namespace: 'default', name: 'kubernetes' })],
      finds: [],
    },
    { name: 'says nothing of a Service that is being deleted', given: [ONLY_IPV4, requires({ deleting: true })], finds: [] },
    { name: 'says nothing of a family that is not expected', given: [ONLY_IPV4, requires()], expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: [ONLY_IPV4, requires()], expected: ['IPv6'], finds: FOUND },
    { name: 'fires where both are expected', given: [ONLY_IPV4, requires()], expected: ['IPv6', 'IPv4'], finds: FOUND },
    { name: 'waits for the ServiceCIDRs to be listed', given: [ONLY_IPV4, requires()], pending: ['ServiceCIDR'], finds: [] },
    {
      name: 'takes two clusterIPs for a proof without ServiceCIDRs (#service-cidr-is-evidence)',
      given: [requires()],
      refused: ['ServiceCIDR'],
      finds: [],
    },
    { name: 'says nothing without the Services', given: [ONLY_IPV4, requires()], refused: ['Service'], finds: [] },
  ],
  [
    ...PATCHED.map(({ of, given, missing, kept }) => ({
      of,
      given,
      message: `Service shop/web requires ${missing}, which Services of this cluster cannot have`,
      ...leavingOne(kept),
    })),
    {
      of: 'a Service whose first family is gone, which no patch can change',
      given: [ONLY_IPV4, requires({ clusterIPs: ['fd00:10:96::10', '10.96.0.10'] })],
      message: 'Service shop/web requires IPv6, which Services of this cluster cannot have',
      ...AGAIN,
    },
    {
      of: 'a Service with the family alone that is gone',
      given: [ONLY_IPV6, halfDone()],
      message: 'Service shop/web requires IPv4 and IPv6, which Services of this cluster cannot have',
      ...AGAIN,
    },
    {
      of: 'a Service with one family on a cluster of one',
      given: [ONLY_IPV4, halfDone()],
      message: 'Service shop/web requires IPv6, and has not got it',
      ...leavingOne('IPv4'),
    },
    {
      of: 'a Service with one family where Services can have both',
      given: [serviceCIDR(), halfDone({ clusterIPs: ['fd00:10:96::10'] })],
      message: 'Service shop/web requires IPv4, and has not got it',
      summary: 'Name both families in ipFamilies; the present clusterIP stays.',
      steps: ['None: Name both families in ipFamilies: the Service gets an address of the missing one beside the present one.'],
      commands: [`kubectl patch service web --namespace shop --type merge --patch '{"spec":{"ipFamilies":["IPv6","IPv4"]}}'`],
    },
  ],
);
