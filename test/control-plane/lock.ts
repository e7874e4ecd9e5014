import { readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { waitFor } from '../support/waiting.ts';

/** A lock of this age, in milliseconds, that its holder did not touch is nobody's (its machine or container is gone). */
const ABANDONED_AFTER_MS = 60_000;
const TOUCH_EVERY_MS = 5_000;

/** What a waiter gets: the process that holds the lock. */
export type OnWaiting = (holder: number) => void;

/**
 * Runs `work` while holding the lock file `path`, which holds the process id; waits as long as another process holds it.
 *
 * A lock whose process is dead, or that was not touched for a minute, is taken over. Two waiters may do that at the same moment and then
 * both work, so the lock saves effort only: `work` must come out right beside another one.
 *
 * @param onWaiting called each time the lock is seen held by somebody else
 * @returns what `work` returns
 */
export async function withLock<T>(path: string, work: () => Promise<T>, onWaiting: OnWaiting): Promise<T> {
  await waitFor(`the lock ${path}`, () => tryLock(path, onWaiting), { deadlineMs: Infinity, everyMs: 500 });
  const touching = setInterval(() => {
    touch(path);
  }, TOUCH_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(touching);
    if (holderOf(path) === process.pid) rmSync(path, { force: true });
  }
}

function tryLock(path: string, onWaiting: OnWaiting): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  if (isAbandoned(path)) {
    rmSync(path, { force: true });
    return tryLock(path, onWaiting);
  }
  onWaiting(holderOf(path) ?? 0);
  return false;
}

function isAbandoned(path: string): boolean {
  const touched = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (touched === undefined) return false;
  if (Date.now() - touched > ABANDONED_AFTER_MS) return true;
  const holder = holderOf(path);
  return holder !== undefined && !isAlive(holder);
}

/** The process id in the lock; undefined while there is none (just released, or just being written). */
function holderOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether a process of that id runs on this machine, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date());
  } catch {
    // Somebody took the lock over, which does no harm.
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
