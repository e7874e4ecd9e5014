import type { ClusterStore } from '../cluster/cluster-store.ts';
import { KINDS } from '../kinds/registry.ts';
import { clip } from '../words.ts';
import type { StaleSource } from './conditions.ts';
import type { ReportedSource } from './types.ts';

/** The kinds in the alphabetical order of their sources. */
const KINDS_BY_SOURCE = [...KINDS].sort((one, other) => (one.source < other.source ? -1 : 1));

const LONGEST_MESSAGE = 1024;

/** What the operator reads, and whether it can. While kinds are listed for the first time, each would be a write of the report. */
export function sourcesOf(
  store: ClusterStore,
  staleSources: readonly StaleSource[],
  forbiddenSources: readonly StaleSource[] = [],
): ReportedSource[] {
  return KINDS_BY_SOURCE.map(({ name, source: id }) => {
    const availability = store.availability(name);
    if (typeof availability === 'object') return { id, state: availability.reason, message: clip(availability.message, LONGEST_MESSAGE) };
    const silent = staleSources.find((each) => each.kind === id);
    if (silent) return { id, state: 'Stale' as const, message: staleSince(silent) };
    const forbidden = forbiddenSources.find((each) => each.kind === id);
    return forbidden ? { id, state: 'Stale' as const, message: keptSince(forbidden) } : { id, state: 'Synced' as const };
  });
}

function staleSince({ since }: StaleSource): string {
  return `The API server cannot be watched for it since ${secondOf(since)}: what is known is of then.`;
}

function keptSince({ since }: StaleSource): string {
  return `The API server denies the permission to list and watch it: what is known is of ${secondOf(since)}, and counts until --stale-after is over.`;
}

function secondOf(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}
