import { isLoopback, type BindAddress, type OptionalAddress } from './bind-address.ts';

/** What a server is for. */
export type Purpose = 'metrics' | 'health' | 'page';

/** Where the server for each purpose listens. */
export type Addresses = Readonly<Record<Purpose, OptionalAddress>>;

/** The flags that set the addresses. */
export const ADDRESS_FLAGS = {
  metrics: '--metrics-bind-address',
  health: '--health-probe-bind-address',
  page: '--page-bind-address',
} as const satisfies Readonly<Record<Purpose, string>>;

export const PURPOSES = Object.keys(ADDRESS_FLAGS) as readonly Purpose[];

/**
 * Whether TLS and authorization apply. Probes name no object, and the kubelet sends no token. Whoever reaches the page on loopback is on the
 * host or in the pod, as `kubectl port-forward` is, which RBAC grants.
 */
export function isProtected(purpose: Purpose, address: BindAddress): boolean {
  if (purpose === 'health') return false;
  return purpose === 'metrics' || !isLoopback(address);
}
