import type { NodeFacts, PodFacts, ServiceFacts } from './facts.ts';
import { node, type NodeLeftOut } from './node.ts';
import { pod, type PodLeftOut } from './pod.ts';
import { service, type ServiceLeftOut } from './service.ts';

export type { NodeLeftOut, PodLeftOut, ServiceLeftOut };

/** Whether a node is left out of all verdicts and counts, and why. A NotReady node is judged. */
export function nodeLeftOut(facts: NodeFacts): NodeLeftOut | undefined {
  return node.skip(facts);
}

/** Whether a pod is no running pod of the pod network, and why. */
export function podLeftOut(facts: PodFacts): PodLeftOut | undefined {
  return pod.skip(facts);
}

/** Whether a Service's families are never drift, and why. */
export function serviceLeftOut(facts: ServiceFacts): ServiceLeftOut | undefined {
  return service.skip(facts);
}
