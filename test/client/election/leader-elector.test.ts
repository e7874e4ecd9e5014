import { expect } from 'chai';
import fc from 'fast-check';
import { ApiError, NetworkError } from '../../../src/client/wire/errors.ts';
import { releasedRecord } from '../../../src/client/election/leader-state.ts';
import { DEFAULT_TIMINGS } from '../../../src/client/election/leader-timings.ts';
import { ElectionWorld, type Pause, type ReplicaOptions, type Travel } from '../support/election.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const { leaseDuration, renewDeadline, retryPeriod } = DEFAULT_TIMINGS;

describe('a candidate', () => {
  it('makes the lease where there is none, and renews it', async () => {
    const world = new ElectionWorld();
    const { reportedTerms } = world.add({ identity: 'a', timeOfDay: Date.UTC(2026, 0, 1) });
    await world.until(10);
    expect([world.leaders, reportedTerms]).to.deep.equal([['a'], [1]]);
    const taken = '2026-01-01T00:00:00.002000Z';
    expect(world.record).to.deep.equal({
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: taken,
      renewTime: taken,
      leaseTransitions: 0,
    });
    await world.until(MINUTE);
    expect(world.record).to.include({ acquireTime: taken, leaseTransitions: 0 });
    expect(Date.parse(world.record?.renewTime ?? '')).to.be.at.least(Date.UTC(2026, 0, 1, 0, 0, 58));
    // Once a retry period, and without reading what nobody else should have written.
    expect(world.asked.slice(0, 4)).to.deep.equal(['read', 'create', 'update', 'update']);
    expect(world.asked.length).to.be.within(29, 32);
    await world.stop();
  });

  it('is on standby while another leads, and says who', async () => {
    const world = new ElectionWorld();
    world.add({ identity: 'a' });
    await world.until(SECOND);
    const { log, reportedTerms, elector } = world.add({ identity: 'b' });
    await world.until(5 * MINUTE);
    expect([world.leaders, reportedTerms, elector.takesPart]).to.deep.equal([['a'], [], true]);
    expect(log.lines.map(({ message, fields }) => [message, fields['leader']])).to.deep.equal([
      ['another replica is the leader, standing by', 'a'],
    ]);
    await world.stop();
  });

  it('takes the place of one that was killed when its lease has run out, and no sooner', async () => {
    for (const chance of [0, 0.5, 0.99]) {
      const world = new ElectionWorld(() => chance);
      const killedAt = 30 * SECOND;
      world.add({ identity: 'a', pauses: [{ from: killedAt, to: Infinity }] });
      await world.until(SECOND);
      const b = world.add({ identity: 'b' });
      let tookOverAt = Infinity;
      await world.until(MINUTE, () => {
        if (b.elector.term !== undefined) tookOverAt = Math.min(tookOverAt, world.now);
      });
      const renewedAt = Date.parse(world.record?.acquireTime ?? '') - Date.UTC(2026, 0, 1);
      expect(tookOverAt, `chance ${chance}`).to.be.within(renewedAt, killedAt + leaseDuration + retryPeriod + 100);
      expect(tookOverAt).to.be.above(killedAt - retryPeriod + leaseDuration - 1);
      expect(world.record).to.include({ holderIdentity: 'b', leaseTransitions: 1 });
    }
  });

  it('takes at once what was given back', async () => {
    const world = new ElectionWorld(() => 0);
    const a = world.add({ identity: 'a' });
    await world.until(SECOND);
    const b = world.add({ identity: 'b' });
    await world.until(MINUTE);
    a.abort.abort();
    const released = a.elector.release();
    await world.until(MINUTE + 10);
    await released;
    expect(world.record).to.include({ holderIdentity: '', leaseDurationSeconds: 1, leaseTransitions: 0 });
    expect(a.elector.term).to.equal(undefined);
    await world.until(MINUTE + retryPeriod + 10);
    expect([world.leaders, b.reportedTerms, world.record?.leaseTransitions]).to.deep.equal([['b'], [1], 1]);
    await world.stop();
  });

  it('releases no lease that is not its own', async () => {
    const world = new ElectionWorld();
    world.add({ identity: 'a' });
    await world.until(SECOND);
    const b = world.add({ identity: 'b' });
    await world.until(MINUTE);
    const requests = world.asked.length;
    await b.elector.release();
    expect([world.asked.length, world.record?.holderIdentity]).to.deep.equal([requests, 'a']);
    await world.stop();
  });

  it('releases the lease after a renewal that was broken off has arrived all the same', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(3 * SECOND);
    // The renewal of the fourth second comes between the read and the write of the release.
    const travels: Travel[] = [{ there: 30, back: 1 }];
    world.travel = () => travels.shift() ?? { there: 20, back: 1 };
    await world.until(4 * SECOND + 15);
    a.abort.abort();
    const released = a.elector.release();
    await world.until(5 * SECOND);
    await released;
    expect(world.record?.holderIdentity).to.equal('');
    expect(world.asked.slice(-5)).to.deep.equal(['read', 'update', 'update', 'read', 'update']);
    await world.stop();
  });

  for (const lease of ['there is none', 'nobody has it'] as const) {
    for (const [when, there] of [
      ['before it ends', 3],
      ['while it gives back', 16],
      ['after that', 200],
    ] as const) {
      it(`leaves the lease to others where ${lease}, and its first write arrives ${when}`, async () => {
        const world = new ElectionWorld();
        if (lease !== 'there is none') world.edit(releasedRecord({ leaseTransitions: 4 }, 0));
        const travels: Travel[] = [
          { there: 1, back: 1 },
          { there, back: 1_000 },
        ];
        world.travel = () => travels.shift() ?? { there: 5, back: 1 };
        const a = world.add({ identity: 'a' });
        await world.until(10);
        a.abort.abort();
        const released = a.elector.release();
        await world.until(SECOND);
        await released;
        expect(world.record?.holderIdentity).to.equal('');
        const b = world.add({ identity: 'b' });
        await world.until(2 * SECOND);
        expect(b.elector.term).to.equal(1);
        await world.stop();
      });
    }
  }

  it('leaves the lease to another that took it before its own first write arrived', async () => {
    const world = new ElectionWorld();
    const travels: Travel[] = [
      { there: 1, back: 1 },
      { there: 200, back: 1 },
    ];
    world.travel = () => travels.shift() ?? { there: 1, back: 1 };
    const a = world.add({ identity: 'a' });
    await world.until(10);
    world.add({ identity: 'b' });
    await world.until(20);
    a.abort.abort();
    const released = a.elector.release();
    await world.until(SECOND);
    await released;
    expect([world.record?.holderIdentity, a.log.lines.map(({ message }) => message)]).to.deep.equal(['b', []]);
    await world.stop();
  });

  it('ends in time where the lease cannot be given back', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(SECOND);
    world.travel = () => ({ there: Infinity, back: 0 });
    a.abort.abort();
    const released = a.elector.release();
    await world.until(SECOND + 1_500);
    await released;
    expect(a.log.from('warn')).to.deep.equal(['warn could not release the leader lease: another replica leads when it expires']);
  });

  it('gives up in time where responses no longer arrive, and leads again in a term of its own', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(MINUTE);
    const renewedAt = Date.parse(world.record?.renewTime ?? '') - Date.UTC(2026, 0, 1);
    world.travel = () => ({ there: Infinity, back: 0 });
    await world.until(renewedAt + renewDeadline - 10);
    expect([world.leaders, a.reportedTerms]).to.deep.equal([['a'], [1]]);
    await world.until(renewedAt + renewDeadline + 10);
    expect([world.leaders, a.reportedTerms]).to.deep.equal([[], [1, undefined]]);
    world.travel = () => ({ there: 1, back: 1 });
    await world.until(renewedAt + 30 * SECOND);
    expect([world.leaders, a.reportedTerms, world.record?.leaseTransitions]).to.deep.equal([['a'], [1, undefined, 2], 0]);
    expect(a.log.from('warn')).to.deep.equal(['warn cannot read or write the lease', 'warn lost leader lease: could not renew it in time']);
    expect(a.log.lines.map(({ message }) => message)).to.include('reading and writing the lease works again');
    await world.stop();
  });

  it('counts from when it asked, since the others may have seen the answer long before it', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(SECOND);
    world.add({ identity: 'b', rate: 1.4 });
    await world.until(MINUTE);
    // The last renewal arrives at once, and its answer as late as it may.
    const last: Travel[] = [{ there: 1, back: renewDeadline / 2 - 10 }];
    world.travel = (identity) => (identity === 'b' ? { there: 1, back: 1 } : (last.shift() ?? { there: Infinity, back: 0 }));
    await world.until(2 * MINUTE, () => {
      expect(world.leaders).to.have.length.of.at.most(1);
    });
    expect([world.leaders, a.reportedTerms]).to.deep.equal([['b'], [1, undefined]]);
    await world.stop();
  });

  it('leads no longer when it wakes after another has taken over', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a', pauses: [{ from: 31 * SECOND, to: 61 * SECOND }] });
    await world.until(SECOND);
    world.add({ identity: 'b' });
    await world.until(62 * SECOND, () => {
      expect(world.leaders).to.have.length.of.at.most(1);
    });
    expect([world.leaders, a.reportedTerms]).to.deep.equal([['b'], [1, undefined]]);
    await world.stop();
  });

  it('steps down at once where it reads that another leads', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(SECOND);
    world.edit({ holderIdentity: 'x', leaseDurationSeconds: 15, acquireTime: '', renewTime: '', leaseTransitions: 7 });
    await world.until(SECOND + retryPeriod);
    expect(a.reportedTerms).to.deep.equal([1, undefined]);
    await world.until(SECOND + retryPeriod + leaseDuration + 10);
    expect([world.leaders, world.record?.leaseTransitions]).to.deep.equal([['a'], 8]);
    await world.stop();
  });

  it('makes the lease again that was deleted, in a new term', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(SECOND);
    world.edit(undefined);
    await world.until(2 * SECOND + retryPeriod);
    expect([world.leaders, a.elector.term]).to.deep.equal([['a'], 2]);
    await world.stop();
  });

  it('goes by its own clock: neither a time of day nor an edit of anything else in the lease counts as a sign of the leader', async () => {
    const world = new ElectionWorld();
    const b = world.add({ identity: 'b' });
    const dead = {
      holderIdentity: 'a',
      leaseDurationSeconds: 15,
      acquireTime: '2999-01-01T00:00:00.000000Z',
      renewTime: '2999-01-01T00:00:00.000000Z',
      leaseTransitions: 0,
    };
    world.edit(dead);
    for (let second = 1; second < 15; second += 1) {
      await world.until(second * SECOND);
      expect(b.reportedTerms).to.deep.equal([]);
      world.edit({ ...dead });
    }
    await world.until(16 * SECOND);
    expect(world.leaders).to.deep.equal(['b']);
    await world.stop();
  });

  for (const [what, seconds, waits] of [
    ['the duration that the leader has named', 40, 40],
    ['its own where the lease names none', 0, 15],
  ] as const) {
    it(`waits for ${what}`, async () => {
      const world = new ElectionWorld();
      world.edit({ holderIdentity: 'a', leaseDurationSeconds: seconds, acquireTime: '', renewTime: '', leaseTransitions: 0 });
      const b = world.add({ identity: 'b' });
      await world.until(waits * SECOND - 10);
      expect(b.reportedTerms).to.deep.equal([]);
      await world.until(waits * SECOND + 10);
      expect(b.reportedTerms).to.deep.equal([1]);
      await world.stop();
    });
  }

  for (const [verb, status, words] of [
    [
      'read',
      403,
      'grant a Role in the namespace ns with the rule {apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["get", "create", "update"]}',
    ],
    [
      'create',
      404,
      'the namespace ns has to exist (another is named with --leader-elect-resource-namespace), and the API server has to serve coordination.k8s.io/v1',
    ],
  ] as const) {
    it(`says what to do about ${status}, keeps trying, and leads once it may`, async () => {
      const world = new ElectionWorld();
      const a = world.add({ identity: 'a' });
      world.refuse = (asked) => (asked === verb ? new ApiError(status, '', 'no') : undefined);
      await world.until(5 * MINUTE);
      expect([a.reportedTerms, a.elector.takesPart]).to.deep.equal([[], false]);
      expect(a.log.from('warn')).to.deep.equal([`warn cannot read or write the lease, so this replica writes no reports: ${words}`]);
      expect(a.log.lines[0]?.fields).to.deep.equal({ lease: 'ns/it', reason: 'no' });
      world.refuse = () => undefined;
      await world.until(5 * MINUTE + retryPeriod + 10);
      expect([a.reportedTerms, a.elector.takesPart]).to.deep.equal([[1], true]);
      await world.stop();
    });
  }

  it('lives through failures of the network, and ends with a fault of this program', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    world.refuse = () => new NetworkError(new Error('connect ECONNREFUSED'));
    await world.until(MINUTE);
    world.refuse = () => new TypeError('a fault');
    const ended = a.running.catch((error: unknown) => String(error));
    await world.until(2 * MINUTE);
    expect(await ended).to.equal('TypeError: a fault');
  });
});

describe('an election', function () {
  this.timeout(60_000);

  /** As far apart as clocks may be: less than leaseDuration : renewDeadline. */
  const rate = fc.double({ min: 0.84, max: 1.24, noNaN: true });
  const pause = fc.record({ from: fc.nat(4 * MINUTE), lasts: fc.nat(45 * SECOND) });
  const replica = fc.record({
    rate,
    start: fc.nat(1e9),
    timeOfDay: fc.nat(2e12),
    pauses: fc.array(pause, { maxLength: 4 }),
    isKilled: fc.boolean(),
  });
  const chaos = fc.record({
    replicas: fc.array(replica, { minLength: 2, maxLength: 4 }),
    loss: fc.double({ min: 0, max: 0.3, noNaN: true }),
    slowness: fc.double({ min: 0, max: 0.3, noNaN: true }),
    seed: fc.integer(),
  });
  const CALM_AT = 5 * MINUTE;

  it('has one leader at most at any time, and soon one when the error is over', async () => {
    let takeovers = 0;
    await fc.assert(
      fc.asyncProperty(chaos, async ({ replicas, loss, slowness, seed }) => {
        const random = randomOf(seed);
        const world = new ElectionWorld(random);
        world.travel = () => failingTravel(random, world.now < CALM_AT ? loss : 0, world.now < CALM_AT ? slowness : 0);
        const survivors = replicas.flatMap(({ isKilled }, index) => (isKilled && index > 0 ? [] : [`r${index}`]));
        for (const [index, { pauses, isKilled, ...options }] of replicas.entries()) {
          const all: Pause[] = pauses.map(({ from, lasts }) => ({ from, to: from + lasts }));
          if (isKilled && index > 0) all.push({ from: 2 * MINUTE, to: Infinity });
          world.add({ ...options, identity: `r${index}`, pauses: all } satisfies ReplicaOptions);
        }
        await world.until(CALM_AT, () => {
          expect(world.leaders).to.have.length.of.at.most(1);
        });
        const slowest = Math.min(...replicas.map((each) => each.rate));
        // A request that was lost before the calm is waited for too.
        await world.until(CALM_AT + (leaseDuration + retryPeriod + renewDeadline / 2) / slowest + SECOND, () => {
          expect(world.leaders).to.have.length.of.at.most(1);
        });
        expect(world.leaders).to.have.length(1);
        expect(survivors).to.include(world.leaders[0]);
        for (const { reportedTerms } of world.replicas) expect(reportedTerms).to.deep.equal(ascending(reportedTerms));
        takeovers += world.record?.leaseTransitions ?? 0;
      }),
      { numRuns: 60 },
    );
    // Otherwise nothing would have been tried.
    expect(takeovers).to.be.above(60);
  });
});

function failingTravel(random: () => number, loss: number, slowness: number): Travel {
  const way = (): number => {
    if (random() < loss) return Infinity;
    return random() < slowness ? random() * 12 * SECOND : 1 + random() * 50;
  };
  return { there: way(), back: way() };
}

/** Terms as they have to be: each higher than the one before, and reported no more than once. */
function ascending(reportedTerms: readonly (number | undefined)[]): (number | undefined)[] {
  const terms = reportedTerms.filter((term) => term !== undefined);
  expect(terms).to.deep.equal([...new Set(terms)].sort((a, b) => a - b));
  return [...reportedTerms];
}

/** Chance that a seed repeats (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
