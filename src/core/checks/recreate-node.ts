import type { NodeFacts } from '../kinds/facts.ts';
import type { RemediationStep } from './check.ts';
import { replaceAllByTool, replaceByTool } from './replace-by-tool.ts';

/** What differs between the ways to register a node again. */
interface Registration {
  readonly platform?: string;
  /** What can be reached once new pods run on it. */
  readonly exposes?: string;
}

/** Platforms that remove the etcd member of a server with its Node object, and their folders. */
const FOLDERS: Readonly<Record<string, string>> = { k3s: 'k3s', RKE2: 'rke2' };

/** How to restart a machine where nobody logs in to it. */
const RESTARTS: Readonly<Record<string, string>> = { Talos: ' (talosctl reboot)', kind: ' (docker restart)' };

const EVICTS = 'That evicts its pods, which start on other nodes, and loses their emptyDir volumes.';
const NOTE =
  'Note the labels, annotations and taints of the node: its new Node object has only those that its kubelet and its platform set, and until you set a taint again, any pod may start there.';

/** How a server of k3s or RKE2 joins again without its member of etcd; undefined where a node has none, or keeps it. */
function joinServerAgain(
  { role }: Pick<NodeFacts, 'role'>,
  platform: string,
  opens: Pick<RemediationStep, 'exposes'>,
): readonly RemediationStep[] | undefined {
  const folder = role === 'Etcd' && Object.hasOwn(FOLDERS, platform) ? FOLDERS[platform] : undefined;
  if (folder === undefined) return undefined;
  return [
    {
      description: `Deleting the Node object of a server with the etcd role also removes its etcd member, and the server does not join again by itself (k3s-io/k3s#13498, rancher/rke2#1874). Leave such a server as it is unless two others are Ready. Save a snapshot first, with "${folder} etcd-snapshot save" on a server.`,
      disruption: 'None',
    },
    {
      description: `One server at a time: drain it, delete its Node object, run ${folder}-killall.sh on it, and remove /var/lib/rancher/${folder}/server/db. ${EVICTS}`,
      disruption: 'RecreatesNode',
    },
    {
      description: `In /etc/rancher/${folder}/config.yaml of this server, set server and token to those of another server and remove cluster-init: without them, it starts a cluster of its own (k3s-io/k3s#13623). Then restart the machine, and wait until its node is Ready and has the etcd role before the next server.`,
      disruption: 'RestartsPods',
      ...opens,
    },
  ];
}

/** Removes a node, so that it registers again: the only way to other podCIDRs (rules.md#pod-cidrs-are-immutable). */
export function recreateNode(node: NodeFacts, { platform = '', exposes }: Registration = {}): readonly RemediationStep[] {
  const { name, role } = node;
  const opens = exposes === undefined ? {} : { exposes };
  const replaced = replaceByTool(node, platform, opens);
  if (replaced) return replaced;
  const joined = joinServerAgain(node, platform, opens);
  if (joined) return joined;
  return [
    {
      description: `${NOTE} Then drain the node and delete its Node object. ${EVICTS}`,
      command: `kubectl drain ${name} --ignore-daemonsets --delete-emptydir-data && kubectl delete node ${name}`,
      disruption: 'RecreatesNode',
    },
    {
      description: `Restart the machine${RESTARTS[platform] ?? ''}, so that its kubelet registers it with new podCIDRs. A pod that outlives its Node object, such as one of a DaemonSet, keeps an address that another node may be given: restarting the kubelet alone is not enough.${role === 'Worker' ? '' : CONTROL_PLANE}`,
      disruption: 'RestartsPods',
      ...opens,
    },
    ...(role === 'Worker' ? [] : markControlPlane(name, platform)),
  ];
}

const CONTROL_PLANE =
  ' Its API server and its etcd member are away until then: restart one control plane machine at a time, once all others are Ready.';

/** kubeadm sets them when a control plane joins, and its kubelet does not. kind makes its nodes with kubeadm. */
const MARKED_BY_KUBEADM: ReadonlySet<string> = new Set(['kubeadm', 'kind']);

function markControlPlane(name: string, platform: string): readonly RemediationStep[] {
  if (!MARKED_BY_KUBEADM.has(platform)) return [];
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
export function recreateNodes(nodes: readonly NodeFacts[], { platform = '', exposes }: Registration): readonly RemediationStep[] {
  const opens = exposes === undefined ? {} : { exposes };
  const replaced = replaceAllByTool(nodes, platform, opens);
  if (replaced) return replaced;
  const server = nodes.find(({ role }) => role === 'Etcd');
  const joined = server && joinServerAgain(server, platform, opens);
  const marked = MARKED_BY_KUBEADM.has(platform) && nodes.some(({ role }) => role !== 'Worker') ? MARK_EACH : '';
  const which = joined ? 'For one node without the etcd role after the other' : 'For one node after the other';
  return [
    {
      description: `${which}: note its labels, annotations and taints, drain it, delete its Node object, and restart the machine. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.${marked}`,
      disruption: 'RecreatesNode',
      ...opens,
    },
    ...(joined ?? []),
  ];
}

const MARK_EACH =
  ' A control plane node gets its label and its taint from "kubeadm init phase mark-control-plane --node-name NODE", run on a control plane machine.';
