import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isPackageName, requireGo, runGo } from '../control-plane/go.ts';
import { cachedFolder, type InstallOptions } from '../support/cached-folder.ts';

/** The programs, by the Go module beside this file that holds their versions. They are apart since no version of Kubernetes' API suits both. */
const PROGRAMS = {
  helm: ['helm', 'glua'],
  'kube-score': ['kube-score'],
} as const;

const MODULES = Object.keys(PROGRAMS);
const ALL = Object.values(PROGRAMS).flat().join(', ');

/** `glua` is the Lua in which Argo CD runs health scripts. */
export type Tool = (typeof PROGRAMS)[keyof typeof PROGRAMS][number];

/**
 * Builds what the tests of installing run beside the control plane, unless the same versions were built before. Two processes at once build once.
 *
 * @returns the folder that holds the programs by their names
 * @throws Error when Go is missing or too old, or when the build fails (with the end of its output)
 */
export async function ensureTools(options: InstallOptions = {}): Promise<string> {
  let at = '';
  const label = (): string => `building ${ALL} (first time only): ${at}`;
  const onLine = (line: string): void => {
    if (isPackageName(line)) at = line;
  };
  const fill = async (draft: string, env: NodeJS.ProcessEnv): Promise<void> => {
    for (const module of MODULES) await requireGo(join(import.meta.dirname, module, 'go.mod'), env, ALL);
    // Not in the draft: where a build fails, its log stays.
    const log = `${draft}.log`;
    for (const module of MODULES) {
      const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', `${draft}/`, 'tool'];
      await runGo({ cwd: join(import.meta.dirname, module), args, env, log, onLine });
    }
    rmSync(log, { force: true });
  };
  return cachedFolder({ name: `tools-${hashOfModules()}`, label, isComplete, fill }, options);
}

function isComplete(folder: string): boolean {
  return Object.values(PROGRAMS)
    .flat()
    .every((name) => existsSync(join(folder, name)));
}

function hashOfModules(): string {
  const hash = createHash('sha256').update(`${process.platform} ${process.arch}`);
  for (const module of MODULES) for (const name of ['go.mod', 'go.sum']) hash.update(readFileSync(join(import.meta.dirname, module, name)));
  return hash.digest('hex').slice(0, 16);
}

if (import.meta.main) process.stdout.write(`${await ensureTools()}\n`);
