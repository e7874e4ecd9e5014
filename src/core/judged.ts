import type { NodeFacts, PodFacts, ServiceFacts } from './facts.ts';

/** Why a node is not judged (rule N7). */
export type NodeLeftOut = 'virtual' | 'deleting';

/** Why a pod is not judged (rules P3 and P5). */
export type PodLeftOut = 'hostNetwork' | 'pending' | 'completed' | 'terminating' | 'unaddressed';

/** Why a Service is not judged (rules C6, S1 and S7). */
export type ServiceLeftOut = 'externalName' | 'apiServer' | 'headlessWithoutSelector' | 'deleting';

/** Whether a node is left out of all verdicts and counts, and why. A NotReady node is judged. */
export function nodeLeftOut(node: NodeFacts): NodeLeftOut | undefined {
  if (node.deleting) return 'deleting';
  return node.virtual ? 'virtual' : undefined;
}

const LEFT_OUT_STATES = {
  Pending: 'pending',
  Completed: 'completed',
  Terminating: 'terminating',
  Unaddressed: 'unaddressed',
} as const;

/** Whether a pod is no running pod of the pod network, and why. */
export function podLeftOut(pod: PodFacts): PodLeftOut | undefined {
  if (pod.state !== 'Running') return LEFT_OUT_STATES[pod.state];
  return pod.hostNetwork ? 'hostNetwork' : undefined;
}

/** Whether a Service's families are never drift, and why. */
export function serviceLeftOut(service: ServiceFacts): ServiceLeftOut | undefined {
  if (service.deleting) return 'deleting';
  if (service.type === 'ExternalName') return 'externalName';
  if (service.namespace === 'default' && service.name === 'kubernetes') return 'apiServer';
  return service.headless && service.selector.length === 0 ? 'headlessWithoutSelector' : undefined;
}
