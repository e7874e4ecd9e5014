import { nodePodNetworkFamilyMissing } from '../../../src/core/checks/node-pod-network-family-missing.ts';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import {
  addressesOn,
  dualNodes,
  dualService,
  ipv4Node,
  ipv4Pod,
  MINUTE,
  node,
  NOW,
  podCIDRsOf,
  pod,
  serviceCIDR,
  type PodSketch,
} from '../build.ts';
import { describeCheck } from './table.ts';

const NEW_PODS =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';

const FROM_ELSEWHERE = ['172.16.0.7', '2001:db8:7::7'];

/** So many pods on a node. */
function podsOn(nodeName: string, count: number, parts: PodSketch = {}): PodFacts[] {
  return Array.from({ length: count }, (_, index) => pod({ name: `${nodeName}-${index}`, nodeName, ...parts }));
}

/** So many pods on a node that have IPv4 only. */
function ipv4PodsOn(nodeName: string, count: number): PodFacts[] {
  return podsOn(nodeName, count, { addresses: addressesOn(nodeName).slice(0, 1) });
}

const nodes = dualNodes('a', 'b', 'c');
const healthy = [...podsOn('a', 2), ...podsOn('b', 2)];
/** Their pods have IPv6, if any, from elsewhere. */
const ipv4Nodes = ['a', 'b', 'c'].map((name) => ipv4Node(name));
const withoutPodCIDRs = ['a', 'b', 'c'].map((name) => node({ name }));
/** A node without an IPv6 address, and its pods, where Services have IPv6. */
const withoutAddress = [serviceCIDR(), dualService(), node({ name: 'd', addresses: ['192.0.2.4'] }), ...ipv4PodsOn('d', 2)];
/** Beside it a node that has the address, and pods without the family. */
const oneAddressOneFault = [
  ...[...withoutPodCIDRs, node({ name: 'e' }), ...withoutAddress],
  ...['a', 'b', 'c'].flatMap((name) => podsOn(name, 2)),
  ...ipv4PodsOn('e', 2),
];

describeCheck(
  nodePodNetworkFamilyMissing,
  [
    {
      name: 'fires on a node of which all pods lack a family that its podCIDRs have',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2)],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'does not evaluate by a single pod',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 1)],
      finds: [],
    },
    {
      name: 'evaluates by a single pod where its parameter says so',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 1)],
      parameters: { minimumPods: 1 },
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'does not evaluate by fewer pods than its parameter says',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2)],
      parameters: { minimumPods: 3 },
      finds: [],
    },
    {
      name: 'waits for as many of its pods as its parameter says',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2), ipv4Pod('young', { nodeName: 'c', createdAt: NOW - MINUTE + 1 })],
      parameters: { minimumPods: 3 },
      finds: [],
    },
    {
      name: 'waits for the second of its pods, as they started',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 1), ipv4Pod('young', { nodeName: 'c', createdAt: NOW - MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits no longer than a minute, and for no third',
      given: [
        ...nodes,
        ...healthy,
        ipv4Pod('youngest', { nodeName: 'c', createdAt: NOW }),
        ...ipv4PodsOn('c', 1),
        ipv4Pod('young', { nodeName: 'c', createdAt: NOW - MINUTE }),
      ],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'waits for pods of the pod network only, whatever others there are',
      given: [
        ...nodes,
        ...healthy,
        ipv4Pod('host', { nodeName: 'c', hostNetwork: true }),
        ipv4Pod('done', { nodeName: 'c', state: 'Completed' }),
        ...ipv4PodsOn('c', 1),
        ipv4Pod('young', { nodeName: 'c', createdAt: NOW }),
      ],
      finds: [],
    },
    {
      name: 'takes a pod in grace that has the family for a proof',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2), pod({ nodeName: 'c', name: 'young', createdAt: NOW })],
      finds: [],
    },
    {
      name: 'counts no node whose pods are in grace among most nodes',
      given: [
        ...dualNodes('a', 'b', 'c', 'd'),
        ...podsOn('a', 2),
        ...ipv4PodsOn('b', 2),
        ...ipv4PodsOn('c', 2),
        ...podsOn('d', 2, { addresses: addressesOn('d').slice(0, 1), createdAt: NOW }),
      ],
      finds: ['Critical Cluster IPv6'],
    },
    {
      name: 'says nothing where one pod has the family',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2), pod({ nodeName: 'c', name: 'new' })],
      finds: [],
    },
    {
      name: 'leaves to PodsNotRestarted a node whose pods are all from before the network gave the family',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2).map((one) => ({ ...one, startedAt: NOW - 48 * 60 * MINUTE }))],
      finds: [],
    },
    {
      name: 'leaves to WorkloadSingleFamily a node on which only a workload of one family runs',
      given: [
        ...nodes,
        ...healthy,
        ...ipv4PodsOn('c', 2).map((one) => ({ ...one, subnet: 'legacy' })),
        pod({ name: 'both', nodeName: 'a', subnet: 'ovn-default' }),
      ],
      finds: [],
    },
    {
      name: 'takes no host-network, completed, terminating, pending or unaddressed pod for one of the pod network (#host-network-pods, #skipped-pods)',
      given: [
        ...nodes,
        ...healthy,
        ...ipv4PodsOn('c', 1),
        pod({ nodeName: 'c', name: 'host', hostNetwork: true, addresses: ['192.0.2.1'] }),
        ipv4Pod('done', { nodeName: 'c', state: 'Completed' }),
        ipv4Pod('going', { nodeName: 'c', state: 'Terminating' }),
        pod({ nodeName: 'c', name: 'coming', state: 'Pending', addresses: [] }),
        pod({ nodeName: 'c', name: 'starting', addresses: [] }),
      ],
      finds: [],
    },
    {
      name: 'determines from the pods of its peers what a node without podCIDRs can give (#families-a-node-gives)',
      given: [...withoutPodCIDRs, ...healthy, ...ipv4PodsOn('c', 2)],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'determines from the pods of its peers where pods do not use podCIDRs (#families-a-node-gives)',
      given: [
        ...nodes,
        ...podsOn('a', 2, { addresses: FROM_ELSEWHERE }),
        ...podsOn('b', 2, { addresses: FROM_ELSEWHERE }),
        ...podsOn('c', 2, { addresses: ['172.16.0.7'] }),
      ],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'determines nothing from podCIDRs that pods do not use (#families-a-node-gives)',
      given: [...nodes, ...podsOn('a', 2, { addresses: ['172.16.0.7'] }), ...podsOn('b', 2, { addresses: ['172.16.0.7'] })],
      finds: [],
    },
    {
      name: 'determines nothing from the addresses of nodes (#families-a-node-gives)',
      given: [...withoutPodCIDRs, ...ipv4PodsOn('a', 2), ...ipv4PodsOn('b', 2)],
      finds: [],
    },
    {
      name: 'is caused by the missing address on its node alone, where another node has the address and a fault of its own',
      given: oneAddressOneFault,
      finds: ['Critical Node/d IPv6 because NodeAddressMissing Node/d', 'Critical Node/e IPv6'],
    },
    {
      name: 'has no such cause where pods lack the family on as many nodes with an address as have it',
      given: [...withoutPodCIDRs.slice(0, 2), ...withoutAddress, ...podsOn('a', 2), ...ipv4PodsOn('b', 2)],
      finds: ['Critical Cluster IPv6'],
    },
    {
      name: 'has no such cause where pods on another node without an address have the family',
      given: [...oneAddressOneFault, node({ name: 'f', addresses: ['192.0.2.6'] }), ...podsOn('f', 2)],
      finds: ['Critical Node/d IPv6', 'Critical Node/e IPv6'],
    },
    {
      name: 'is caused by the missing addresses for most nodes together',
      given: [
        ...withoutPodCIDRs.slice(0, 1),
        ...['b', 'c'].map((name) => node({ name, addresses: ['192.0.2.3'] })),
        ...[serviceCIDR(), dualService(), ...podsOn('a', 2), ...ipv4PodsOn('b', 2), ...ipv4PodsOn('c', 2)],
      ],
      finds: ['Critical Cluster IPv6 because NodeAddressMissing Cluster'],
    },
    {
      name: 'leaves nodes without an address to NodeAddressMissing while no Service has the family: they are still to be converted',
      given: [
        ...withoutPodCIDRs.slice(0, 1),
        ...['b', 'c'].map((name) => node({ name, addresses: ['192.0.2.3'] })),
        ...[serviceCIDR(), ...podsOn('a', 2), ...ipv4PodsOn('b', 2), ...ipv4PodsOn('c', 2)],
      ],
      finds: [],
    },
    ...([[], ['IPv6', 'IPv4']] as const).map((expected) => ({
      name: `blames the nodes whose pods lack the family of Services where no pod has both${expected.length > 0 ? ', be both expected' : ''}`,
      given: [
        serviceCIDR({ cidrs: ['fd00:10:96::/112'] }),
        ...withoutPodCIDRs,
        ...['a', 'b'].flatMap((name) => podsOn(name, 2, { addresses: addressesOn(name).slice(1) })),
        ...ipv4PodsOn('c', 2),
      ],
      expected,
      finds: ['Critical Node/c IPv6'],
    })),
    {
      name: 'takes a family that pods have without any podCIDR of it for one that every node can give (#families-a-node-gives)',
      given: [...ipv4Nodes, ...podsOn('b', 2), ...ipv4PodsOn('a', 2)],
      finds: ['Critical Node/a IPv6'],
    },
    {
      name: 'does so where both families are expected too',
      given: [...ipv4Nodes, ...podsOn('b', 2), ...ipv4PodsOn('a', 2)],
      expected: ['IPv4', 'IPv6'],
      finds: ['Critical Node/a IPv6'],
    },
    {
      name: 'takes no family that some node has a podCIDR of for one that every node can give (#families-a-node-gives)',
      given: [...dualNodes('b'), ipv4Node('a'), ipv4Node('c'), ...podsOn('b', 2), ...ipv4PodsOn('a', 2)],
      finds: [],
    },
    {
      name: 'takes no pod that is left of a node which has gone for evidence of another pool',
      given: [...ipv4Nodes, ...podsOn('z', 2), ...ipv4PodsOn('a', 2)],
      finds: [],
    },
    {
      name: 'asks it of no Windows node (#windows-overlay)',
      given: [...ipv4Nodes, ipv4Node('win', { windows: true }), ...podsOn('b', 2), ...ipv4PodsOn('win', 2)],
      finds: [],
    },
    {
      name: 'leaves to NodePodCIDRMissing a node that has no podCIDR of the family',
      given: [...dualNodes('a', 'b'), ipv4Node('c'), ...healthy, ...ipv4PodsOn('c', 2)],
      finds: [],
    },
    {
      name: 'is one finding on the cluster where most nodes are so',
      given: [...nodes, ...podsOn('a', 2), ...ipv4PodsOn('b', 2), ...ipv4PodsOn('c', 2)],
      finds: ['Critical Cluster IPv6'],
    },
    {
      name: 'stays with the nodes where half of them are so',
      given: [...dualNodes('a', 'b', 'c', 'd'), ...healthy, ...ipv4PodsOn('c', 2), ...ipv4PodsOn('d', 2)],
      finds: ['Critical Node/c IPv6', 'Critical Node/d IPv6'],
    },
    {
      name: 'asks no second family of a Windows node (#windows-overlay)',
      given: [...nodes, node({ name: 'win', windows: true }), ...healthy, ...ipv4PodsOn('win', 2)],
      finds: [],
    },
    {
      name: 'lets any one family do on a Windows node, also where IPv6 comes first (#windows-overlay)',
      given: [
        ...nodes,
        node({ name: 'win', windows: true, podCIDRs: podCIDRsOf('win').toReversed() }),
        ...healthy,
        ...ipv4PodsOn('win', 2),
      ],
      finds: [],
    },
    {
      name: 'takes no pod on a virtual node for evidence (#skipped-nodes)',
      given: [node({ name: 'a' }), ipv4Pod('one'), ipv4Pod('two'), node({ name: 'fargate', virtual: true }), pod({ nodeName: 'fargate' })],
      finds: [],
    },
    {
      name: 'does not evaluate virtual nodes and those that are being deleted (#skipped-nodes)',
      given: [
        ...dualNodes('a', 'b'),
        node({ name: 'fargate', virtual: true }),
        node({ name: 'gone', deleting: true }),
        ...healthy,
        ...ipv4PodsOn('fargate', 2),
        ...ipv4PodsOn('gone', 2),
      ],
      finds: [],
    },
    {
      name: 'says nothing of a family that is not expected',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2)],
      expected: ['IPv4'],
      finds: [],
    },
    {
      name: 'says nothing of an expected family that the node cannot give',
      given: [...withoutPodCIDRs, ...ipv4PodsOn('a', 2)],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    {
      name: 'says nothing where no address can be read',
      given: [...withoutPodCIDRs, ...podsOn('c', 2, { addresses: ['nonsense'] })],
      finds: [],
    },
    {
      name: 'says nothing of pods on a node that is not known',
      given: [...nodes, ...healthy, ...ipv4PodsOn('z', 2)],
      finds: [],
    },
    {
      name: 'waits for the pods to be listed',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2)],
      pending: ['Pod'],
      finds: [],
    },
    {
      name: 'says nothing without the nodes',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2)],
      refused: ['Node'],
      finds: [],
    },
  ],
  [
    {
      of: 'one node',
      given: [...nodes, ...healthy, ...ipv4PodsOn('c', 2)],
      message: 'None of the 2 pods of the pod network on node c has IPv6, which the node can give',
      summary: 'Make the CNI plugin on the node give pods IPv6, then restart the pods.',
      steps: [
        'None: See which addresses the pods on the node have.',
        'None: Check that the CNI plugin on the node is configured for IPv6: its configuration in /etc/cni/net.d, the log of its agent, and IPv6 forwarding (sysctl net.ipv6.conf.all.forwarding).',
        'RestartsPods: Restart the pods on the node, workload by workload (kubectl rollout restart). A pod gets its addresses when it starts.',
      ],
      commands: [
        'kubectl get pods --all-namespaces --field-selector spec.nodeName=c -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip',
      ],
      exposes: [NEW_PODS],
    },
    {
      of: 'a node that a virtual cluster made up',
      given: [node({ name: 'a' }), node({ name: 'b' }), node({ name: 'c', madeUp: true, podCIDRs: [] }), ...healthy, ...ipv4PodsOn('c', 2)],
      message: 'None of the 2 pods of the pod network on node c has IPv6, which the node can give',
      summary: 'Make the CNI plugin on the node give pods IPv6, then restart the pods.',
      steps: [
        'None: See which addresses the pods on the node have.',
        'None: Have the machine behind this node checked in the host cluster, which has the CNI plugin: whether pods of other namespaces there get IPv6, and whether the plugin on it is configured for that.',
        'RestartsPods: Restart the pods on the node, workload by workload (kubectl rollout restart). A pod gets its addresses when it starts.',
      ],
      commands: [
        'kubectl get pods --all-namespaces --field-selector spec.nodeName=c -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip',
      ],
      exposes: [NEW_PODS],
    },
    {
      of: 'most nodes',
      given: [...nodes, ...podsOn('a', 2), ...ipv4PodsOn('b', 2), ...ipv4PodsOn('c', 2)],
      message: 'On 2 of 3 nodes no pod of the pod network has IPv6, which the nodes can give',
      summary: 'Configure the CNI plugin for IPv6 too, then restart the pods.',
      steps: [
        'None: Give the CNI plugin an IPv6 pool, and switch its dual-stack setting on.',
        'RestartsPods: Restart the pods on these nodes, workload by workload (kubectl rollout restart). A pod gets its addresses when it starts.',
      ],
      exposes: [NEW_PODS],
    },
  ],
);
