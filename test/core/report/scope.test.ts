import { expect } from 'chai';
import { skippedIn } from '../../../src/core/overview/counts.ts';
import { familyCounts } from '../../../src/core/report/counts.ts';
import { scopeOf } from '../../../src/core/report/scope.ts';
import type { NamespaceSelectorRequirement } from '../../../src/core/report/types.ts';
import { storeOf, namespace, node } from '../build.ts';
import { statusOf } from './report.ts';

const NAMESPACES = [namespace('one', { team: 'one', stage: 'test' }), namespace('two', { team: 'two' }), namespace('none', {})];

describe('the namespaces that a requirement takes in', () => {
  const rows: readonly (readonly [requirement: NamespaceSelectorRequirement, takes: readonly string[]])[] = [
    [{ key: 'team', operator: 'In', values: ['one', 'three'] }, ['one']],
    [{ key: 'team', operator: 'In' }, []],
    [{ key: 'team', operator: 'NotIn', values: ['one', 'three'] }, ['two', 'none']],
    [{ key: 'team', operator: 'NotIn' }, ['one', 'two', 'none']],
    [{ key: 'stage', operator: 'Exists' }, ['one']],
    [{ key: 'stage', operator: 'DoesNotExist' }, ['two', 'none']],
  ];
  for (const [requirement, takes] of rows) {
    const { key, operator, values } = requirement;
    it(`${key} ${operator} ${values?.join() ?? ''}: ${takes.join(', ') || 'none of them'}`, () => {
      const scope = scopeOf({ matchExpressions: [requirement] }, storeOf(NAMESPACES));
      expect([...NAMESPACES.map(({ name }) => name), 'unknown'].filter(scope)).to.deep.equal(takes);
    });
  }
});

describe('what is counted in a report', () => {
  it('is in all the sum of its parts', () => {
    expect(familyCounts({ dual: 1, ipv4: 2, ipv6: 4, none: 8 })).to.deep.equal({
      total: 15,
      dualStack: 1,
      ipv4Only: 2,
      ipv6Only: 4,
      none: 8,
      ratio: '1/15',
    });
  });
});

describe('what is skipped of a report', () => {
  it('is counted by reason, in the namespaces of the report', () => {
    const tally = [
      ['one/hostNetwork', 2],
      ['two/hostNetwork', 3],
      ['two/completed', 1],
      ['three/hostNetwork', 5],
    ] as const;
    expect(skippedIn(tally, (name) => name !== 'three')).to.deep.equal({ hostNetwork: 5, completed: 1 });
    expect(skippedIn(tally, (name) => name === 'one')).to.deep.equal({ hostNetwork: 2 });
  });

  it('is nothing where namespaces may not be read and none are asked for', () => {
    const status = statusOf([node()], { refused: ['Namespace'] });
    expect(status).to.include.all.keys('nodes', 'pods', 'services', 'endpoints');
  });
});
