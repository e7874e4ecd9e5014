import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { OperatorProcess, type Outcome } from '../support/operator-process.ts';
import type { ImageConfig } from './layout.ts';

/** What a pod finds in /var/run/secrets/kubernetes.io/serviceaccount. */
export interface ServiceAccountFiles {
  readonly token: string;
  readonly 'ca.crt': string;
  readonly namespace: string;
}

export interface ContainerOptions {
  /** Where the layers of the image are unpacked; nothing is written to it. */
  readonly rootfs: string;
  readonly config: ImageConfig['config'];
  /** In place of the image's own. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly serviceAccount?: ServiceAccountFiles;
}

/** What container runtimes mount, for a pod whose root is read-only: devices, /proc, and the files of the ServiceAccount. */
const MOUNTS = `
set -eu
root=$0
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
mount -t tmpfs -o nosuid,mode=755 tmpfs "$root/dev"
for device in null zero full random urandom; do
  touch "$root/dev/$device"
  mount --bind "/dev/$device" "$root/dev/$device"
done
mount -o remount,ro "$root/dev"
mount -t tmpfs -o nosuid,nodev,mode=755 tmpfs "$root/run"
mkdir -p "$root/run/secrets/kubernetes.io/serviceaccount"
[ -z "$TOKEN" ] || printf %s "$TOKEN" > "$root/run/secrets/kubernetes.io/serviceaccount/token"
[ -z "$CA" ] || printf %s "$CA" > "$root/run/secrets/kubernetes.io/serviceaccount/ca.crt"
[ -z "$NAMESPACE" ] || printf %s "$NAMESPACE" > "$root/run/secrets/kubernetes.io/serviceaccount/namespace"
mount -o remount,ro "$root/run"
unset TOKEN CA NAMESPACE
exec setpriv --no-new-privs --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid chroot --groups= --userspec="$USERSPEC" "$root" "$@"
`;

/** What `test/support/end-with-parent.ts` does, which is not in the image. */
const END_WITH_PARENT = "process.stdin.once('close',()=>process.kill(process.pid,'SIGKILL')).resume().unref?.()";
const END_MS = 20_000;

/**
 * Starts the operator from the image, as a pod with the `securityContext` of manifests/ has it: its user, no capability, no way to any, and nothing that it
 * can write to. The network is this machine's. It takes root.
 *
 * @returns once it listens
 * @throws Error with its log when it ends instead
 */
export async function startContainer(options: ContainerOptions): Promise<OperatorProcess> {
  const operator = new OperatorProcess(spawnContainer(options));
  await operator.listening();
  return operator;
}

/** Runs the program of the image to its end. */
export async function runContainer(options: ContainerOptions): Promise<Outcome> {
  const child = spawnContainer(options);
  const ended = once(child, 'close', { signal: AbortSignal.timeout(END_MS) }) as Promise<[number | null]>;
  try {
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout!), text(child.stderr!), ended]);
    return { code, stdout, stderr };
  } finally {
    child.kill('SIGKILL');
  }
}

/** The child is the program itself in the end: what comes before it is replaced by it. */
function spawnContainer({ rootfs, config, args = config.Cmd, env, serviceAccount }: ContainerOptions): ChildProcess {
  const files = { TOKEN: serviceAccount?.token, CA: serviceAccount?.['ca.crt'], NAMESPACE: serviceAccount?.namespace };
  const given = Object.fromEntries(Object.entries(files).map(([name, value = '']) => [name, value]));
  const ending = `--import=data:text/javascript,${encodeURIComponent(END_WITH_PARENT)}`;
  return spawn('unshare', ['--mount', 'sh', '-c', MOUNTS, rootfs, ...config.Entrypoint, ...args], {
    env: { PATH: process.env['PATH'], NODE_OPTIONS: ending, USERSPEC: config.User, ...given, ...env },
    stdio: 'pipe',
  });
}
