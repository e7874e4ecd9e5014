import { spawn, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
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
  /** Another process on the host, in which the API server is then; else it is in the operator's own. */
  readonly neighbour?: Neighbour;
}

/** A program that writes the file `READY` of its environment once it is. */
interface Neighbour {
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
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
  readonly pid: number;
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
  const ready = join(folder, 'neighbour-is-ready');
  rmSync(ready, { force: true });
  const { neighbour } = host;
  const beside = neighbour ? besideOperator(neighbour.program, ready) : [];
  const script = ['ip link set lo up', `mount --bind '${hosts}' /etc/hosts`, ...host.setup, ...beside, 'exec "$@"'].join('\n');
  const preloaded = neighbour ? [END_WITH_PARENT] : [FORWARD, END_WITH_PARENT];
  const node = [process.execPath, ...preloaded.map((file) => `--import=${file}`), bundle(), 'run', ...args];
  const { PATH } = process.env;
  const forward = { FORWARD_FROM: host.apiServer, FORWARD_TO: host.socket };
  const env = { PATH, HOME: folder, ...forward, READY: ready, ...neighbour?.environment, ...environment };
  const child = spawn('unshare', [...UNSHARE, 'sh', '-ec', script, 'sh', ...node], { env, stdio: 'pipe' });
  const pid = child.pid ?? 0;
  return { operator: new OperatorProcess(child), pid, ask: (url) => askWithin(pid, url) };
}

/** Lines of shell that start a program and wait until it is ready. It ends when stdin does, which a shell takes from what it does not wait for. */
function besideOperator(program: string, ready: string): readonly string[] {
  const preloaded = [FORWARD, END_WITH_PARENT].map((file) => `'--import=${file}'`).join(' ');
  return [
    'exec 3<&0',
    `'${process.execPath}' ${preloaded} '${program}' <&3 3<&- &`,
    `until [ -e '${ready}' ]; do kill -0 $!; sleep 0.02; done`,
    'exec 3<&-',
  ];
}

async function askWithin(pid: number, url: string): Promise<string> {
  const program = `process.stdout.write(await (await fetch(${JSON.stringify(url)})).text())`;
  const node = [process.execPath, '--input-type=module', '--eval', program];
  const child = spawn('nsenter', [`--target=${pid}`, '--user', '--preserve-credentials', '--net', ...node], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return text(child.stdout);
}
