import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ControlPlane } from '../../test/control-plane/control-plane.ts';
import { ACCEPT, listPaths } from './lists.ts';

/** A list counts as come when so many bytes of it are missing at most: the version in its last bookmark may be longer than it was. */
const SLACK_BYTES = 256;
const LONGEST_MS = 300_000;

/**
 * One list: curl goes on watching after its end, so that the count of its bytes says when it is there; then a 1 is printed. What curl
 * says of its reader's end is no matter.
 */
const CURL = 'curl -sN --http1.1 --cacert "$CA" -H "Authorization: Bearer $TOKEN" -H "Accept: $ACCEPT" "$URL"';
const SCRIPT = `${CURL} | { head -c "$BYTES" >/dev/null; head -c 1 | wc -c; }`;

/**
 * Has curl ask for all lists at once, one process for each.
 * @param bytes how long each list is, as the baseline found
 * @returns how long it takes until all of them have come, in milliseconds
 * @throws Error where one does not come as a whole
 */
export async function runCurl({ server, caFile, token }: ControlPlane, bytes: readonly number[]): Promise<number> {
  const started = performance.now();
  await Promise.all(
    listPaths().map(async (path, index) => {
      const count = Math.max(1, (bytes[index] ?? 0) - SLACK_BYTES);
      const { PATH } = process.env;
      const env = { PATH, CA: caFile, TOKEN: token, ACCEPT, URL: server + path, BYTES: String(count) };
      // A group of its own, so that curl ends with its shell.
      const child = spawn('sh', ['-c', SCRIPT], { env, stdio: ['ignore', 'pipe', 'inherit'], detached: true });
      const kill = (): void => {
        if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL');
      };
      process.once('exit', kill);
      try {
        const [said] = (await once(child.stdout, 'data', { signal: AbortSignal.timeout(LONGEST_MS) })) as [Buffer];
        if (said.toString().trim() !== '1') throw new Error(`curl did not get the whole list ${path}`);
      } finally {
        process.off('exit', kill);
        kill();
      }
    }),
  );
  return performance.now() - started;
}
