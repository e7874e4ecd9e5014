import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { git } from '../../scripts/git.ts';
import { fromRoot } from '../../scripts/root.ts';
import { BANNED_WORDS, QUOTATIONS } from './banned-words.ts';

/** A line of a file, as words are looked for in it: identifiers are split, and in Markdown what is quoted in backticks is not looked at. */
function wordsOf(line: string, file: string): string {
  return (file.endsWith('.md') ? line.replace(/`[^`]*`/g, '``') : line)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .replaceAll('_', ' ');
}

/** @returns `file:line: "word": write …` for each banned word of a text */
function bannedIn(file: string, text: string): readonly string[] {
  const rules = BANNED_WORDS.filter(({ within }) => within?.test(file) ?? true);
  const any = new RegExp(rules.map(({ pattern }) => pattern.source).join('|'), 'i');
  return text.split('\n').flatMap((line, index) => {
    const words = wordsOf(line, file);
    // One look at most lines instead of one for each rule.
    if (!any.test(words)) return [];
    return rules.flatMap(({ pattern, instead }) => {
      const found = pattern.exec(words)?.[0];
      return found === undefined ? [] : [`${file}:${index + 1}: "${found}": write ${instead}`];
    });
  });
}

/** Files that git tracks, and new ones that it does not ignore; undefined where there is no repository. */
function textFiles(): readonly string[] | undefined {
  const listed = git(['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  return listed?.split('\0').filter((file) => file !== '' && !QUOTATIONS.some((pattern) => pattern.test(file)));
}

/** Undefined for a file that is deleted and still tracked, and for a binary file. */
function textOf(file: string): string | undefined {
  try {
    const text = readFileSync(fromRoot(file), 'utf8');
    return text.includes('\0') ? undefined : text;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

describe('banned words', () => {
  it('are in no file of the repository', function () {
    const files = textFiles();
    if (!files) {
      console.log('      there is no git repository here, so the files of the project are not known');
      this.skip();
    }
    expect(files).to.include('README.md');
    const found = files.flatMap((file) => bannedIn(file, textOf(file) ?? ''));
    expect(found, `\n${found.join('\n')}\n`).to.be.empty;
  });

  const CASES: Readonly<Record<string, readonly [file: string, text: string, found: readonly string[]]>> = {
    'are found in prose, with the line': ['docs/a.md', 'Fine.\nIt was begun anew.', ['docs/a.md:2: "anew"', 'docs/a.md:2: "begun"']],
    'are found in identifiers': ['src/a.ts', 'const isTold = leftOut(TOLD_BY);', ['src/a.ts:1: "left Out"', 'src/a.ts:1: "Told"']],
    'are not found within other words': ['src/a.ts', 'recommend the standard; tollgates', []],
    'are not found in names of Kubernetes': ['src/a.ts', 'the feature gate WatchList, featureGates, feature-gates', []],
    'are not found where Markdown quotes them': ['docs/a.md', 'the flag `--port` is `told`', []],
  };
  for (const [title, [file, text, expected]] of Object.entries(CASES)) {
    it(title, () => {
      const found = bannedIn(file, text).map((line) => line.replace(/: write .*/, ''));
      expect(found).to.have.members([...expected]);
    });
  }
});
