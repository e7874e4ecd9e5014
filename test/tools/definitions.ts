import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { requireGo, runGo } from '../control-plane/go.ts';
import { cachedFolder, type InstallOptions } from '../support/cached-folder.ts';

/** Its Go module comes with the definitions of its kinds. The module file here holds the version, and is not tidy: nothing imports it. */
const MODULE = 'github.com/prometheus-operator/prometheus-operator';
const FOLDER = join(import.meta.dirname, 'prometheus-operator');
const FILES = ['servicemonitors', 'prometheusrules'].map((plural) => `monitoring.coreos.com_${plural}.yaml`);

/**
 * Finds the definitions of ServiceMonitor and PrometheusRule, after downloading them the first time.
 *
 * @returns the folder of the files, for `kubectl apply --server-side --filename`
 * @throws Error when Go is missing or too old, or cannot download its module
 */
export async function ensureDefinitions(options: InstallOptions = {}): Promise<string> {
  const label = (): string => 'downloading the definitions of Prometheus Operator (first time only)';
  const sums = createHash('sha256').update(readFileSync(join(FOLDER, 'go.sum')));
  return cachedFolder({ name: `definitions-${sums.digest('hex').slice(0, 16)}`, label, isComplete, fill: download }, options);
}

function isComplete(folder: string): boolean {
  return FILES.every((file) => existsSync(join(folder, file)));
}

async function download(draft: string, env: NodeJS.ProcessEnv): Promise<void> {
  const log = `${draft}.log`;
  await requireGo(join(FOLDER, 'go.mod'), env, 'tests of installing');
  const printed = await runGo({ cwd: FOLDER, args: ['mod', 'download', '-json', MODULE], env, log });
  const { Dir: module } = JSON.parse(printed) as { readonly Dir: string };
  rmSync(log, { force: true });
  for (const file of FILES) copyFileSync(join(module, 'example', 'prometheus-operator-crd', file), join(draft, file));
}

if (import.meta.main) process.stdout.write(`${await ensureDefinitions()}\n`);
