import { Interner } from '../../src/core/kinds/interner.ts';
import { REPORT_RESOURCE } from '../../src/sources/report-resource.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import { listWay } from '../support/cluster.ts';
import { seriesOf } from '../support/exposition.ts';
import type { Asked } from './asked.ts';

/** All kinds that the operator watches, with the plurals of their paths. */
export const WATCHED: Readonly<Record<string, string>> = {
  Node: 'nodes',
  Pod: 'pods',
  Service: 'services',
  EndpointSlice: 'endpointslices',
  ServiceCIDR: 'servicecidrs',
  Namespace: 'namespaces',
  DualStackReport: 'dualstackreports',
};

/** What metrics call them. */
export const SOURCES: Readonly<Record<string, string>> = Object.fromEntries(
  [...builtInResources(new Interner()), REPORT_RESOURCE].map(({ kind, source }) => [kind, source]),
);

/** Requests by the kind that they are for, in the order in which they came. */
export function byKind(requests: readonly Asked[]): ReadonlyMap<string, readonly Asked[]> {
  return new Map(Object.entries(WATCHED).map(([kind, plural]) => [kind, requests.filter(({ resource }) => resource === plural)]));
}

/** How lists are asked for by an operator that knows how the API server gives them, each with the watch that follows it. */
export const LIST = listWay() === 'stream' ? (['stream'] as const) : (['page', 'watch'] as const);
/** How it asks for its first ones. */
export const FIRST_LIST = listWay() === 'stream' ? LIST : (['stream', ...LIST] as const);

/** Whether a request lists or watches. */
export function isRead({ purpose }: Asked): boolean {
  return purpose !== 'write';
}

/** Whether the metrics of an operator say that it watches all kinds. */
export function watchesAll(exposition: string): boolean {
  const states = seriesOf(exposition, 'dualstack_reflector_state');
  return Object.keys(WATCHED).every((kind) => states[`{source="${SOURCES[kind]}",state="watching"}`] === 1);
}

/** How many errors of a reason its reflectors have counted, by kind. */
export function errorsOf(exposition: string, reason: string): Readonly<Record<string, number>> {
  const series = seriesOf(exposition, 'dualstack_reflector_errors_total');
  return Object.fromEntries(Object.keys(WATCHED).map((kind) => [kind, series[`{source="${SOURCES[kind]}",reason="${reason}"}`] ?? 0]));
}
