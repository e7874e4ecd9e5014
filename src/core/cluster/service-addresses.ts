import { familyOfAddress, isDual } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';

/** The addresses from outside the cluster that are of a family which the Service does not have, in the order in which it has them. */
export function foreignAddresses(service: ServiceFacts): readonly string[] {
  const { type, deleting, ipFamilies, ingressAddresses, externalIPs } = service;
  if (type === 'ExternalName' || deleting || ipFamilies.length === 0) return [];
  const ofBalancer = type === 'LoadBalancer' ? ingressAddresses : [];
  return [...new Set([...ofBalancer, ...externalIPs])].filter((address) => {
    const family = familyOfAddress(address);
    return family !== undefined && !ipFamilies.includes(family);
  });
}

/** Whether a load balancer has been given nothing: neither an address nor a name. */
export function isPendingBalancer({ type, deleting, ipFamilies, ingressFamilies, ingressHostname, unreadable }: ServiceFacts): boolean {
  if (type !== 'LoadBalancer' || deleting || ipFamilies.length === 0) return false;
  return ingressFamilies.length === 0 && !ingressHostname && !unreadable;
}

/** Whether a load balancer of both families has addresses of one, and no name behind which others may be. */
export function isHalfBalancer({ type, deleting, ipFamilies, ingressFamilies, ingressHostname, unreadable }: ServiceFacts): boolean {
  if (type !== 'LoadBalancer' || deleting || !isDual(ipFamilies)) return false;
  return ingressFamilies.length === 1 && !ingressHostname && !unreadable;
}

/** Whether verdicts on a Service depend on the addresses of nodes. */
export function dependsOnNodeAddresses(service: ServiceFacts): boolean {
  return isPendingBalancer(service) || isHalfBalancer(service) || foreignAddresses(service).length > 0;
}
