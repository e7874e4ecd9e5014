import { expect } from 'chai';
import { listWay } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { waitFor } from '../support/waiting.ts';
import type { Asked } from './asked.ts';
import { errorPage, garbageAfter, loseAnswer, reset, shaped, stall, status } from './faults.ts';
import type { Fault, Rule } from './proxy.ts';
import { useStand, type Stand } from './stand.ts';
import { byKind, isRead, WATCHED } from './watched.ts';

/** How much faster than the machine's the operator's clock runs. */
const SCALE = 15;
/** A timer may end so much sooner than it should, in milliseconds of the machine. */
const TIMER_MS = 2;
/** How long an API server is away, in seconds of the operator's clock. */
const SECONDS = 30;

interface Row {
  /** Where it takes minutes. */
  readonly scale?: number;
  readonly fault: Fault;
  /** The reason under which the errors are counted. */
  readonly reason: string;
  /** What the one warning for each kind says. */
  readonly says: RegExp;
  /** The least pauses between tries, in milliseconds of the operator's clock; a deadline counts from before the connection is there. */
  readonly pauses: readonly number[];
  /** The same where the watch meets the fault, if they differ: the server may only be restarting. */
  readonly watchPauses?: readonly number[];
  /** Whether a watch would not meet it before something changes, but a streaming list does. */
  readonly inLists?: true;
}

const KINDS = Object.keys(WATCHED);

/** With chance at one half, half of 0.8 s, and twice as long each time. */
const GROWING = [400, 800, 1600, 3200] as const;
/** Three tries with some patience; then it is unavailable, and 5 s and more pass. */
const PATIENT = [600, 1200, 2400, 3750] as const;

const ROWS: Readonly<Record<string, Row>> = {
  'breaks the connection at each request': { fault: reset, reason: 'network', says: /socket|ECONNRESET|closed/, pauses: GROWING },
  'never answers': { scale: 25, fault: stall, reason: 'silent', says: /no response in time/, pauses: [15_000], watchPauses: [32_000] },
  'answers 401': { fault: status(401, 'Unauthorized'), reason: 'api 401', says: /Unauthorized, says the proxy/, pauses: GROWING },
  'answers 403': { fault: status(403, 'Forbidden'), reason: 'api 403', says: /Forbidden, says the proxy/, pauses: PATIENT },
  'answers 404': {
    fault: status(404, 'NotFound'),
    reason: 'api 404',
    says: /NotFound, says the proxy/,
    pauses: [3750, 3750],
    watchPauses: PATIENT,
  },
  'answers 409': { fault: status(409, 'Conflict'), reason: 'api 409', says: /Conflict, says the proxy/, pauses: GROWING },
  'answers 410': { fault: status(410, 'Expired'), reason: 'api 410', says: /Expired, says the proxy/, pauses: GROWING },
  'answers 429 with Retry-After': {
    fault: status(429, 'TooManyRequests', 7),
    reason: 'api 429',
    says: /TooManyRequests, says the proxy/,
    pauses: [7500, 7500],
  },
  'answers 500': { fault: status(500, 'InternalError'), reason: 'api 500', says: /InternalError, says the proxy/, pauses: GROWING },
  'answers 503': {
    fault: status(503, 'ServiceUnavailable'),
    reason: 'api 503',
    says: /ServiceUnavailable, says the proxy/,
    pauses: GROWING,
  },
  'answers 503 with Retry-After': {
    fault: status(503, 'ServiceUnavailable', 3),
    reason: 'api 503',
    says: /ServiceUnavailable, says the proxy/,
    pauses: [3500, 3500, 3500],
  },
  'answers with the error page of a balancer': { fault: errorPage, reason: 'api 502', says: /502 Bad Gateway/, pauses: GROWING },
  'sends garbage in the frames': {
    fault: shaped(() => garbageAfter(0)),
    reason: 'undecodable',
    says: /malformed|index out of range|begin otherwise/,
    pauses: GROWING,
    inLists: true,
  },
};

interface Write {
  /** Where it takes minutes. */
  readonly scale?: number;
  readonly fault: Fault;
  /** How the writes are counted. */
  readonly result: 'failed' | 'conflict';
  /** The least pauses between tries, in milliseconds of the operator's clock, where they are others than usual. */
  readonly pauses?: readonly number[];
}

const WRITES: Readonly<Record<string, Write>> = {
  'breaks the connection at': { fault: reset, result: 'failed' },
  // Four tries take more than a minute, and nothing else may take so long that the watches, of which nothing comes, are silent for three.
  'never answers': { scale: 10, fault: stall, result: 'failed' },
  'answers 403 to': { fault: status(403, 'Forbidden'), result: 'failed' },
  'answers 404 to': { fault: status(404, 'NotFound'), result: 'conflict' },
  'answers 409 to': { fault: status(409, 'Conflict'), result: 'conflict' },
  'answers 429 with Retry-After to': { fault: status(429, 'TooManyRequests', 7), result: 'failed', pauses: [7500, 7500, 7500] },
  'answers 500 to': { fault: status(500, 'InternalError'), result: 'failed' },
  'answers 503 to': { fault: status(503, 'ServiceUnavailable'), result: 'failed' },
  'answers 503 with Retry-After to': { fault: status(503, 'ServiceUnavailable', 3), result: 'failed', pauses: [3500, 3500, 4000] },
};

/** Between the tries of a write, in milliseconds of the operator's clock. */
const WRITE_PAUSES = [1000, 2000, 4000] as const;

describe('an API server that does not answer as it should', function () {
  this.timeout(90_000);
  const slot = useStand();
  let stand: Stand;

  for (const [what, row] of Object.entries(ROWS)) {
    if (row.inLists && listWay() === 'pages') continue;
    it(`${what}, from the start`, async () => {
      stand = await slot.on(row.scale ?? SCALE);
      const rule = stand.proxy.on(isRead, row.fault);
      stand.start();
      await untilTried(rule, row.pauses.length + 1);
      await stand.ground.change();
      rule.lift();
      await stand.untilTrue();
      await check(row, rule, row.pauses, /^listed /);
    });

    if (row.inLists) continue;
    it(`${what}, to watches that ran`, async () => {
      stand = await slot.on(row.scale ?? SCALE);
      stand.start();
      await stand.untilTrue();
      const rule = stand.proxy.on(isRead, row.fault);
      for (const watch of stand.proxy.watches()) watch.end();
      const pauses = row.watchPauses ?? row.pauses;
      await untilTried(rule, pauses.length + 1);
      await stand.ground.change();
      rule.lift();
      await stand.untilTrue();
      await check(row, rule, pauses, /^(listed .+|watching .+ again)$/);
    });
  }

  for (const [what, { scale = SCALE, fault, result, pauses = WRITE_PAUSES }] of Object.entries(WRITES)) {
    it(`${what} writes of a status`, async () => {
      stand = await slot.on(scale);
      stand.start();
      await stand.untilTrue();
      const { [result]: before } = await writes();
      const rule = stand.proxy.on(isStatusWrite, fault);
      await stand.ground.change();
      await waitFor('the tries', () => rule.met.length > pauses.length, { deadlineMs: 60_000, everyMs: 10 });
      rule.lift();
      await stand.untilTrue();
      pausesWereLong(rule.met, pauses);
      const { [result]: after } = await writes();
      expect(after - before).to.equal(rule.met.length);
      const once = [
        ['error', 'write the status of a report'],
        ['info', 'writing the status of the report works again'],
      ] as const;
      // Whoever reads the report may see it before the answer to the write is read.
      await eventually(() => {
        const lines = stand.log.lines.filter(({ level, message }) => level !== 'debug' && message.includes('the status of '));
        expect(lines).to.have.length(result === 'failed' ? once.length : 0);
        for (const [index, { level, message }] of lines.entries()) {
          expect(level).to.equal(once[index]?.[0]);
          expect(message).to.contain(once[index]?.[1]);
        }
      });
      expect(stand.logged).to.deep.equal([]);
    });
  }

  it('does what a write asks for, and breaks the connection before it says so', async () => {
    stand = await slot.on(SCALE);
    stand.start();
    await stand.untilTrue();
    const rule = stand.proxy.on(isStatusWrite, loseAnswer);
    await stand.ground.change();
    await waitFor('a write', () => rule.met.length > 0, { deadlineMs: 60_000, everyMs: 10 });
    rule.lift();
    await stand.untilTrue();
    expect((await writes()).failed).to.equal(rule.met.length);
  });

  it('answers 500 to the creation of the default report', async () => {
    stand = await slot.on(SCALE);
    const rule = stand.proxy.on(({ method }) => method === 'POST', status(500, 'InternalError'));
    stand.start();
    await waitFor('the tries', () => rule.met.length > WRITE_PAUSES.length, { deadlineMs: 60_000, everyMs: 10 });
    rule.lift();
    await stand.untilTrue();
    pausesWereLong(rule.met, WRITE_PAUSES);
    const errors = stand.log.lines.filter(({ message }) => message === 'could not create the default report');
    expect(errors.map(({ level }) => level).filter((level) => level !== 'debug')).to.deep.equal(['error']);
    expect(errors).to.have.length(rule.met.length);
  });

  for (const [door, longest, most] of [
    // In 0, 0.4, 1.2, 2.8, 6, 12.4 and 24.8 seconds, and once for the version.
    ['closing', SECONDS, KINDS.length * 7 + 1],
    ['resetting', SECONDS, KINDS.length * 7 + 1],
    // Where nobody answers, twice or thrice, or once more on a busy machine; and for the version a minute after it was given up.
    ['mute', 4 * SECONDS, KINDS.length * 4 + 2],
  ] as const) {
    it(`takes connections only ${door === 'mute' ? 'to keep them waiting' : `for ${door} them`}, and few of them`, async () => {
      stand = await slot.on(door === 'mute' ? 4 * SCALE : SCALE);
      stand.proxy.door = door;
      stand.start();
      const start = stand.clock.now();
      await waitFor('time to pass', () => stand.clock.now() - start > longest * 1000, { deadlineMs: 60_000, everyMs: 10 });
      expect(stand.proxy.connections).to.be.within(KINDS.length, most);
      expect(stand.logged.map(({ level }) => level)).to.deep.equal(KINDS.map(() => 'warn'));
      stand.proxy.door = 'open';
      await stand.untilTrue();
    });
  }

  async function writes(): Promise<Readonly<Record<Write['result'], number>>> {
    const series = await stand.series('dualstack_report_writes_total');
    const of = (result: Write['result']): number => series[`{result="${result}"}`] ?? 0;
    return { failed: of('failed'), conflict: of('conflict') };
  }

  async function untilTried(rule: Rule, times: number): Promise<void> {
    const tried = (): boolean => [...byKind(rule.met).values()].every(({ length }) => length >= times);
    await waitFor(`${times} tries of each kind`, tried, { deadlineMs: 60_000, everyMs: 10 });
  }

  /** Each failure is counted, a kind is warned of once and reported well once, and no try comes too soon. */
  async function check({ reason, says }: Row, rule: Rule, pauses: readonly number[], well: RegExp): Promise<void> {
    await eventually(async () => {
      const tries = [...byKind(rule.met)].map(([kind, { length }]) => [kind, length]);
      expect(await stand.errors(reason)).to.deep.equal(Object.fromEntries(tries));
      expect(stand.logged).to.have.length(2 * KINDS.length);
    });
    for (const [kind, plural] of Object.entries(WATCHED)) {
      const [warning, recovery] = stand.logged.filter(({ fields }) => fields['resource'] === plural);
      expect(warning, kind).to.include({ level: 'warn' }).and.to.have.property('message').that.matches(says);
      expect(warning?.fields, kind).to.include({ reason });
      expect(recovery, kind).to.include({ level: 'info' }).and.to.have.property('message').that.matches(well);
    }
    for (const requests of byKind(rule.met).values()) pausesWereLong(requests, pauses);
  }

  function pausesWereLong(requests: readonly Asked[], pauses: readonly number[]): void {
    for (const [index, pause] of pauses.entries()) {
      const [one, next] = requests.slice(index, index + 2);
      const between = next!.at - one!.at + TIMER_MS;
      expect(between, `pause ${index + 1} of ${one!.resource}`).to.be.at.least(pause / stand.clock.scale);
    }
  }
});

function isStatusWrite({ method, resource }: Asked): boolean {
  return method === 'PATCH' && resource === 'dualstackreports';
}
