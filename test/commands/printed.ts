export interface Printed<T> {
  readonly result: T;
  readonly output: string;
  readonly errors: string;
}

/** Does work, and keeps what it prints. */
export async function printed<T>(work: () => T | Promise<T>): Promise<Printed<T>> {
  const streams = { output: process.stdout, errors: process.stderr };
  const told = { output: '', errors: '' };
  const restore = (['output', 'errors'] as const).map((name) => {
    const stream = streams[name];
    const write = stream.write.bind(stream);
    stream.write = (chunk: string | Uint8Array): boolean => {
      told[name] += chunk.toString();
      return true;
    };
    return () => {
      stream.write = write;
    };
  });
  try {
    return { result: await work(), ...told };
  } finally {
    for (const again of restore) again();
  }
}
