import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { GENERATED } from '../../scripts/generated.ts';
import { fromRoot } from '../../scripts/root.ts';

const run = promisify(execFile);
const GENERATE = fromRoot('scripts', 'generate.ts');

describe('npm run generate', () => {
  for (const { path, make } of GENERATED) {
    it(`has been run since the sources of ${path} changed`, async () => {
      expect(await readFile(fromRoot(path), 'utf8'), 'run `npm run generate`').to.equal(await make());
    });
  }

  it('says with --check that all is up to date', async () => {
    const { stdout } = await run(process.execPath, [GENERATE, '--check']);
    expect(stdout).to.equal('all generated files are up to date\n');
  });

  it('refuses other arguments', async () => {
    const failure = await run(process.execPath, [GENERATE, '--chekc']).then(
      () => undefined,
      (error: unknown) => error as { readonly code: number; readonly stderr: string },
    );
    expect(failure?.code).to.equal(2);
    expect(failure?.stderr).to.include('--chekc');
  });
});
