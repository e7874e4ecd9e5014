import { joinWithOr, familyWords, type FamilyList } from '../net/addresses.ts';
import type { RemediationStep } from './check.ts';
import type { ServiceFacts } from '../kinds/facts.ts';

/** What has to be given to an object that lacks families: `an IPv6 address`. */
export function missingAddresses(families: FamilyList): string {
  return families.length === 1 ? `an ${familyWords(families)} address` : `${familyWords(families)} addresses`;
}

/** A pod that gets a family can be reached by it, and a rule for the other family says nothing about that. */
export function podExposure(families: FamilyList): string {
  const words = familyWords(families);
  return `The new pods, at their ${words} addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.`;
}

/** What listens on all addresses of a node is open on a new one, too. */
export function nodeExposure(families: FamilyList): string {
  return `Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their ${familyWords(families)} addresses.`;
}

/** Shows the EndpointSlices of a Service. */
export function showSlices({ namespace, name }: ServiceFacts): RemediationStep {
  return {
    description: 'See which pods the EndpointSlices of the Service have, by family.',
    command: `kubectl get endpointslices --namespace ${namespace} --selector kubernetes.io/service-name=${name}`,
    disruption: 'None',
  };
}

/** Gives the pods of a Service a family that some of them lack. */
export function restartPodsOf(families: FamilyList): RemediationStep {
  return {
    description: `Fix what causes this finding, where the report names a cause; then restart the pods without ${joinWithOr(families)}. A pod gets its addresses when it starts.`,
    disruption: 'RestartsPods',
    exposes: podExposure(families),
  };
}

const MOST_NAMES = 2;

/** Objects by name: `node a`, `nodes a and b`, `nodes a, b and 2 more`. */
export function namesOf(noun: string, names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES);
  const nouns = names.length === 1 ? noun : `${noun}s`;
  return more > 0 ? `${nouns} ${shown.join(', ')} and ${more} more` : `${nouns} ${shown.join(' and ')}`;
}
