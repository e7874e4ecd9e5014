import { readdirSync, readlinkSync } from 'node:fs';
import { liveHeapOf } from '../../bench/heap.ts';
import type { Operator } from '../../bench/operator.ts';
import { usageOf } from '../../bench/proc.ts';
import { seriesOf } from '../support/exposition.ts';

type Counts = Readonly<Record<string, number>>;

/** What an operator holds at a moment. */
export interface Sample {
  /** Its place among the replicas, from 1. */
  readonly replica: number;
  /** Since the start, in milliseconds. */
  readonly atMs: number;
  /** After all garbage was collected. */
  readonly heapBytes: number;
  readonly residentBytes: number;
  /** Open files by what they are: `socket`, `pipe`, `anon_inode`, `file`. */
  readonly descriptors: Counts;
  /** libuv's handles by their type, as `/metrics` says. */
  readonly handles: Counts;
  /** What keeps the event loop alive by its type, timers among it, as `/metrics` says. */
  readonly resources: Counts;
}

/** Takes a sample of an operator that was started with `INSPECTABLE`. */
export async function sampleOf(operator: Operator, replica: number, atMs: number): Promise<Sample> {
  const exposition = await operator.metrics();
  const descriptors = descriptorsOf(operator.pid);
  const handles = byType(exposition, 'nodejs_active_handles');
  const resources = byType(exposition, 'nodejs_active_resources');
  const heapBytes = await liveHeapOf(operator);
  return { replica, atMs, heapBytes, residentBytes: usageOf(operator.pid).residentBytes, descriptors, handles, resources };
}

/** How many sockets a process has open. */
export function socketsOf(pid: number): number {
  return descriptorsOf(pid)['socket'] ?? 0;
}

function descriptorsOf(pid: number): Counts {
  const counts: Record<string, number> = {};
  for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
    const kind = kindOf(pid, descriptor);
    if (kind !== undefined) counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** Of `socket:[4711]` the part before the colon; undefined for one that was closed meanwhile. */
function kindOf(pid: number, descriptor: string): string | undefined {
  try {
    const target = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
    return target.startsWith('/') ? 'file' : target.slice(0, target.indexOf(':'));
  } catch {
    return undefined;
  }
}

function byType(exposition: string, metric: string): Counts {
  const series = Object.entries(seriesOf(exposition, metric));
  return Object.fromEntries(series.map(([labels, count]) => [/type="([^"]+)"/.exec(labels)?.[1] ?? labels, count]));
}
