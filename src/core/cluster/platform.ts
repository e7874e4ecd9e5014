import type { FactsKind } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { SystemAgent } from './system-pods.ts';
import { clip, counted, printable } from '../words.ts';

/** What is known of a cluster from elsewhere than its objects. */
export interface ClusterIdentity {
  readonly name?: string | undefined;
  /** The version of the API server. */
  readonly version?: string | undefined;
}

interface Platform {
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
  k3s: false,
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
  return {
    ...(name ? { name: clip(printable(name), LONGEST_NAME) } : {}),
    ...(uid ? { uid: clip(printable(uid), LONGEST_TEXT) } : {}),
    ...(version ? { version: clip(printable(version), LONGEST_TEXT) } : {}),
    platform: platformOf(store),
    networkPlugin: networkPluginOf(store),
    serviceProxy: serviceProxyOf(store),
  };
}

/** Determined from the nodes: those that show nothing say nothing against what others show. */
function platformOf(store: ClusterStore): Platform {
  const unavailability = unavailabilityOf(store, 'Node');
  if (unavailability !== undefined) return { name: UNKNOWN, evidence: unavailability };
  const nodes = [...store.nodes.values()].filter(({ virtual }) => !virtual);
  const hints = new Map<string, number>();
  for (const { platformHint } of nodes) if (platformHint) hints.set(platformHint, (hints.get(platformHint) ?? 0) + 1);
  const words = [...hints]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([hint, count]) =>
        `${count} of ${counted(nodes.length, 'node')} ${count === 1 ? 'has' : 'have'} ${hint.slice(hint.indexOf(': ') + 2)}`,
    );
  const platforms = new Set([...hints.keys()].map((hint) => hint.slice(0, hint.indexOf(': '))));
  const [name, ...others] = platforms;
  if (name === undefined) return { name: UNKNOWN, evidence: 'No node has a label, an annotation or a version that shows it.' };
  const evidence = clip(`${words.join('; ')}.`, LONGEST_EVIDENCE);
  if (others.length > 0) return { name: UNKNOWN, evidence: clip(`The nodes disagree: ${evidence}`, LONGEST_EVIDENCE) };
  const managed = MANAGED[name];
  return managed === undefined ? { name, evidence } : { name, managed, evidence };
}

/** Where the agents of two plugins run, one may only enforce policies for the other, or be left over. */
function networkPluginOf(store: ClusterStore): NetworkPlugin {
  const unavailability = unavailabilityOf(store, 'Pod');
  if (unavailability !== undefined) return { name: UNKNOWN, evidence: unavailability };
  const [plugin, ...others] = agentsOf(store).filter(({ agent }) => agent !== 'kube-proxy');
  if (!plugin)
    return {
      name: UNKNOWN,
      evidence: 'No pod is the agent of a CNI plugin that is known; some run as a part of the kubelet or in other ways.',
    };
  if (others.length === 0) return { name: plugin.agent, evidence: `${podsOf(plugin)}.` };
  const words = [plugin, ...others].map(podsOf).join(', ');
  return {
    name: UNKNOWN,
    evidence: `Agents of several plugins run: ${words}. Which of them gives pods their addresses is not visible in these.`,
  };
}

/** Its mode is in configuration that is not read, so it is Unknown: the evidence says what runs. */
function serviceProxyOf(store: ClusterStore): ServiceProxy {
  const unavailability = unavailabilityOf(store, 'Pod');
  if (unavailability !== undefined) return { mode: UNKNOWN, evidence: unavailability };
  const agents = agentsOf(store);
  const kubeProxy = agents.find(({ agent }) => agent === 'kube-proxy');
  if (kubeProxy) return { mode: UNKNOWN, evidence: `${podsOf(kubeProxy)}. The mode is in its configuration, which is not read.` };
  const plugins = agents.map(({ agent }) => agent);
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
