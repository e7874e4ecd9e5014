import { expect } from 'chai';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { LabelSelectorError, matchesLabels, parseLabelSelector } from '../../../src/core/kinds/label-selector.ts';
import { builtInResources } from '../../../src/sources/resources.ts';

const EDGE = { type: 'edge', 'example.com/pool': 'far', empty: '' };

/** A selector, whether the labels above meet it, and whether no labels do. */
const SELECTORS = [
  ['type=edge', true, false],
  ['type==edge', true, false],
  [' type = edge , example.com/pool=far ', true, false],
  ['type=edge,example.com/pool=near', false, false],
  ['type=cloud', false, false],
  ['type!=cloud', true, true],
  ['type!=edge', false, true],
  ['type', true, false],
  ['other', false, false],
  ['!type', false, true],
  ['! other', true, true],
  ['type in (edge)', true, false],
  ['type in (cloud, edge),!other', true, false],
  ['type in (cloud,far)', false, false],
  ['type notin (cloud,far)', true, true],
  ['type notin (cloud,edge)', false, true],
  ['empty=', true, false],
  ['empty', true, false],
  ['type=', false, false],
  ['in=notin', false, false],
  ['in', false, false],
  ['constructor', false, false],
] as const;

/** A text that is no selector, and what the message names. */
const FAULTS = [
  ['', 'It has no label.'],
  [' ', 'It has no label.'],
  ['type=edge,', '"" is not the key'],
  ['=edge', '"=edge" is not the key'],
  ['!', '"!" is not the key'],
  ['type>1', '"type>1" is not the key'],
  ['type=edge=far', '"type=edge=far" is not the key'],
  ['type = edge far', '"type = edge far" is not the key'],
  ['type in edge', '"type in edge" is not the key'],
  ['type in (edge', '"type in (edge" is not the key'],
  ['type within (edge)', '"type within (edge)" is not the key'],
  ['a/b/c=d', '"a/b/c" is not the key'],
  ['/type=edge', '"/type" is not the key'],
  ['Example.com/type=edge', '"Example.com/type" is not the key'],
  ['-type=edge', '"-type" is not the key'],
  [`${'t'.repeat(64)}=edge`, 'is not the key'],
  ['type=e/dge', '"e/dge" is not the value'],
  ['type in (edge, -)', '"-" is not the value'],
  [`type=${'e'.repeat(64)}`, 'is not the value'],
  ['('.repeat(50_000), 'is not the key'],
] as const;

describe('a label selector', () => {
  for (const [text, edge, none] of SELECTORS) {
    it(`${JSON.stringify(text)} ${edge ? 'matches' : 'does not match'} labels that are there, and ${none ? 'matches' : 'does not match'} none`, () => {
      const selector = parseLabelSelector(text);
      expect([matchesLabels(selector, EDGE), matchesLabels(selector, {})]).to.deep.equal([edge, none]);
    });
  }

  for (const [text, words] of FAULTS) {
    it(`is not ${JSON.stringify(text.slice(0, 40))}`, () => {
      expect(() => parseLabelSelector(text)).to.throw(LabelSelectorError, words);
    });
  }

  it('of virtual nodes makes the nodes that it matches virtual, beside those that are known as such', () => {
    const settings = { virtualNodes: parseLabelSelector('type in (edge)') };
    const labels = [{ type: 'edge' }, { type: 'cloud' }, { type: 'kwok' }, {}];
    const virtual = (given?: typeof settings): unknown[] => {
      const nodes = builtInResources(new Interner(), given).find(({ kind }) => kind === 'Node') ?? expect.fail('no resource of nodes');
      return labels
        .map((each) => nodes.parse({ metadata: { name: 'a', labels: each } }))
        .map((facts) => facts?.kind === 'Node' && facts.virtual);
    };
    expect([virtual(), virtual(settings)]).to.deep.equal([
      [false, false, true, false],
      [true, false, true, false],
    ]);
  });
});
