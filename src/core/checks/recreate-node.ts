import type { NodeFacts } from '../kinds/facts.ts';
import type { RemediationStep } from './check.ts';

/** What differs between the ways to register a node again. */
interface Registration {
  readonly platform?: string;
  /** What can be reached once new pods run on it. */
  readonly exposes?: string;
}

/** Platforms that remove the etcd member of a server with its Node object, and where they keep what is to be changed then. */
const SERVERS: Readonly<Record<string, { readonly folder: string; readonly stop: string; readonly service: string }>> = {
  k3s: { folder: 'k3s', stop: 'k3s-killall.sh', service: 'k3s' },
  RKE2: { folder: 'rke2', stop: 'rke2-killall.sh', service: 'rke2-server' },
};

const MEMBER_LOST =
  'Deleting the Node object of a server also removes its etcd member, and the server does not join again by itself (k3s-io/k3s#13498, rancher/rke2#1874).';

/** How a server of k3s or RKE2 joins again without its member of etcd. */
function joinAgain(platform: string): string | undefined {
  const server = Object.hasOwn(SERVERS, platform) ? SERVERS[platform] : undefined;
  if (!server) return undefined;
  const { folder, stop, service } = server;
  return `drain the server and delete its Node object, run ${stop} on it, and remove /var/lib/rancher/${folder}/server/db. In /etc/rancher/${folder}/config.yaml, set server and token to those of another server and remove cluster-init: a server without them starts a cluster of its own (k3s-io/k3s#13623). Then restart the machine, start ${service}, and wait until the node is Ready and has its etcd role before the next one.`;
}

const EVICTS = 'That evicts its pods, which start on other nodes, and loses their emptyDir volumes.';
const NOTE =
  'Note the labels, annotations and taints of the node: its new Node object has only those that its kubelet and its platform set, and until you set a taint again, any pod may start there.';

function joinServerAgain(platform: string, how: string, opens: Pick<RemediationStep, 'exposes'>): readonly RemediationStep[] {
  return [
    {
      description: `${MEMBER_LOST} Leave this server as it is unless two others with the etcd role are Ready. Save a snapshot first, with "${platform.toLowerCase()} etcd-snapshot save" on a server.`,
      disruption: 'None',
    },
    { description: `One server at a time: ${how} ${EVICTS}`, disruption: 'RecreatesNode', ...opens },
  ];
}

/** Removes a node, so that it registers again: the only way to other podCIDRs (rules.md#pod-cidrs-are-immutable). */
export function recreateNode(node: NodeFacts, { platform = '', exposes }: Registration = {}): readonly RemediationStep[] {
  const { name, role } = node;
  const opens = exposes === undefined ? {} : { exposes };
  if (platform === 'Cluster API') {
    return [
      {
        description: `In the management cluster, delete the Machine that annotation cluster.x-k8s.io/machine of node ${name} names: its owner makes a new one. That evicts the pods of the node, which start on other nodes, and loses their emptyDir volumes.`,
        disruption: 'RecreatesNode',
        ...opens,
      },
    ];
  }
  const how = role === 'Etcd' ? joinAgain(platform) : undefined;
  if (how !== undefined) return joinServerAgain(platform, how, opens);
  return [
    {
      description: `${NOTE} Then drain the node and delete its Node object. ${EVICTS}`,
      command: `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data && kubectl delete node ${name}`,
      disruption: 'RecreatesNode',
    },
    {
      description: `Restart the machine, so that its kubelet registers it with new podCIDRs. A pod that outlives its Node object, such as one of a DaemonSet, keeps an address that another node may be given: restarting the kubelet alone is not enough.${role === 'Worker' ? '' : CONTROL_PLANE}`,
      disruption: 'RestartsPods',
      ...opens,
    },
    ...(role === 'Worker' ? [] : markControlPlane(name, platform)),
  ];
}

const CONTROL_PLANE =
  ' Its API server and its etcd member are away until then: restart one control plane machine at a time, once all others are Ready.';

/** kubeadm sets them when a control plane joins, and its kubelet does not. */
function markControlPlane(name: string, platform: string): readonly RemediationStep[] {
  if (platform !== 'kubeadm') return [];
  return [
    {
      description:
        'On a control plane machine, set the label and the taint of control planes again, which kubeadm sets only when a machine joins. If the node had no such taint, remove it again.',
      command: `kubeadm init phase mark-control-plane --node-name ${name}`,
      disruption: 'None',
    },
  ];
}

/** The same for many nodes, one after the other. */
export function recreateNodes(nodes: readonly NodeFacts[], { platform = '', exposes }: Registration): RemediationStep {
  const opens = exposes === undefined ? {} : { exposes };
  const worker =
    'For one node after the other: note its labels, annotations and taints, drain it, delete its Node object, and restart the machine.';
  const how = nodes.some(({ role }) => role === 'Etcd') ? joinAgain(platform) : undefined;
  const servers =
    how === undefined
      ? markEach(nodes, platform)
      : ` For servers with the etcd role that is not enough. ${MEMBER_LOST} So with at least three of them, and one at a time: ${how}`;
  return {
    description: `${worker} That evicts its pods, which start on other nodes, and loses their emptyDir volumes.${servers}`,
    disruption: 'RecreatesNode',
    ...opens,
  };
}

function markEach(nodes: readonly NodeFacts[], platform: string): string {
  if (platform !== 'kubeadm' || nodes.every(({ role }) => role === 'Worker')) return '';
  return ' A control plane node gets its label and its taint from "kubeadm init phase mark-control-plane --node-name NODE", run on a control plane machine.';
}
