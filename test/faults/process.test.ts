import { expect } from 'chai';
import { installOperatorManifests, OPERATOR } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { startOperator, type OperatorProcess } from '../support/operator-process.ts';
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
/** One error of each kind. */
const ONCE = Object.fromEntries(KINDS.map((kind) => [kind, 1]));

interface Row {
  /** Under which its errors are counted; undefined where it is none. */
  readonly reason: string | undefined;
  /** Starts the operator, where that does not come to know the cluster without a fault. */
  readonly start?: () => Promise<void>;
  /** Lets it happen, and ends it; returns the errors of each kind where they are known. */
  readonly play: () => Promise<Readonly<Record<string, number>> | undefined>;
}

// Each fault meets a process of its own: pauses grow on from one fault to the next, until a watch has held for a minute.
describe('the operator as a process', function () {
  this.timeout(180_000);
  const ground = useGround({ users: [OPERATOR] });
  let proxy: FaultProxy;
  let operator: OperatorProcess;
  let look: Look = 0;
  let isExpired = false;

  before('put the proxy before the API server', async () => {
    await installOperatorManifests(ground.controlPlane);
    await ground.reset();
    proxy = await FaultProxy.start(ground.controlPlane);
  });

  after(() => proxy.close());

  afterEach('show the log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') console.error(operator.tail);
    await operator.kill();
    proxy.clear();
    isExpired = false;
  });

  const ROWS: Readonly<Record<string, Row>> = {
    'an API server that is silent at first': { reason: 'silent', start: () => Promise.resolve(), play: () => startOnSilence() },
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
    'a list that changes between its pages': { reason: 'api 410', start: () => startInPages(), play: () => changeBetweenPages() },
  };

  for (const [what, { reason, start = begin, play }] of Object.entries(ROWS)) {
    it(`meets ${what}: ${reason === undefined ? 'nothing is told' : `counted as ${reason}, told once`}, with few requests, and the truth in the end`, async () => {
      await start();
      const requests = proxy.requests.length;
      const expected = await play();
      await untilTrue();
      const counted = await errors(reason);
      if (expected) expect(counted).to.deep.equal(expected);
      const asked = byKind(proxy.requests.slice(requests).filter((one) => isRead(one) && !one.url.searchParams.has('continue')));
      for (const [kind, count] of Object.entries(counted)) {
        expect(count, kind).to.be.within(reason === undefined ? 0 : 1, MOST_ERRORS);
        expect(asked.get(kind)?.length, kind).to.be.at.most(count + OTHER_REQUESTS);
      }
      // That a watch is well is told with the next thing that it brings.
      await eventually(() => {
        expectTold(reason);
      });
      expect((await operator.stop()).code).to.equal(0);
    });
  }

  /** Starts the operator on a cluster that it comes to know. */
  async function begin(): Promise<void> {
    await launch();
    await untilTrue();
  }

  async function launch(): Promise<void> {
    const { controlPlane } = ground;
    const kubeconfig = kubeconfigVia(controlPlane, proxy, OPERATOR.name);
    operator = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0'] });
  }

  /** The first request of each kind is never answered. */
  async function startOnSilence(): Promise<Readonly<Record<string, number>>> {
    const silenced = new Set<string>();
    const rule = proxy.on(
      (request) => isRead(request) && !silenced.has(request.resource),
      ({ request }) => {
        silenced.add(request.resource);
      },
    );
    const before = proxy.requests.length;
    await launch();
    await waitFor('all to be asked again', () => byEach(({ length }) => length > 1, before), PATIENCE);
    rule.lift();
    return ONCE;
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
    const listen = proxy.refuse();
    await eventually(async () => {
      for (const count of Object.values(await errors('network'))) expect(count).to.be.at.least(TRIES);
    }, PATIENCE);
    await change();
    await listen();
  }

  /** Something happens to each watch that is open, once. */
  async function blow(happen: (watch: OpenWatch) => void): Promise<Readonly<Record<string, number>>> {
    for (const watch of proxy.watches()) happen(watch);
    await change();
    return ONCE;
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

  async function startInPages(): Promise<void> {
    const rule = proxy.on(isRead, smallPages(1));
    await begin();
    rule.lift();
  }

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
    isExpired = true;
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
      const metrics = await operator.orFail(() => operator.metrics());
      expect(watchesAll(metrics), 'all watches').to.be.true;
      // Otherwise it is the one before that has said so.
      expect(seriesOf(metrics, 'dualstack_report_writes_total')['{result="written"}'], 'writes').to.be.at.least(1);
      expect(proxy.watches().length).to.be.at.least(KINDS.length);
    }, PATIENCE);
  }

  /** Each kind is warned of once for the reason, and for the expiry with which that began, and is told once to be well again. */
  function expectTold(reason: string | undefined): void {
    const reasons = new Set([...(isExpired ? ['api 410'] : []), ...(reason === undefined ? [] : [reason])]);
    const plurals = reasons.size > 0 ? Object.values(WATCHED) : [];
    const warnings = operator.log.filter(({ level }) => level >= WARNING);
    expect(warnings.filter(({ level }) => level > WARNING)).to.deep.equal([]);
    expect(warnings.map((line) => `${String(line['resource'])} ${String(line['reason'])}`)).to.have.members(
      [...reasons].flatMap((each) => plurals.map((plural) => `${plural} ${each}`)),
    );
    // That it lists in pages is no trouble; it has a reason.
    const recoveries = operator.log.filter((line) => line.level === INFO && line['resource'] !== undefined && line['reason'] === undefined);
    expect(recoveries.map(({ resource }) => resource)).to.have.members(plurals);
    for (const { msg } of recoveries) expect(msg).to.match(/^(listed .+|watching .+ again)$/);
  }

  function byEach(condition: (requests: readonly unknown[]) => boolean, start: number): boolean {
    return [...byKind(proxy.requests.slice(start).filter(isRead)).values()].every(condition);
  }

  async function errors(reason = ''): Promise<Readonly<Record<string, number>>> {
    return errorsOf(await operator.metrics(), reason);
  }
});
