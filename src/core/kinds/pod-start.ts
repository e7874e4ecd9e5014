import { timeOf, type Shape } from './shapes.ts';
import type { PodFacts, SandboxState } from './packed-pod.ts';

/** A pod may take so long to start for the first time; a condition that changed later than that may show another start, in milliseconds. */
const FIRST_START_MS = 600_000;

/** When a pod got its addresses at the earliest, and whether a condition dates that. */
export type PodStart = Pick<PodFacts, 'startedAt' | 'sandbox'>;

/**
 * When the kubelet set up the network of a pod, which it does again after a reboot, though the start time stays (rules.md#new-sandboxes).
 * @param takenUpAt when the kubelet took the pod up
 * @param network its condition PodReadyToStartContainers
 * @param ready its condition Ready
 */
export function startOf(takenUpAt: number, network: Shape, ready: Shape): PodStart {
  const sandbox = sandboxOf(network);
  const setUpAt = timeOf(network['lastTransitionTime']);
  if (sandbox !== 'Ready' || !isLater(setUpAt, takenUpAt)) return { startedAt: takenUpAt, sandbox };
  return hasRunSince(setUpAt, ready) ? { startedAt: takenUpAt, sandbox: 'Unknown' } : { startedAt: setUpAt, sandbox };
}

/** When a pod got its addresses at the latest. Where no condition dates that, each change of Ready may be a restart. */
export function startedBy({ startedAt, sandbox, readySince }: PodFacts): number {
  return sandbox !== 'Ready' && isLater(readySince, startedAt) ? readySince : startedAt;
}

/** Whether nothing shows since when a pod can have had its addresses: one that is not ready may have started again since Ready changed. */
export function isUndated({ ready, sandbox, readySince }: PodFacts): boolean {
  return !ready && sandbox !== 'Ready' && readySince > 0;
}

function sandboxOf({ status }: Shape): SandboxState {
  if (status === 'True') return 'Ready';
  return status === 'False' ? 'NotReady' : 'Unknown';
}

/** A pod that was Ready all the time did not restart: its kubelet is a newer one, which reports a condition that the older one did not know. */
function hasRunSince(moment: number, ready: Shape): boolean {
  const readySince = timeOf(ready['lastTransitionTime']);
  return ready['status'] === 'True' && readySince > 0 && isLater(moment, readySince);
}

function isLater(moment: number, start: number): boolean {
  return moment > start + FIRST_START_MS;
}
