import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { REPORT_TYPES_PATH } from '../../scripts/report-types.ts';
import { fromRoot } from '../../scripts/root.ts';
import { API_GROUP } from '../../src/core/report/api.ts';

/** The one file that spells the group, and the one that is made from the definition. */
const SPELLED_IN = ['src/core/report/api.ts', REPORT_TYPES_PATH];

describe('the API group', () => {
  it('is spelled once in the source and in scripts, so that another takes one line', () => {
    const files = ['src', 'scripts'].flatMap((folder) =>
      readdirSync(fromRoot(folder), { recursive: true, encoding: 'utf8' }).map((file) => `${folder}/${file}`),
    );
    const sources = files.filter((file) => file.endsWith('.ts'));
    expect(sources).to.include.members(SPELLED_IN);
    expect(sources.filter((file) => readFileSync(fromRoot(file), 'utf8').includes(API_GROUP)).sort()).to.deep.equal([...SPELLED_IN].sort());
  });
});
