import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../control-plane/build.ts';
import { withDraft } from '../control-plane/drafts.ts';
import { withLock } from '../control-plane/lock.ts';
import { withProgress, type Output } from '../control-plane/progress.ts';
import { unpackDebianPackage } from '../support/debian-packages.ts';
import { isExecutable } from '../support/executables.ts';

/** What the tests need of Prometheus: Debian has both in one package. */
const PROGRAMS = ['prometheus', 'promtool'] as const;
const MEND =
  'Put prometheus and promtool on the PATH (https://prometheus.io/docs/prometheus/latest/installation/), or name their folder in PROMETHEUS_DIR.';

export interface InstallOptions {
  /** Where PATH, HOME, the cache folder and PROMETHEUS_DIR are looked up; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where progress is shown; stderr by default. */
  readonly output?: Output;
}

/**
 * Finds Prometheus and promtool: in `$PROMETHEUS_DIR`, else on the PATH, else in the cache, where Debian's package is put that apt-get
 * downloads without being root and without installing anything. Two processes at once download once.
 *
 * @returns the folder of the programs `prometheus` and `promtool`
 * @throws Error that says how to get them, where they are not in PROMETHEUS_DIR or cannot be downloaded
 */
export async function ensurePrometheus(options: InstallOptions = {}): Promise<string> {
  const { env = process.env, output = process.stderr } = options;
  const named = env['PROMETHEUS_DIR'];
  if (named && !holdsPrograms(named)) throw new Error(`PROMETHEUS_DIR is ${named}, which has not both of ${PROGRAMS.join(' and ')}.`);
  const present = named || (env['PATH'] ?? '').split(delimiter).find(holdsPrograms);
  if (present) return present;

  const cache = join(cacheFolder(env), 'dualstack-operator');
  const folder = join(cache, `prometheus-${process.arch}`);
  if (holdsPrograms(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const install = async (): Promise<void> => {
    if (!holdsPrograms(folder))
      await withProgress(
        output,
        () => 'downloading Prometheus (first time only)',
        () => installInto(folder, env),
      );
  };
  await withLock(`${folder}.lock`, install, () => undefined);
  return folder;
}

function holdsPrograms(folder: string): boolean {
  return folder !== '' && PROGRAMS.every((name) => isExecutable(join(folder, name)));
}

async function installInto(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  await withDraft(folder, async (draft) => {
    const work = mkdtempSync(join(draft, 'apt-'));
    try {
      const unpacked = await unpackDebianPackage('prometheus', work, env);
      for (const name of PROGRAMS) renameSync(join(unpacked, 'usr', 'bin', name), join(draft, name));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(
        `Prometheus, which tests of metrics and alerts need, could not be downloaded as Debian's package: ${reason}\n${MEND}`,
        {
          cause: error,
        },
      );
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  });
}

if (import.meta.main) {
  const folder = await ensurePrometheus();
  process.stdout.write(`${folder}\n`);
}
