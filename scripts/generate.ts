import { readFile, writeFile } from 'node:fs/promises';
import { argv, stderr, stdout } from 'node:process';
import { compileReportTypes, REPORT_TYPES_PATH } from './report-types.ts';
import { fromRoot } from './root.ts';

/** Writes the TypeScript types of the custom resource; with --check it only says whether the file that is there is up to date. */
async function main(arguments_: readonly string[]): Promise<number> {
  const unknown = arguments_.find((argument) => argument !== '--check');
  if (unknown !== undefined) {
    stderr.write(`generate: unknown argument ${unknown}; it takes --check or nothing\n`);
    return 2;
  }
  const fresh = await compileReportTypes();
  const present = await readFile(fromRoot(REPORT_TYPES_PATH), 'utf8').catch(() => undefined);
  if (present === fresh) {
    stdout.write(`${REPORT_TYPES_PATH} is up to date\n`);
    return 0;
  }
  if (arguments_.includes('--check')) {
    stderr.write(`${REPORT_TYPES_PATH} is stale: run \`npm run generate\` and commit it\n`);
    return 1;
  }
  await writeFile(fromRoot(REPORT_TYPES_PATH), fresh);
  stdout.write(`${REPORT_TYPES_PATH} written\n`);
  return 0;
}

process.exitCode = await main(argv.slice(2));
