import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../../scripts/root.ts';
import { ACCEPT_MS, INITIAL_MOST_MS, INITIAL_QUIET_MS, PAGES_MS, SILENCE_MS } from '../../../src/sources/watch/reflector.ts';
import { decide, type Action, type Situation, type ReadError } from '../../../src/sources/list/retry.ts';
import { EARLY_ENDS, kindOf } from '../../../src/sources/list/read-error.ts';
import { rowsUnder as cellsUnder } from '../../support/documented.ts';

type Phase = Situation['phase'];

/** What a row of the page is about. */
interface Case {
  readonly readError: ReadError;
  readonly phases: readonly Phase[];
}

/** A row of the page: what happens, under which reasons it is counted, and what follows. */
interface DocumentedRow {
  readonly reasons: string;
  readonly then: string;
}

const PAGE = readFileSync(fromRoot('docs', 'reliability.md'), 'utf8');
const EVERYWHERE: readonly Phase[] = ['streaming', 'pages', 'watch'];
/** Until everything has happened that happens the first few times. */
const ATTEMPTS = [0, 1, 2, 3, 4, 60] as const;

/** By which words the page says what is done. */
const WORDS: Readonly<Record<Action, RegExp>> = {
  relist: /\b(?:relisted|lists? restarts?)\b/,
  resume: /\bwatch(?:es)? resumes?\b/,
  paginate: /\bin pages\b/,
  unavailable: /\bUnknown\b/,
};
const TIMES = ['at once', 'once', 'twice', 'three times'] as const;
const ORDINALS = ['first', 'second', 'third', 'fourth'] as const;

function statuses(codes: readonly number[], phases = EVERYWHERE, more: { inStream?: boolean; retryAfterSeconds?: number } = {}): Case[] {
  return codes.map((status) => ({
    readError: { kind: 'api', status, reason: '', retryAfterSeconds: undefined, inStream: false, ...more },
    phases,
  }));
}

function readError(kind: Exclude<ReadError['kind'], 'api'>, phases = EVERYWHERE): Case[] {
  return [{ readError: { kind }, phases }];
}

const ANSWERS: Readonly<Record<string, readonly Case[]>> = {
  'closes or resets connections, immediately or at each request': readError('network'),
  'accepts connections or requests and never responds': readError('silent'),
  'responds with 401': statuses([401]),
  'responds with 403': statuses([403]),
  'responds with 404': statuses([404]),
  'responds with 409, or with 410 because a resourceVersion is too old': statuses([409, 410]),
  'responds with 429 or 503 and the header Retry-After': statuses([429, 503], EVERYWHERE, { retryAfterSeconds: 7 }),
  'responds with 500 or 503, or its load balancer responds with 502 and an HTML page': statuses([500, 502, 503]),
  'rejects a streaming list with 400 or 422': statuses([400, 422], ['streaming']),
  'ends a streaming list before it is complete': readError('ended', ['streaming']),
  'never ends a streaming list': readError('endless', ['streaming']),
  'responds with 410 to the continue token of the next page': statuses([410], ['pages']),
  'responds with any other status of 300 or higher': [...statuses([302, 405, 413, 415]), ...statuses([400, 422], ['pages', 'watch'])],
  'requires credentials that the operator cannot get': readError('credentials'),
  'changes objects between two pages of a list': [],
  'is slow (1 kB per second)': [],
};

const WATCHES: Readonly<Record<string, readonly Case[]>> = {
  'is reset, or is interrupted in the middle of a frame': readError('network', ['watch']),
  'ends too early, or ends in the middle of a frame': readError('ended', ['watch']),
  'sends data that cannot be decoded, or a frame that is too long': readError('undecodable', ['watch']),
  'sends an event that is older than the previous one': readError('undecodable', ['watch']),
  'sends an event twice': [],
  'sends the error 410 or 500': statuses([410, 500], ['watch'], { inStream: true }),
  'sends the error 429': statuses([429], ['watch'], { inStream: true }),
  'sends nothing, not even a bookmark': readError('silent', ['watch']),
};

describe('docs/reliability.md', () => {
  for (const [heading, table] of [
    ['Responses of the API server', ANSWERS],
    ['Failures of a watch', WATCHES],
  ] as const) {
    const rows = rowsUnder(heading);

    it(`says under "${heading}" what a reflector decides on, and no more`, () => {
      expect(Object.keys(rows)).to.have.members(Object.keys(table));
    });

    for (const [what, cases] of Object.entries(table)) {
      it(`says how "${what}" is counted, and what is done about it`, () => {
        const { reasons, then } = rows[what]!;
        const documented = [...reasons.matchAll(/`([^`]+)`/g)].map(([, reason]) => reason);
        const counted = [...new Set(cases.flatMap((one) => reasonsOf(one)))];
        if (reasons.includes('…')) expect(counted).to.include.members(documented);
        else expect(documented).to.have.members(counted);
        const done = new Set(cases.flatMap((one) => decisionsOn(one).map(({ action }) => action)));
        for (const [action, words] of Object.entries(WORDS) as [Action, RegExp][])
          expect(words.test(then), action).to.equal(done.has(action));
        if (cases.length === 0) expect(then).to.contain('no difference');
      });
    }
  }

  it('says how often is tried until something else is done', () => {
    const [{ readError: forbidden }, { readError: missing }] = statuses([403, 404]) as [Case, Case];
    const {
      'responds with 403': on403,
      'responds with 404': on404,
      'accepts connections or requests and never responds': onSilence,
    } = rowsUnder('Responses of the API server');
    expect(on403!.then).to.contain(TIMES[firstWith('unavailable', forbidden, 'pages')]!);
    expect(on403!.then).to.contain(TIMES[firstWith('unavailable', forbidden, 'watch')]!);
    expect(on404!.then).to.contain(TIMES[firstWith('unavailable', missing, 'pages')]!);
    expect(on404!.then).to.contain(TIMES[firstWith('unavailable', missing, 'watch')]!);
    const fourth = `from the ${ORDINALS[firstWith('relist', { kind: 'silent' }, 'watch')]!} time on`;
    expect(onSilence!.then).to.contain(fourth);
    expect(rowsUnder('Failures of a watch')['sends nothing, not even a bookmark']!.then).to.contain(fourth);
  });

  it('says from when on a watch that ends is worth a word', () => {
    const { then } = rowsUnder('Failures of a watch')['ends too early, or ends in the middle of a frame']!;
    const nth = ORDINALS[EARLY_ENDS - 1]!;
    expect(then).to.contain(`logged and counted from the ${nth} consecutive watch that lasted less than a minute`);
  });

  it('says how long is waited for an answer', () => {
    const answers = rowsUnder('Responses of the API server');
    expect(answers['accepts connections or requests and never responds']!.then).to.contain(
      `${INITIAL_QUIET_MS / 1000} s (a streaming list) or ${ACCEPT_MS / 1000} s (a watch, a page)`,
    );
    expect(answers['never ends a streaming list']!.then).to.contain(
      `after ${INITIAL_QUIET_MS / 1000} s without another object, or ${INITIAL_MOST_MS / 60_000} minutes`,
    );
    const hours = `in pages for the next ${PAGES_MS / 3_600_000} hours`;
    expect(answers['never ends a streaming list']!.then).to.contain(hours);
    expect(answers['rejects a streaming list with 400 or 422']!.then).to.contain(hours);
    const nth = ORDINALS[firstWith('paginate', { kind: 'endless' }, 'streaming')]!;
    expect(answers['never ends a streaming list']!.then).to.contain(`from the ${nth} time on`);
    expect(rowsUnder('Failures of a watch')['sends nothing, not even a bookmark']!.then).to.contain(
      `given up after ${SILENCE_MS / 60_000} minutes`,
    );
  });

  it('says how long the pauses are', () => {
    const [few = ''] = /^- \*\*Few requests\.\*\*(?:.|\n {2})*/m.exec(PAGE) ?? [];
    const down: ReadError = { kind: 'network' };
    expect(few).to.contain(`at up to ${seconds(down, 0)} s and double up to ${seconds(down, 60)} s`);
    expect([seconds(down, 1), seconds(down, 0, 0)]).to.deep.equal([2 * seconds(down, 0), 0]);
    const [{ readError: missing }] = statuses([404]) as [Case];
    const words = `An unavailable resource is retried every ${seconds(missing, 0)} s at first and every ${seconds(missing, 60)} s at last, and never sooner than half of that`;
    expect(few.replaceAll(/\s+/g, ' ')).to.contain(words);
    expect(seconds(missing, 0, 0)).to.equal(seconds(missing, 0) / 2);
  });

  it('says how Retry-After is used', () => {
    const { then } = rowsUnder('Responses of the API server')['responds with 429 or 503 and the header Retry-After']!;
    const asked = (retryAfterSeconds: number): ReadError => statuses([429], EVERYWHERE, { retryAfterSeconds })[0]!.readError;
    expect(then).to.contain(`(${seconds(asked(1e9), 0, 0) / 60} minutes at most) and up to a second later`);
    expect([seconds(asked(7), 5, 0), seconds(asked(7), 5)]).to.deep.equal([7, 8]);
  });
});

function rowsUnder(heading: string): Readonly<Record<string, DocumentedRow>> {
  const rows = Object.entries(cellsUnder(heading));
  return Object.fromEntries(rows.map(([what, [reasons = '', then = '']]) => [what, { reasons, then }]));
}

function decisionsOn({ readError: one, phases }: Case): { readonly action: Action }[] {
  return phases.flatMap((phase) => ATTEMPTS.map((attempt) => decide(one, { phase, attempt }, 0.5)));
}

/** As the reflector counts: all but an API server without streaming lists. */
function reasonsOf({ readError: one, phases }: Case): string[] {
  const counts = phases.some((phase) => one.kind !== 'api' || decide(one, { phase, attempt: 0 }, 0.5).action !== 'paginate');
  return counts ? [kindOf(one)] : [];
}

/** How many attempts come before one after which this is done. */
function firstWith(action: Action, one: ReadError, phase: Phase): number {
  return ATTEMPTS.findIndex((attempt) => decide(one, { phase, attempt }, 0.5).action === action);
}

/** The pause after an attempt, by default the longest that chance may give, in seconds. */
function seconds(one: ReadError, attempt: number, random = 1): number {
  return decide(one, { phase: 'pages', attempt }, random).delayMs / 1000;
}
