import pLimit from 'p-limit';

/**
 * Makes work that gives the same to everybody run once at a time: whoever asks during a run shares the next one with all others who wait.
 * What they get is never older than their question, and a hundred of them cost as much as one.
 */
export function serialized<T>(work: () => Promise<T>): () => Promise<T> {
  const ask = serializedBy<'', T>(work);
  return () => ask('');
}

/**
 * The same for work that gives the same to all who ask by the same key: still there is one run at a time. The queue is that of p-limit, which
 * cannot share a run that waits: that is all that is added here.
 */
export function serializedBy<K extends string, T>(work: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const oneAtATime = pLimit(1);
  const waiting = new Map<K, Promise<T>>();
  return (key) => {
    const shared = waiting.get(key);
    if (shared) return shared;
    const run = oneAtATime(() => {
      waiting.delete(key);
      return work(key);
    });
    waiting.set(key, run);
    return run;
  };
}
