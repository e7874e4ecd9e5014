import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { bundle, END_WITH_PARENT, OperatorProcess } from '../support/operator-process.ts';

const FORWARD = pathToFileURL(join(import.meta.dirname, 'forward.ts')).href;
const UNSHARE = ['--map-root-user', '--net', '--mount'];

/** A host of its own for a process: its addresses, names and routes. */
export interface Host {
  /** Lines of /etc/hosts. */
  readonly hosts: readonly string[];
  /** Commands that make the network, after its loopback device is up. */
  readonly setup: readonly string[];
  /** Where the API server is there, as a URL of one address. */
  readonly apiServer: string;
  /** The socket in the file system behind which it is. */
  readonly socket: string;
}

/** Whether this machine lets us make network namespaces. */
export function canMakeNamespaces(): boolean {
  const script = 'ip link set lo up && mount --bind /etc/hostname /etc/hosts';
  return spawnSync('unshare', [...UNSHARE, 'sh', '-ec', script]).status === 0;
}

/** An operator on a host of its own. */
export interface HostedOperator {
  /** Only its log can be seen from outside. */
  readonly operator: OperatorProcess;
  /** Asks for a URL on its host, and returns the body of the answer. */
  readonly ask: (url: string) => Promise<string>;
}

/** Starts the operator on a host of its own, on which nothing can be reached but the API server. */
export function startOperatorOn(
  host: Host,
  folder: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): HostedOperator {
  const hosts = join(folder, 'hosts');
  writeFileSync(hosts, `${host.hosts.join('\n')}\n`);
  const script = ['ip link set lo up', `mount --bind '${hosts}' /etc/hosts`, ...host.setup, 'exec "$@"'].join('\n');
  const node = [process.execPath, `--import=${FORWARD}`, `--import=${END_WITH_PARENT}`, bundle(), 'run', ...args];
  const { PATH } = process.env;
  const env = { PATH, HOME: folder, FORWARD_FROM: host.apiServer, FORWARD_TO: host.socket, ...environment };
  const child = spawn('unshare', [...UNSHARE, 'sh', '-ec', script, 'sh', ...node], { env, stdio: 'pipe' });
  return { operator: new OperatorProcess(child), ask: (url) => askWithin(child.pid ?? 0, url) };
}

async function askWithin(pid: number, url: string): Promise<string> {
  const program = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text())`;
  const node = [process.execPath, '--input-type=module', '--eval', program];
  const child = spawn('nsenter', [`--target=${pid}`, '--user', '--preserve-credentials', '--net', ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}
