import { expect } from 'chai';
import { html } from '../../../src/server/page/html.ts';

describe('the html tag', () => {
  for (const [what, value, markup] of [
    ['a tag', '<script>alert(1)</script>', '&lt;script&gt;alert(1)&lt;/script&gt;'],
    ['an end of an attribute', '" onclick="alert(1)', '&quot; onclick=&quot;alert(1)'],
    ['one in the other quotes', "' onclick='x", '&#39; onclick=&#39;x'],
    ['an entity', '&lt;', '&amp;lt;'],
    ['what turns the direction of text', 'a\u202eb\u0000c', 'a\ufffdb\ufffdc'],
    ['half of a pair', '\ud800', '\ufffd'],
    ['a number', 7, '7'],
    ['nothing', undefined, ''],
    ['what is not so', false, ''],
    ['zero', 0, '0'],
    ['a list with markup that is made', [html`<b>${'<'}</b>`, '>'], '<b>&lt;</b>&gt;'],
  ] as const) {
    it(`takes ${what}`, () => {
      expect(html`<p title="${value}">${value}</p>`.markup).to.equal(`<p title="${markup}">${markup}</p>`);
    });
  }
});
