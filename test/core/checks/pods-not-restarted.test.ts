import { IPV4 } from '../../../src/core/net/addresses.ts';
import { podsNotRestarted } from '../../../src/core/checks/pods-not-restarted.ts';
import {
  dualNodes,
  dualService,
  FORBIDDEN,
  ipv4Node,
  ipv4Pod,
  LONG_AGO,
  MINUTE,
  node,
  NOW,
  pod,
  serviceCIDR,
  type PodSketch,
} from '../build.ts';
import { describeCheck } from './table.ts';

const nodes = dualNodes('a', 'b');
const CONVERTED = NOW - 60 * MINUTE;

/** A pod with both families from after the conversion. */
const renewed = (name: string, nodeName = 'a'): ReturnType<typeof pod> =>
  pod({ name, nodeName, startedAt: CONVERTED, owner: 'Deployment/new' });
/** A pod with IPv4 only, by itself from before. */
const old = (name: string, parts: PodSketch = {}): ReturnType<typeof pod> =>
  ipv4Pod(name, { startedAt: CONVERTED - 11 * MINUTE, owner: 'Deployment/web', ...parts });
/** A pod with both families that was taken up long ago. */
const restarted = (parts: PodSketch): ReturnType<typeof pod> =>
  pod({ name: 'again', owner: 'StatefulSet/again', startedAt: LONG_AGO, ...parts });
/** Pods with IPv4 only on another node, by two workloads. */
const otherNode = (): ReturnType<typeof pod>[] => ['one', 'two'].map((name) => old(name, { nodeName: 'b', owner: `Deployment/${name}` }));
/** Pods of a workload that started at the same time as the first with both, one on each node. */
const daemons = (owner: string, startedAt = CONVERTED): ReturnType<typeof pod>[] =>
  ['a', 'b'].map((nodeName) => ipv4Pod(`${owner}-${nodeName}`, { nodeName, startedAt, owner: `DaemonSet/${owner}` }));

/** New pods have lost the family since the conversion. */
const lostSince = [
  ...nodes,
  dualService({ selector: {} }),
  ...['a', 'b'].flatMap((nodeName) => [
    renewed(`new-${nodeName}`, nodeName),
    ...['x', 'y', 'z'].map((name) =>
      ipv4Pod(`${name}-${nodeName}`, { nodeName, owner: `Deployment/${name}`, startedAt: CONVERTED + 30 * MINUTE }),
    ),
  ]),
];

const SUMMARY = 'Restart the workloads of these pods.';
const STEPS = [
  'None: Look for NetworkPolicies whose ipBlocks are of IPv4 only: they do not cover the new addresses.',
  'RestartsPods: Restart the workloads, one after the other. Each replaces its pods by its own update strategy.',
];
const END_JOBS = 'None: Let Jobs end: their next pods get addresses of both families. Deleting a pod of a Job loses its work.';
const EXPOSES = [
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
];

describeCheck(
  podsNotRestarted,
  [
    {
      name: 'fires on pods from before the first pod with both families',
      given: [...nodes, renewed('new'), old('one'), old('two')],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires where a node has no pod with both families yet',
      given: [...nodes, renewed('new'), old('one', { nodeName: 'b' }), old('two', { nodeName: 'b' })],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is Info where it is not known whether the namespace of all of these pods requests one family',
      given: [...nodes, renewed('new'), old('one', { namespace: 'legacy' }), old('two', { namespace: 'legacy' })],
      refused: ['Namespace'],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'fires where one of these pods is in a namespace with pods of both families',
      given: [...nodes, renewed('new'), old('one'), old('two', { namespace: 'legacy' })],
      refused: ['Namespace'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is an effect of a loss since, after which a restart changes nothing',
      given: [...lostSince, old('one'), old('two')],
      finds: ['Warning Cluster IPv6 because NodePodNetworkFamilyLost Cluster'],
    },
    {
      name: 'is none where new pods have both families again',
      given: [
        ...lostSince,
        old('one'),
        old('two'),
        ...['a', 'b'].map((nodeName) => ({ ...renewed(`again-${nodeName}`, nodeName), startedAt: NOW - MINUTE })),
      ],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'says nothing of pods that have what their node gives: a restart there changes nothing (gardener.cloud, dual-stack migration)',
      given: [...dualNodes('a'), ipv4Node('b'), renewed('new'), old('one', { nodeName: 'b' }), old('two', { nodeName: 'b' })],
      finds: [],
    },
    {
      name: 'fires where no node has a podCIDR of the family, which comes from elsewhere',
      given: [serviceCIDR(), ipv4Node('a'), ipv4Node('b'), renewed('new'), old('one', { nodeName: 'b' }), old('two', { nodeName: 'b' })],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires where pods have no address of the podCIDR of their node',
      given: [
        ...[
          serviceCIDR(),
          ...dualNodes('a'),
          ipv4Node('b'),
          pod({ name: 'new', addresses: ['172.16.0.7', '2001:db8:7::7'], startedAt: CONVERTED }),
        ],
        ...['one', 'two'].map((name) => old(name, { nodeName: 'b', addresses: ['172.16.0.8'] })),
      ],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires where all pods with both families may have restarted since they started',
      given: [...nodes, restarted({ readySince: CONVERTED }), ...otherNode()],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'fires where the pod with both families may have restarted at any time, since it is not ready',
      given: [...nodes, restarted({ ready: false, readySince: LONG_AGO }), ...otherNode()],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'says nothing where the pod with both families did not restart, since its network is as old as itself',
      given: [...nodes, restarted({ sandbox: 'Ready', readySince: CONVERTED }), ...otherNode()],
      finds: [],
    },
    {
      name: 'says nothing where another pod with both families did not restart',
      given: [...nodes, restarted({ readySince: CONVERTED }), restarted({ name: 'first' }), ...otherNode()],
      finds: [],
    },
    { name: 'leaves one pod alone, which may be an accident', given: [...nodes, renewed('new'), old('one')], finds: [] },
    {
      name: 'says nothing of pods that started while the cluster did',
      given: [
        ...nodes,
        renewed('new'),
        old('one', { startedAt: CONVERTED - 9 * MINUTE }),
        old('two', { startedAt: CONVERTED - 9 * MINUTE, owner: 'Deployment/other' }),
      ],
      finds: [],
    },
    {
      name: 'says nothing where a single pod has both families in a network of one',
      given: [node(), renewed('new'), ...['one', 'two', 'three', 'four'].map((name) => old(name, { owner: `Deployment/${name}` }))],
      finds: [],
    },
    { name: 'says nothing where no pod has both families', given: [...nodes, old('one'), old('two')], finds: [] },
    {
      name: 'takes whole workloads of one family, none of which is known to be later, for pods from before',
      given: [...nodes, renewed('new'), ...daemons('dns'), ...daemons('canary')],
      finds: ['Warning Cluster IPv6'],
    },
    { name: 'says nothing of a single such workload: it may be wanted', given: [...nodes, renewed('new'), ...daemons('dns')], finds: [] },
    {
      name: 'says nothing of pods that ask for one family',
      given: [...nodes, renewed('new'), old('one', { declaredFamilies: IPV4 }), old('two', { declaredFamilies: IPV4 })],
      finds: [],
    },
    { name: 'waits for the pods to be listed', given: [...nodes, renewed('new'), old('one'), old('two')], pending: ['Pod'], finds: [] },
    { name: 'says nothing without the nodes', given: [...nodes, renewed('new'), old('one'), old('two')], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'pods of a namespace that is not known',
      given: [...nodes, renewed('new'), old('one', { namespace: 'legacy' }), old('two', { namespace: 'legacy' })],
      refused: ['Namespace'],
      message: '2 of 3 pods started before the pod network gave IPv6: legacy/Deployment/web (2 pods)',
      summary: SUMMARY,
      steps: [
        STEPS[0]!,
        `None: Evaluate the cluster with its Namespaces. They are not known: ${FORBIDDEN.message}`,
        'None: Or look at the annotations of legacy yourself. If one requests one family (cni.projectcalico.org/ipFamilies, ipam.antrea.io/ippools), these pods have what they are to have, and a restart changes nothing.',
        STEPS[1]!,
      ],
      commands: ['kubectl get namespaces legacy --output yaml', 'kubectl rollout restart deployment/web --namespace legacy'],
      exposes: EXPOSES,
    },
    {
      of: 'a Deployment and a pod without a controller',
      given: [...nodes, renewed('new'), old('one'), old('two'), old('three', { owner: '' })],
      message: '3 of 4 pods started before the pod network gave IPv6: shop/Deployment/web (2 pods), shop/three (1 pod)',
      summary: SUMMARY,
      steps: [
        ...STEPS,
        'RestartsPods: Delete the pods of ReplicaSets and ReplicationControllers one by one, and create pods without a controller again from their own manifests, without the annotations that the CNI plugin wrote (shop/three).',
      ],
      commands: ['kubectl rollout restart deployment/web --namespace shop'],
      exposes: [...EXPOSES, ...EXPOSES],
    },
    {
      of: 'many workloads',
      given: [...nodes, renewed('new'), ...['c', 'b', 'a', 'd'].map((name) => old(name, { owner: `Job/${name}` }))],
      message:
        '4 of 5 pods started before the pod network gave IPv6: shop/Job/a (1 pod), shop/Job/b (1 pod), shop/Job/c (1 pod) and 1 more',
      summary: SUMMARY,
      steps: [...STEPS.slice(0, 1), END_JOBS],
    },
    {
      of: 'more workloads than are named',
      given: [
        ...nodes,
        renewed('new'),
        ...['a', 'b', 'c', 'd'].flatMap((name) =>
          ['Deployment', 'ReplicationController'].map((kind) => old(`${name}-${kind}`, { owner: `${kind}/${name}` })),
        ),
      ],
      message:
        '8 of 9 pods started before the pod network gave IPv6: shop/Deployment/a (1 pod), shop/Deployment/b (1 pod), shop/Deployment/c (1 pod) and 5 more',
      summary: SUMMARY,
      steps: [
        ...STEPS,
        'RestartsPods: Delete the pods of ReplicaSets and ReplicationControllers one by one, and create pods without a controller again from their own manifests, without the annotations that the CNI plugin wrote (shop/ReplicationController/a, shop/ReplicationController/b, shop/ReplicationController/c and 1 more).',
      ],
      commands: [
        'kubectl rollout restart deployment/a --namespace shop && kubectl rollout restart deployment/b --namespace shop && kubectl rollout restart deployment/c --namespace shop',
      ],
      exposes: [...EXPOSES, ...EXPOSES],
    },
    {
      of: 'workloads of each kind',
      given: [
        ...nodes,
        renewed('new'),
        ...['Deployment/a', 'Job/b', 'VirtualMachineInstance/c', 'InstanceManager/d', 'ReplicaSet/e'].map((owner) => old(owner, { owner })),
        old('shell', { owner: '', controlled: false }),
        old('pg', { owner: 'StatefulSet/pg', subnet: 'ovn-default' }),
      ],
      message:
        '7 of 8 pods started before the pod network gave IPv6: shop/Deployment/a (1 pod), shop/InstanceManager/d (1 pod), shop/Job/b (1 pod) and 4 more',
      summary: SUMMARY,
      steps: [
        ...STEPS.slice(0, 1),
        'RestartsPods: Restart the workloads, one after the other. Each replaces its pods by its own update strategy. Kube-OVN keeps the addresses of the pods of a StatefulSet, so a new pod may get the old one only: verify the first one before you restart more.',
        'RestartsPods: Live-migrate virtual machines: each moves to a new pod, and keeps running. Deleting the pod stops the machine. Restart a machine that cannot be migrated at a time when it may be down.',
        END_JOBS,
        'RestartsPods: Delete the pods of ReplicaSets and ReplicationControllers one by one, and create pods without a controller again from their own manifests, without the annotations that the CNI plugin wrote (shop/ReplicaSet/e, shop/shell).',
        'RestartsPods: Do not delete these pods: that may stop what they serve, or lose data. Restart them by what their operator has for that: shop/InstanceManager/d.',
      ],
      commands: [
        'kubectl rollout restart deployment/a --namespace shop && kubectl rollout restart statefulset/pg --namespace shop',
        'virtctl migrate c --namespace shop',
      ],
      exposes: [0, 1, 2, 3].flatMap(() => EXPOSES),
    },
  ],
);
