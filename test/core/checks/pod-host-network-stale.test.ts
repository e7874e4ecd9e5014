import { DUAL_IPV4_FIRST, IPV4, IPV6, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { podHostNetworkStale } from '../../../src/core/checks/pod-host-network-stale.ts';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { apiServer, MINUTE, NOW, ipv4Pod, node, pod, serviceCIDR, type PodSketch } from '../build.ts';
import { describeCheck, type Wording } from './table.ts';

const OPENSHIFT = [
  ['openshift-etcd', 'etcd'],
  ['openshift-kube-apiserver', 'kubeapiserver'],
  ['openshift-kube-controller-manager', 'kubecontrollermanager'],
  ['openshift-kube-scheduler', 'kubescheduler'],
] as const;

function hostPod(parts: PodSketch = {}): PodFacts {
  return pod({ name: 'proxy', namespace: 'kube-system', hostNetwork: true, addresses: ['192.0.2.1'], ...parts });
}

const STALE = ['Info Pod/kube-system/proxy IPv6'];

/** A node that got another IPv6 prefix. */
const RENUMBERED = { addresses: ['192.0.2.1', '2001:db8:61::1'] } as const;

/** A host-network pod with an address of the prefix before. */
function oldPod(parts: PodSketch = {}): PodFacts {
  return hostPod({ addresses: ['192.0.2.1', '2001:db8:60::1'], strayFamilies: IPV6, ...parts });
}

const rebootTalos = (nodes: string): string =>
  `RestartsPods: Reboot the nodes of the static pods with "talosctl reboot --nodes ADDRESS", where ADDRESS is that of the node (${nodes}): Talos has no folder from which to move their manifests. All pods of a node are away until it is Ready again. Reboot one node at a time, once all others are Ready, since etcd needs most of its members.`;

describeCheck(
  podHostNetworkStale,
  [
    { name: 'fires on a host-network pod with one address on a dual node', given: [node(), hostPod()], finds: STALE },
    { name: 'says nothing where it has both', given: [node(), hostPod({ addresses: ['192.0.2.1', '2001:db8::1'] })], finds: [] },
    { name: 'says nothing where its node has one family too', given: [node({ addresses: ['192.0.2.1'] }), hostPod()], finds: [] },
    {
      name: 'blames the node, not the pod, for a family that its node lacks',
      given: [node({ addresses: ['192.0.2.1'] }), node({ name: 'b' }), hostPod()],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    { name: 'does not evaluate pods of the pod network', given: [node(), ipv4Pod('web')], finds: [] },
    {
      name: 'does not evaluate completed, terminating, pending and unaddressed pods (#skipped-pods)',
      given: [
        node(),
        hostPod({ name: 'done', state: 'Completed' }),
        hostPod({ name: 'going', state: 'Terminating' }),
        hostPod({ name: 'coming', state: 'Pending', addresses: [] }),
        hostPod({ name: 'starting', addresses: [] }),
      ],
      finds: [],
    },
    { name: 'gives the kubelet a minute to append it', given: [node(), hostPod({ startedAt: NOW - MINUTE + 1 })], finds: [] },
    {
      name: 'gives the kubelet no more than a minute',
      given: [node(), hostPod({ startedAt: NOW - MINUTE, readySince: NOW })],
      finds: STALE,
    },
    {
      name: 'is one finding where several pods lack a family, which their nodes got later',
      given: [node(), node({ name: 'b' }), hostPod(), hostPod({ name: 'etcd-b', nodeName: 'b', mirror: true })],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'says nothing of pods with one of many addresses that their node lists, whatever hostIPs have (k3s-io/k3s#12459)',
      given: [
        node({ addresses: ['192.0.2.1', 'fd00::1', '2001:db8:60::1', '2001:db8:61::1'] }),
        ...['one', 'two'].map((name) => oldPod({ name })),
      ],
      finds: [],
    },
    {
      name: 'says nothing of pods whose kubelet has not written their hostIPs since their nodes were renumbered',
      given: [node(RENUMBERED), ...['one', 'two'].map((name) => oldPod({ name, strayFamilies: NO_FAMILY }))],
      finds: [],
    },
    {
      name: 'says nothing of the pods of a node that was renumbered as it started, within a minute of when it is Ready',
      given: [node({ ...RENUMBERED, readyChangedAt: NOW - MINUTE + 1 }), ...['one', 'two'].map((name) => oldPod({ name }))],
      finds: [],
    },
    {
      name: 'says nothing of the pods of a node that is not Ready, which may list other addresses soon',
      given: [node({ ...RENUMBERED, notReady: true }), ...['one', 'two'].map((name) => oldPod({ name }))],
      finds: [],
    },
    {
      name: 'says nothing of the pods of a virtual cluster, which shows addresses of Services for those of its nodes',
      given: [
        node({ addresses: ['10.96.3.3'] }),
        ...['one', 'two'].map((name) => hostPod({ name, strayFamilies: IPV4 })),
        serviceCIDR(),
        apiServer(),
      ],
      finds: [],
    },
    {
      name: 'is one finding where several pods have addresses that their nodes do not list, on one node or on several',
      given: [
        node(RENUMBERED),
        node({ name: 'b', addresses: ['192.0.2.2', '2001:db8:61::2'] }),
        ...['one', 'two'].map((name) => oldPod({ name })),
        oldPod({ name: 'etcd-b', nodeName: 'b', addresses: ['192.0.2.2', '2001:db8:60::2'], mirror: true }),
      ],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is one finding where these addresses are not all of the same family',
      given: [
        node({ addresses: ['192.0.2.9', '2001:db8:61::1'] }),
        oldPod({ addresses: ['192.0.2.1', '2001:db8:60::1'], strayFamilies: DUAL_IPV4_FIRST }),
        oldPod({ name: 'six', addresses: ['192.0.2.9', '2001:db8:60::1'] }),
      ],
      finds: ['Warning Cluster IPv4+IPv6'],
    },
    {
      name: 'is one finding, a warning, where some pods lack a family and others have old addresses: their nodes changed after all of them had started',
      given: [node(RENUMBERED), hostPod(), hostPod({ name: 'etcd' }), ...['old', 'older'].map((name) => oldPod({ name }))],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'stays on the one pod with an old address where another one is in its grace',
      given: [node(RENUMBERED), oldPod(), oldPod({ name: 'new', startedAt: NOW })],
      finds: ['Warning Pod/kube-system/proxy IPv6'],
    },
    {
      name: 'counts no pod in its grace',
      given: [node(), hostPod(), hostPod({ name: 'new', startedAt: NOW })],
      finds: STALE,
    },
    {
      name: 'gives the pods of a node that starts again a minute from when it is Ready',
      given: [node({ readyChangedAt: NOW - MINUTE + 1 }), hostPod()],
      finds: [],
    },
    { name: 'does not wait where grace is switched off', given: [node(), hostPod({ startedAt: NOW })], graceScale: 0, finds: STALE },
    {
      name: 'is a warning where its address is not among those that its node lists',
      given: [
        node({ addresses: ['192.0.2.1', '2001:db8:61::1'] }),
        hostPod({ addresses: ['192.0.2.1', '2001:db8:60::1'], strayFamilies: IPV6 }),
      ],
      finds: ['Warning Pod/kube-system/proxy IPv6'],
    },
    ...[node({ deleting: true, addresses: ['192.0.2.1', '2001:db8:61::1'] }), node({ name: 'other' })].map((one) => ({
      name: `says nothing of such an address where its node is ${one.deleting ? 'being deleted' : 'not there'}`,
      given: [one, hostPod({ addresses: ['192.0.2.1', '2001:db8:60::1'], strayFamilies: IPV6 })],
      finds: [],
    })),
    {
      name: 'takes an address that the node lists for its own, whatever hostIPs have',
      given: [node(), hostPod({ addresses: ['192.0.2.1', '2001:db8::1'], strayFamilies: IPV6 })],
      finds: [],
    },
    {
      name: 'says nothing of an address of a family that its node lists none of',
      given: [node({ addresses: ['192.0.2.1'] }), hostPod({ addresses: ['192.0.2.1', '2001:db8:60::1'], strayFamilies: IPV6 })],
      finds: [],
    },
    {
      name: 'says nothing while its node is not Ready',
      given: [
        node({ addresses: ['192.0.2.1', '2001:db8:61::1'], notReady: true }),
        hostPod({ addresses: ['192.0.2.1', '2001:db8:60::1'], strayFamilies: IPV6 }),
      ],
      finds: [],
    },
    {
      name: 'says nothing in a virtual cluster, which shows addresses of Services for those of its nodes',
      given: [node({ addresses: ['10.96.3.3'] }), hostPod({ strayFamilies: IPV4 }), serviceCIDR(), apiServer()],
      finds: [],
    },
    { name: 'evaluates static pods too', given: [node(), hostPod({ mirror: true })], finds: STALE },
    { name: 'asks no second family on a Windows node (#skipped-nodes)', given: [node({ windows: true }), hostPod()], finds: [] },
    { name: 'does not evaluate pods on virtual nodes (#skipped-nodes)', given: [node({ virtual: true }), hostPod()], finds: [] },
    {
      name: 'does not evaluate pods on a node that is being deleted (#skipped-nodes)',
      given: [node({ deleting: true }), hostPod()],
      finds: [],
    },
    { name: 'does not evaluate pods on a node that is not known', given: [node({ name: 'b' }), hostPod()], finds: [] },
    { name: 'says nothing of a family that is not expected', given: [node(), hostPod()], expected: ['IPv4'], finds: [] },
    { name: 'waits for the nodes to be listed', given: [node(), hostPod()], pending: ['Node'], finds: [] },
    { name: 'says nothing without the nodes', given: [node(), hostPod()], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a pod',
      given: [node(), hostPod()],
      message: 'Host-network pod kube-system/proxy has no IPv6 address, which its node a has',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: ['RestartsPods: Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.'],
      commands: ['kubectl delete pod proxy --namespace kube-system'],
      exposes: ['The pod, at the IPv6 addresses of its node.'],
    },
    {
      of: 'a pod whose address its node does not list',
      given: [node({ addresses: ['192.0.2.9', '2001:db8::1'] }), hostPod({ addresses: ['192.0.2.1', '2001:db8::1'], strayFamilies: IPV4 })],
      message: 'Host-network pod kube-system/proxy has 192.0.2.1, not among the addresses that its node a lists',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: ['RestartsPods: Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.'],
      commands: ['kubectl delete pod proxy --namespace kube-system'],
    },
    {
      of: 'a static pod whose address its node does not list',
      given: [
        node({ addresses: ['192.0.2.9', '2001:db8::1'] }),
        hostPod({ addresses: ['192.0.2.1', '2001:db8::1'], strayFamilies: IPV4, mirror: true }),
      ],
      message: 'Host-network pod kube-system/proxy has 192.0.2.1, not among the addresses that its node a lists',
      summary: 'Restart the kubelet of node a, now that the node lists the new address.',
      steps: [
        'None: Restart the kubelet on node a. It renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
      ],
    },
    {
      of: 'a static pod, which no command restarts',
      given: [node(), hostPod({ mirror: true })],
      message: 'Host-network pod kube-system/proxy has no IPv6 address, which its node a has',
      summary: 'Restart the static pod.',
      steps: [
        'RestartsPods: Move its manifest out of the manifest folder of node a, wait until the pod is gone, and move it back. What the pod serves is away until then: restart static pods on one node at a time, once those of all other nodes are Ready, since etcd needs most of its members.',
      ],
      exposes: ['The pod, at the IPv6 addresses of its node.'],
    },
    {
      of: 'a static pod of Talos, which has no manifest folder',
      given: [node({ platformHint: 'Talos: a' }), hostPod({ mirror: true })],
      message: 'Host-network pod kube-system/proxy has no IPv6 address, which its node a has',
      summary: 'Reboot the node of the static pod.',
      steps: [rebootTalos('a')],
      exposes: ['The pod, at the IPv6 addresses of its node.'],
    },
    {
      of: 'static pods of several nodes of Talos',
      given: [
        ...['a', 'b'].map((name) => node({ name, platformHint: 'Talos: a' })),
        ...['a', 'b'].map((nodeName) => hostPod({ name: `etcd-${nodeName}`, nodeName, mirror: true, owner: `Node/${nodeName}` })),
      ],
      message: '2 host-network pods have no IPv6 address, which their 2 nodes have: kube-system/StaticPod/etcd (2 pods)',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [rebootTalos('a, b')],
      exposes: ['The pods, at the IPv6 addresses of their nodes.'],
    },
    ...OPENSHIFT.map(([namespace, resource]): Wording => ({
      of: `a static pod in ${namespace}, whose manifest its operator owns`,
      given: [node({ platformHint: 'OpenShift: the label a' }), hostPod({ mirror: true, namespace })],
      message: `Host-network pod ${namespace}/proxy has no IPv6 address, which its node a has`,
      summary: `Let the operator of ${resource} roll out its static pods again.`,
      steps: [
        `RestartsPods: Let the operator roll out the static pods of ${resource}, on one control plane node after the other. It owns their manifests: do not move them. Do this once for all pods of ${resource}, and only while no other rollout is under way.`,
      ],
      commands: [
        `oc patch ${resource} cluster --type merge --patch "{\\"spec\\":{\\"forceRedeploymentReason\\":\\"dual-stack-$(date +%s)\\"}}"`,
      ],
      exposes: ['The pod, at the IPv6 addresses of its node.'],
    })),
    {
      of: 'the pods of several nodes',
      given: [
        node(),
        node({ name: 'b' }),
        ...['a', 'b'].flatMap((nodeName) => [
          hostPod({ name: `proxy-${nodeName}`, nodeName, owner: 'DaemonSet/proxy' }),
          hostPod({ name: `etcd-${nodeName}`, nodeName, mirror: true, owner: `Node/${nodeName}` }),
        ]),
        hostPod({ name: 'odd', controlled: false }),
      ],
      message:
        '5 host-network pods have no IPv6 address, which their 2 nodes have: kube-system/DaemonSet/proxy (2 pods), kube-system/StaticPod/etcd (2 pods), kube-system/odd (1 pod)',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [
        'RestartsPods: Move the manifests of the static pods out of the manifest folder of a node, wait until the pods are gone, and move them back. What they serve is away until then: do this on one node at a time, once the static pods of all other nodes are Ready, since etcd needs most of its members (a, b).',
        'RestartsPods: Restart the workloads, one after the other. Each replaces its pods by its own update strategy.',
        'RestartsPods: Delete the pods of ReplicaSets and ReplicationControllers one by one, and create pods without a controller again from their own manifests, without the annotations that the CNI plugin wrote (kube-system/odd).',
      ],
      commands: ['kubectl rollout restart daemonset/proxy --namespace kube-system'],
      exposes: Array.from({ length: 3 }, () => 'The pods, at the IPv6 addresses of their nodes.'),
    },
    {
      of: 'the pods of several nodes with old addresses',
      given: [
        node(RENUMBERED),
        node({ ...RENUMBERED, name: 'b' }),
        ...['a', 'b'].flatMap((nodeName) => [
          oldPod({ name: `proxy-${nodeName}`, nodeName, owner: 'DaemonSet/proxy' }),
          oldPod({ name: `etcd-${nodeName}`, nodeName, mirror: true, owner: `Node/${nodeName}` }),
          oldPod({ name: `scheduler-${nodeName}`, nodeName, mirror: true, owner: `Node/${nodeName}` }),
        ]),
        oldPod({ name: 'typha-1', owner: 'Deployment/typha' }),
      ],
      message:
        '7 host-network pods have IPv6 addresses that their 2 nodes do not list: kube-system/DaemonSet/proxy (2 pods), kube-system/StaticPod/etcd (2 pods), kube-system/StaticPod/scheduler (2 pods) and 1 more',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [
        'None: Restart the kubelets of the nodes of the static pods, one after the other (a, b). A kubelet renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
        'RestartsPods: Restart the workloads, one after the other. Each replaces its pods by its own update strategy.',
        'RestartsPods: Where a workload has only one such pod, delete that pod, one after the other: its controller makes a new one. Each loses its emptyDir volumes.',
      ],
      commands: ['kubectl rollout restart daemonset/proxy --namespace kube-system', 'kubectl delete pod typha-1 --namespace kube-system'],
    },
    {
      of: 'the pods of one node with old addresses, whose workloads run on other nodes too',
      given: [
        node(RENUMBERED),
        ...Array.from({ length: 6 }, (_, index) => oldPod({ name: `agent-${index}`, owner: `DaemonSet/agent-${index}` })),
      ],
      message:
        '6 host-network pods have IPv6 addresses that node a does not list: kube-system/DaemonSet/agent-0 (1 pod), kube-system/DaemonSet/agent-1 (1 pod), kube-system/DaemonSet/agent-2 (1 pod) and 3 more',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [
        'RestartsPods: Where a workload has only one such pod, delete that pod, one after the other: its controller makes a new one. Each loses its emptyDir volumes. The command deletes 5 of 6.',
      ],
      commands: [Array.from({ length: 5 }, (_, index) => `kubectl delete pod agent-${index} --namespace kube-system`).join(' && ')],
    },
    {
      of: 'static pods of OpenShift with old addresses, for which no operator has to roll out any',
      given: [
        node({ ...RENUMBERED, platformHint: 'OpenShift: the label a' }),
        ...['etcd', 'kube-apiserver'].map((name) => oldPod({ name: `${name}-a`, namespace: `openshift-${name}`, mirror: true })),
      ],
      message:
        '2 host-network pods have IPv6 addresses that node a does not list: openshift-etcd/StaticPod/etcd (1 pod), openshift-kube-apiserver/StaticPod/kube-apiserver (1 pod)',
      summary: 'Restart the kubelets of the nodes of these static pods, now that the nodes list the new addresses.',
      steps: [
        'None: Restart the kubelets of the nodes of the static pods, one after the other (a). A kubelet renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
      ],
    },
    {
      of: 'pods with old addresses beside pods that lack a family',
      given: [
        node(RENUMBERED),
        oldPod({ name: 'proxy-a', owner: 'DaemonSet/proxy' }),
        oldPod({ name: 'etcd-a', mirror: true }),
        hostPod({ name: 'scheduler-a', mirror: true }),
        hostPod({ name: 'proxy-b', owner: 'DaemonSet/proxy' }),
      ],
      message:
        '4 host-network pods have IPv6 addresses that node a does not list (2), or no IPv6 address (2): kube-system/DaemonSet/proxy (2 pods), kube-system/StaticPod/etcd (1 pod), kube-system/StaticPod/scheduler (1 pod)',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [
        'None: Restart the kubelets of the nodes of the static pods with old addresses, one after the other (a). A kubelet renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
        'RestartsPods: Move the manifests of the other static pods out of the manifest folder of a node, wait until the pods are gone, and move them back. What they serve is away until then: do this on one node at a time, once the static pods of all other nodes are Ready, since etcd needs most of its members (a).',
        'RestartsPods: Restart the workloads, one after the other. Each replaces its pods by its own update strategy.',
      ],
      commands: ['kubectl rollout restart daemonset/proxy --namespace kube-system'],
      exposes: Array.from({ length: 2 }, () => 'The pods, at the IPv6 addresses of their nodes.'),
    },
    {
      of: 'the same on OpenShift, where kubelets restart once',
      given: [
        node({ ...RENUMBERED, platformHint: 'OpenShift: the label a' }),
        oldPod({ name: 'etcd-a', namespace: 'openshift-etcd', mirror: true }),
        hostPod({ name: 'kube-apiserver-a', namespace: 'openshift-kube-apiserver', mirror: true }),
        hostPod({ name: 'keepalived-a', namespace: 'openshift-kni-infra', mirror: true }),
      ],
      message:
        '3 host-network pods have IPv6 addresses that node a does not list (1), or no IPv6 address (2): openshift-etcd/StaticPod/etcd (1 pod), openshift-kni-infra/StaticPod/keepalived (1 pod), openshift-kube-apiserver/StaticPod/kube-apiserver (1 pod)',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [
        'RestartsPods: Let the operator roll out the static pods of kubeapiserver, on one control plane node after the other. It owns their manifests: do not move them. Do this once for all pods of kubeapiserver, and only while no other rollout is under way.',
        'None: Restart the kubelets of the nodes of the other static pods, one after the other (a). A kubelet renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
      ],
      commands: [
        `oc patch kubeapiserver cluster --type merge --patch "{\\"spec\\":{\\"forceRedeploymentReason\\":\\"dual-stack-$(date +%s)\\"}}"`,
      ],
      exposes: Array.from({ length: 2 }, () => 'The pods, at the IPv6 addresses of their nodes.'),
    },
    {
      of: 'the static pods of OpenShift, each operator once',
      given: [
        node({ platformHint: 'OpenShift: the label a' }),
        hostPod({ name: 'etcd-a', mirror: true, namespace: 'openshift-etcd' }),
        hostPod({ name: 'etcd-guard-a', mirror: true, namespace: 'openshift-etcd' }),
        hostPod({ name: 'keepalived-a', mirror: true, namespace: 'openshift-kni-infra' }),
      ],
      message:
        '3 host-network pods have no IPv6 address, which node a has: openshift-etcd/StaticPod/etcd (1 pod), openshift-etcd/StaticPod/etcd-guard (1 pod), openshift-kni-infra/StaticPod/keepalived (1 pod)',
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [
        'RestartsPods: Let the operator roll out the static pods of etcd, on one control plane node after the other. It owns their manifests: do not move them. Do this once for all pods of etcd, and only while no other rollout is under way.',
        'None: Restart the kubelets of the nodes of the other static pods, one after the other (a). A kubelet renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
      ],
      commands: [`oc patch etcd cluster --type merge --patch "{\\"spec\\":{\\"forceRedeploymentReason\\":\\"dual-stack-$(date +%s)\\"}}"`],
      exposes: ['The pods, at the IPv6 addresses of their nodes.', 'The pods, at the IPv6 addresses of their nodes.'],
    },
    {
      of: 'a static pod of OpenShift that no operator rolls out',
      given: [node({ platformHint: 'OpenShift: the label a' }), hostPod({ mirror: true, namespace: 'openshift-kni-infra' })],
      message: 'Host-network pod openshift-kni-infra/proxy has no IPv6 address, which its node a has',
      summary: 'Restart the kubelet of node a.',
      steps: [
        'None: Restart the kubelet on node a. It renews the status of its static pods; deleting their mirror pods does nothing. Pods keep running.',
      ],
      exposes: ['The pod, at the IPv6 addresses of its node.'],
    },
  ],
);
