import type { PodFacts } from '../kinds/facts.ts';
import type { LabelSet } from '../kinds/labels.ts';
import type { Tally } from '../store/tally.ts';

/** An agent that runs on the nodes of a cluster. */
export type SystemAgent = (typeof AGENTS)[number]['agent'];

/** The labels by which the agents of CNI plugins, and kube-proxy, are known: those of their own manifests and charts. */
const AGENTS = [
  { agent: 'Cilium', label: ['k8s-app', 'cilium'] },
  { agent: 'Calico', label: ['k8s-app', 'calico-node'] },
  { agent: 'Canal', label: ['k8s-app', 'canal'] },
  { agent: 'Amazon VPC CNI', label: ['k8s-app', 'aws-node'] },
  { agent: 'Azure CNI', label: ['k8s-app', 'azure-cns'] },
  { agent: 'flannel', label: ['app', 'flannel'] },
  { agent: 'flannel', label: ['k8s-app', 'flannel'] },
  { agent: 'OVN-Kubernetes', label: ['app', 'ovnkube-node'] },
  { agent: 'OpenShift SDN', label: ['app', 'sdn'] },
  { agent: 'Kube-OVN', label: ['app', 'kube-ovn-cni'] },
  { agent: 'kube-router', label: ['k8s-app', 'kube-router'] },
  { agent: 'Antrea', label: ['component', 'antrea-agent'] },
  { agent: 'kindnet', label: ['k8s-app', 'kindnet'] },
  { agent: 'Weave Net', label: ['name', 'weave-net'] },
  { agent: 'Terway', label: ['app', 'terway-eniip'] },
  { agent: 'OCI VCN-native', label: ['app', 'vcn-native-ip-cni'] },
  { agent: 'TKE GlobalRouter', label: ['k8s-app', 'tke-bridge-agent'] },
  { agent: 'kube-proxy', label: ['k8s-app', 'kube-proxy'] },
  { agent: 'kube-proxy', label: ['component', 'kube-proxy'] },
  { agent: 'kube-proxy', label: ['k8s-app', 'kube-proxy-worker'] },
] as const;

/**
 * Plugins that give pods addresses of pools of their own, whatever podCIDRs nodes have (projectcalico/calico#2900). Cilium does so in all modes
 * but one.
 */
const WITH_POOLS: readonly SystemAgent[] = [
  'Calico',
  'Amazon VPC CNI',
  'Azure CNI',
  'OVN-Kubernetes',
  'OpenShift SDN',
  'Kube-OVN',
  'Weave Net',
];

/** Whether some plugin runs that gives pods addresses of pools of its own. */
export function hasOwnPools(agents: Pick<Tally<SystemAgent>, 'get'>): boolean {
  return WITH_POOLS.some((agent) => agents.get(agent) > 0);
}

/** Where such agents are installed: elsewhere a pod with one of these labels is some other program. */
const NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'calico-system',
  'cilium',
  'cilium-system',
  'kube-flannel',
  'kube-router',
  'openshift-ovn-kubernetes',
  'openshift-sdn',
  'ovn-kubernetes',
]);

/** Pods of one workload share their label set. */
const KNOWN = new WeakMap<LabelSet, SystemAgent | 'none'>();

/** Which agent a pod is; undefined for all other pods. Such agents use the network of their node, since they make that of the others. */
export function systemAgentOf({ namespace, hostNetwork, labels, state }: PodFacts): SystemAgent | undefined {
  if (!NAMESPACES.has(namespace) || !hostNetwork || state === 'Completed') return undefined;
  const known = KNOWN.get(labels) ?? agentWith(labels);
  KNOWN.set(labels, known);
  return known === 'none' ? undefined : known;
}

function agentWith(labels: LabelSet): SystemAgent | 'none' {
  const found = AGENTS.find(({ label: [key, value] }) => labels.some(([ownKey, ownValue]) => ownKey === key && ownValue === value));
  return found?.agent ?? 'none';
}

const NODE_LOCAL_DNS: ReadonlySet<string> = new Set(['node-local-dns', 'nodelocaldns']);

/** Whether a pod answers DNS on its node, at an address that no Service has: what pods ask is then not known (rules.md#cluster-dns). */
export function isNodeLocalDNS({ hostNetwork, state, labels }: PodFacts): boolean {
  return hostNetwork && state !== 'Completed' && labels.some(([key, value]) => key === 'k8s-app' && NODE_LOCAL_DNS.has(value));
}
