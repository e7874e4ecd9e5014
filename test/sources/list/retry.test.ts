import { expect } from 'chai';
import fc from 'fast-check';
import { decide } from '../../../src/sources/list/retry.ts';
import type { Action, Situation, ReadError } from '../../../src/sources/list/retry.ts';

type Phase = Situation['phase'];

function api(status: number, more: { reason?: string; retryAfterSeconds?: number; inStream?: boolean } = {}): ReadError {
  return { kind: 'api', status, reason: '', retryAfterSeconds: undefined, inStream: false, ...more };
}

const HALF = 0.5;

const table: readonly (readonly [what: string, ReadError, Phase, attempt: number, Action, delayMs: number])[] = [
  ['a watch whose time is over', { kind: 'ended' }, 'watch', 0, 'resume', 0],
  ['a watch that ends at once, again', { kind: 'ended' }, 'watch', 3, 'resume', 3200],
  ['a streaming list that ends before its end', { kind: 'ended' }, 'streaming', 0, 'relist', 400],
  ['a broken connection', { kind: 'network' }, 'watch', 0, 'resume', 400],
  ['a broken connection, again', { kind: 'network' }, 'watch', 1, 'resume', 800],
  ['a server that is down for long', { kind: 'network' }, 'watch', 50, 'resume', 15_000],
  ['a broken connection in a list', { kind: 'network' }, 'pages', 0, 'relist', 400],
  ['no credentials', { kind: 'credentials' }, 'watch', 0, 'resume', 400],
  ['silence', { kind: 'silent' }, 'watch', 0, 'resume', 400],
  ['silence, again and again', { kind: 'silent' }, 'watch', 3, 'relist', 3200],
  ['silence in a list', { kind: 'silent' }, 'pages', 0, 'relist', 400],
  ['a streaming list without an end', { kind: 'endless' }, 'streaming', 0, 'relist', 400],
  ['a streaming list without an end, again', { kind: 'endless' }, 'streaming', 1, 'paginate', 0],
  ['a server that has gone back', { kind: 'restored' }, 'watch', 0, 'relist', 400],
  ['a frame that is garbage', { kind: 'undecodable' }, 'watch', 0, 'relist', 400],
  ['garbage in a list', { kind: 'undecodable' }, 'streaming', 2, 'relist', 1600],
  ['garbage in a list, again and again', { kind: 'undecodable' }, 'pages', 3, 'unavailable', 3750],
  ['garbage in a watch, again and again', { kind: 'undecodable' }, 'watch', 3, 'relist', 3200],
  ['410 to a watch', api(410), 'watch', 0, 'relist', 400],
  ['410 within a watch', api(410, { inStream: true }), 'watch', 0, 'relist', 400],
  ['410 to a continue token', api(410), 'pages', 0, 'relist', 400],
  ['422 to a streaming list', api(422), 'streaming', 5, 'paginate', 0],
  ['400 to a streaming list', api(400), 'streaming', 0, 'paginate', 0],
  ['400 within a streaming list', api(400, { inStream: true }), 'streaming', 0, 'relist', 400],
  ['422 to a watch', api(422), 'watch', 0, 'relist', 400],
  ['401', api(401), 'watch', 0, 'resume', 400],
  ['401 to a list', api(401), 'streaming', 0, 'relist', 400],
  ['403 to a list, as an API server gives that just started', api(403), 'streaming', 0, 'relist', 600],
  ['403 to a list, again', api(403), 'pages', 2, 'relist', 2400],
  ['403 to a list, again and again', api(403), 'pages', 3, 'unavailable', 3750],
  ['403 to a list, for long', api(403), 'pages', 60, 'unavailable', 45_000],
  ['403 to a watch, as an API server gives that just started', api(403), 'watch', 0, 'resume', 600],
  ['403 to a watch, again and again', api(403), 'watch', 3, 'unavailable', 3750],
  ['404 to a list', api(404), 'streaming', 0, 'unavailable', 3750],
  ['404 to a watch', api(404), 'watch', 2, 'resume', 2400],
  ['429 with Retry-After', api(429, { retryAfterSeconds: 7 }), 'watch', 0, 'resume', 7500],
  ['429 without', api(429), 'watch', 0, 'resume', 400],
  ['429 within a watch', api(429, { inStream: true, retryAfterSeconds: 1 }), 'watch', 0, 'resume', 1500],
  ['503 with an absurd Retry-After', api(503, { retryAfterSeconds: 1e9 }), 'watch', 0, 'resume', 300_500],
  ['500 to a watch', api(500), 'watch', 0, 'resume', 400],
  ['500 within a watch', api(500, { inStream: true }), 'watch', 0, 'relist', 400],
  ['500 to a list', api(500), 'pages', 0, 'relist', 400],
  ['a redirect', api(302), 'watch', 0, 'relist', 400],
];

describe('decide', () => {
  for (const [what, readError, phase, attempt, action, delayMs] of table) {
    it(`${what} (${phase}, attempt ${attempt}): ${action} after ${delayMs} ms`, () => {
      expect(decide(readError, { phase, attempt }, HALF)).to.deep.equal({ action, delayMs });
    });
  }

  it('never waits longer than five minutes and a bit, and never a negative time', () => {
    const readError = fc.oneof(
      fc.constantFrom<ReadError>(...table.map(([, one]) => one)),
      fc
        .record({ status: fc.integer(), retryAfterSeconds: fc.option(fc.nat(), { nil: undefined }), inStream: fc.boolean() })
        .map(({ status, ...more }) => api(status, more as { inStream: boolean })),
    );
    const phase = fc.constantFrom<Phase>('streaming', 'pages', 'watch');
    fc.assert(
      fc.property(
        readError,
        phase,
        fc.nat(),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (one, where, attempt, random) => {
          expect(decide(one, { phase: where, attempt }, random).delayMs).to.be.within(0, 301_000);
        },
      ),
    );
  });
});
