import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { CHECKS } from '../../src/core/checks/registry.ts';

describe('CHANGELOG.md', () => {
  it('names each check, in the release that brings it', () => {
    const words = new Set(readFileSync(fromRoot('CHANGELOG.md'), 'utf8').match(/\w+/g));
    expect(CHECKS.map(({ name }) => name).filter((name) => !words.has(name))).to.deep.equal([]);
  });
});
