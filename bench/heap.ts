import { once } from 'node:events';
import { waitFor } from '../test/support/waiting.ts';
import type { Operator } from './operator.ts';

/** Node opens its inspector on a free port on SIGUSR1, and not before. */
export const INSPECTABLE = '--inspect-port=127.0.0.1:0';

/**
 * The memory that a process cannot do without: its JavaScript heap and what hangs on it, after all garbage was collected.
 * @param operator started with `INSPECTABLE`
 * @returns bytes
 */
export async function liveHeapOf(operator: Operator): Promise<number> {
  process.kill(operator.pid, 'SIGUSR1');
  const url = await waitFor('the inspector', () => /Debugger listening on (ws:\S+)/.exec(operator.output)?.[1], { everyMs: 20 });
  const socket = new WebSocket(url);
  await once(socket, 'open');
  try {
    // What finalizers let go of is garbage for the second collection.
    await call(socket, 1, 'HeapProfiler.collectGarbage');
    await call(socket, 2, 'HeapProfiler.collectGarbage');
    const { usedSize = 0, backingStorageSize = 0 } = await call(socket, 3, 'Runtime.getHeapUsage');
    return usedSize + backingStorageSize;
  } finally {
    socket.close();
  }
}

async function call(socket: WebSocket, id: number, method: string): Promise<Readonly<Record<string, number>>> {
  const { promise, resolve } = Promise.withResolvers<Readonly<Record<string, number>>>();
  const listen = ({ data }: MessageEvent): void => {
    const message = JSON.parse(String(data)) as { readonly id?: number; readonly result?: Readonly<Record<string, number>> };
    if (message.id === id) resolve(message.result ?? {});
  };
  socket.addEventListener('message', listen);
  socket.send(JSON.stringify({ id, method }));
  const result = await promise;
  socket.removeEventListener('message', listen);
  return result;
}
