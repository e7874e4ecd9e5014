import { readFile, writeFile } from 'node:fs/promises';
import { argv, stderr, stdout } from 'node:process';
import { GENERATED } from './generated.ts';
import { fromRoot } from './root.ts';

/** Writes every generated file; with --check it only says which are not up to date. */
async function main(arguments_: readonly string[]): Promise<number> {
  const unknown = arguments_.find((argument) => argument !== '--check');
  if (unknown !== undefined) {
    stderr.write(`generate: unknown argument ${unknown}; it takes --check or nothing\n`);
    return 2;
  }
  const onlyCheck = arguments_.includes('--check');
  const stale: string[] = [];
  for (const { path, make } of GENERATED) {
    const fresh = await make();
    const present = await readFile(fromRoot(path), 'utf8').catch(() => undefined);
    if (present === fresh) continue;
    stale.push(path);
    if (!onlyCheck) await writeFile(fromRoot(path), fresh);
  }
  if (onlyCheck && stale.length > 0) {
    stderr.write(`${stale.join(', ')}: not up to date; run \`npm run generate\` and commit what it writes\n`);
    return 1;
  }
  stdout.write(stale.length > 0 ? `written: ${stale.join(', ')}\n` : 'all generated files are up to date\n');
  return 0;
}

process.exitCode = await main(argv.slice(2));
