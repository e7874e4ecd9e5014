import { expect } from 'chai';
import { listWay } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { waitFor } from '../support/waiting.ts';
import type { OpenWatch } from './exchange.ts';
import { doubled, EXPIRED, shaped, slow, smallPages, statusParts, swapped, withoutBookmarks } from './faults.ts';
import { KINDS as OBJECTS } from './objects.ts';
import { useStand, type Stand } from './stand.ts';
import { byKind, FIRST_LIST, isRead, LIST, SOURCES, WATCHED } from './watched.ts';

/** How much faster than the machine's the operator's clock runs: minutes of silence must not pass by themselves, or must. */
const SCALE = 10;
const QUICK = 25;
/** No watch is silent for so long. */
const SILENCE_MS = 180_000;
const KINDS = Object.keys(WATCHED);

interface Blow {
  /** What happens to each watch that is open. */
  readonly blow: (watch: OpenWatch) => void;
  /** The reason under which it is counted; undefined where it is no error. */
  readonly reason: string | undefined;
  /** What follows. */
  readonly then: 'watch' | 'list';
}

const BLOWS: Readonly<Record<string, Blow>> = {
  'is reset': {
    blow: (watch) => {
      watch.reset();
    },
    reason: 'network',
    then: 'watch',
  },
  'ends before its time': {
    blow: (watch) => {
      watch.end();
    },
    reason: undefined,
    then: 'watch',
  },
  'breaks off in the middle of a frame': {
    blow: (watch) => {
      watch.half('reset');
    },
    reason: 'network',
    then: 'watch',
  },
  'ends in the middle of a frame': {
    blow: (watch) => {
      watch.half('end');
    },
    reason: undefined,
    then: 'watch',
  },
  'brings garbage': {
    blow: (watch) => {
      watch.write('\0\0\0\x04oops\n');
    },
    reason: 'undecodable',
    then: 'list',
  },
  'brings a frame that is longer than any can be': {
    blow: (watch) => {
      watch.write(`${'ÿ'.repeat(16)}\n`);
    },
    reason: 'undecodable',
    then: 'list',
  },
  'brings the error 410': {
    blow: (watch) => {
      watch.error(EXPIRED);
    },
    reason: 'api 410',
    then: 'list',
  },
  'brings the error 500': {
    blow: (watch) => {
      watch.error(statusParts(500, 'InternalError'));
    },
    reason: 'api 500',
    then: 'list',
  },
  'brings the error 429': {
    blow: (watch) => {
      watch.error(statusParts(429, 'TooManyRequests'));
    },
    reason: 'api 429',
    then: 'watch',
  },
};

describe('a watch that goes wrong', function () {
  this.timeout(90_000);
  const slot = useStand();
  const { ground } = slot;
  let stand: Stand;

  for (const [what, { blow, reason, then }] of Object.entries(BLOWS)) {
    it(`${what}: it is counted and logged once, and a ${then} follows`, async () => {
      await begin(SCALE);
      await stand.untilTrue();
      const before = stand.proxy.requests.length;
      for (const watch of stand.proxy.watches()) blow(watch);
      await stand.ground.change();
      await stand.untilTrue();
      const since = stand.proxy.requests.slice(before);
      for (const [kind, requests] of byKind(since.filter(isRead))) {
        expect(
          requests.map(({ purpose }) => purpose),
          kind,
        ).to.deep.equal(then === 'list' ? LIST : [then]);
      }
      const warnings = stand.logged.filter(({ level }) => level === 'warn');
      if (reason === undefined) {
        expect(warnings).to.deep.equal([]);
        return;
      }
      expect(await stand.errors(reason)).to.deep.equal(Object.fromEntries(KINDS.map((kind) => [kind, 1])));
      expect(warnings.map(({ fields }) => fields['resource'])).to.have.members(Object.values(WATCHED));
      expect(new Set(warnings.map(({ fields }) => fields['reason']))).to.deep.equal(new Set([reason]));
    });
  }

  it('sends nothing, not even that it broke: after three minutes of silence it is given up, and watched on', async () => {
    await begin(QUICK);
    await stand.untilTrue();
    const watches = stand.proxy.watches().map((watch) => ({ watch, frames: watch.frames }));
    const heardAfter = performance.now();
    for (const kind of OBJECTS) await ground.objects.put(kind, 2, 0);
    await waitFor('an event of each watch', () => watches.every(({ watch, frames }) => watch.frames > frames));
    const [before, lostAt] = [stand.proxy.requests.length, performance.now()];
    for (const watch of stand.proxy.watches()) watch.lose();
    await stand.ground.change();
    await stand.untilTrue();
    // A kind of which no object changed is watched again a little later.
    const reads = (): ReturnType<typeof byKind> => byKind(stand.proxy.requests.slice(before).filter(isRead));
    await waitFor('each kind to be watched again', () => [...reads()].every(([, those]) => those.length >= 2));
    for (const [kind, [next, then]] of reads()) {
      // It may have gone back meanwhile, which is looked at first.
      expect([next?.purpose, next?.url.searchParams.get('limit'), then?.purpose], kind).to.deep.equal(['page', '1', 'watch']);
      // From the last event on, which came in between.
      expect((next!.at - heardAfter) * QUICK, kind).to.be.at.least(SILENCE_MS);
      expect((next!.at - lostAt) * QUICK, kind).to.be.at.most(SILENCE_MS * 2);
    }
    for (const count of Object.values(await stand.errors('silent'))) expect(count).to.be.at.least(1);
    expect(stand.logged.filter(({ level }) => level === 'warn')).to.have.length(KINDS.length);
  });

  it('brings no bookmark, not even the one that ends the list: it is listed in pages, and a silent watch is watched on', async () => {
    stand = await slot.on(QUICK);
    stand.proxy.on(
      isRead,
      shaped(() => withoutBookmarks),
    );
    stand.start();
    await stand.untilTrue();
    // On a busy machine another error may come before, and one stall is enough then.
    const [least, most] = listWay() === 'stream' ? [1, 2] : [0, 0];
    for (const [kind, count] of Object.entries(await stand.errors('endless'))) expect(count, kind).to.be.within(least, most);
    const lists = await stand.series('dualstack_reflector_lists_total');
    expect(lists).to.deep.equal(Object.fromEntries(KINDS.map((kind) => [`{source="${SOURCES[kind]}",method="pages"}`, 1])));
    await eventually(async () => {
      for (const count of Object.values(await stand.errors('silent'))) expect(count).to.be.at.least(1);
    });
    await stand.ground.change();
    await stand.untilTrue();
  });

  it('brings each event twice, which makes no difference', async () => {
    stand = await slot.on(SCALE);
    stand.proxy.on(
      isRead,
      shaped(() => doubled),
    );
    stand.start();
    await stand.untilTrue();
    await stand.ground.change();
    await stand.untilTrue();
    expect(stand.logged).to.deep.equal([]);
    for (const [kind, requests] of byKind(stand.proxy.requests.filter(isRead))) expect(requests, kind).to.have.length(FIRST_LIST.length);
  });

  it('brings events in the wrong order: it is seen, counted and logged, and a new list sets it right', async () => {
    await begin(SCALE);
    await stand.untilTrue();
    const before = stand.proxy.requests.length;
    for (const watch of stand.proxy.watches()) watch.shape = swapped();
    // A node that comes and goes would stay, and one that goes and comes would be gone.
    await ground.objects.put('Node', 3, 1);
    await ground.objects.delete('Node', 3);
    await ground.objects.delete('Node', 0);
    await ground.objects.put('Node', 0, 2);
    await stand.untilTrue();
    const { Node: count = 0 } = await stand.errors('undecodable');
    expect(count).to.be.at.least(1);
    const warnings = stand.logged.filter(({ level, fields }) => level === 'warn' && fields['resource'] === 'nodes');
    expect(warnings).to.have.length(1);
    expect(warnings[0]?.message).to.match(/^watching nodes: a watch event of resourceVersion \d+ after one of \d+$/);
    const again = byKind(stand.proxy.requests.slice(before).filter(isRead)).get('Node') ?? [];
    expect(again).to.have.length(count * LIST.length);
  });

  it('is slow, at 1 kB a second: nothing is given up, and nothing asked twice', async () => {
    stand = await slot.on(SCALE);
    stand.proxy.on(isRead, slow(1000 * SCALE));
    stand.start();
    await stand.untilTrue();
    await stand.ground.change();
    await stand.untilTrue();
    expect(stand.logged).to.deep.equal([]);
    for (const [kind, requests] of byKind(stand.proxy.requests.filter(isRead))) expect(requests, kind).to.have.length(FIRST_LIST.length);
  });

  describe('where the API server lists in pages', () => {
    beforeEach(async () => {
      stand = await slot.on(SCALE);
    });

    it('sees what changes between two pages', async () => {
      const pages = smallPages(1);
      let changed = false;
      stand.proxy.on(isRead, async (exchange) => {
        if (exchange.request.resource === 'nodes' && exchange.request.url.searchParams.has('continue') && !changed) {
          changed = true;
          await stand.ground.change();
          await ground.objects.delete('Node', 0);
        }
        await pages(exchange);
      });
      stand.start();
      await stand.untilTrue();
      expect(changed).to.be.true;
      expect(await stand.errors('api 410')).to.deep.equal(Object.fromEntries(KINDS.map((kind) => [kind, 0])));
    });

    it('begins again, after a pause, when the token of the next page has expired', async () => {
      const pages = smallPages(1);
      const expired = new Map<string, number>();
      stand.proxy.on(isRead, (exchange) => {
        const { resource, url } = exchange.request;
        const times = expired.get(resource) ?? 0;
        if (!url.searchParams.has('continue') || times === 2) return pages(exchange);
        expired.set(resource, times + 1);
        exchange.status(EXPIRED);
      });
      stand.start();
      await stand.untilTrue();
      expect([...expired.keys()]).to.include.members(['nodes', 'pods', 'services', 'endpointslices', 'namespaces']);
      const counts = KINDS.map((kind) => [kind, expired.get(WATCHED[kind]!) ?? 0]);
      expect(await stand.errors('api 410')).to.deep.equal(Object.fromEntries(counts));
      const warned = stand.logged.filter(({ fields }) => fields['reason'] === 'api 410').map(({ fields }) => fields['resource']);
      expect(warned).to.have.members([...expired.keys()]);
      const firstPages = byKind(stand.proxy.requests.filter(({ purpose, url }) => purpose === 'page' && !url.searchParams.has('continue')));
      for (const [kind, times] of counts) expect(firstPages.get(String(kind)), String(kind)).to.have.length(1 + Number(times));
    });
  });

  async function begin(scale: number): Promise<void> {
    stand = await slot.on(scale);
    stand.start();
  }
});
