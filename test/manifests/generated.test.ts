import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { compileReportTypes, REPORT_TYPES_PATH } from '../../scripts/report-types.ts';
import { fromRoot } from '../../scripts/root.ts';

const run = promisify(execFile);
const GENERATE = fromRoot('scripts', 'generate.ts');

describe('npm run generate', () => {
  it(`has been run since the definition changed: ${REPORT_TYPES_PATH} is up to date`, async () => {
    const present = await readFile(fromRoot(REPORT_TYPES_PATH), 'utf8');
    expect(present, 'run `npm run generate`').to.equal(await compileReportTypes());
  });

  it('says that with --check', async () => {
    const { stdout } = await run(process.execPath, [GENERATE, '--check']);
    expect(stdout).to.equal(`${REPORT_TYPES_PATH} is up to date\n`);
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
