import { joinWithOr, type FamilyList } from '../net/addresses.ts';
import type { Outage } from '../cluster/family-outages.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { byWorkload, workloadWords } from '../cluster/single-family-pods.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted, minuteWords } from '../words.ts';
import type { Description, RemediationStep } from './check.ts';
import { podExposure } from './remedies.ts';
import { restartsOf } from './restart-workloads.ts';
import { runtimeFix } from './runtime-fix.ts';

/** Pods that lack families which the pod network did not give when they started: the same fault, which is over. */
export function describeOutage(families: FamilyList, objects: Iterable<PodFacts>, view: ClusterView): Description {
  const pods = [...objects];
  const workloads = byWorkload(pods);
  const words = joinWithOr(families);
  return {
    message: `${counted(pods.length, 'pod')} that started ${periodWords(outagesOf(pods, view))} have no ${words}, which older and newer pods have: ${workloadWords(workloads)}`,
    remediation: runtimeFix(pods, families, view) ?? {
      summary: `Restart the workloads of these pods, which started while the pod network gave no ${words}.`,
      steps: [tryOne(words), ...restartsOf(workloads, { exposes: podExposure(families) })],
    },
  };
}

/** The outages in which these pods started, the first ones first. */
function outagesOf(pods: readonly PodFacts[], view: ClusterView): readonly Outage[] {
  const outages = new Set(pods.flatMap((pod) => view.singleFamilyPods.outageOf(pod) ?? []));
  return [...outages].sort((a, b) => a.from - b.from);
}

/** `between 2026-11-29 03:00 and 2026-11-29 04:12 UTC`. */
function periodWords(outages: readonly Outage[]): string {
  const [first] = outages;
  if (!first) return 'together';
  const [from, to] = [minuteWords(first.from), minuteWords(first.to)];
  const between = from === to ? `at ${from} UTC` : `between ${from} and ${to} UTC`;
  return outages.length === 1 ? between : `in ${outages.length} periods, first ${between},`;
}

/** A restart of a workload takes its other pods along, which have what these lack. */
function tryOne(words: string): RemediationStep {
  return {
    description: `Restart one workload first, and see that its new pods have ${words}. Restart the others only then: a restart also replaces their pods that have it.`,
    command:
      'kubectl get pods --all-namespaces -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip',
    disruption: 'None',
  };
}
