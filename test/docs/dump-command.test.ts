import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { dumpCommand } from '../../src/sources/dump/dump-command.ts';

describe('the command that dumps a cluster', () => {
  for (const page of ['README.md', 'docs/scan.md']) {
    it(`is in ${page}`, () => {
      const commands = readFileSync(fromRoot(page), 'utf8').match(/^kubectl get .+(?= > dump\.json$)/gm);
      expect(commands).to.deep.equal([dumpCommand()]);
    });
  }
});
