import { expect } from 'chai';
import { keyOf, type Facts } from '../../../src/core/kinds/facts.ts';
import { namespace, node, pod, service, serviceCIDR, slice } from '../build.ts';

describe('the key of an object', () => {
  const rows: readonly (readonly [facts: Facts, is: string])[] = [
    [node({ name: 'a' }), 'a'],
    [pod({ name: 'web-1' }), 'uid-web-1'],
    [service({ name: 'web' }), 'shop/web'],
    [slice({ name: 'web-x' }), 'shop/web-x'],
    [serviceCIDR(), 'kubernetes'],
    [namespace('shop'), 'shop'],
  ];
  for (const [facts, is] of rows) {
    it(`of kind ${facts.kind} is ${is}`, () => {
      expect(keyOf(facts)).to.equal(is);
    });
  }
});
