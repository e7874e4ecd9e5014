import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { differences, expectedFindings } from '../../demo/expected.ts';
import { scanRecorded } from '../../demo/recorded.ts';
import { fromRoot } from '../../scripts/root.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';

describe('demo/cluster.yaml', function () {
  this.timeout(60_000);

  it('has the findings that the cluster of the demo has, and no others', async () => {
    const { status } = JSON.parse(await scanRecorded('--output', 'json')) as DualStackReport;
    expect(differences(await expectedFindings(), status?.findings ?? [])).to.deep.equal([]);
  });

  it('is evaluated and shown while the control plane is not built yet', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'dualstack-demo-'));
    try {
      // Without Go there is no control plane, and nothing else of the demo.
      const env = { PATH: empty, HOME: empty, DUALSTACK_CACHE_DIR: empty, NO_COLOR: '1' };
      const run = promisify(execFile)(process.execPath, [fromRoot('demo', 'main.ts'), '--exit'], { env });
      const { stdout, stderr, code } = (await run.catch((error: unknown) => error)) as Record<'stdout' | 'stderr' | 'code', unknown>;
      expect(stdout).to.match(
        /^▸ Building the Kubernetes control plane from source, which takes about 8 minutes on two cores, this once\n/,
      );
      expect(stdout).to.contain('Node worker-3 has no IPv6 podCIDR');
      expect(stdout).to.not.contain('Starting etcd');
      expect(stderr).to.contain('Building the Kubernetes control plane needs Go');
      expect(code).to.equal(1);
    } finally {
      rmSync(empty, { recursive: true });
    }
  });
});
