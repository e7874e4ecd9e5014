import { expect } from 'chai';
import { installOperatorManifests, OPERATOR } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { startOperator, type LogLine, type OperatorProcess } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import type { OpenWatch } from './exchange.ts';
import { EXPIRED, garbageAfter, reset, shaped, slow, smallPages, status, withoutBookmarks } from './faults.ts';
import { useGround } from './ground.ts';
import { kubeconfigVia } from './kubeconfig.ts';
import { KINDS as WRITTEN, type Look } from './objects.ts';
import { FaultProxy, type Fault } from './proxy.ts';
import { byKind, errorsOf, isRead, WATCHED, watchesAll } from './watched.ts';

const KINDS = Object.keys(WATCHED);
const WARNING = 40;
const INFO = 30;
const PATIENCE = { deadlineMs: 90_000, everyMs: 50 } as const;
/** How often each kind meets a fault. */
const TRIES = 2;
/** Where it is not known how many: with pauses that double there is no time for more. */
const MOST_ERRORS = 8;
/** Beside one request for each error: the list after a watch that was expired, and where it is one in pages the watch after it. */
const OTHER_REQUESTS = 3;
const RETRY_AFTER_S = 2;
/** A timer may end so much sooner than it should. */
const TIMER_MS = 2;

interface Row {
  /** Under which its errors are counted; undefined where it is none. */
  readonly reason: string | undefined;
  /** Lets it happen, and ends it; returns the errors of each kind where they are known. */
  readonly play: () => Promise<Readonly<Record<string, number>> | undefined>;
}

// One process takes all of it, each test as the one before left it. Pauses grow on from fault to fault, and start afresh where the API server
// answers with an error of 400 to 499 after one of another kind. With that most faults begin, and so they come in this order.
describe('the operator as a process, one fault after the other', function () {
  this.timeout(180_000);
  const ground = useGround({ users: [OPERATOR] });
  let proxy: FaultProxy;
  let operator: OperatorProcess;
  let look: Look = 0;
  /** Reasons that were warned of. */
  const warned = new Set<string>();

  before('put the proxy before the API server', async () => {
    await installOperatorManifests(ground.controlPlane);
    await ground.reset();
    proxy = await FaultProxy.start(ground.controlPlane);
  });

  after(async () => {
    await operator.kill();
    await proxy.close();
  });

  afterEach('show the log where the test failed', function () {
    if (this.currentTest?.state === 'failed') console.error(operator.tail);
  });

  const ROWS: Readonly<Record<string, Row>> = {
    'an API server that is silent at first': { reason: 'silent', play: () => startOnSilence() },
    'the error 410 in watches': { reason: 'api 410', play: () => blow(expire) },
    'a connection of 1 kB a second': { reason: undefined, play: () => crawl() },
    'refused connections': { reason: 'network', play: () => refuse() },
    'connections reset at each request': { reason: 'network', play: () => meet(reset) },
    'answers 500': { reason: 'api 500', play: () => meet(status(500, 'InternalError')) },
    'answers 429 with Retry-After': { reason: 'api 429', play: () => throttle() },
    'garbage in frames': { reason: 'undecodable', play: () => meet(shaped(() => garbageAfter(0))) },
    'answers 401': { reason: 'api 401', play: () => meet(status(401, 'Unauthorized')) },
    'watches cut in the middle of a frame': { reason: 'network', play: () => blow(cut) },
    'answers 403': { reason: 'api 403', play: () => meet(status(403, 'Forbidden')) },
    'bookmarks that never come': { reason: 'endless', play: () => loseBookmarks() },
    'a list that changes between its pages': { reason: 'api 410', play: () => changeBetweenPages() },
  };

  for (const [what, { reason, play }] of Object.entries(ROWS)) {
    it(`${what}: ${reason === undefined ? 'nothing is told' : `counted as ${reason}, told once`}, with few requests, and the truth in the end`, async () => {
      const [lines, requests] = [operatorLog().length, proxy.requests.length];
      const before = await errors(reason);
      const expected = await play();
      await untilTrue();
      const counted = difference(await errors(reason), before);
      if (expected) expect(counted).to.deep.equal(expected);
      const asked = byKind(proxy.requests.slice(requests).filter((one) => isRead(one) && !one.url.searchParams.has('continue')));
      for (const [kind, count] of Object.entries(counted)) {
        expect(count, kind).to.be.within(reason === undefined ? 0 : 1, MOST_ERRORS);
        expect(asked.get(kind)?.length, kind).to.be.at.most(count + OTHER_REQUESTS);
      }
      const isNew = reason !== undefined && !warned.has(reason);
      // That a watch is well is told with the next thing that it brings.
      await eventually(() => {
        expectTold(operatorLog().slice(lines), isNew ? reason : undefined);
      });
      if (isNew) warned.add(reason);
    });
  }

  it('has warned of each reason once for each kind, and of nothing worse', () => {
    const told = operator.log.filter(({ level }) => level >= WARNING);
    expect(told.filter(({ level }) => level > WARNING)).to.deep.equal([]);
    const expected = [...warned].flatMap((reason) => Object.values(WATCHED).map((plural) => `${plural} ${reason}`));
    expect(told.map((line) => `${String(line['resource'])} ${String(line['reason'])}`)).to.have.members(expected);
  });

  it('ends with 0 when it is told to', async () => {
    expect((await operator.stop()).code).to.equal(0);
  });

  /** The first request of each kind is never answered. */
  async function startOnSilence(): Promise<undefined> {
    const silenced = new Set<string>();
    const rule = proxy.on(
      (request) => isRead(request) && !silenced.has(request.resource),
      ({ request }) => {
        silenced.add(request.resource);
      },
    );
    const { controlPlane } = ground;
    const kubeconfig = kubeconfigVia(controlPlane, proxy, OPERATOR.name);
    operator = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0'] });
    await waitFor('all to be asked again', () => byEach(({ length }) => length > 1), PATIENCE);
    rule.lift();
  }

  /** The first requests of each kind after its watch has expired meet a fault. */
  async function meet(fault: Fault): Promise<Readonly<Record<string, number>>> {
    const met = new Map(Object.values(WATCHED).map((plural) => [plural, 0]));
    const rule = proxy.on(
      (request) => isRead(request) && (met.get(request.resource) ?? TRIES) < TRIES,
      async (exchange) => {
        const { resource } = exchange.request;
        met.set(resource, (met.get(resource) ?? 0) + 1);
        await fault(exchange);
      },
    );
    await blow(expire);
    const isOver = (): boolean => [...met.values()].every((times) => times === TRIES);
    await waitFor(`${TRIES} tries of each kind`, () => operator.orFail(isOver), PATIENCE);
    rule.lift();
    return Object.fromEntries(KINDS.map((kind) => [kind, TRIES]));
  }

  async function refuse(): Promise<undefined> {
    const before = await errors('network');
    const listen = proxy.refuse();
    await eventually(async () => {
      for (const count of Object.values(difference(await errors('network'), before))) expect(count).to.be.at.least(TRIES);
    }, PATIENCE);
    await change();
    await listen();
  }

  /** Something happens to each watch that is open, once. */
  async function blow(happen: (watch: OpenWatch) => void): Promise<Readonly<Record<string, number>>> {
    for (const watch of proxy.watches()) happen(watch);
    await change();
    return Object.fromEntries(KINDS.map((kind) => [kind, 1]));
  }

  async function throttle(): Promise<Readonly<Record<string, number>>> {
    const start = proxy.requests.length;
    const counts = await meet(status(429, 'TooManyRequests', RETRY_AFTER_S));
    await waitFor('all to be asked once more', () => byEach(({ length }) => length > TRIES, start), PATIENCE);
    for (const [kind, requests] of byKind(proxy.requests.slice(start).filter(isRead))) {
      for (const [index, { at }] of requests.slice(1, TRIES + 1).entries()) {
        expect(at - requests[index]!.at + TIMER_MS, kind).to.be.at.least(RETRY_AFTER_S * 1000);
      }
    }
    return counts;
  }

  async function crawl(): Promise<undefined> {
    const rule = proxy.on(isRead, slow(1000));
    for (const watch of proxy.watches()) watch.end();
    await waitFor('a watch of each kind', () => [...byKind(rule.met).values()].every(({ length }) => length > 0), PATIENCE);
    rule.lift();
    await change();
  }

  async function loseBookmarks(): Promise<Readonly<Record<string, number>>> {
    const rule = proxy.on(
      isRead,
      shaped(() => withoutBookmarks),
    );
    const counts = await blow(expire);
    await eventually(async () => {
      expect(await errors('endless')).to.deep.equal(counts);
      expect(watchesAll(await operator.metrics())).to.be.true;
    }, PATIENCE);
    rule.lift();
    for (const watch of proxy.watches()) watch.shape = undefined;
    return counts;
  }

  /** The lists of an operator that has seen no end of a streaming one. */
  async function changeBetweenPages(): Promise<Readonly<Record<string, number>>> {
    const pages = smallPages(1);
    let isChanged = false;
    const rule = proxy.on(isRead, async (exchange) => {
      const { resource, url } = exchange.request;
      if (resource === 'nodes' && url.searchParams.has('continue') && !isChanged) {
        isChanged = true;
        await change();
        await ground.objects.delete('Node', 0);
      }
      await pages(exchange);
    });
    const counts = await blow(expire);
    await waitFor('the change', () => isChanged, PATIENCE);
    rule.lift();
    return counts;
  }

  function expire(watch: OpenWatch): void {
    watch.error(EXPIRED);
  }

  function cut(watch: OpenWatch): void {
    watch.half('reset');
  }

  /** Changes an object of each kind. */
  async function change(): Promise<void> {
    look = look === 0 ? 2 : 0;
    for (const kind of WRITTEN) await ground.objects.put(kind, 2, look);
  }

  async function untilTrue(): Promise<void> {
    await eventually(async () => {
      await ground.expectTruth(Date.now());
      expect(watchesAll(await operator.orFail(() => operator.metrics())), 'all watches').to.be.true;
      expect(proxy.watches().length).to.be.at.least(KINDS.length);
    }, PATIENCE);
  }

  /** Each kind warned once of a reason, or none of any, and told as often that all is well again. */
  function expectTold(lines: readonly LogLine[], reason: string | undefined): void {
    const plurals = reason === undefined ? [] : Object.values(WATCHED);
    const told = lines.filter(({ resource }) => resource !== undefined);
    const warnings = told.filter(({ level }) => level >= WARNING);
    expect(warnings.map((line) => `${String(line['resource'])} ${String(line['reason'])}`)).to.have.members(
      plurals.map((plural) => `${plural} ${reason ?? ''}`),
    );
    const recoveries = told.filter(({ level }) => level === INFO);
    expect(recoveries.map(({ resource }) => resource)).to.have.members(plurals);
    for (const { msg } of recoveries) expect(msg).to.match(/^(listed .+|watching .+ again)$/);
  }

  function byEach(condition: (requests: readonly unknown[]) => boolean, start = 0): boolean {
    return [...byKind(proxy.requests.slice(start).filter(isRead)).values()].every(condition);
  }

  /** Of an operator that may not have been started yet. */
  function operatorLog(): readonly LogLine[] {
    return (operator as OperatorProcess | undefined)?.log ?? [];
  }

  async function errors(reason = ''): Promise<Readonly<Record<string, number>>> {
    const exposition = (await (operator as OperatorProcess | undefined)?.metrics()) ?? '';
    return errorsOf(exposition, reason);
  }
});

function difference(after: Readonly<Record<string, number>>, before: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(after).map(([kind, count]) => [kind, count - (before[kind] ?? 0)]));
}
