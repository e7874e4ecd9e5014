import { IPV4 } from '../../../src/core/net/addresses.ts';
import { nodePodNetworkFamilyLost } from '../../../src/core/checks/node-pod-network-family-lost.ts';
import { nodePodNetworkFamilyMissing } from '../../../src/core/checks/node-pod-network-family-missing.ts';
import { podFamilyMissing } from '../../../src/core/checks/pod-family-missing.ts';
import { dualNodes, dualService, ipv4Node, ipv4Pod, MINUTE, namespace, NOW, pod, service, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const LOST = NOW - 60 * MINUTE;
const fleet = dualNodes('a', 'b', 'c');
/** With a Service that relies on both families. */
const nodes = [...fleet, dualService({ selector: {} })];

const older = (nodeName: string, startedAt = LOST - MINUTE): ReturnType<typeof pod> =>
  pod({ name: `older-${nodeName}`, nodeName, startedAt, owner: 'DaemonSet/older' });
const newer = (workload: string, nodeName: string, parts: PodSketch = {}): ReturnType<typeof pod> =>
  ipv4Pod(`${workload}-${nodeName}`, { nodeName, startedAt: LOST, owner: `Deployment/${workload}`, ...parts });

const olderOnes = [older('a'), older('b'), older('c')];
const everywhere = [...nodes, ...olderOnes, newer('x', 'a'), newer('y', 'b'), newer('z', 'a')];
const onTheWayBack = everywhere.filter(({ kind }) => kind !== 'Service');
const onOneNode = [...nodes, ...olderOnes, older('b', NOW - MINUTE), ...['x', 'y', 'z'].map((workload) => newer(workload, 'a'))];

/** Pods of a namespace whose Namespace may request IPv4 only. */
const ofOneNamespace = [
  ...nodes,
  ...olderOnes,
  ...['x', 'y', 'z'].flatMap((workload) => ['a', 'b'].map((nodeName) => newer(workload, nodeName, { namespace: 'legacy' }))),
];

const onTwoNodes = [
  ...nodes,
  ...olderOnes,
  older('c', NOW - MINUTE),
  ...['x', 'y', 'z'].flatMap((workload) => ['a', 'b'].map((nodeName) => newer(workload, nodeName))),
];

const STEPS = [
  'None: Do not restart or drain the pods that have IPv6: they would lose it.',
  'None: Find out what changed then in the CNI plugin: its version and restarts, its IPv6 setting and IP pools, the configuration in /etc/cni/net.d of the nodes, and the log of its agents. Correct it.',
  'RestartsPods: When a new pod gets IPv6, restart the workloads of the pods that lack it (kubectl rollout restart). A pod gets its addresses when it starts.',
];
const WORDS = {
  summary: 'Make the CNI plugin give pods IPv6 again, and do not restart the older pods until it does.',
  steps: STEPS,
  commands: ['kubectl get daemonsets --all-namespaces --output wide'],
  exposes: ['The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.'],
};

describeCheck(
  nodePodNetworkFamilyLost,
  [
    { name: 'is one finding where no pod gets the family on any node since', given: everywhere, finds: ['Warning Cluster IPv6'] },
    { name: 'is one finding where most nodes lost it', given: onTwoNodes, finds: ['Warning Cluster IPv6'] },
    { name: 'is on the node where pods on others still get it', given: onOneNode, finds: ['Warning Node/a IPv6'] },
    {
      name: 'is Info where no Service has the family, as on the way back to one family',
      given: [...onTheWayBack, service()],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'is no Info where the family is expected',
      given: onTheWayBack,
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'says nothing where an older pod may have restarted since, with both families',
      given: [...everywhere, { ...older('c'), readySince: LOST + MINUTE * 10 }],
      finds: [],
    },
    {
      name: 'fires where the network of that pod is known to be as old as itself',
      given: [...everywhere, { ...older('c'), sandbox: 'Ready', readySince: LOST + MINUTE * 10 }],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires where one pod was odd before',
      given: [...everywhere, newer('v', 'a'), newer('w', 'b'), ipv4Pod('odd', { owner: 'DaemonSet/older', startedAt: LOST - MINUTE })],
      finds: ['Warning Cluster IPv6'],
    },
    { name: 'fires where all pods of a namespace lack the family', given: ofOneNamespace, finds: ['Warning Cluster IPv6'] },
    {
      name: 'says nothing of such pods while it is not known what their namespace requests',
      given: ofOneNamespace,
      refused: ['Namespace'],
      finds: [],
    },
    {
      name: 'says nothing of them where other Namespaces are known',
      given: [...ofOneNamespace, namespace('shop')],
      partial: ['Namespace'],
      finds: [],
    },
    {
      name: 'fires where theirs is known and others are not',
      given: [...ofOneNamespace, namespace('legacy')],
      partial: ['Namespace'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires where an older pod of the namespace has both, whatever it requests',
      given: [...ofOneNamespace, pod({ name: 'first', namespace: 'legacy', startedAt: LOST - MINUTE })],
      refused: ['Namespace'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'says nothing of two workloads, each of which may have a pool of one family',
      given: [...nodes, ...olderOnes, newer('x', 'a'), newer('x', 'b'), newer('y', 'a'), newer('y', 'b')],
      finds: [],
    },
    { name: 'says nothing of one pod', given: [...nodes, ...olderOnes, newer('x', 'a')], finds: [] },
    {
      name: 'says nothing of pods that ask for one family',
      given: [...nodes, ...olderOnes, ...['x', 'y', 'z'].map((workload) => newer(workload, 'a', { declaredFamilies: IPV4 }))],
      finds: [],
    },
    {
      name: 'says nothing of pods in a subnet of one family',
      given: [
        ...nodes,
        ...olderOnes.map((one) => ({ ...one, subnet: 'dual' })),
        ...['x', 'y', 'z'].map((workload) => newer(workload, 'a', { subnet: 'ipv4' })),
      ],
      finds: [],
    },
    {
      name: 'says nothing of pods that have what their node gives: no older pod there had more',
      given: [...dualNodes('a', 'b'), ipv4Node('c'), older('a'), older('b'), ...['x', 'y', 'z'].map((workload) => newer(workload, 'c'))],
      finds: [],
    },
    {
      name: 'says nothing of a node that never gave the family',
      given: [...nodes, older('a'), older('b'), ...['x', 'y', 'z'].map((workload) => newer(workload, 'c'))],
      finds: [],
    },
    {
      name: 'says nothing where pods still get the family on the same node',
      given: [...everywhere, older('a', NOW - MINUTE), older('b', NOW - MINUTE)],
      finds: [],
    },
    {
      name: 'says nothing of a network that gave the family to some only before',
      given: [
        ...everywhere,
        ...['v', 'w'].flatMap((workload) => [
          ipv4Pod(`${workload}-one`, { owner: `Deployment/${workload}`, startedAt: LOST - MINUTE }),
          pod({ name: `${workload}-two`, owner: `Deployment/${workload}`, startedAt: LOST - MINUTE }),
        ]),
      ].map((one) => (one.kind === 'Pod' && one.name === 'older-a' ? { ...one, startedAt: LOST - 2 * MINUTE } : one)),
      finds: [],
    },
    {
      name: 'says nothing of pods on a cluster that is being migrated: these are older',
      given: [...nodes, ...['a', 'b'].map((name) => older(name, NOW - MINUTE)), newer('x', 'a'), newer('y', 'b'), newer('z', 'a')],
      finds: [],
    },
    {
      name: 'gives pods a minute to get their second address',
      given: [...nodes, ...olderOnes, ...['x', 'y', 'z'].map((workload) => newer(workload, 'a', { startedAt: NOW - MINUTE + 1 }))],
      finds: [],
    },
    { name: 'waits for the pods to be listed', given: everywhere, pending: ['Pod'], finds: [] },
    { name: 'says nothing without the nodes', given: everywhere, refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'the pod network',
      given: everywhere,
      message: 'The pod network has given new pods no IPv6 since 2026-06-01 11:00 UTC, though older pods have it',
      ...WORDS,
    },
    {
      of: 'most nodes',
      given: onTwoNodes,
      message: '2 of 3 nodes have given new pods no IPv6 since 2026-06-01 11:00 UTC, though older pods on them have it',
      ...WORDS,
    },
    {
      of: 'a node',
      given: onOneNode,
      message: 'Node a has given new pods no IPv6 since 2026-06-01 11:00 UTC, though its older pods have it',
      ...WORDS,
    },
  ],
);

describeCheck(
  podFamilyMissing,
  [
    {
      name: 'has a loss for its cause',
      given: everywhere,
      finds: ['a', 'b', 'a'].map(
        (node, index) => `Warning Pod/shop/${'xyz'.charAt(index)}-${node} IPv6 because NodePodNetworkFamilyLost Cluster`,
      ),
    },
    {
      name: 'is Info too where no Service has the family',
      given: onTheWayBack,
      finds: ['a', 'b', 'a'].map(
        (node, index) => `Info Pod/shop/${'xyz'.charAt(index)}-${node} IPv6 because NodePodNetworkFamilyLost Cluster`,
      ),
    },
    {
      name: 'has a loss on its node for its cause',
      given: onOneNode,
      finds: ['x', 'y', 'z'].map((workload) => `Warning Pod/shop/${workload}-a IPv6 because NodePodNetworkFamilyLost Node/a`),
    },
    {
      name: 'has no such cause where a pod was odd before',
      given: [...everywhere, ipv4Pod('odd', { owner: 'DaemonSet/older', startedAt: LOST - MINUTE })].slice(-1).concat(everywhere),
      finds: [
        'Warning Pod/shop/odd IPv6',
        ...['a', 'b', 'a'].map(
          (node, index) => `Warning Pod/shop/${'xyz'.charAt(index)}-${node} IPv6 because NodePodNetworkFamilyLost Cluster`,
        ),
      ],
    },
  ],
  [],
);
describeCheck(
  nodePodNetworkFamilyMissing,
  [
    {
      name: 'blames no node on which pods have started only since a loss',
      given: [...everywhere, ...dualNodes('d'), newer('x', 'd'), newer('y', 'd')],
      finds: [],
    },
  ],
  [],
);
