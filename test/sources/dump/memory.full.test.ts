import { execFile } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fromRoot } from '../../../scripts/root.ts';
import { rawPod } from '../../client/support/objects.ts';

const MIB = 1024 * 1024;
const PODS = 2000;
/** Enough for all code that reads to be loaded and compiled. */
const WARM_UP_PODS = 200;
/** Of annotations, of which nothing is kept: 200 MiB of them all. */
const NOTES = 'x'.repeat(100 * 1024);
/** The process grows by 2 to 8 MiB, and by 175 where the chunks of the file stay in memory. */
const MOST_GROWTH_BYTES = 60 * MIB;

/**
 * Reads a small file and a large one as `scan` does, and prints how many objects they had and how many bytes larger the process was at most
 * while it read the large one. The resident set is sampled: `maxRSS` may be that of the parent process, from which Linux takes it over.
 */
const PROGRAM = `
const { readDumpFiles } = await import(${JSON.stringify(pathToFileURL(fromRoot('src/sources/dump/dump-files.ts')).href)});
const { DumpReader } = await import(${JSON.stringify(pathToFileURL(fromRoot('src/sources/dump/dump-reader.ts')).href)});
async function read(file) {
  let peak = 0;
  const sample = () => { peak = Math.max(peak, process.memoryUsage.rss()); };
  const reader = new DumpReader({ onChange: sample, onProblem: console.error });
  await readDumpFiles([file], { reader, stdin: process.stdin, onProgress: sample });
  return { objects: reader.objects, peak };
}
const [small, large] = [await read(process.argv[1]), await read(process.argv[2])];
console.log(JSON.stringify([small.objects, large.objects, large.peak - small.peak]));
`;

describe('a dump of 200 MiB', function () {
  this.timeout(120_000);
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dualstack-dump-'));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function write(pods: number, between: string): string {
    const path = join(folder, `${pods}-${between.length}.json`);
    const file = openSync(path, 'w');
    writeSync(file, '{"apiVersion":"v1","items":[');
    for (let number = 0; number < pods; number++) {
      const pod = rawPod(`web-${number}`);
      const text = JSON.stringify({ ...pod, metadata: { ...pod.metadata, annotations: { notes: NOTES } } });
      writeSync(file, number === 0 ? text : between + text);
    }
    writeSync(file, '],"kind":"List"}');
    closeSync(file);
    return path;
  }

  for (const [what, between] of [
    ['a list', ','],
    ['an indented list', `,\n${' '.repeat(1000)}`],
  ] as const) {
    it(`is read with no more than one object of it in memory at a time: ${what}`, async () => {
      const files = [write(WARM_UP_PODS, between), write(PODS, between)];
      const args = ['--max-old-space-size=80', '--input-type=module', '--eval', PROGRAM, ...files];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
      const [small, large, growth] = JSON.parse(stdout) as readonly [number, number, number];
      expect([small, large, stderr]).to.deep.equal([WARM_UP_PODS, PODS, '']);
      expect(growth / MIB, 'MiB').to.be.below(MOST_GROWTH_BYTES / MIB);
    });
  }
});
