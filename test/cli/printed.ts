export interface Printed<T> {
  readonly result: T;
  readonly output: string;
  readonly errors: string;
}

type Written = (error?: Error | null) => void;

/** Does work, and keeps what it prints. */
export async function printed<T>(work: () => T | Promise<T>): Promise<Printed<T>> {
  const streams = { output: process.stdout, errors: process.stderr };
  const captured = { output: '', errors: '' };
  const restore = (['output', 'errors'] as const).map((name) => {
    const stream = streams[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array, encoding?: BufferEncoding | Written, written?: Written): boolean => {
      captured[name] += chunk.toString();
      if (typeof encoding === 'function') encoding();
      written?.();
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  try {
    return { result: await work(), ...captured };
  } finally {
    for (const again of restore) again();
  }
}
