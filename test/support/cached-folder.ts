import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../control-plane/build.ts';
import { withDraft } from '../control-plane/drafts.ts';
import { withLock } from '../control-plane/lock.ts';
import { withProgress, type Output } from '../control-plane/progress.ts';

/** How something is found or got that tests run. */
export interface InstallOptions {
  /** Where PATH, HOME, the cache folder and what is chosen by a variable are looked up; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where progress is shown; stderr by default. */
  readonly output?: Output;
}

/** A folder in the cache of the control plane. */
export interface CachedFolder {
  readonly name: string;
  /** What is shown while it is filled, such as `downloading Prometheus (first time only)`. */
  readonly label: () => string;
  readonly isComplete: (folder: string) => boolean;
  /** Fills an empty folder beside it. */
  readonly fill: (draft: string, env: NodeJS.ProcessEnv) => Promise<void>;
}

/**
 * Finds a folder in the cache, filled the first time. It is never seen half done, and two processes at once fill it once.
 *
 * @returns its path
 * @throws what `fill` throws; nothing is left behind then
 */
export async function cachedFolder(
  { name, label, isComplete, fill }: CachedFolder,
  { env = process.env, output = process.stderr }: InstallOptions = {},
): Promise<string> {
  const cache = join(cacheFolder(env), 'dualstack-operator');
  const folder = join(cache, name);
  if (isComplete(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const fillOnce = async (): Promise<void> => {
    if (!isComplete(folder)) await withProgress(output, label, () => withDraft(folder, (draft) => fill(draft, env)));
  };
  await withLock(`${folder}.lock`, fillOnce, () => undefined);
  return folder;
}
