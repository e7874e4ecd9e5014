import { expect } from 'chai';
import { ESLint } from 'eslint';
import { fromRoot } from '../../scripts/root.ts';

describe('the core', () => {
  const rules: readonly (readonly [text: string, rule: string | undefined])[] = [
    [`export const later = (now: number): number => now + 1;`, undefined],
    [`export const now = Date.now();`, 'no-restricted-properties'],
    [`export const luck = Math.random();`, 'no-restricted-properties'],
    [`setTimeout(() => undefined, 1);`, 'no-restricted-globals'],
    [`export const home = process.env['HOME'];`, 'no-restricted-globals'],
  ];
  // Rules that need types are of no matter here, and types take their time.
  const eslint = new ESLint({
    cwd: fromRoot('.'),
    overrideConfig: { languageOptions: { parserOptions: { projectService: false } } },
    ruleFilter: ({ ruleId }) => ruleId.startsWith('no-restricted-'),
  });

  for (const [text, rule] of rules) {
    it(`${rule ? 'may not' : 'may'} have ${text}`, async () => {
      const results = await eslint.lintText(text, { filePath: fromRoot('src/core/report/scope.ts') });
      expect(results.flatMap(({ messages }) => messages.map(({ ruleId }) => ruleId))).to.deep.equal(rule ? [rule] : []);
    });
  }
});
