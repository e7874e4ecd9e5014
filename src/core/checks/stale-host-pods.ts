import { joinWithOr, listOf, type FamilyList } from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { workloadWords, type WorkloadShare } from '../cluster/single-family-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { deleteHostPods, isRecreated } from './restart-pod.ts';
import { restartStaticPods } from './restart-static-pod.ts';
import { restartsOf } from './restart-workloads.ts';
import type { Description, RemediationStep } from './check.ts';

/**
 * Host-network pods with other addresses than their nodes, by what makes them: the same fault, since nodes got other addresses or one more family after these
 * pods had started.
 */
export function describeStaleHostPods(families: FamilyList, found: Iterable<PodFacts>, view: ClusterView): Description {
  const pods = [...found].sort((a, b) => (fullNameOf(a) < fullNameOf(b) ? -1 : 1));
  const byFault = Map.groupBy(pods, (pod) => view.staleFamilies(pod).length > 0);
  const [incomplete, stale] = [byFault.get(false) ?? [], byFault.get(true) ?? []];
  return {
    message: `${whatIsWrong(incomplete, stale, families, view)}: ${workloadWords(sharesOf(pods))}`,
    remediation: { summary: summaryOf(incomplete, stale), steps: stepsFor(incomplete, stale, families, view) },
  };
}

function whatIsWrong(incomplete: readonly PodFacts[], stale: readonly PodFacts[], families: FamilyList, view: ClusterView): string {
  const all = counted(incomplete.length + stale.length, 'host-network pod');
  const [first, ...others] = new Set([...incomplete, ...stale].map(({ nodeName }) => nodeName));
  const isOneNode = others.length === 0;
  const nodes = isOneNode ? `node ${first ?? ''}` : `their ${others.length + 1} nodes`;
  const missing = joinWithOr(missingOf(incomplete, families));
  if (stale.length === 0) return `${all} have no ${missing} address, which ${nodes} ${isOneNode ? 'has' : 'have'}`;
  const unlisted = `${all} have ${joinWithOr(staleOf(stale, families, view))} addresses that ${nodes} ${isOneNode ? 'does' : 'do'} not list`;
  return incomplete.length === 0 ? unlisted : `${unlisted} (${stale.length}), or no ${missing} address (${incomplete.length})`;
}

/** Of these families, those that some pods do not have. */
function missingOf(pods: readonly PodFacts[], families: FamilyList): FamilyList {
  return listOf(families.filter((family) => pods.some((pod) => !pod.families.includes(family))));
}

/** Of these families, those that some pods have an old address of. */
function staleOf(pods: readonly PodFacts[], families: FamilyList, view: ClusterView): FamilyList {
  return listOf(families.filter((family) => pods.some((pod) => view.staleFamilies(pod).includes(family))));
}

function summaryOf(incomplete: readonly PodFacts[], stale: readonly PodFacts[]): string {
  if (incomplete.length === 0 && stale.every(({ mirror }) => mirror))
    return 'Restart the kubelets of the nodes of these static pods, now that the nodes list the new addresses.';
  return 'Restart these pods: they have the addresses that their nodes had when they started.';
}

function stepsFor(
  incomplete: readonly PodFacts[],
  stale: readonly PodFacts[],
  families: FamilyList,
  view: ClusterView,
): readonly RemediationStep[] {
  const opens = { exposes: `The pods, at the ${joinWithOr(missingOf(incomplete, families))} addresses of their nodes.` };
  const isStatic = ({ mirror }: PodFacts): boolean => mirror;
  const ofOthers = incomplete.every(isStatic) ? {} : opens;
  const others = [...incomplete, ...stale].filter((pod) => !isStatic(pod));
  const byWorkload = [...Map.groupBy(others, workloadOf).values()];
  const isLone = (pods: readonly PodFacts[]): boolean => pods.length === 1 && pods.every(isRecreated);
  return [
    ...restartStaticPods({ incomplete: incomplete.filter(isStatic), stale: stale.filter(isStatic) }, view, opens),
    ...restartsOf(sharesOf(byWorkload.filter((pods) => !isLone(pods)).flat()), ofOthers),
    ...deleteHostPods(byWorkload.filter(isLone).flat(), ofOthers),
  ];
}

/** The pods by what makes them, those with the most first. */
function sharesOf(pods: readonly PodFacts[]): readonly WorkloadShare[] {
  const groups = Map.groupBy(pods, workloadOf);
  return [...groups]
    .flatMap(([key, those]) => {
      const [first] = those;
      return first ? [{ key, namespace: first.namespace, owner: makerOf(first), subnet: '', pods: those.length }] : [];
    })
    .sort((a, b) => b.pods - a.pods || (a.key < b.key ? -1 : 1));
}

function workloadOf(pod: PodFacts): string {
  return `${pod.namespace}/${makerOf(pod)}`;
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
