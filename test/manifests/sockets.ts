import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A socket of a process, as Linux has it in /proc/<pid>/net. */
export interface OpenSocket {
  readonly protocol: 'TCP' | 'UDP';
  readonly localPort: number;
  /** Whether only what is on the same host reaches it. */
  readonly isOnLoopback: boolean;
  /** 0 of one that is connected to nothing. */
  readonly remotePort: number;
}

const FILES = { tcp: 'TCP', tcp6: 'TCP', udp: 'UDP', udp6: 'UDP' } as const;
/** Where in a line the addresses and the inode are. */
const [LOCAL, REMOTE, INODE] = [1, 2, 9];

/** The sockets of IPv4 and IPv6 that a process has open now; none where it has ended. */
export function openSocketsOf(pid: number): readonly OpenSocket[] {
  const own = inodesOf(pid);
  return Object.entries(FILES).flatMap(([file, protocol]) =>
    linesOf(`/proc/${pid}/net/${file}`)
      .map((line) => line.trim().split(/\s+/))
      .filter((cells) => own.has(cells[INODE] ?? ''))
      .map((cells) => ({
        protocol,
        localPort: portOf(cells[LOCAL]),
        isOnLoopback: isLoopback(cells[LOCAL]),
        remotePort: portOf(cells[REMOTE]),
      })),
  );
}

function inodesOf(pid: number): ReadonlySet<string> {
  const targets = orNothing(() => readdirSync(`/proc/${pid}/fd`)).flatMap((fd) => orNothing(() => [readlinkSync(`/proc/${pid}/fd/${fd}`)]));
  return new Set(targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
}

function linesOf(file: string): readonly string[] {
  return orNothing(() => readFileSync(file, 'utf8').trimEnd().split('\n').slice(1));
}

/** What is looked at may be gone meanwhile. */
function orNothing(look: () => readonly string[]): readonly string[] {
  try {
    return look();
  } catch {
    return [];
  }
}

function portOf(address = ''): number {
  return parseInt(address.slice(address.lastIndexOf(':') + 1), 16);
}

/** Of addresses as 127.0.0.1 and ::1 are there, in the order of this machine's bytes. */
function isLoopback(address = ''): boolean {
  return /^[0-9A-F]{6}7F:/.test(address) || address.startsWith('00000000000000000000000001000000:');
}
