import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { clustersIn, compare, outcomeOf } from './corpus.ts';
import { differencesOf, readExpectation, type Outcome } from './expectation.ts';

const CORPUS = fromRoot('test/corpus');

const OUTCOME: Outcome = {
  headline: 'Not healthy: 1 warning; 1 root cause',
  rootCauses: [{ check: 'NodeAddressMissing', object: 'Node/a', families: ['IPv6'] }],
  maxSeverity: 'Warning',
};

/** Clusters half way through a migration. */
const HALF_WAY = [
  '17c-migration-stage',
  'F13-ocp-converted-pods-not-restarted',
  'aks-conversion-half-way',
  'aks-conversion-half-way-new-pods-on-old-nodes',
  'aks-conversion-half-way-service-dual',
  'aks-dual-stack-services-not-upgraded',
  'gardener-gcp-dual-stack-migration',
  'gke-stack-type-updated-one-node-left',
  'ocp-conversion-half-way',
  'ocp-conversion-machine-config-degraded',
  'ocp-conversion-node-addresses-last',
];

describe('the corpus', () => {
  for (const file of clustersIn(CORPUS)) {
    it(`evaluates ${file} as expected`, async () => {
      const { lines } = await compare(CORPUS, file);
      expect(lines.join('\n')).to.equal('');
    });

    it(`names the source of ${file}`, () => {
      const path = join(CORPUS, file.replace(/\.\w+$/, '.expected.yaml'));
      expect(readExpectation(readFileSync(path, 'utf8'), file).source).to.match(/\S/);
    });
  }

  for (const name of HALF_WAY) {
    it(`evaluates ${name} as expected if both families are expected of it too`, async () => {
      const expected = readExpectation(readFileSync(join(CORPUS, `${name}.expected.yaml`), 'utf8'), name);
      const outcome = await outcomeOf(join(CORPUS, `${name}.yaml`), { expectedFamilies: 'IPv4,IPv6' });
      expect(differencesOf(expected, outcome).join('\n')).to.equal('');
    });
  }

  it('has clusters', () => {
    expect(clustersIn(CORPUS)).not.to.be.empty;
  });
});

describe('what differs from an expectation', () => {
  it('is nothing where all is as expected', () => {
    expect(differencesOf(OUTCOME, OUTCOME)).to.deep.equal([]);
  });

  it('is each root cause that is there or not there, the headline and the severity', () => {
    const actual = {
      headline: 'Healthy',
      rootCauses: [{ check: 'NodeAddressMissing', object: 'Node/b', families: ['IPv6'] }],
      maxSeverity: 'None',
    };
    expect(differencesOf(OUTCOME, actual)).to.deep.equal([
      '- headline: Not healthy: 1 warning; 1 root cause',
      '+ headline: Healthy',
      '- maxSeverity: Warning',
      '+ maxSeverity: None',
      '- root cause: NodeAddressMissing Node/a IPv6',
      '+ root cause: NodeAddressMissing Node/b IPv6',
    ]);
  });

  it('refuses an expectation that lacks a part or has an unknown one', () => {
    const whole = 'source: x\nheadline: y\nmaxSeverity: None\nrootCauses: []\n';
    expect(readExpectation(whole, 'a').rootCauses).to.deep.equal([]);
    expect(() => readExpectation(whole.replace('source: x\n', ''), 'a')).to.throw('a needs a source');
    expect(() => readExpectation(`${whole}rootCause: []\n`, 'a')).to.throw('unknown fields: rootCause');
    expect(() => readExpectation(whole.replace('None', 'Bad'), 'a')).to.throw('maxSeverity in a is one of');
    expect(() => readExpectation(whole.replace('[]', '[{check: A, object: B, families: [IPv5]}]'), 'a')).to.throw('a root cause in a');
  });
});
