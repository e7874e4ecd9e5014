/**
 * Verifies commit messages against Conventional Commits: `node scripts/commit-messages.ts FILE` verifies the message in a file, as the hook
 * `.githooks/commit-msg` calls it. `test/language/commits.test.ts` verifies those of the history.
 */
import { readFileSync } from 'node:fs';
import conventional from '@commitlint/config-conventional';
import lint from '@commitlint/lint';
import { git } from './git.ts';

/** The last commit whose message may have another form. The messages of all commits after it conform. */
const CONFORMS_AFTER = '74f79e373ae804e1dc7baf0fe8bc7ebc9714a6ea';

const RULES = {
  ...conventional.rules,
  'header-max-length': [2, 'always', 72],
  'body-empty': [2, 'never'],
  // Bodies are wrapped by whoever shows them, as prose is.
  'body-max-line-length': [0],
  'body-leading-blank': [2, 'always'],
  'scope-case': [2, 'always', 'lower-case'],
} as const;

/** `type(scope)!: subject` */
const HEADER = /^(\w*)(?:\(([^()]*)\))?!?: (.*)$/;

/** What `git rebase --autosquash` replaces before anybody else sees it. */
const TEMPORARY = /^(fixup|squash|amend)! /;

/** A commit, as far as its message is concerned. */
export interface Commit {
  readonly hash: string;
  readonly message: string;
}

/** What is wrong with a message, one line each; nothing if it conforms. */
export async function violationsOf(message: string): Promise<readonly string[]> {
  const { errors } = await lint(message, RULES, { defaultIgnores: false, parserOpts: { headerPattern: HEADER } });
  return errors.map(({ message: violation }) => violation);
}

/**
 * The commits whose messages must conform: all after a base, without merges. In a shallow clone that does not reach back to the base, all that are there.
 * @returns undefined if there is no history, since git is not installed or the folder is no repository
 * @throws Error if the history is complete and does not contain the base
 */
export function commitsToVerify(folder?: string, base = CONFORMS_AFTER): readonly Commit[] | undefined {
  const shallow = git(['rev-parse', '--is-shallow-repository'], folder);
  if (shallow === undefined) return undefined;
  const containsBase = git(['rev-list', 'HEAD'], folder)?.split('\n').includes(base) ?? false;
  if (!containsBase && shallow.trim() !== 'true') {
    throw new Error(`the history has no commit ${base}: if it was rewritten, change CONFORMS_AFTER in scripts/commit-messages.ts`);
  }
  const logged = git(['log', '--no-merges', '-z', '--format=%H %B', ...(containsBase ? [`${base}..HEAD`] : ['HEAD'])], folder) ?? '';
  return logged
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => ({ hash: entry.slice(0, base.length), message: entry.slice(base.length + 1) }));
}

/** A message as git will record it: without comments, and without the diff of `git commit --verbose`. */
function recorded(text: string): string {
  const [message = ''] = text.split(/^# -+ >8 -+$/m);
  return message.replace(/^#.*\n?/gm, '').trim();
}

async function main(file: string): Promise<void> {
  const message = recorded(readFileSync(file, 'utf8'));
  if (TEMPORARY.test(message)) return;
  const violations = await violationsOf(message);
  if (violations.length === 0) return;
  console.error(
    `The commit message does not conform (docs/contributing.md):\n${violations.map((violation) => `- ${violation}`).join('\n')}`,
  );
  process.exitCode = 1;
}

if (import.meta.main) await main(process.argv[2] ?? '');
