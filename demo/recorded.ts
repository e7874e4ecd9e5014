import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromRoot } from '../scripts/root.ts';

/** The demo's cluster at the end of its migration, as `kubectl get --output yaml` writes it. demo/record.ts makes it. */
export const RECORDED = fromRoot('demo', 'cluster.yaml');

/** What `scan` prints of the recorded cluster, which was new when it was recorded. It takes no cluster and no Go. */
export async function scanRecorded(...flags: readonly string[]): Promise<string> {
  const args = [fromRoot('src', 'main.ts'), 'scan', '--filename', RECORDED, '--grace-scale=0', ...flags];
  return (await promisify(execFile)(process.execPath, args)).stdout;
}
