import type { FactsKind, NodeFacts } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { SystemAgent } from './system-pods.ts';
import { clip, counted, printable } from '../words.ts';

/** What is known of a cluster from elsewhere than its objects. */
export interface ClusterIdentity {
  readonly name?: string | undefined;
  /** The version of the API server. */
  readonly version?: string | undefined;
}

export interface Platform {
  /** Unknown where nothing shows it. */
  readonly name: string;
  /** Whether a provider runs the control plane; absent where that is not known. */
  readonly managed?: boolean;
  readonly evidence: string;
}

interface NetworkPlugin {
  readonly name: string;
  readonly evidence: string;
}

interface ServiceProxy {
  readonly mode: string;
  readonly evidence: string;
}

/** Which cluster it is, and what was detected of it; what cannot be detected is Unknown. */
export interface DetectedCluster {
  readonly name?: string;
  readonly uid?: string;
  readonly version?: string;
  readonly platform: Platform;
  readonly networkPlugin: NetworkPlugin;
  readonly serviceProxy: ServiceProxy;
}

const UNKNOWN = 'Unknown';
const LONGEST_EVIDENCE = 1024;
const LONGEST_NAME = 253;
const LONGEST_TEXT = 128;

/** Whether a provider runs the control plane; not known of those that are absent, such as OpenShift, which is offered both ways. */
const MANAGED: Readonly<Record<string, boolean>> = {
  EKS: true,
  GKE: true,
  AKS: true,
  DigitalOcean: true,
  Linode: true,
  OKE: true,
  Scaleway: true,
  OVHcloud: true,
  ACK: true,
  TKE: true,
  Gardener: true,
  kOps: false,
  k3s: false,
  Harvester: false,
  RKE2: false,
  k0s: false,
  MicroK8s: false,
  Talos: false,
  kind: false,
  minikube: false,
};

/** Which cluster this is, and what it runs on as far as its objects show. */
export function clusterOf(store: ClusterStore, { name, version }: ClusterIdentity): DetectedCluster {
  const uid = store.namespaces.get('kube-system')?.uid;
  const platform = platformOf(store);
  return {
    ...(name ? { name: clip(printable(name), LONGEST_NAME) } : {}),
    ...(uid ? { uid: clip(printable(uid), LONGEST_TEXT) } : {}),
    ...(version ? { version: clip(printable(version), LONGEST_TEXT) } : {}),
    platform,
    networkPlugin: networkPluginOf(store, platform),
    serviceProxy: serviceProxyOf(store, platform),
  };
}

/** What the nodes show: those that show nothing say nothing against what others show. Looks at all of them. */
export function platformOf(store: ClusterStore): Platform {
  const unavailability = unavailabilityOf(store, 'Node');
  if (unavailability !== undefined) return { name: UNKNOWN, evidence: unavailability };
  const shown = shownByNodes(store, ({ platformHint }) => platformHint);
  if (!shown) return { name: UNKNOWN, evidence: 'No node has a label, an annotation or a version that shows it.' };
  const { name, evidence } = shown;
  const managed = MANAGED[name];
  return managed === undefined ? { name, evidence } : { name, managed, evidence };
}

/** What hints on nodes have in common; undefined where there are none. */
function shownByNodes(store: ClusterStore, hintOf: (node: NodeFacts) => string): NetworkPlugin | undefined {
  const nodes = [...store.nodes.values()].filter(({ virtual }) => !virtual);
  const hints = new Map<string, number>();
  for (const hint of nodes.map(hintOf)) if (hint) hints.set(hint, (hints.get(hint) ?? 0) + 1);
  const words = [...hints]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([hint, count]) =>
        `${count} of ${counted(nodes.length, 'node')} ${count === 1 ? 'has' : 'have'} ${hint.slice(hint.indexOf(': ') + 2)}`,
    );
  const names = new Set([...hints.keys()].map((hint) => hint.slice(0, hint.indexOf(': '))));
  const [name, ...others] = names;
  if (name === undefined) return undefined;
  const evidence = clip(`${words.join('; ')}.`, LONGEST_EVIDENCE);
  if (others.length > 0) return { name: UNKNOWN, evidence: clip(`The nodes disagree: ${evidence}`, LONGEST_EVIDENCE) };
  return { name, evidence };
}

interface Combination {
  readonly agents: readonly SystemAgent[];
  readonly name: string;
  readonly role: string;
  /** Where it is known only of the nodes of some platform. */
  readonly platform?: string;
}

/** Agents that run together where one of them gives the addresses and another one does the rest. */
const COMBINATIONS: readonly Combination[] = [
  { agents: ['Azure CNI', 'Cilium'], name: 'Azure CNI powered by Cilium', role: 'Azure CNI gives pods their addresses' },
  { agents: ['Azure CNI', 'Calico'], name: 'Azure CNI', role: 'Calico enforces policies only' },
  { agents: ['Calico'], name: 'GKE', role: 'Calico enforces policies only', platform: 'GKE' },
];

function combinationOf(agents: readonly Agent[], platform: Platform): Combination | undefined {
  return COMBINATIONS.find(
    (one) =>
      one.agents.length === agents.length &&
      one.agents.every((agent) => agents.some((each) => each.agent === agent)) &&
      (one.platform === undefined || one.platform === platform.name),
  );
}

/** Where the agents of two plugins run, one may only enforce policies for the other, or be left over. */
function networkPluginOf(store: ClusterStore, platform: Platform): NetworkPlugin {
  const unavailability = unavailabilityOf(store, 'Pod');
  if (unavailability !== undefined) return { name: UNKNOWN, evidence: unavailability };
  const agents = agentsOf(store).filter(({ agent }) => agent !== 'kube-proxy');
  const combination = combinationOf(agents, platform);
  if (combination) return { name: combination.name, evidence: `${agents.map(podsOf).join(', ')}; ${combination.role}.` };
  const [plugin, ...others] = agents;
  if (!plugin)
    return (
      shownByNodes(store, ({ networkHint }) => networkHint) ?? {
        name: UNKNOWN,
        evidence: 'No pod is the agent of a CNI plugin that is known; some run as a part of the kubelet or in other ways.',
      }
    );
  if (others.length === 0) return { name: plugin.agent, evidence: `${podsOf(plugin)}.` };
  const words = [plugin, ...others].map(podsOf).join(', ');
  return {
    name: UNKNOWN,
    evidence: `Agents of several plugins run: ${words}. Which of them gives pods their addresses is not visible in these.`,
  };
}

/** Where kube-proxy runs in pods, if it runs. Elsewhere it may be a service of the machine, or a part of another program. */
const PROXY_IN_PODS: ReadonlySet<string> = new Set([
  ...['kubeadm', 'Cluster API', 'kind', 'minikube', 'Talos', 'k0s', 'RKE2', 'Harvester'],
  ...['AKS', 'GKE'],
]);
const OVN = 'OVN-Kubernetes';
/** How CNI plugins serve the addresses of Services where kube-proxy does not run. */
const MODES: ReadonlyMap<string, string> = new Map([
  ['Cilium', 'eBPF'],
  ['Calico', 'eBPF'],
  ['Antrea', 'OVS'],
  ['kube-router', 'IPVS'],
  [OVN, 'OVN'],
]);
/** Platforms that have kube-proxy in a program of theirs. */
const PROXY_BUILT_IN: ReadonlySet<string> = new Set(['k3s', 'MicroK8s']);

/** The one plugin that serves Services itself, where it is clear that no kube-proxy does. OVN-Kubernetes always does. */
function servingPlugin(agents: readonly Agent[], { name }: Platform): SystemAgent | undefined {
  const [plugin, ...others] = agents.map(({ agent }) => agent).filter((agent) => MODES.has(agent));
  if (others.length > 0) return undefined;
  return plugin === OVN || PROXY_IN_PODS.has(name) ? plugin : undefined;
}

/** The program that serves the addresses of Services; undefined where nothing shows it. */
export function servesServices(store: ClusterStore, platform: Platform): SystemAgent | undefined {
  if (unavailabilityOf(store, 'Pod') !== undefined) return undefined;
  const agents = agentsOf(store);
  if (agents.some(({ agent }) => agent === 'kube-proxy')) return 'kube-proxy';
  const mayReplaceIt = agents.some(({ agent }) => MODES.has(agent));
  return !mayReplaceIt && PROXY_BUILT_IN.has(platform.name) ? 'kube-proxy' : servingPlugin(agents, platform);
}

/** The mode of kube-proxy is in configuration that is not read, so it is Unknown: the evidence says what runs. */
function serviceProxyOf(store: ClusterStore, platform: Platform): ServiceProxy {
  const unavailability = unavailabilityOf(store, 'Pod');
  if (unavailability !== undefined) return { mode: UNKNOWN, evidence: unavailability };
  const agents = agentsOf(store);
  const kubeProxy = agents.find(({ agent }) => agent === 'kube-proxy');
  if (kubeProxy) return { mode: UNKNOWN, evidence: `${podsOf(kubeProxy)}. The mode is in its configuration, which is not read.` };
  const plugins = agents.map(({ agent }) => agent);
  const serving = servingPlugin(agents, platform);
  const mode = MODES.get(serving ?? '');
  if (mode !== undefined)
    return { mode, evidence: `No pod is kube-proxy, and ${plugins.join(' and ')} runs, which serves Services itself.` };
  if (PROXY_BUILT_IN.has(platform.name))
    return {
      mode: UNKNOWN,
      evidence: `${platform.name} has kube-proxy built in, unless it is switched off. The mode is in its configuration, which is not read.`,
    };
  if (plugins.length === 0)
    return {
      mode: UNKNOWN,
      evidence: 'No pod is kube-proxy or a known CNI plugin; some distributions run kube-proxy as a part of the kubelet.',
    };
  return {
    mode: UNKNOWN,
    evidence: `No pod is kube-proxy, and ${plugins.join(' and ')} runs: it may serve the addresses of Services itself, or kube-proxy runs outside of pods.`,
  };
}

interface Agent {
  readonly agent: SystemAgent;
  readonly pods: number;
}

function agentsOf(store: ClusterStore): readonly Agent[] {
  return [...store.systemAgents.entries()].map(([agent, pods]) => ({ agent, pods })).sort((a, b) => (a.agent < b.agent ? -1 : 1));
}

function podsOf({ agent, pods }: Agent): string {
  return `${counted(pods, 'pod')} of ${agent} ${pods === 1 ? 'exists' : 'exist'}`;
}

/** Why a kind is not known; undefined where it is. */
function unavailabilityOf(store: ClusterStore, kind: FactsKind): string | undefined {
  const availability = store.availability(kind);
  return typeof availability === 'object' ? clip(availability.message, LONGEST_EVIDENCE) : undefined;
}
