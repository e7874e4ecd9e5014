import { joinWithOr, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { workloadWords, type WorkloadShare } from '../cluster/single-family-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { restartStaticPods } from './restart-static-pod.ts';
import { restartsOf } from './restart-workloads.ts';
import type { Description } from './check.ts';

/** Host-network pods that lack families which their nodes have, by what makes them: the same fault, since nodes got these families later. */
export function describeStaleHostPods(families: FamilyList, stale: Iterable<PodFacts>, view: ClusterView): Description {
  const pods = [...stale].sort((a, b) => (fullNameOf(a) < fullNameOf(b) ? -1 : 1));
  const nodes = new Set(pods.map(({ nodeName }) => nodeName));
  const having = nodes.size === 1 ? `node ${[...nodes].join()} has` : `their ${nodes.size} nodes have`;
  const opens = { exposes: `The pods, at the ${joinWithOr(families)} addresses of their nodes.` };
  const staticPods = pods.filter(({ mirror }) => mirror);
  const others = pods.filter(({ mirror }) => !mirror);
  return {
    message: `${counted(pods.length, 'host-network pod')} have no ${joinWithOr(families)} address, which ${having}: ${workloadWords(sharesOf(pods))}`,
    remediation: {
      summary: 'Restart these pods: they have the addresses that their nodes had when they started.',
      steps: [...restartStaticPods(staticPods, view, opens), ...restartsOf(sharesOf(others), opens)],
    },
  };
}

/** The pods by what makes them, those with the most first. */
function sharesOf(pods: readonly PodFacts[]): readonly WorkloadShare[] {
  const groups = Map.groupBy(pods, (pod) => `${pod.namespace}/${makerOf(pod)}`);
  return [...groups]
    .flatMap(([key, those]) => {
      const [first] = those;
      return first ? [{ key, namespace: first.namespace, owner: makerOf(first), subnet: '', pods: those.length }] : [];
    })
    .sort((a, b) => b.pods - a.pods || (a.key < b.key ? -1 : 1));
}

function fullNameOf({ namespace, name }: PodFacts): string {
  return `${namespace}/${name}`;
}

/** Static pods of one manifest on several nodes are named after these nodes. */
function makerOf({ mirror, name, nodeName, owner }: PodFacts): string {
  if (!mirror) return owner === '' ? name : owner;
  const suffix = `-${nodeName}`;
  return `StaticPod/${name.endsWith(suffix) ? name.slice(0, -suffix.length) : name}`;
}
