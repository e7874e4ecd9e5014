import { dualNodes, dualService, ipv4Node, node, podCIDRsOf } from '../build.ts';
import { DRAIN, NEW_PODS, REPLACE_NODES, RESTART_MACHINE } from './register-again-words.ts';
import type { Wording } from './table.ts';

const KUBEADM = 'kubeadm: the annotation a';
const KUBEADM_RANGES =
  'None: Set --cluster-cidr in /etc/kubernetes/manifests/kube-controller-manager.yaml of each control plane node, and networking.podSubnet in ConfigMap kube-system/kubeadm-config, to a range of each family, the present one first, with room for all nodes and with all present podCIDRs in it: otherwise kube-controller-manager does not start. kube-controller-manager restarts; pods keep running.';
const GARDENER = 'Gardener: the label worker.gardener.cloud/pool';
const REPLACE_POOLS =
  'RecreatesNode: Replace the nodes, pool by pool, as an upgrade of the pool does. That evicts their pods, which start on other nodes, and loses their emptyDir volumes.';
const SERVERS = [
  ['k3s', 'k3s'],
  ['RKE2', 'rke2'],
] as const;

function rangesOf(platform: string, folder: string): string {
  return `None: Check that cluster-cidr in /etc/rancher/${folder}/config.yaml is the same on all servers, and has a range of each family, the present one first, with room for all nodes and with all present podCIDRs in it: otherwise kube-controller-manager does not start. ${platform} takes its ranges when the cluster is created: one that started with one family cannot get the other (documentation, "Dual-stack"), but a new cluster can.`;
}

const peers = [...dualNodes('a', 'b', 'c'), dualService()];
const onlyIPv4 = ipv4Node('old');

/** What NodePodCIDRMissing says on platforms that have their own way to it. */
export const ON_PLATFORMS: readonly Wording[] = [
  {
    of: 'a node without podCIDRs on a platform that sets the ranges',
    given: [...peers, node({ name: 'new', platformHint: GARDENER })],
    message: 'Node new has no IPv4 or IPv6 podCIDR (it has no podCIDR at all)',
    summary: 'Let the platform fill the empty podCIDRs: it does so by itself once it has a free range.',
    steps: [
      'None: Look for the Event CIDRNotAvailable: the range may be used up.',
      'None: Add the family to spec.networking.ipFamilies of the Shoot, behind the present one.',
    ],
    commands: ['kubectl get events --all-namespaces --field-selector involvedObject.kind=Node,involvedObject.name=new'],
  },
  {
    of: 'a node that lacks the address too, which a new Node object does not bring',
    given: [...peers, ipv4Node('old', { addresses: ['192.0.2.9'], platformHint: KUBEADM })],
    message: 'Node old has no IPv6 podCIDR (it has only 10.244.15.0/24)',
    summary: 'Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be changed once set.',
    steps: [
      KUBEADM_RANGES,
      'None: Set --node-ip in KUBELET_KUBEADM_ARGS in /var/lib/kubelet/kubeadm-flags.env of the node to an address of each family, the present one first, and restart its kubelet. Pods keep running; host-network pods get the new address when they restart.',
      DRAIN,
      RESTART_MACHINE,
    ],
    commands: ['kubectl drain old --ignore-daemonsets --delete-emptydir-data && kubectl delete node old'],
    exposes: ['Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their IPv6 addresses.', NEW_PODS],
  },
  {
    of: 'a migration on a platform that gives new nodes the family',
    given: [...dualNodes('a'), ipv4Node('b', { platformHint: GARDENER }), ipv4Node('c')],
    message: '2 of 3 nodes have no IPv6 podCIDR and are still to be replaced',
    summary: 'Replace these nodes, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
    steps: [REPLACE_POOLS],
    exposes: [NEW_PODS],
  },
  {
    of: 'nodes of one family on a platform that gives it when both are set',
    given: [ipv4Node('a', { platformHint: GARDENER }), ipv4Node('b')],
    expected: ['IPv4', 'IPv6'],
    message: '2 of 2 nodes have no IPv6 podCIDR and are still to be replaced',
    summary: 'Replace these nodes, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
    steps: ['None: Add the family to spec.networking.ipFamilies of the Shoot, behind the present one.', REPLACE_POOLS],
    exposes: [NEW_PODS],
  },
  {
    of: 'a migration of the workers of k3s, whose server has both families already',
    given: [
      node({ name: 'a', podCIDRs: podCIDRsOf('a'), role: 'Etcd' }),
      ...['b', 'c'].map((name) => ipv4Node(name, { platformHint: 'k3s: a version with +k3s' })),
    ],
    message: '2 of 3 nodes have no IPv6 podCIDR and are still to be replaced',
    summary: 'Register these nodes again, one by one, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
    steps: [rangesOf('k3s', 'k3s'), REPLACE_NODES],
    exposes: [NEW_PODS],
  },
  {
    of: 'a control plane node of kubeadm',
    given: [...peers, { ...onlyIPv4, role: 'ControlPlane', platformHint: KUBEADM }],
    message: 'Node old has no IPv6 podCIDR (it has only 10.244.15.0/24)',
    summary: 'Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be changed once set.',
    steps: [
      KUBEADM_RANGES,
      DRAIN,
      `${RESTART_MACHINE} Its API server and its etcd member are away until then: restart one control plane machine at a time, once all others are Ready.`,
      'None: On a control plane machine, set the label and the taint of control planes again, which kubeadm sets only when a machine joins. If the node had no such taint, remove it again.',
    ],
    commands: [
      'kubectl drain old --ignore-daemonsets --delete-emptydir-data && kubectl delete node old',
      'kubeadm init phase mark-control-plane --node-name old',
    ],
    exposes: [NEW_PODS],
  },
  {
    of: 'a migration of a cluster of kubeadm',
    given: [...dualNodes('a'), ...['b', 'c'].map((name) => ({ ...ipv4Node(name, { role: 'ControlPlane' }), platformHint: KUBEADM }))],
    message: '2 of 3 nodes have no IPv6 podCIDR and are still to be replaced',
    summary: 'Register these nodes again, one by one, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
    steps: [
      KUBEADM_RANGES,
      `${REPLACE_NODES} A control plane node gets its label and its taint from "kubeadm init phase mark-control-plane --node-name NODE", run on a control plane machine.`,
    ],
    exposes: [NEW_PODS],
  },
  ...SERVERS.flatMap(([platform, folder]): Wording[] => {
    const platformHint = `${platform}: a version with +${folder}`;
    const ranges = rangesOf(platform, folder);
    const join = [
      `None: Deleting the Node object of a server with the etcd role also removes its etcd member, and the server does not join again by itself (k3s-io/k3s#13498, rancher/rke2#1874). Leave such a server as it is unless two others are Ready. Save a snapshot first, with "${folder} etcd-snapshot save" on a server.`,
      `RecreatesNode: One server at a time: drain it, delete its Node object, run ${folder}-killall.sh on it, and remove /var/lib/rancher/${folder}/server/db. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.`,
      `RestartsPods: In /etc/rancher/${folder}/config.yaml of this server, set server and token to those of another server and remove cluster-init: without them, it starts a cluster of its own (k3s-io/k3s#13623). Then restart the machine, and wait until its node is Ready and has the etcd role before the next server.`,
    ];
    return [
      {
        of: `a server of ${platform}, which would lose its etcd member`,
        given: [...peers, { ...onlyIPv4, role: 'Etcd', platformHint }],
        message: 'Node old has no IPv6 podCIDR (it has only 10.244.15.0/24)',
        summary: 'Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be changed once set.',
        steps: [ranges, ...join],
        exposes: [NEW_PODS],
      },
      {
        of: `a migration of servers of ${platform}`,
        given: [...dualNodes('a'), ...['b', 'c'].map((name) => ({ ...ipv4Node(name, { role: 'Etcd' }), platformHint }))],
        message: '2 of 3 nodes have no IPv6 podCIDR and are still to be replaced',
        summary: 'Register these nodes again, one by one, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
        steps: [ranges, REPLACE_NODES.replace('one node', 'one node without the etcd role'), ...join],
        exposes: [NEW_PODS, NEW_PODS],
      },
    ];
  }),
];
