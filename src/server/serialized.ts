/**
 * Makes work that gives the same to everybody run once at a time: whoever asks during a run shares the next one with all others who wait.
 * What they get is never older than their question, and a hundred of them cost as much as one.
 */
export function serialized<T>(work: () => Promise<T>): () => Promise<T> {
  const ask = serializedBy<'', T>(work);
  return () => ask('');
}

/** The same for work that gives the same to all who ask by the same key: still there is one run at a time. */
export function serializedBy<K extends string, T>(work: (key: K) => Promise<T>): (key: K) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  const waiting = new Map<K, Promise<T>>();
  return (key) => {
    const shared = waiting.get(key);
    if (shared) return shared;
    const start = (): Promise<T> => {
      waiting.delete(key);
      return work(key);
    };
    const run = last.then(start, start);
    waiting.set(key, run);
    last = run;
    return run;
  };
}
