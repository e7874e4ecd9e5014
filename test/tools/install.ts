import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../control-plane/build.ts';
import { withDraft } from '../control-plane/drafts.ts';
import { isPackageName, requireGo, runGo } from '../control-plane/go.ts';
import { withLock } from '../control-plane/lock.ts';
import { withProgress, type Output } from '../control-plane/progress.ts';

/** The programs, by the Go module beside this file that holds their versions. They are apart since no version of Kubernetes' API suits both. */
const PROGRAMS = {
  helm: ['helm', 'glua'],
  'kube-score': ['kube-score'],
} as const;

const ALL = Object.values(PROGRAMS).flat().join(', ');

/** `glua` is the Lua in which Argo CD runs health scripts. */
export type Tool = (typeof PROGRAMS)[keyof typeof PROGRAMS][number];

export interface InstallOptions {
  /** Where PATH, HOME and the cache folder are looked up; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where progress is shown; stderr by default. */
  readonly output?: Output;
}

/**
 * Builds what the tests of installing run beside the control plane, unless the same versions were built before. Two processes at once build once.
 *
 * @returns the folder that holds the programs by their names
 * @throws Error when Go is missing or too old, or when the build fails (with the end of its output)
 */
export async function ensureTools(options: InstallOptions = {}): Promise<string> {
  const { env = process.env, output = process.stderr } = options;
  const cache = join(cacheFolder(env), 'dualstack-operator');
  const folder = join(cache, `tools-${hashOfModules()}`);
  if (isComplete(folder)) return folder;
  for (const module of Object.keys(PROGRAMS)) await requireGo(join(import.meta.dirname, module, 'go.mod'), env, ALL);
  mkdirSync(cache, { recursive: true });
  const build = async (): Promise<void> => {
    if (!isComplete(folder)) await buildInto(folder, env, output);
  };
  await withLock(`${folder}.lock`, build, () => undefined);
  return folder;
}

function isComplete(folder: string): boolean {
  return Object.values(PROGRAMS)
    .flat()
    .every((name) => existsSync(join(folder, name)));
}

function hashOfModules(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const module of Object.keys(PROGRAMS))
    for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(join(import.meta.dirname, module, name)));
  return hash.digest('hex').slice(0, 16);
}

async function buildInto(folder: string, env: NodeJS.ProcessEnv, output: Output): Promise<void> {
  const log = `${folder}.log`;
  rmSync(log, { force: true });
  let at = '';
  const onLine = (line: string): void => {
    if (isPackageName(line)) at = line;
  };
  const build = async (draft: string): Promise<void> => {
    for (const module of Object.keys(PROGRAMS)) {
      const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', `${draft}/`, 'tool'];
      await runGo({ cwd: join(import.meta.dirname, module), args, env, log, onLine });
    }
  };
  await withProgress(
    output,
    () => `building ${ALL} (first time only): ${at}`,
    () => withDraft(folder, build),
  );
  rmSync(log, { force: true });
}

if (import.meta.main) process.stdout.write(`${await ensureTools()}\n`);
