import { podFamilyMissing } from '../../../src/core/checks/pod-family-missing.ts';
import { MINUTE, NOW, dualNodes, ipv4Node, ipv4Pod, node, pod, podCIDRsOf } from '../build.ts';
import { describeCheck, type Wording } from './table.ts';

const DELETE_POD =
  'RestartsPods: Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.';
const NEW_PODS =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';

const nodes = dualNodes('a', 'b');
const peer = pod({ name: 'peer' });
const old = ipv4Pod('old');
/** Pods of one Deployment, one of which has both families. */
const sibling = pod({ name: 'sibling', nodeName: 'b', owner: 'Deployment/web' });
const lone = ipv4Pod('lone', { owner: 'Deployment/web' });
const ofOneFamily = ['x', 'y'].map((name) => ipv4Pod(name, { owner: 'Deployment/legacy', startedAt: NOW - 30 * MINUTE }));

describeCheck(
  podFamilyMissing,
  [
    {
      name: 'fires on a pod that lacks what the other pods on its node have',
      given: [...nodes, peer, old],
      finds: ['Warning Pod/shop/old IPv6'],
    },
    {
      name: 'fires on a pod that lacks IPv4',
      given: [...nodes, peer, pod({ name: 'odd', addresses: ['fd00:10:244:1::7'] })],
      finds: ['Warning Pod/shop/odd IPv4'],
    },
    {
      name: 'fires on two pods that lack one family each',
      given: [...nodes, old, pod({ name: 'odd', addresses: ['fd00:10:244:1::7'] })],
      finds: ['Warning Pod/shop/odd IPv4', 'Warning Pod/shop/old IPv6'],
    },
    {
      name: 'fires on a pod that lacks what the others have from another pool than the podCIDRs (#families-a-node-gives)',
      given: [ipv4Node('a'), ipv4Node('b'), peer, old],
      finds: ['Warning Pod/shop/old IPv6'],
    },
    { name: 'blames the node where no pod on it has the family', given: [...nodes, pod({ nodeName: 'b' }), old], finds: [] },
    {
      name: 'fires on the only pod on its node where another one of its workload has the family elsewhere',
      given: [...nodes, sibling, lone],
      finds: ['Warning Pod/shop/lone IPv6'],
    },
    {
      name: 'fires on it beside pods of a workload of one family',
      given: [
        ...dualNodes('a', 'b'),
        sibling,
        lone,
        ...ofOneFamily.map((one, index) => (index === 0 ? one : { ...one, nodeName: 'b', addresses: ['10.244.2.9'] })),
        pod({ name: 'late', nodeName: 'b', startedAt: NOW - 5 * MINUTE }),
      ],
      finds: ['Warning Pod/shop/lone IPv6'],
    },
    {
      name: 'says nothing of such a pod where only pods of other workloads have the family',
      given: [...nodes, { ...sibling, owner: 'Deployment/other' }, lone],
      finds: [],
    },
    {
      name: 'says nothing of such a pod without a controller',
      given: [...nodes, { ...sibling, owner: '' }, { ...lone, owner: '' }],
      finds: [],
    },
    {
      name: 'says nothing of such a pod on a node without a podCIDR of the family',
      given: [ipv4Node('a'), ...dualNodes('b'), sibling, lone],
      finds: [],
    },
    {
      name: 'blames a node without an address of the family, and not the only pod on it',
      given: [node({ name: 'a', addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf('a') }), ...dualNodes('b'), sibling, lone],
      finds: [],
    },
    {
      name: 'blames the node where several pods on it lack the family',
      given: [...nodes, sibling, lone, ipv4Pod('other', { owner: 'Deployment/other' })],
      finds: [],
    },
    {
      name: 'gives such a pod a minute',
      given: [...nodes, sibling, { ...lone, startedAt: NOW - MINUTE + 1 }],
      finds: [],
    },
    {
      name: 'takes no host-network pod for a pod that has it (#host-network-pods)',
      given: [...nodes, pod({ name: 'host', hostNetwork: true, addresses: ['192.0.2.1', '2001:db8::1'] }), old],
      finds: [],
    },
    {
      name: 'does not evaluate host-network pods (#host-network-pods)',
      given: [...nodes, peer, pod({ name: 'host', hostNetwork: true, addresses: ['192.0.2.1'] })],
      finds: [],
    },
    {
      name: 'does not evaluate completed, terminating, pending and unaddressed pods (#skipped-pods)',
      given: [
        ...nodes,
        peer,
        ipv4Pod('done', { state: 'Completed' }),
        ipv4Pod('going', { state: 'Terminating' }),
        pod({ name: 'coming', state: 'Pending', addresses: [] }),
        pod({ name: 'starting', addresses: [] }),
      ],
      finds: [],
    },
    {
      name: 'evaluates a pod that is not ready: probes use one family only (#probes-use-one-family)',
      given: [...nodes, peer, ipv4Pod('old', { ready: false })],
      finds: ['Warning Pod/shop/old IPv6'],
    },
    {
      name: 'gives a pod that has just started a minute',
      given: [...nodes, peer, ipv4Pod('old', { startedAt: NOW - MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'gives it no more than a minute',
      given: [...nodes, peer, ipv4Pod('old', { startedAt: NOW - MINUTE, readySince: NOW })],
      finds: ['Warning Pod/shop/old IPv6'],
    },
    {
      name: 'counts from its creation where it was never ready',
      given: [...nodes, peer, ipv4Pod('old', { ready: false, readySince: 0, createdAt: NOW - MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'does not wait where grace is switched off',
      given: [...nodes, peer, ipv4Pod('old', { startedAt: NOW })],
      graceScale: 0,
      finds: ['Warning Pod/shop/old IPv6'],
    },
    {
      name: 'determines from peers what a node without podCIDRs can give (#families-a-node-gives)',
      given: [node(), peer, old],
      finds: ['Warning Pod/shop/old IPv6'],
    },
    {
      name: 'says nothing where the node has no podCIDR of the family (#families-a-node-gives)',
      given: [...dualNodes('b', 'c'), ipv4Node('a'), peer, pod({ nodeName: 'b' }), old],
      finds: [],
    },
    {
      name: 'says nothing on a cluster of one family',
      given: [ipv4Node('a'), old, ipv4Pod('web')],
      finds: [],
    },
    {
      name: 'asks no second family of a pod on a Windows node (#windows-overlay)',
      given: [node({ windows: true }), peer, old],
      finds: [],
    },
    {
      name: 'does not evaluate pods on virtual nodes (#skipped-nodes)',
      given: [...nodes, node({ name: 'a', virtual: true }), peer, old],
      finds: [],
    },
    {
      name: 'does not evaluate pods on a node that is being deleted (#skipped-nodes)',
      given: [node({ deleting: true }), peer, old],
      finds: [],
    },
    { name: 'does not evaluate pods on a node that is not known', given: [...dualNodes('b'), peer, old], finds: [] },
    {
      name: 'does not evaluate pods that are on no node',
      given: [...nodes, peer, ipv4Pod('old', { nodeName: '' })],
      finds: [],
    },
    { name: 'says nothing of a family that is not expected', given: [...nodes, peer, old], expected: ['IPv4'], finds: [] },
    {
      name: 'fires on the one family that is expected',
      given: [...nodes, peer, old],
      expected: ['IPv6'],
      finds: ['Warning Pod/shop/old IPv6'],
    },
    { name: 'waits for the nodes to be listed', given: [...nodes, peer, old], pending: ['Node'], finds: [] },
    { name: 'says nothing without the nodes', given: [...nodes, peer, old], refused: ['Node'], finds: [] },
    {
      name: 'needs no Services',
      given: [...nodes, peer, old],
      refused: ['Service', 'EndpointSlice'],
      finds: ['Warning Pod/shop/old IPv6'],
    },
  ],
  [
    {
      of: 'a pod',
      given: [...nodes, peer, old],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: [DELETE_POD],
      commands: ['kubectl delete pod old --namespace shop'],
      exposes: [NEW_PODS],
    },
    {
      of: 'the only pod on its node',
      given: [...nodes, sibling, lone],
      message: 'Pod shop/lone has only 10.244.1.7 and no IPv6, which pods of Deployment/web on other nodes have',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: [
        DELETE_POD,
        'None: See whether a new pod on node a gets IPv6. If it does not, compare the pod of the CNI plugin on this node, its configuration and its log, with those on other nodes.',
      ],
      commands: ['kubectl delete pod lone --namespace shop', 'kubectl get pods --all-namespaces --field-selector spec.nodeName=a -o wide'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a pod with two addresses of one family',
      given: [...nodes, peer, ipv4Pod('old', { addresses: ['10.244.1.7', '10.244.1.8'] })],
      message: 'Pod shop/old has only 10.244.1.7, 10.244.1.8 and no IPv6, which other pods on node a have',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: [DELETE_POD],
      commands: ['kubectl delete pod old --namespace shop'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a bare pod, which would be lost if it were deleted',
      given: [...nodes, peer, { ...old, controlled: false }],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Replace the pod with an equal one, since no controller would make a new one.',
      steps: [
        'None: Save its manifest, and remove from old.yaml the annotations that the CNI plugin wrote, such as those of ovn.kubernetes.io and k8s.ovn.org: with them, the new pod can get the old addresses.',
        'RestartsPods: Delete the pod and create it again from this manifest. It loses what it works on and its emptyDir volumes, gets other addresses, and serves nothing until it runs again.',
      ],
      commands: ['kubectl get pod old --namespace shop --output yaml > old.yaml', 'kubectl replace --force --filename old.yaml'],
      exposes: [NEW_PODS],
    },
    ...['Deployment/web', 'ReplicaSet/web', 'DaemonSet/web', 'StatefulSet/web'].map((owner): Wording => ({
      of: `a pod of ${owner}`,
      given: [...nodes, peer, { ...old, owner }],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: [DELETE_POD],
      commands: ['kubectl delete pod old --namespace shop'],
      exposes: [NEW_PODS],
    })),
    {
      of: 'a pod of a StatefulSet in a subnet of Kube-OVN, which keeps its address',
      given: [...nodes, peer, { ...old, owner: 'StatefulSet/pg', subnet: 'ovn-default' }],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: [
        `${DELETE_POD} Kube-OVN keeps the addresses of the pods of a StatefulSet, so a new pod may get the old one only: verify the first one before you restart more.`,
      ],
      commands: ['kubectl delete pod old --namespace shop'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a pod of a Job, which would lose its work',
      given: [...nodes, peer, { ...old, owner: 'Job/train' }],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Let the Job of the pod end.',
      steps: ['None: Let Jobs end: their next pods get addresses of both families. Deleting a pod of a Job loses its work.'],
    },
    {
      of: 'the pod of a virtual machine, which would go down',
      given: [...nodes, peer, { ...old, owner: 'VirtualMachineInstance/db' }],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Live-migrate the virtual machine, so that it moves to a new pod.',
      steps: [
        'RestartsPods: Live-migrate virtual machines: each moves to a new pod, and keeps running. Deleting the pod stops the machine. Restart a machine that cannot be migrated at a time when it may be down.',
      ],
      commands: ['virtctl migrate db --namespace shop'],
      exposes: [NEW_PODS],
    },
    {
      of: 'an instance of CloudNativePG',
      given: [...nodes, peer, ipv4Pod('old', { owner: 'Cluster/pg', labels: { 'cnpg.io/cluster': 'pg' } })],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: 'Restart the PostgreSQL cluster.',
      steps: [
        'RestartsPods: Let CloudNativePG restart all instances of this cluster, one after the other. Clients lose their connections to each, and the primary may change.',
      ],
      commands: ['kubectl cnpg restart pg --namespace shop'],
      exposes: [NEW_PODS],
    },
    ...['Cluster/pg', 'InstanceManager/im-a', 'StrimziPodSet/kafka'].map((owner): Wording => ({
      of: `a pod of ${owner}, of whose controller nothing is known`,
      given: [...nodes, peer, { ...old, owner }],
      message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      summary: `Restart the pod by its controller, ${owner.replace('/', ' ')}.`,
      steps: [
        `RestartsPods: Do not delete these pods: that may stop what they serve, or lose data. Restart them by what their operator has for that: ${owner.replace('/', ' ')}.`,
      ],
      exposes: [NEW_PODS],
    })),
  ],
);
