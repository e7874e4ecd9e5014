/**
 * Runs processes that belong together as its own children, on the orders of the process that forked it, and outlives that process just
 * long enough to clean up: when the channel closes, because the parent asked for it or because it is dead in whatever way, every child is
 * killed and the folder removed. A parent that is killed by SIGKILL cannot do that itself.
 *
 * Being the parent of all of them, it never kills a process id that belongs to another process by now.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { Event, Order } from './processes.ts';

const running = new Map<string, ChildProcess>();
const [folder] = process.argv.slice(2);
let closing = false;

function start({ name, command, args, log, env }: Extract<Order, { kind: 'start' }>): void {
  if (closing) return;
  const output = openSync(log, 'a');
  const child = spawn(command, args, { stdio: ['ignore', output, output], cwd: folder, env });
  closeSync(output);
  running.set(name, child);
  child.once('error', (error) => {
    ended(name, child, error.message);
  });
  child.once('exit', (code, signal) => {
    ended(name, child, signal === null ? `exit code ${code ?? 'unknown'}` : `signal ${signal}`);
  });
  if (child.pid !== undefined) report({ kind: 'started', name, pid: child.pid });
}

function ended(name: string, child: ChildProcess, how: string): void {
  if (running.get(name) === child) running.delete(name);
  report({ kind: 'ended', name, how });
  if (closing && running.size === 0) removeFolder();
}

function report(event: Event): void {
  // With a callback, that the parent just died is no exception; that the channel closes follows.
  if (process.connected) process.send?.(event, undefined, undefined, () => undefined);
}

function close(): void {
  if (closing) return;
  closing = true;
  if (process.connected) process.disconnect();
  for (const child of running.values()) child.kill('SIGKILL');
  if (running.size === 0) removeFolder();
}

function removeFolder(): void {
  if (folder === undefined) return;
  rm(folder, { recursive: true, force: true, maxRetries: 5 }).catch((error: unknown) => {
    process.exitCode = 1;
    console.error(error);
  });
}

process.on('message', (order: Order) => {
  if (order.kind === 'start') start(order);
  else running.get(order.name)?.kill(order.signal);
});
process.on('disconnect', close);
// Whatever goes wrong here, nothing may be left behind.
process.on('uncaughtException', (error) => {
  console.error(error);
  close();
});
process.on('SIGTERM', close);
process.on('SIGINT', close);
// The parent may have died before this was listening.
if (!process.connected) close();
