import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromRoot } from '../../../scripts/root.ts';
import { Connection } from '../../../src/client/transport/connection.ts';
import { CredentialsError } from '../../../src/client/wire/errors.ts';
import { CREDENTIALS_MS, PooledKubeConfig } from '../../../src/client/auth/pooled-kube-config.ts';
import { waitFor } from '../../support/waiting.ts';

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('An exec plugin that hangs', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hanging-plugin-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is given up for all who wait, killed, and run again', async () => {
    const [runs, hangs, command] = [join(folder, 'runs'), join(folder, 'hangs'), join(folder, 'plugin')];
    writeFileSync(hangs, '');
    writeFileSync(
      command,
      `#!/bin/sh\necho $$ >> '${runs}'\nif [ -e '${hangs}' ]; then exec sleep 3600; fi\necho '{"status":{"token":"t"}}'\n`,
    );
    chmodSync(command, 0o755);
    const config = new PooledKubeConfig('test', 500);
    // Nobody listens there: a NetworkError says that there were credentials.
    config.loadFromClusterAndUser(
      { name: 'c', server: 'http://127.0.0.1:1', skipTLSVerify: true },
      { name: 'u', exec: { apiVersion: 'client.authentication.k8s.io/v1', command } },
    );
    const connection = new Connection(config, 'test');

    const aborted = errorOf(connection.request('/', { signal: AbortSignal.timeout(50) }));
    const errors = await Promise.all([1, 2, 3].map(async () => errorOf(connection.request('/'))));
    expect(await aborted).to.have.property('name', 'TimeoutError');
    for (const error of errors) {
      expect(error)
        .to.be.instanceOf(CredentialsError)
        .and.to.have.property('message', `no credentials for the API server: the exec plugin ${command} did not end within 0.5 s`);
    }
    const pids = readFileSync(runs, 'utf8').trim().split('\n');
    expect(pids).to.have.length(1);
    await waitFor('the plugin to be gone', () => !existsSync(`/proc/${pids.join('')}`), { everyMs: 5 });

    rmSync(hangs);
    expect(await errorOf(connection.request('/'))).to.have.property('name', 'NetworkError');
    expect(readFileSync(runs, 'utf8').trim().split('\n')).to.have.length(2);
    await connection.close();
  });

  it('is given as long as the docs say', () => {
    expect(CREDENTIALS_MS).to.equal(60_000);
    expect(readFileSync(fromRoot('docs', 'reliability.md'), 'utf8')).to.contain(
      'An exec plugin that has not ended after a minute is killed',
    );
  });
});
