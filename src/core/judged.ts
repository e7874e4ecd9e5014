import type { NodeFacts, PodFacts, ServiceFacts } from './facts.ts';
import type { Grace } from './grace.ts';
import { node, type NodeLeftOut } from './kinds/node.ts';
import { pod, type PodLeftOut } from './kinds/pod.ts';
import { service, type ServiceLeftOut } from './kinds/service.ts';

export type { NodeLeftOut, PodLeftOut, ServiceLeftOut };

/** Whether a node is left out of all verdicts and counts, and why. A NotReady node is judged. */
export function nodeLeftOut(facts: NodeFacts): NodeLeftOut | undefined {
  return node.skip(facts);
}

/** Until when a node that its cloud provider has yet to set up may lack things, in milliseconds since the epoch. */
export function settledAt({ uninitialized, createdAt }: NodeFacts, grace: Grace): number {
  if (!uninitialized) return 0;
  // Without a clock nothing says how long it has been so.
  return grace.node === -Infinity ? Infinity : createdAt + grace.node;
}

/** Whether a pod is no running pod of the pod network, and why. */
export function podLeftOut(facts: PodFacts): PodLeftOut | undefined {
  return pod.skip(facts);
}

/** Whether a Service's families are never drift, and why. */
export function serviceLeftOut(facts: ServiceFacts): ServiceLeftOut | undefined {
  return service.skip(facts);
}
