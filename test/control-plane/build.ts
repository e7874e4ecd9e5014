import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { withDraft } from './drafts.ts';
import { isPackageName, requireGo, runGo } from './go.ts';
import { withLock } from './lock.ts';
import { withProgress, type Output } from './progress.ts';
import { KUBERNETES_MODULE, kubernetesVersion, type KubernetesVersion } from './versions.ts';

/** The Kubernetes programs that one binary holds; it runs the one whose name it is called by. */
const KUBERNETES_PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;
/** Folders of kwok's module that say how its nodes and pods live. */
const KWOK_STAGES = ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'] as const;
/** The folder of copied kwok Stages, beside the binaries. */
export const STAGES = 'stages';
/** Raised when this file builds something else out of the same sources. */
const LAYOUT = 1;

export type Program = (typeof KUBERNETES_PROGRAMS)[number] | 'kwok';

export interface BuildOptions {
  /** Where PATH, HOME, the cache folder and KUBERNETES_VERSION are looked up; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where progress is shown; stderr by default. */
  readonly output?: Output;
}

/** The folder of kwok's Go module. */
const KWOK_MODULE = join(import.meta.dirname, 'kwok');

/**
 * Builds etcd, the Kubernetes programs and kwok from the Go module proxy, unless the same sources were built before.
 *
 * The result is kept in `$DUALSTACK_CACHE_DIR`, else `$XDG_CACHE_HOME`, else `~/.cache`. Two processes at once build once.
 *
 * @returns the folder that holds the binaries by their names, and kwok's Stages in `stages`
 * @throws Error when Go is missing or too old, or when the build fails (with the end of its output)
 */
export async function ensureBuilt(options: BuildOptions = {}): Promise<string> {
  const { env = process.env, output = process.stderr } = options;
  const version = kubernetesVersion(env);
  const folder = folderFor(version, env);
  if (isComplete(folder)) return folder;

  await requireGo(join(KUBERNETES_MODULE, version.modFile), env);
  mkdirSync(dirname(folder), { recursive: true });
  let reported = 0;
  const onWaiting = (holder: number): void => {
    if (holder === reported) return;
    reported = holder;
    output.write(`waiting for process ${holder}, which is building the Kubernetes control plane\n`);
  };
  const build = async (): Promise<void> => {
    if (!isComplete(folder)) await buildInto(folder, version, env, output);
  };
  await withLock(`${folder}.lock`, build, onWaiting);
  return folder;
}

/** Whether `ensureBuilt` would return at once. */
export function isBuilt({ env = process.env }: BuildOptions = {}): boolean {
  return isComplete(folderFor(kubernetesVersion(env), env));
}

function folderFor(version: KubernetesVersion, env: NodeJS.ProcessEnv): string {
  return join(cacheFolder(env), 'dualstack-operator', 'control-plane', hashOf(version));
}

/** The folder in which this and others keep what they build: `$DUALSTACK_CACHE_DIR`, else `$XDG_CACHE_HOME`, else `~/.cache`. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  return env['DUALSTACK_CACHE_DIR'] || env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
}

/** A name for what goes into the build. Go's own version is skipped, so that a finished build needs no Go. */
function hashOf(version: KubernetesVersion): string {
  const hash = createHash('sha256').update(JSON.stringify([LAYOUT, process.platform, process.arch, flagsFor(version)]));
  const programs = readdirSync(KUBERNETES_MODULE).filter((name) => name.endsWith('.go'));
  const sources = { [KUBERNETES_MODULE]: [...programs, version.modFile, sumOf(version.modFile)], [KWOK_MODULE]: readdirSync(KWOK_MODULE) };
  for (const [folder, names] of Object.entries(sources)) {
    for (const name of names.sort()) hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** The file of checksums that belongs to a module file. */
function sumOf(modFile: string): string {
  return modFile.replace(/mod$/, 'sum');
}

function isComplete(folder: string): boolean {
  return [...KUBERNETES_PROGRAMS, 'kwok', STAGES].every((name) => existsSync(join(folder, name)));
}

async function buildInto(folder: string, version: KubernetesVersion, env: NodeJS.ProcessEnv, output: Output): Promise<void> {
  const log = `${folder}.log`;
  rmSync(log, { force: true });
  let at: string = KUBERNETES_PROGRAMS.join(', ');
  const label = (): string => `building the Kubernetes control plane (first time only, about 8 minutes on two cores): ${at}`;
  const onLine = (line: string): void => {
    if (isPackageName(line)) at = line;
  };
  const go = (cwd: string, args: readonly string[]): Promise<string> => runGo({ cwd, args, env, log, onLine });
  const build = async (draft: string): Promise<void> => {
    const flags = [`-modfile=${version.modFile}`, ...flagsFor(version)];
    await go(KUBERNETES_MODULE, ['build', '-v', ...flags, '-o', join(draft, 'kubernetes'), '.']);
    for (const name of KUBERNETES_PROGRAMS) symlinkSync('kubernetes', join(draft, name));
    at = 'kwok';
    await go(KWOK_MODULE, ['build', '-v', ...STRIPPED, '-ldflags=-s -w', '-o', join(draft, 'kwok'), 'sigs.k8s.io/kwok/cmd/kwok']);
    await copyStages((await go(KWOK_MODULE, ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'])).trim(), join(draft, STAGES));
  };
  await withProgress(output, label, () => withDraft(folder, build));
  rmSync(log, { force: true });
}

/** No paths of this machine in the binary, and nothing of the checkout's git state. */
const STRIPPED = ['-trimpath', '-buildvcs=false'];

function flagsFor({ gitVersion, minor }: KubernetesVersion): readonly string[] {
  const [gitMajor, gitMinor] = minor.split('.');
  // What /version answers; without it the API server calls itself v0.0.0-master.
  const stamps = { gitVersion, gitMajor, gitMinor, gitCommit: 'unknown', gitTreeState: 'clean', buildDate: '1970-01-01T00:00:00Z' };
  const linked = Object.entries(stamps).map(([name, value]) => `-X k8s.io/component-base/version.${name}=${value}`);
  return [...STRIPPED, `-ldflags=-s -w ${linked.join(' ')}`];
}

async function copyStages(kwokModule: string, to: string): Promise<void> {
  await mkdir(to);
  for (const stage of KWOK_STAGES) {
    const folder = join(kwokModule, 'kustomize', 'stage', stage);
    const files = (await readdir(folder)).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
    for (const name of files) await copyFile(join(folder, name), join(to, name));
  }
}

if (import.meta.main) {
  const folder = await ensureBuilt();
  process.stdout.write(`${folder}\n`);
}
