import { mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

/** Longer than making any of them takes, in milliseconds. */
const DRAFT_MS = 3_600_000;

/**
 * Has `fill` make the contents of a folder beside `folder`, and renames that in the end: `folder` is never seen half done. What is there already is replaced.
 * Where `fill` fails, nothing is left of the draft.
 */
export async function withDraft(folder: string, fill: (draft: string) => Promise<void>): Promise<void> {
  removeOldDrafts(folder);
  const draft = mkdtempSync(`${folder}.draft-`);
  try {
    await fill(draft);
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** Removes what processes left behind that were killed. */
function removeOldDrafts(folder: string): void {
  const isOld = (path: string): boolean => Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) > DRAFT_MS;
  const drafts = readdirSync(dirname(folder)).filter((name) => name.startsWith(`${basename(folder)}.draft-`));
  for (const path of drafts.map((name) => join(dirname(folder), name)).filter(isOld)) rmSync(path, { recursive: true, force: true });
}
