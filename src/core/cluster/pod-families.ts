import {
  familiesWhere,
  isDual,
  listOf,
  NO_FAMILY,
  overlap,
  union,
  type Family,
  type FamilyLabel,
  type FamilyList,
} from '../net/addresses.ts';
import type { ClusterStore } from './cluster-store.ts';
import { isWidespread } from './pod-history.ts';
import type { Stack } from './stack.ts';

/** What else says which families the pod network has. */
export interface Backing {
  /** Of podCIDRs that the pod network uses. */
  readonly podCIDRs: FamilyList;
  /** Of Services, empty where that cannot be determined. */
  readonly services: FamilyList;
  /** The family of the API server's own Service, where it is known. */
  readonly primary: Family | undefined;
}

/**
 * The families that the pod network of a cluster gives. One odd pod obliges nobody: a second family counts where podCIDRs or Services have it,
 * most pods do, or pods of several workloads on several nodes, unless only their subnets have it. Where no pod has both and some have the one and some
 * the other, the family of Services is the right one.
 */
export function establishedFamilies(store: ClusterStore, { podCIDRs, services, primary }: Backing): FamilyList {
  const count = (label: FamilyLabel): number => store.podFamilies.get(label);
  const having: Readonly<Record<Family, number>> = { IPv4: count('dual') + count('ipv4'), IPv6: count('dual') + count('ipv6') };
  const seen = listOf((['IPv4', 'IPv6'] as const).filter((family) => having[family] > 0));
  if (!isDual(seen)) return seen;
  if (count('dual') === 0) return isDual(podCIDRs) ? seen : ofServices(seen, services.length > 0 ? services : listOf([primary]));
  const total = store.podFamilies.total;
  const backed = union(podCIDRs, services);
  const isCommon = (family: Family): boolean => isWidespread(family, store.podHistories()) && !isOfOtherSubnets(family, store);
  return listOf(seen.filter((family) => backed.includes(family) || having[family] * 2 >= total || isCommon(family)));
}

/** Whether pods of a family are in other subnets than most pods, which name theirs: such a subnet is there for these pods alone. */
function isOfOtherSubnets(family: Family, { subnetTally }: ClusterStore): boolean {
  const pods = new Map<string, number>();
  for (const [key, number] of subnetTally.entries()) {
    const subnet = key.slice(0, key.lastIndexOf('/'));
    pods.set(subnet, (pods.get(subnet) ?? 0) + number);
  }
  const most = Math.max(0, ...pods.values());
  const common = [...pods.keys()].filter((subnet) => pods.get(subnet) === most);
  const hasPods = (subnet: string): boolean => subnetTally.get(`${subnet}/dual`) + subnetTally.get(`${subnet}/${family.toLowerCase()}`) > 0;
  return common.length > 0 && !common.some(hasPods);
}

function ofServices(seen: FamilyList, services: FamilyList): FamilyList {
  return overlap(seen, services) ? services : seen;
}

/**
 * The families of which some Service that counts has one. Where Services are not known, those of EndpointSlices, which the endpointslice controller
 * makes for the families of a Service; undefined where neither is known.
 */
export function familiesPromised(store: ClusterStore): FamilyList | undefined {
  if (store.availability('Service') === 'Synced') return familiesWhere((family) => somePromises(store, family));
  if (store.availability('EndpointSlice') !== 'Synced') return undefined;
  const slices = [...store.slices.values()].filter(({ managed }) => managed);
  return familiesWhere((family) => slices.some(({ addressType }) => addressType === family));
}

function somePromises(store: ClusterStore, family: Family): boolean {
  for (const key of store.serviceTally.keys()) {
    const label = key.slice(key.lastIndexOf('/') + 1);
    if (label === 'dual' || label === family.toLowerCase()) return true;
  }
  return false;
}

/** The families that node addresses should have where none is expected: more than one only where something else has more than one. */
export function nodeFamilies(seen: FamilyList, others: FamilyList): FamilyList {
  if (isDual(others)) return others;
  const common = listOf(seen.filter((family) => others.includes(family)));
  if (common !== NO_FAMILY) return common;
  return isDual(seen) ? NO_FAMILY : seen;
}

/** Where no pod has both families, Services show which pods have the wrong one: that another one is expected does not make it right. */
export function podFamiliesSeen({ podFamilies }: ClusterStore, stack: Stack, expected: FamilyList): FamilyList {
  if (podFamilies.get('dual') === 0) return stack.podFamilies;
  const podsHave = familiesSeen(podFamilies.entries());
  return union(stack.podFamilies, listOf(expected.filter((family) => podsHave.includes(family))));
}

/** The union of the families that the keys of a tally begin with. */
export function familiesSeen(entries: Iterable<readonly [string, number]>): FamilyList {
  const labels = new Set<string>();
  for (const [key] of entries) labels.add(key.split('/', 1)[0] ?? '');
  const has = (label: string): boolean => labels.has('dual') || labels.has(label);
  return listOf([has('ipv4') ? 'IPv4' : undefined, has('ipv6') ? 'IPv6' : undefined]);
}
