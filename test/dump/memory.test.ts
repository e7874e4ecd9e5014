import { execFile } from 'node:child_process';
import { mkdtempSync, openSync, closeSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { rawPod } from '../kubernetes/support/objects.ts';

const MIB = 1024 * 1024;
const PODS = 2000;
/** Of annotations, of which nothing is kept: 200 MiB of them all. */
const NOTES = 'x'.repeat(100 * 1024);
/** It takes 100 MiB, and 230 where the chunks of the file stay in memory. */
const MOST_BYTES = 160 * MIB;

/** Reads a file as `scan` does, and prints how many objects it had and the most memory that it took, in bytes. */
const PROGRAM = `
const { readDumpFiles } = await import(${JSON.stringify(pathToFileURL(fromRoot('src/dump/dump-files.ts')).href)});
const { DumpReader } = await import(${JSON.stringify(pathToFileURL(fromRoot('src/dump/dump-reader.ts')).href)});
const reader = new DumpReader({ onChange: () => undefined, onProblem: console.error });
await readDumpFiles([process.argv[1]], { reader, stdin: process.stdin, onProgress: () => undefined });
console.log(JSON.stringify([reader.objects, process.resourceUsage().maxRSS * 1024]));
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

  function write(name: string, between: string): string {
    const path = join(folder, name);
    const file = openSync(path, 'w');
    writeSync(file, '{"apiVersion":"v1","items":[');
    for (let number = 0; number < PODS; number++) {
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
      const args = ['--max-old-space-size=80', '--input-type=module', '--eval', PROGRAM, write(`${between.length}.json`, between)];
      const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
      const [objects, bytes] = JSON.parse(stdout) as readonly [number, number];
      expect([objects, stderr]).to.deep.equal([PODS, '']);
      expect(bytes / MIB, 'MiB').to.be.below(MOST_BYTES / MIB);
    });
  }
});
