import { expect } from 'chai';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commitsToVerify, violationsOf } from '../../scripts/commit-messages.ts';
import { git } from '../../scripts/git.ts';

const BODY = '\n\nBecause of a reason.';

describe('commit messages', () => {
  it('of the history conform to Conventional Commits', async function () {
    const commits = commitsToVerify();
    if (!commits) {
      console.log('      there is no git history here, so commit messages are not verified');
      this.skip();
    }
    const found: string[] = [];
    for (const { hash, message } of commits) {
      for (const violation of await violationsOf(message))
        found.push(`${hash.slice(0, 12)} ${message.split('\n', 1)[0] ?? ''}: ${violation}`);
    }
    expect(found, `\n${found.join('\n')}\nReword them with "git rebase --interactive" (docs/contributing.md).\n`).to.be.empty;
  });

  const ROWS: Readonly<Record<string, readonly [message: string, violations: readonly string[]]>> = {
    'conform with a scope': [`fix(watch): relist after a restored etcd${BODY}`, []],
    'conform with a breaking change': [`feat(cli)!: rename --port${BODY}\n\nBREAKING CHANGE: use --metrics-bind-address`, []],
    'do not conform without a type': [`Relist after a restored etcd${BODY}`, ['subject may not be empty', 'type may not be empty']],
    'do not conform with an unknown type': [
      `repair: relist${BODY}`,
      ['type must be one of [build, chore, ci, docs, feat, fix, perf, refactor, revert, style, test]'],
    ],
    'do not conform with upper case in the scope': [`docs(README): sort the links${BODY}`, ['scope must be lower-case']],
    'do not conform without a body': ['fix(watch): relist after a restored etcd', ['body may not be empty']],
    'do not conform with a long header': [
      `fix: ${'a'.repeat(68)}${BODY}`,
      ['header must not be longer than 72 characters, current length is 73'],
    ],
    'do not conform as fixup': [`fixup! fix: relist${BODY}`, ['subject may not be empty', 'type may not be empty']],
  };
  for (const [title, [message, violations]] of Object.entries(ROWS)) {
    it(title, async () => {
      expect(await violationsOf(message)).to.have.members([...violations]);
    });
  }
});

describe('the commits to verify', () => {
  let folder: string;
  let origin: string;
  let base: string;

  before('make a repository of three commits, of which the first is the base', function () {
    if (git(['--version']) === undefined) this.skip();
    folder = mkdtempSync(join(tmpdir(), 'dualstack-commits-'));
    origin = join(folder, 'origin');
    git(['init', '--quiet', origin]);
    for (const message of ['old', 'one', 'two']) commit(origin, message);
    base = git(['rev-parse', 'HEAD~2'], origin)!.trim();
  });

  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  function commit(repository: string, message: string): void {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    git([...identity, 'commit', '--quiet', '--allow-empty', '--no-verify', '--message', message], repository);
  }

  function clone(name: string, ...flags: readonly string[]): string {
    git(['clone', '--quiet', ...flags, pathToFileURL(origin).href, join(folder, name)]);
    return join(folder, name);
  }

  const messages = (repository: string, from = base): readonly string[] | undefined =>
    commitsToVerify(repository, from)?.map(({ message }) => message.trim());

  it('are those after the base', () => {
    expect(messages(origin)).to.deep.equal(['two', 'one']);
  });

  it('are those that a shallow clone has, where the base is not among them', () => {
    expect(messages(clone('shallow', '--depth', '1'))).to.deep.equal(['two']);
  });

  it('are those after the base in a shallow clone that has it', () => {
    expect(messages(clone('deeper', '--depth', '3'))).to.deep.equal(['two', 'one']);
  });

  it('are unknown where a complete history does not have the base', () => {
    expect(() => messages(origin, 'f'.repeat(40))).to.throw('the history has no commit ffff');
  });

  it('are none where there is no repository', () => {
    expect(messages(folder)).to.equal(undefined);
  });
});
