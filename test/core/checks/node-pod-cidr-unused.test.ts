import { nodePodCIDRUnused } from '../../../src/core/checks/node-pod-cidr-unused.ts';
import { DUAL_IPV4_FIRST } from '../../../src/core/net/addresses.ts';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, ipv4Node, LONG_AGO, MINUTE, node, NOW, pod, podCIDRsOf, type PodSketch } from '../build.ts';
import { addressesIn, agent, podsOn } from './range-shapes.ts';
import { describeCheck } from './table.ts';

const NODES = dualNodes('a', 'b', 'c');

/** Two pods on each node that have IPv4 of its podCIDR and IPv6 from elsewhere (cilium/cilium#9214). */
function mixedOn(nodeNames: readonly string[], parts: PodSketch = {}): PodFacts[] {
  return nodeNames.flatMap((nodeName) =>
    [1, 2].map((number) =>
      pod({ name: `${nodeName}-${number}`, nodeName, addresses: [addressesIn(nodeName, number)[0], `fd00:b00::${number}`], ...parts }),
    ),
  );
}

const STEPS = (nodes: string): readonly string[] => [
  `None: Compare the configuration of the CNI plugin on ${nodes} with that on the others: its IPAM mode, its IPv6 pool, and /etc/cni/net.d. Where the Node object was registered again, only its old pods have other addresses.`,
  `RestartsPods: Restart the pods on ${nodes}, workload by workload. A pod gets its addresses when it starts.`,
];

describeCheck(
  nodePodCIDRUnused,
  [
    { name: 'says nothing where all pods are in the podCIDRs of their nodes', given: [...NODES, ...podsOn('a', 'b', 'c')], finds: [] },
    {
      name: 'fires on the node whose pods have a family from elsewhere',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'])],
      finds: ['Warning Node/c IPv6'],
    },
    {
      name: 'is one finding where there are several such nodes, even most (cilium/cilium#9214)',
      given: [...NODES, ...podsOn('a'), ...mixedOn(['b', 'c'])],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is one finding where there are several such nodes, even few',
      given: [...NODES, ...dualNodes('d', 'e'), ...podsOn('a', 'd', 'e'), ...mixedOn(['b', 'c'])],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires in both families, as where the plugin has another mode on one node (cilium/cilium#14152, #15500)',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'], { addresses: ['10.0.3.7', 'fd00:b00::7'] })],
      finds: ['Warning Node/c IPv4+IPv6'],
    },
    {
      name: 'says nothing where no node uses its podCIDR of the family: IPv6 is from a pool for all',
      given: [...NODES, ...mixedOn(['a', 'b', 'c'])],
      finds: [],
    },
    {
      name: 'says nothing of kubeadm with Calico, some of whose blocks fit a podCIDR (projectcalico/calico#2900)',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c']), agent('calico-node')],
      finds: [],
    },
    {
      name: 'says nothing of Talos with Cilium cluster-pool, where one node has the same range by accident',
      given: [...NODES, ...podsOn('a'), ...mixedOn(['b', 'c'], { addresses: ['10.0.9.7'] })],
      finds: [],
    },
    {
      name: 'is Info where Cilium runs and most nodes fit',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c']), agent('cilium')],
      finds: ['Info Node/c IPv6'],
    },
    {
      name: 'is Info of a node that was registered again under its pods',
      given: [
        ...dualNodes('a', 'b'),
        node({ name: 'c', podCIDRs: podCIDRsOf('c'), createdAt: LONG_AGO + MINUTE }),
        ...podsOn('a', 'b'),
        ...mixedOn(['c'], { createdAt: LONG_AGO, addresses: ['10.244.77.7', 'fd00:10:244:77::7'] }),
      ],
      finds: ['Info Node/c IPv4+IPv6'],
    },
    {
      name: 'says nothing of a node with new pods in its podCIDR and old ones beside it',
      given: [...NODES, ...podsOn('a', 'b', 'c'), ...mixedOn(['c']).map((one) => ({ ...one, uid: `old-${one.uid}` }))],
      finds: [],
    },
    {
      name: 'says nothing where most pods on most nodes are elsewhere: the few that fit do so by accident',
      given: [
        ...NODES,
        ...podsOn('a', 'b').map((one) => ({ ...one, uid: `in-${one.nodeName}` })),
        ...mixedOn(['a', 'b', 'c'], { addresses: ['10.0.3.7', 'fd00:b00::7'] }),
      ],
      finds: [],
    },
    {
      name: 'fires beside nodes that have no podCIDR of the family, whose pods have it from elsewhere',
      given: [...NODES, ipv4Node('d'), ipv4Node('e'), ...podsOn('a', 'b'), ...mixedOn(['c', 'd', 'e'])],
      finds: ['Warning Node/c IPv6'],
    },
    {
      name: 'fires where the pods ask for both families, which they have',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'], { declaredFamilies: DUAL_IPV4_FIRST })],
      finds: ['Warning Node/c IPv6'],
    },
    {
      name: 'says nothing of one pod, which may have asked for it',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c']).slice(1)],
      finds: [],
    },
    {
      name: 'leaves the podCIDRs of other nodes to NodePodsInForeignRange',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'], { addresses: addressesIn('a', 9) })],
      finds: [],
    },
    {
      name: 'waits for a node and its first pods to be set up',
      given: [
        ...dualNodes('a', 'b'),
        node({ name: 'c', podCIDRs: podCIDRsOf('c'), createdAt: NOW - MINUTE }),
        ...podsOn('a', 'b'),
        ...mixedOn(['c'], { createdAt: NOW }),
      ],
      finds: [],
    },
    ...[1, 0].flatMap((early) => [
      {
        name: `waits ${early ? 'for the first pods of' : 'no longer than a minute for the first pods of'} a node`,
        given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'], { createdAt: NOW - MINUTE + early })],
        finds: early ? [] : ['Warning Node/c IPv6'],
      },
      {
        name: `waits ${early ? 'for' : 'no longer than five minutes for'} a node that is new`,
        given: [
          ...dualNodes('a', 'b'),
          node({ name: 'c', podCIDRs: podCIDRsOf('c'), createdAt: NOW - 5 * MINUTE + early }),
          ...podsOn('a', 'b'),
          ...mixedOn(['c'], { createdAt: NOW - 4 * MINUTE }),
        ],
        finds: early ? [] : ['Warning Node/c IPv6'],
      },
    ]),
    {
      name: 'waits for the second pod',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c']).map((one, index) => ({ ...one, startedAt: index === 0 ? LONG_AGO : NOW }))],
      finds: [],
    },
    {
      name: 'leaves to NodePodsInForeignRange one family and fires on the other',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'], { addresses: [addressesIn('a', 9)[0], 'fd00:b00::7'] })],
      finds: ['Warning Node/c IPv6'],
    },
    { name: 'says nothing without the pods', given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'])], refused: ['Pod'], finds: [] },
  ],
  [
    {
      of: 'one node',
      given: [...NODES, ...podsOn('a', 'b'), ...mixedOn(['c'])],
      message: `No pod on node c has IPv6 from its podCIDRs (${podCIDRsOf('c').join(', ')}) but from elsewhere, such as fd00:b00::1, while pods on other nodes do`,
      summary: 'Make the CNI plugin on the node take IPv6 from its podCIDRs, as on the other nodes, then restart the pods.',
      steps: ['None: Compare the addresses of the pods with the podCIDRs of the node.', ...STEPS('the node')],
      commands: [
        'kubectl get pods --all-namespaces --field-selector spec.nodeName=c -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip',
      ],
    },
    {
      of: 'several nodes',
      given: [...NODES, ...podsOn('a'), ...mixedOn(['b', 'c'])],
      message: 'On 2 of 3 nodes no pod has IPv6 from the podCIDRs of its node, while pods on other nodes do',
      summary: 'Make the CNI plugin take IPv6 from podCIDRs on all nodes, then restart the pods on these.',
      steps: STEPS('these nodes'),
    },
  ],
);
