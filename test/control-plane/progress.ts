/** Where progress lines go: a terminal, or a log file that should not fill up. */
export interface Output {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/**
 * Shows `label()` and the elapsed time while `work` runs: on a terminal one line, rewritten each second and wiped in the end; elsewhere a
 * line at once and one every 30 s.
 *
 * @returns what `work` returns
 */
export async function withProgress<T>(output: Output, label: () => string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const show = (): void => {
    const line = `${label()} … ${elapsed(performance.now() - started)}`;
    output.write(output.isTTY ? `\r\u001b[K${line}` : `${line}\n`);
  };
  show();
  const timer = setInterval(show, output.isTTY ? 1_000 : 30_000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    if (output.isTTY) output.write('\r\u001b[K');
  }
}

/** Milliseconds as people say them: `9s`, `2m10s`. */
export function elapsed(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${seconds}s` : `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
}
