import type { EventsV1Event } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { installOperatorManifests, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { rowsUnder } from '../support/documented.ts';
import { eventually } from '../support/eventually.ts';
import { report } from '../support/objects.ts';
import type { LogLine } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import type { Asked } from './asked.ts';
import { first, inTurn, reset, stall, status } from './faults.ts';
import { useGround } from './ground.ts';
import type { Fault, Rule } from './proxy.ts';
import { tooShort, Trial, WARNING } from './trial.ts';
import { WATCHED } from './watched.ts';

const PATIENCE = { deadlineMs: 60_000, everyMs: 20 } as const;
const ELECTION = ['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'];
/** With time for two tries that fail, and for a slow machine. */
const QUICK = ['--leader-elect-lease-duration=8s', '--leader-elect-renew-deadline=6s', '--leader-elect-retry-period=500ms'];
const RETRY_PERIOD_MS = 500;
const RENEW_DEADLINE_MS = 6_000;
/** Of one that does not lead, with chance at one half. */
const FOLLOWING_MS = RETRY_PERIOD_MS / 1.6;
/** After a write that failed, twice as long each time. */
const PAUSES = [1000, 2000, 4000] as const;
/** And half a second: less than others wait after their third try. */
const RETRY_AFTER_S = 2;
const ANSWER_MS = 15_000;

const FAULTS: Readonly<Record<string, Fault>> = {
  reset,
  'api-401': status(401, 'Unauthorized'),
  'api-403': status(403, 'Forbidden'),
  'api-404': status(404, 'NotFound'),
  'api-409': status(409, 'Conflict'),
  'api-429': status(429, 'TooManyRequests', RETRY_AFTER_S),
  'api-500': status(500, 'InternalError'),
  'api-503': status(503, 'ServiceUnavailable'),
};
/** The rows of docs/reliability.md. */
const STATUS = 'the status of a report';
const DEFAULT_REPORT = 'the default report';
const EVENT = 'an Event';
const LEASE = 'the lease';

/** The report has changed, or is gone: that is determined by the watch. */
const CONFLICTS = ['api-404', 'api-409'];

describe('docs/reliability.md', () => {
  it('names all that is written', () => {
    expect(Object.keys(rowsUnder('Failed writes'))).to.have.members([STATUS, DEFAULT_REPORT, EVENT, LEASE]);
  });
});

describe('the operator as a process, behind a proxy that breaks its writes', function () {
  this.timeout(120_000);
  const ground = useGround({ users: [OPERATOR] });
  let trial: Trial;

  before('install the manifests', () => installOperatorManifests(ground.controlPlane));

  beforeEach(async () => {
    trial = await Trial.on(ground);
  });

  afterEach('end the operator, and show its log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') console.error(trial.operator.tail);
    const { running } = trial.operator;
    expect([running, await trial.end()]).to.deep.equal([true, 0]);
  });

  it(`of ${STATUS}: counted, logged once, with the pauses that are documented, and true in the end`, async () => {
    const names = Object.keys(FAULTS);
    for (const name of names) await ground.admin.create(REPORTS_PATH, report(name));
    await trial.start();
    await trial.untilTrue();
    const before = await written();
    const rules = names.map((name) => trial.proxy.on(isWriteOf(name), first(PAUSES.length, FAULTS[name]!)));
    await ground.change();
    await waitFor('the faults', () => rules.every(({ met }) => met.length >= PAUSES.length), PATIENCE);
    await trial.untilTrue();

    for (const [index, name] of names.entries()) {
      const { met } = rules[index]!;
      expect(met, name).to.have.length(PAUSES.length + 1);
      const least = name === 'api-429' ? PAUSES.map((pause) => Math.max(pause, RETRY_AFTER_S * 1000)) : PAUSES;
      expect(tooShort(times(met), least), name).to.deep.equal([]);
      const logged = trial.logged(0).filter((line) => line['report'] === name);
      const failure =
        name === 'api-403'
          ? 'not allowed to write the status of a report: the operator needs the verb patch'
          : 'could not write the status of a report';
      if (CONFLICTS.includes(name)) expect(logged, name).to.deep.equal([]);
      else expectLogged(logged, [failure, 'writing the status of the report works again']);
    }
    const conflict = PAUSES.length * CONFLICTS.length;
    const failed = PAUSES.length * names.length - conflict;
    expect(await written()).to.deep.equal({ written: (before['written'] ?? 0) + names.length, conflict, failed, superseded: 0 });
    expect(trial.logged(WARNING)).to.have.length(names.length - CONFLICTS.length);
  });

  it(`of ${DEFAULT_REPORT}: logged once, with the same pauses, and made in the end`, async () => {
    const faults = [reset, status(500, 'InternalError'), status(500, 'InternalError')];
    const rule = trial.proxy.on(({ method, resource }) => method === 'POST' && resource === 'dualstackreports', inTurn(faults));
    await trial.start();
    await waitFor('the faults', () => rule.met.length >= faults.length, PATIENCE);
    await ground.change();
    await trial.untilTrue();
    expect(rule.met).to.have.length(faults.length + 1);
    expect(tooShort(times(rule.met), PAUSES)).to.deep.equal([]);
    const failure = 'could not create the default report';
    expectLogged(
      trial.logged(0).filter((line) => line['report'] === 'cluster'),
      [failure, failure, 'created the default report'],
    );
    expect(await written()).to.include({ conflict: 0, failed: 0, superseded: 0 });
  });

  it(`of ${EVENT}: counted, logged once for each reason, and none is made twice`, async () => {
    for (let number = 10; number < 30; number++) await ground.objects.put('Node', number, 1);
    const faults = [...Object.values(FAULTS), FAULTS['api-500']!];
    const rule = trial.proxy.on(isOfEvents, inTurn(faults));
    await trial.start();
    await trial.untilTrue();
    const bad = faults.map((_, index) => 30 + index).concat(99);
    for (const number of bad) await ground.objects.put('Node', number, 0);
    await trial.untilTrue();
    await eventually(async () => {
      const { failed = 0, written: made = 0 } = await results('dualstack_events_total');
      expect([failed, made]).to.deep.equal([faults.length, 1]);
    }, PATIENCE);
    expect(rule.met).to.have.length(bad.length);
    expect(await eventsOn(bad.map((number) => `node-${number}`))).to.equal(1);
    const failures = Object.keys(FAULTS).map(() => 'could not write an Event');
    expectLogged(
      trial.logged(0).filter(({ msg }) => msg.includes('Event')),
      [...failures, 'writing Events works again'],
    );
    expect(trial.logged(WARNING)).to.have.length(failures.length);
    expect(await written()).to.include({ failed: 0, conflict: 0 });
  });

  it(`of ${LEASE}: logged once, tried once in each period and no sooner than Retry-After says, and it leads on; where that takes too long it leads no more, and later again`, async () => {
    await trial.start(...ELECTION, ...QUICK);
    await trial.untilTrue();
    const epoch = await writerEpoch();
    for (const [name, fault] of Object.entries(FAULTS).filter(([each]) => each !== 'api-404')) {
      const [lines, requests] = [trial.logged(0).length, trial.proxy.requests.length];
      // There would be no time to wait twice.
      const pauses = name === 'api-429' ? [RETRY_AFTER_S * 1000] : [RETRY_PERIOD_MS, RETRY_PERIOD_MS];
      const rule = trial.proxy.on(isLeaseWrite, first(pauses.length, fault));
      await waitFor(`the lease to be renewed after ${name}`, () => rule.met.length > pauses.length, PATIENCE);
      rule.lift();
      const isConflict = name === 'api-409';
      const until = rule.met[pauses.length]!.at;
      const asked = trial.proxy.requests.slice(requests).filter(({ resource, at }) => resource === 'leases' && at <= until);
      // After a conflict it is read what is there.
      expect(asked.map(({ method }) => method).join(' '), name).to.equal(
        isConflict ? 'PUT GET PUT PUT' : ['PUT', ...pauses.map(() => 'PUT')].join(' '),
      );
      expect(tooShort(times(rule.met), isConflict ? [0, RETRY_PERIOD_MS] : pauses), name).to.deep.equal([]);
      const words = isConflict ? [] : ['cannot read or write the lease', 'reading and writing the lease works again'];
      await eventually(() => {
        expectLogged(trial.logged(0).slice(lines), words);
      });
      expect(await leader(), name).to.equal(1);
    }
    expect(await writerEpoch()).to.equal(epoch);

    const lines = trial.logged(0).length;
    const rule = trial.proxy.on(({ resource }) => resource === 'leases', FAULTS['api-500']!);
    await ground.change();
    const { time } = await trial.operator.logged('lost leader lease: could not renew it in time');
    expect(await leader()).to.equal(0);
    const failedMs = Date.parse(time) - (performance.timeOrigin + rule.met[0]!.at);
    expect(failedMs).to.be.within(RENEW_DEADLINE_MS - 2 * RETRY_PERIOD_MS, 2 * RENEW_DEADLINE_MS);
    await waitFor('a few tries more', () => rule.met.length > RENEW_DEADLINE_MS / RETRY_PERIOD_MS + 2, PATIENCE);
    // It looks when its term ends, and when the lease runs out.
    expect(tooShort(times(rule.met), Array<number>(rule.met.length - 1).fill(FOLLOWING_MS))).to.have.length.at.most(2);
    rule.lift();
    await trial.operator.logged('acquired leader lease', { count: 2 });
    await trial.untilTrue();
    expect(await leader()).to.equal(1);
    expect(await writerEpoch()).to.equal(epoch + 1);
    const logged = trial.logged(0).slice(lines);
    const isReadError = ({ msg }: LogLine): boolean => /(?:read or write|reading and writing) the lease/.test(msg);
    expectLogged(
      logged.filter((line) => !isReadError(line)),
      ['lost leader lease', 'acquired leader lease'],
    );
    // This error was logged before; but a request that is sent just before the end may have no time left for its answer.
    expect(logged.filter(isReadError)).to.have.length.at.most(2);
  });

  it('refused as connections: counted, logged once, with the pauses that are documented, and true in the end', async () => {
    await trial.start(...ELECTION, ...QUICK, '--leader-elect-lease-duration=15s', '--leader-elect-renew-deadline=13s');
    await trial.untilTrue();
    const [lines, since, before] = [trial.logged(0).length, performance.now(), await written()];
    // The watches stay; connections that writes could be sent on do not.
    const listen = trial.proxy.refuseOthers();
    const rule = trial.proxy.on(({ purpose }) => purpose === 'write', reset);
    await ground.change();
    await eventually(async () => {
      expect((await written())['failed']).to.be.at.least(3);
    }, PATIENCE);
    expect(performance.now() - since).to.be.at.least(PAUSES[0] + PAUSES[1]);
    rule.lift();
    await listen();
    await trial.untilTrue();
    // So many connections may have been open from before: of lists in pages, of the lease, the report and an Event.
    expect(rule.met).to.have.length.at.most(Object.keys(WATCHED).length + 3);
    expect((await written())['failed']).to.equal((before['failed'] ?? 0) + 3);
    const logged = trial.logged(0).slice(lines);
    expectLogged(
      logged.filter((line) => line['report'] !== undefined),
      ['could not write the status of a report', 'writing the status of the report works again'],
    );
    await eventually(() => {
      expectLogged(
        trial
          .logged(0)
          .slice(lines)
          .filter((line) => line['lease'] !== undefined),
        ['cannot read or write the lease', 'reading and writing the lease works again'],
      );
    });
    expect(trial.logged(WARNING)).to.have.length(2);
    expect(await leader()).to.equal(1);
  });

  it('never answered: given up in time, counted, logged once, and true in the end', async () => {
    for (let number = 10; number < 13; number++) await ground.objects.put('Node', number, 1);
    await trial.start(...ELECTION);
    await trial.untilTrue();
    const lines = trial.logged(0).length;
    const [event, lease] = [trial.proxy.on(isOfEvents, first(1, stall)), trial.proxy.on(isLeaseWrite, first(1, stall))];
    await ground.objects.put('Node', 30, 0);
    await waitFor('an Event', () => event.met.length > 0, PATIENCE);
    const patch = trial.proxy.on(isWriteOf('cluster'), first(1, stall));
    await ground.change();
    await waitFor('another try', () => patch.met.length > 1, PATIENCE);
    await trial.untilTrue();
    await eventually(async () => {
      expect(await results('dualstack_events_total')).to.include({ failed: 1 });
    }, PATIENCE);
    expect(patch.met).to.have.length(2);
    expect(tooShort(times(patch.met), [ANSWER_MS + PAUSES[0]])).to.deep.equal([]);
    expect(await written()).to.include({ failed: 1, conflict: 0 });
    // Half of the renew deadline, of which the rest is left for other tries.
    expect(tooShort(times(lease.met), [5_000])).to.deep.equal([]);
    const logged = trial.logged(0).slice(lines);
    const about = (field: string): readonly LogLine[] => logged.filter((line) => line[field] !== undefined);
    expectLogged(about('report'), ['could not write the status of a report', 'writing the status of the report works again']);
    expectLogged(about('lease'), ['cannot read or write the lease', 'reading and writing the lease works again']);
    expectLogged(about('event'), ['could not write an Event']);
    expect(trial.logged(WARNING)).to.have.length(3);
    expect(await leader()).to.equal(1);
  });

  function isWriteOf(name: string): (request: Asked) => boolean {
    return ({ method, url }) => method === 'PATCH' && url.pathname === `${REPORTS_PATH}/${name}/status`;
  }

  function expectLogged(lines: readonly LogLine[], words: readonly string[]): void {
    expect(
      lines.map(({ msg }) => msg),
      lines.map(({ msg }) => msg).join('; '),
    ).to.have.length(words.length);
    for (const [index, { msg }] of lines.entries()) expect(msg).to.contain(words[index]);
  }

  async function written(): Promise<Readonly<Record<string, number>>> {
    return results('dualstack_report_writes_total');
  }

  async function results(metric: string): Promise<Readonly<Record<string, number>>> {
    const series = Object.entries(await trial.series(metric));
    return Object.fromEntries(series.map(([labels, count]) => [/result="(\w+)"/.exec(labels)?.[1] ?? '', count]));
  }

  async function eventsOn(names: readonly string[]): Promise<number> {
    const { items } = await ground.admin.get<{ readonly items: readonly EventsV1Event[] }>(
      '/apis/events.k8s.io/v1/namespaces/default/events',
    );
    return items.filter(({ regarding }) => names.includes(regarding?.name ?? '')).length;
  }

  async function leader(): Promise<number | undefined> {
    return (await trial.series('dualstack_leader'))[''];
  }

  async function writerEpoch(): Promise<number> {
    return (await ground.admin.get<DualStackReport>(`${REPORTS_PATH}/cluster`)).status?.writerEpoch ?? 0;
  }
});

function times(requests: Rule['met']): readonly number[] {
  return requests.map(({ at }) => at);
}

function isOfEvents({ resource, method }: Asked): boolean {
  return resource === 'events' && method === 'POST';
}

function isLeaseWrite({ resource, method }: Asked): boolean {
  return resource === 'leases' && method === 'PUT';
}
