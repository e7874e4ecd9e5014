import { parseArgs } from 'node:util';
import { clustersIn, compare, updateHeadline } from './corpus.ts';

const USAGE = `usage: npm run corpus -- DIR [--update-headlines]
Evaluates each cluster DIR/NAME.yaml or DIR/NAME.json and compares the result with DIR/NAME.expected.yaml.
Exits with 1 if there are differences.

  --update-headlines   write the first line of each report into DIR/NAME.expected.yaml
  -h, --help           print this help`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'update-headlines': { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
});
const [folder, ...more] = positionals;
if (values.help) console.log(USAGE);
else process.exitCode = folder === undefined || more.length > 0 ? usage() : await run(folder);

function usage(): number {
  console.error(USAGE);
  return 1;
}

/** @returns 1 where some cluster is not evaluated as expected */
async function run(dir: string): Promise<number> {
  const files = clustersIn(dir);
  let different = files.length === 0 ? 1 : 0;
  for (const file of files) {
    if (values['update-headlines']) await updateHeadline(dir, file);
    const { name, lines } = await compare(dir, file);
    if (lines.length > 0) console.log([name, ...lines].join('\n  '));
    if (lines.length > 0) different += 1;
  }
  console.log(`${files.length} clusters, ${different} not as expected`);
  return different > 0 ? 1 : 0;
}
