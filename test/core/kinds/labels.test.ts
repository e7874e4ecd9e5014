import { expect } from 'chai';
import { LabelInterner, selects } from '../../../src/core/kinds/labels.ts';

const interner = new LabelInterner();

const TABLE: readonly (readonly [what: string, selector: object, labels: object, selected: boolean])[] = [
  ['nothing', {}, { app: 'web' }, false],
  ['a pair among others', { b: '2' }, { a: '1', b: '2', c: '3' }, true],
  ['pairs with others between', { a: '1', c: '3' }, { a: '1', b: '2', c: '3' }, true],
  ['another value', { a: '2' }, { a: '1' }, false],
  ['a key that comes before all', { a: '1' }, { b: '1' }, false],
  ['a key that comes after all', { c: '1' }, { b: '1' }, false],
  ['more than there are', { a: '1', b: '2' }, { a: '1' }, false],
  ['what no label has', { a: '1' }, {}, false],
];

describe('a selector', () => {
  for (const [what, selector, labels, selected] of TABLE) {
    it(`of ${what} ${selected ? 'selects' : 'does not select'}`, () => {
      expect(selects(interner.intern({ ...selector }), interner.intern({ ...labels }))).to.equal(selected);
    });
  }
});
