import { AsyncLocalStorage } from 'node:async_hooks';
import { ChildProcess } from 'node:child_process';
import { subscribe } from 'node:diagnostics_channel';
import { fields } from '../../core/kinds/shapes.ts';

/** The child processes of the work that runs; client-node hands out none that it starts. */
const started = new AsyncLocalStorage<ChildProcess[]>();

subscribe('child_process', (message) => {
  const { process } = fields(message);
  if (process instanceof ChildProcess) started.getStore()?.push(process);
});

/**
 * Does work that nothing else can break off, such as running an exec plugin.
 * @param ms how long it may take; then the child processes that it has started are killed, and its result is ignored
 * @param late makes the error for then
 * @throws what the work throws, or what `late` makes
 */
export async function withinTime<T>(ms: number, work: () => Promise<T>, late: () => Error): Promise<T> {
  const children: ChildProcess[] = [];
  const { promise: passed, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    for (const child of children) end(child);
    reject(late());
  }, ms);
  try {
    return await Promise.race([started.run(children, work), passed]);
  } finally {
    clearTimeout(timer);
  }
}

/** What the child has started itself may outlive it, and would keep its pipes open. */
function end(child: ChildProcess): void {
  child.kill('SIGKILL');
  for (const pipe of child.stdio) pipe?.destroy();
}
