import { clusterStackInconsistent } from '../../../src/core/checks/cluster-stack-inconsistent.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { apiServer, dualNodes, dualService, ipv4Node, ipv4Pod, node, pod, serviceCIDR } from '../build.ts';
import { describeCheck } from './table.ts';

const CONFIGURE_CNI =
  "None: Configure the CNI plugin for IPv6 too; where pods get their addresses from podCIDRs, kube-controller-manager's --cluster-cidr and the nodes as well.";
const RESTART_PODS = 'RestartsPods: Restart the pods of the pod network, workload by workload. A pod gets its addresses when it starts.';
const NEW_PODS =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';

/** What a layer has; `none` where it is Unknown, since there is nothing of it. */
type Layer = 'none' | 'IPv4' | 'IPv6' | 'both';

const SERVICES: readonly Layer[] = ['none', 'IPv4', 'IPv6', 'both'];

const NODES: readonly Layer[] = ['none', 'IPv4', 'IPv6', 'both'];

/** What is missing, whatever nodes have, by the families of pods, and for Services of none, IPv4, IPv6 and both. */
const OF_PODS: readonly (readonly [pods: Layer, missing: readonly string[]])[] = [
  ['none', ['', '', '', '']],
  ['IPv4', ['', '', 'IPv6', 'IPv6']],
  ['IPv6', ['', 'IPv4', '', 'IPv4']],
  ['both', ['', '', '', '']],
];

const TRUTH = NODES.flatMap((nodes) => OF_PODS.map(([pods, missing]) => [nodes, pods, missing] as const));

function of<T>(layer: Layer, ipv4: T, ipv6: T): T[] {
  return { none: [], IPv4: [ipv4], IPv6: [ipv6], both: [ipv4, ipv6] }[layer];
}

/** A cluster whose layers have these families. */
function cluster(nodes: Layer, pods: Layer, services: Layer): Facts[] {
  const cidrs = of(services, '10.96.0.0/16', 'fd00:10:96::/112');
  return [
    ...(nodes === 'none' ? [] : [node({ addresses: of(nodes, '192.0.2.1', '2001:db8::1') })]),
    ...(pods === 'none' ? [] : [pod({ addresses: of(pods, '10.244.1.7', 'fd00:10:244:1::7') })]),
    ...(services === 'none' ? [] : [serviceCIDR({ cidrs })]),
  ];
}

const FOUND = ['Warning Cluster IPv6'];
const ahead = cluster('both', 'IPv4', 'both');

describeCheck(
  clusterStackInconsistent,
  [
    ...TRUTH.flatMap(([nodes, pods, missing]) =>
      missing.map((families, index) => {
        const services = SERVICES[index] ?? 'none';
        return {
          name: `${families ? 'fires on' : 'says nothing of'} nodes of ${nodes}, pods of ${pods} and Services of ${services}`,
          given: cluster(nodes, pods, services),
          finds: families ? [`Warning Cluster ${families}`] : [],
        };
      }),
    ),
    { name: 'says nothing of an empty cluster', given: [], finds: [] },
    {
      name: 'takes one dual-stack node and one dual-stack pod for a layer that has both: the rest is for other checks',
      given: [...dualNodes('a'), ipv4Node('b', { addresses: ['192.0.2.2'] }), pod(), ipv4Pod('two', { nodeName: 'b' }), serviceCIDR()],
      finds: [],
    },
    {
      name: 'says nothing of a layer whose objects are of one family each, which is Unknown',
      given: [node(), ipv4Pod('four'), pod({ name: 'six', addresses: ['fd00:10:244:1::7'] }), serviceCIDR()],
      finds: [],
    },
    { name: 'goes by podCIDRs where there is no pod yet', given: [ipv4Node('a'), serviceCIDR()], finds: FOUND },
    {
      name: 'says nothing of podCIDRs of a family that no node has, which is for NodeAddressMissing (k3s#9946)',
      given: [node({ addresses: ['192.0.2.1'], podCIDRs: ['10.244.1.0/24', 'fd00:10:244:1::/64'] })],
      finds: [],
    },
    {
      name: 'takes a few odd pods with both families for no dual-stack pod network',
      given: [node(), ipv4Pod('one'), ipv4Pod('two'), pod({ name: 'odd' }), serviceCIDR({ cidrs: ['10.96.0.0/16'] })],
      finds: [],
    },
    {
      name: 'takes no host-network and no completed pod for the pod network (#host-network-pods, #skipped-pods)',
      given: [node(), pod({ hostNetwork: true, addresses: ['192.0.2.1'] }), ipv4Pod('done', { state: 'Completed' }), serviceCIDR()],
      finds: [],
    },
    {
      name: 'says nothing where Services are Unknown: the ServiceCIDR is not Ready (#service-cidr-is-evidence)',
      given: [...cluster('both', 'IPv4', 'none'), serviceCIDR({ ready: false })],
      finds: [],
    },
    {
      name: 'says nothing where Services are Unknown: the ServiceCIDR is contradicted (#service-cidr-is-evidence)',
      given: [...ahead, apiServer('fd00:10:96::1')],
      finds: [],
    },
    {
      name: 'takes two clusterIPs for a proof where ServiceCIDRs may not be read (#service-cidr-is-evidence)',
      given: [...cluster('both', 'IPv4', 'none'), dualService()],
      refused: ['ServiceCIDR'],
      finds: FOUND,
    },
    {
      name: 'asks no order of families',
      given: [...cluster('both', 'both', 'none'), serviceCIDR({ cidrs: ['fd00::/112', '10.96.0.0/16'] })],
      finds: [],
    },
    { name: 'says nothing of a family that is not expected', given: ahead, expected: ['IPv4'], finds: [] },
    { name: 'fires on the one family that is expected', given: ahead, expected: ['IPv6'], finds: FOUND },
    { name: 'fires where both are expected', given: ahead, expected: ['IPv6', 'IPv4'], finds: FOUND },
    { name: 'needs no EndpointSlices', given: ahead, refused: ['EndpointSlice'], finds: FOUND },
    ...(['Node', 'Pod', 'Service', 'ServiceCIDR'] as const).map((kind) => ({
      name: `waits for the ${kind}s to be listed`,
      given: ahead,
      pending: [kind],
      finds: [],
    })),
    ...(['Node', 'Pod', 'Service'] as const).map((kind) => ({
      name: `says nothing without the ${kind}s`,
      given: ahead,
      refused: [kind],
      finds: [],
    })),
  ],
  [
    {
      of: 'Services ahead of pods',
      given: ahead,
      message: 'The pods have IPv4 only, and Services have both families, which no stage of a migration explains',
      summary: 'Give the pods IPv6 too, or take it from the Services.',
      steps: [CONFIGURE_CNI, RESTART_PODS],
      exposes: [NEW_PODS],
    },
    {
      of: 'layers that have nothing in common',
      given: cluster('both', 'IPv4', 'IPv6'),
      message: 'The pods have IPv4 only, and Services have IPv6, which no stage of a migration explains',
      summary: 'Give the pods IPv6 too, or take it from the Services.',
      steps: [CONFIGURE_CNI, RESTART_PODS],
      exposes: [NEW_PODS],
    },
    {
      of: 'layers that have nothing in common, as to an expected family',
      given: cluster('IPv4', 'IPv6', 'IPv4'),
      expected: ['IPv4'],
      message: 'The pods have IPv6 only, and Services have IPv4, which no stage of a migration explains',
      summary: 'Give the pods IPv4 too, or take it from the Services.',
      steps: [
        "None: Configure the CNI plugin for IPv4 too; where pods get their addresses from podCIDRs, kube-controller-manager's --cluster-cidr and the nodes as well.",
        RESTART_PODS,
      ],
      exposes: [
        'The new pods, at their IPv4 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
      ],
    },
  ],
);
