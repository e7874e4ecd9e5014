/**
 * Makes work that gives the same to everybody run once at a time: whoever asks during a run shares the next one with all others who wait.
 * What they get is never older than their question, and a hundred of them cost as much as one.
 */
export function serialised<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let waiting: Promise<T> | undefined;
  const start = (): Promise<T> => {
    waiting = undefined;
    return work();
  };
  return () => {
    waiting ??= last.then(start, start);
    last = waiting;
    return waiting;
  };
}
