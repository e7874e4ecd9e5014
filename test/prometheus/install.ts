import { renameSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cachedFolder, type InstallOptions } from '../support/cached-folder.ts';
import { unpackDebianPackage, withAptFolder } from '../support/debian-packages.ts';
import { isExecutable } from '../support/executables.ts';

/** What the tests need of Prometheus: Debian has both in one package. */
const PROGRAMS = ['prometheus', 'promtool'] as const;
const FIX =
  'Put prometheus and promtool on the PATH (https://prometheus.io/docs/prometheus/latest/installation/), or name their folder in PROMETHEUS_DIR.';

/**
 * Finds Prometheus and promtool: in `$PROMETHEUS_DIR`, else on the PATH, else in the cache, where Debian's package is put that apt-get
 * downloads without being root and without installing anything. Two processes at once download once.
 *
 * @returns the folder of the programs `prometheus` and `promtool`
 * @throws Error that says how to get them, where they are not in PROMETHEUS_DIR or cannot be downloaded
 */
export async function ensurePrometheus(options: InstallOptions = {}): Promise<string> {
  const { env = process.env } = options;
  const named = env['PROMETHEUS_DIR'];
  if (named && !holdsPrograms(named)) throw new Error(`PROMETHEUS_DIR is ${named}, which has not both of ${PROGRAMS.join(' and ')}.`);
  const present = named || (env['PATH'] ?? '').split(delimiter).find(holdsPrograms);
  return present ?? cachedFolder({ name: `prometheus-${process.arch}`, label, isComplete: holdsPrograms, fill: download }, options);
}

function label(): string {
  return 'downloading Prometheus (first time only)';
}

function holdsPrograms(folder: string): boolean {
  return folder !== '' && PROGRAMS.every((name) => isExecutable(join(folder, name)));
}

async function download(draft: string, env: NodeJS.ProcessEnv): Promise<void> {
  const failing = (reason: string): string =>
    `Prometheus, which tests of metrics and alerts need, could not be downloaded as Debian's package: ${reason}\n${FIX}`;
  await withAptFolder(draft, failing, async (folder) => {
    const unpacked = await unpackDebianPackage('prometheus', folder, env);
    for (const name of PROGRAMS) renameSync(join(unpacked, 'usr', 'bin', name), join(draft, name));
  });
}

if (import.meta.main) {
  const folder = await ensurePrometheus();
  process.stdout.write(`${folder}\n`);
}
