import { expect } from 'chai';
import { servicesPredateDualStack } from '../../../src/core/checks/services-predate-dual-stack.ts';
import type { ServiceFacts } from '../../../src/core/kinds/facts.ts';
import { evaluate, service, serviceCIDR, type ServiceSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const preferring = (name: string, parts: ServiceSketch = {}): ServiceFacts =>
  service({ name, policy: 'PreferDualStack', clusterIPs: ['10.96.0.10'], ...parts });
const three = ['x', 'y', 'z'].map((name) => preferring(name));

const SUMMARY = 'Set ipFamilies of these Services to both families, the present one first.';
const LOOK = 'None: See which Services prefer dual-stack and have one family.';
const LIST =
  'kubectl get services --all-namespaces -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,POLICY:.spec.ipFamilyPolicy,FAMILIES:.spec.ipFamilies';
const ADD = 'None: Add IPv6 to ipFamilies: the Service gets an address of it beside the present one.';
const CLOSE =
  'To keep its node port closed there, first close it in the firewall of the nodes, or where kube-proxy runs, set its nodePortAddresses to 0.0.0.0/0,::1/128 (for all Services).';
const requesting = { nodeLoadBalancer: 'MetalLB', requestedAddresses: ['192.0.2.5'], requestPlace: 'metallb.io/loadBalancerIPs' };
const REQUEST = `${ADD.replace('None', 'ChangesAddress')} In the same change, add an IPv6 address to annotation metallb.io/loadBalancerIPs: otherwise MetalLB takes the present one away.`;
const OWN =
  'the steps of their own findings say, which "dualstack-operator scan --output json" shows under remediation of each ServiceNotUpgraded.';
const patch = (name: string): string =>
  `kubectl patch service ${name} --namespace shop --type merge --patch '{"spec":{"ipFamilies":["IPv4","IPv6"]}}'`;

describeCheck(
  servicesPredateDualStack,
  [
    {
      name: 'fires on several Services from before both families',
      given: [serviceCIDR(), ...three.slice(1)],
      finds: ['Info Cluster IPv6'],
    },
    { name: 'says nothing of one, which has a finding of its own', given: [serviceCIDR(), ...three.slice(2)], finds: [] },
    {
      name: 'says nothing of SingleStack, of Services with both families, and of those that are being deleted',
      given: [
        serviceCIDR(),
        ...three.slice(2),
        preferring('single', { policy: 'SingleStack' }),
        preferring('dual', { clusterIPs: ['10.96.0.10', 'fd00:10:96::10'] }),
        preferring('going', { deleting: true }),
      ],
      finds: [],
    },
    {
      name: 'says nothing where Services can have one family',
      given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), ...three],
      finds: [],
    },
    {
      name: 'says nothing of a fleet with one family on purpose',
      given: [serviceCIDR(), ...three.map((one) => ({ ...one, policy: 'SingleStack' as const }))],
      finds: [],
    },
    {
      name: 'says nothing of the family that Services have where another is expected',
      given: [serviceCIDR(), ...three],
      expected: ['IPv4'],
      finds: [],
    },
    { name: 'waits for the Services to be listed', given: [serviceCIDR(), ...three], pending: ['Service'], finds: [] },
  ],
  [
    {
      of: 'three Services',
      given: [serviceCIDR(), ...three],
      message: '3 Services that prefer dual-stack have no IPv6, because they were never upgraded',
      summary: SUMMARY,
      steps: [LOOK, `${ADD} Services: shop/x, shop/y, shop/z.`],
      commands: [LIST, ['x', 'y', 'z'].map(patch).join(' && ')],
    },
    {
      of: 'Services of either family, one of which a patch would open',
      given: [
        serviceCIDR(),
        ...['v', 'w', 'x', 'y'].map((name) => preferring(name)),
        preferring('a', { type: 'NodePort' }),
        preferring('z', { clusterIPs: ['fd00:10:96::10'] }),
      ],
      message: '6 Services that prefer dual-stack have one family, because they were never upgraded',
      summary: SUMMARY,
      steps: [
        LOOK,
        `${ADD} ${CLOSE} Services: shop/a.`,
        `${ADD} Services: shop/v, shop/w, shop/x and 1 more.`,
        `${ADD.replace('IPv6', 'IPv4')} Services: shop/z.`,
      ],
      commands: [LIST, ['v', 'w', 'x'].map(patch).join(' && '), patch('z').replace('"IPv4","IPv6"', '"IPv6","IPv4"')],
      exposes: ['Its node port, on the IPv6 addresses of all nodes.'],
    },
    {
      of: 'Services with names that leave no room for three commands',
      given: [serviceCIDR(), ...['x', 'y', 'z'].map((name) => preferring(name.repeat(63), { namespace: 'n'.repeat(63) }))],
      message: '3 Services that prefer dual-stack have no IPv6, because they were never upgraded',
      summary: SUMMARY,
      steps: [LOOK, `${ADD} Services: ${['x', 'y', 'z'].map((name) => `${'n'.repeat(63)}/${name.repeat(63)}`).join(', ')}.`],
      commands: [LIST, ['x', 'y'].map((name) => patch(name.repeat(63)).replace('shop', 'n'.repeat(63))).join(' && ')],
    },
    {
      of: 'Services of more charts than have steps of their own',
      given: [
        serviceCIDR(),
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => preferring(name, { owner: 'Helm', ownerName: name })),
      ],
      message: '8 Services that prefer dual-stack have no IPv6, because they were never upgraded',
      summary: SUMMARY,
      steps: [
        LOOK,
        ...['a', 'b', 'c', 'd', 'e', 'f'].map(
          (name) =>
            `${ADD} Make this change in the values of Helm release ${name}: it reverts a patch of the Service. Services: shop/${name}.`,
        ),
        `None: Upgrade shop/g, shop/h as ${OWN}`,
      ],
      commands: [LIST],
    },
    {
      of: 'Services of as many charts as there is room for',
      given: [serviceCIDR(), ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => preferring(name, { owner: 'Helm', ownerName: name }))],
      message: '7 Services that prefer dual-stack have no IPv6, because they were never upgraded',
      summary: SUMMARY,
      steps: [
        LOOK,
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(
          (name) =>
            `${ADD} Make this change in the values of Helm release ${name}: it reverts a patch of the Service. Services: shop/${name}.`,
        ),
      ],
      commands: [LIST],
    },
    {
      of: 'Services that a patch would open, of more ways than have steps of their own',
      given: [
        serviceCIDR(),
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => preferring(name, { owner: 'Helm', ownerName: name })),
        preferring('np', { type: 'NodePort' }),
      ],
      message: '8 Services that prefer dual-stack have no IPv6, because they were never upgraded',
      summary: SUMMARY,
      steps: [
        LOOK,
        `${ADD} ${CLOSE} Services: shop/np.`,
        ...['a', 'b', 'c', 'd', 'e'].map(
          (name) =>
            `${ADD} Make this change in the values of Helm release ${name}: it reverts a patch of the Service. Services: shop/${name}.`,
        ),
        `None: Upgrade shop/f, shop/g as ${OWN}`,
      ],
      commands: [LIST],
      exposes: ['Its node port, on the IPv6 addresses of all nodes.'],
    },
    {
      of: 'load balancers that request an address of one family',
      given: [
        serviceCIDR(),
        ...['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) =>
          preferring(name, { type: 'LoadBalancer', ...requesting, owner: 'Helm', ownerName: name }),
        ),
        ...['x', 'y'].map((name) => preferring(name, { type: 'LoadBalancer', ...requesting })),
      ],
      message: '9 Services that prefer dual-stack have no IPv6, because they were never upgraded',
      summary: SUMMARY,
      steps: [
        LOOK,
        ...['a', 'b', 'c', 'd', 'e', 'f'].map(
          (name) =>
            `${REQUEST} Make this change in the values of Helm release ${name}: it reverts a patch of the Service. Services: shop/${name}.`,
        ),
        `ChangesAddress: Upgrade shop/g, shop/x, shop/y as ${OWN}`,
      ],
      commands: [LIST],
      exposes: [
        ...Array.from({ length: 6 }, () => 'The load balancer over IPv6.'),
        'Load balancers and node ports of these Services, as their own findings say.',
      ],
    },
  ],
);

describe('Services that were never upgraded', () => {
  it('have one cause where they are several', () => {
    const causesOf = (services: readonly ServiceFacts[]): readonly (string | undefined)[] =>
      [...evaluate([serviceCIDR(), ...services]).findings.values()]
        .filter(({ check }) => check.name === 'ServiceNotUpgraded')
        .map(({ causedBy }) => causedBy);
    expect(new Set(causesOf(three)).size).to.equal(1);
    expect(causesOf(three)).to.have.length(3).and.not.to.include(undefined);
    expect(causesOf(three.slice(2))).to.deep.equal([undefined]);
  });
});
