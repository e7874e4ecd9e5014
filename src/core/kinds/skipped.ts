import type { NodeFacts, PodFacts, ServiceFacts } from './facts.ts';
import { node, type NodeSkipReason } from './node.ts';
import { pod, type PodSkipReason } from './pod.ts';
import { service, type ServiceSkipReason } from './service.ts';

export type { NodeSkipReason, PodSkipReason, ServiceSkipReason };

/** Whether a node is skipped of all verdicts and counts, and why. A NotReady node is evaluated. */
export function nodeSkipReason(facts: NodeFacts): NodeSkipReason | undefined {
  return node.skip(facts);
}

/** Whether a pod is no running pod of the pod network, and why. */
export function podSkipReason(facts: PodFacts): PodSkipReason | undefined {
  return pod.skip(facts);
}

/** Whether a Service's families are never drift, and why. */
export function serviceSkipReason(facts: ServiceFacts): ServiceSkipReason | undefined {
  return service.skip(facts);
}
