import { expect } from 'chai';
import { Freshness } from '../../../src/sources/watch/freshness.ts';
import type { ReflectorObserver } from '../../../src/sources/watch/observer.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LIMIT = 2 * MINUTE;
const QUIET = 3 * MINUTE;

class Scene {
  readonly clock = new ManualClock();
  readonly start = this.clock.now();
  contactedAgain = 0;
  readonly #freshness = new Freshness({
    clock: this.clock,
    limitMs: LIMIT,
    onContact: () => {
      this.contactedAgain += 1;
    },
  });
  readonly pods: ReflectorObserver = this.#freshness.observer('Pod');
  readonly nodes: ReflectorObserver = this.#freshness.observer('Node');
  readonly services: ReflectorObserver = this.#freshness.keepingObserver('Service');

  /** Bytes come of Pods. */
  noteContact(): void {
    this.pods.onActivity();
  }

  /** The first list of Pods ends, and a watch goes on. */
  list(observer = this.pods): void {
    observer.onState('listing');
    observer.onActivity();
    observer.onListed('stream', 3, 10);
    observer.onState('watching');
  }

  get staleSources(): string[] {
    return this.#freshness.staleSources().map(({ kind, since }) => `${kind} since ${(since - this.start) / SECOND} s`);
  }

  /** The sources that are forbidden, and of which what is known is kept. */
  get forbiddenSources(): string[] {
    return this.#freshness.forbiddenSources().map(({ kind, since }) => `${kind} since ${(since - this.start) / SECOND} s`);
  }

  /** Whether what is known of Services is still kept. */
  get keepsServices(): boolean {
    return this.#freshness.keeps('Service');
  }

  /** Seconds until a source is stale, if nothing comes. */
  get secondsLeft(): number {
    return (this.#freshness.nextEnd - this.clock.now()) / SECOND;
  }
}

describe('a stale source', () => {
  it('is nothing before the first list has ended, however long that takes', () => {
    const scene = new Scene();
    scene.pods.onState('listing');
    scene.noteContact();
    scene.clock.advance(60 * MINUTE);
    scene.pods.onState('waiting');
    expect([scene.staleSources, scene.secondsLeft]).to.deep.equal([[], Infinity]);
  });

  it('is a watch that is silent for longer than any that is well', () => {
    const scene = new Scene();
    scene.list();
    expect(scene.secondsLeft).to.equal((LIMIT + QUIET) / SECOND);
    scene.clock.advance(LIMIT + QUIET - 1);
    expect(scene.staleSources).to.deep.equal([]);
    scene.clock.advance(1);
    expect(scene.staleSources).to.deep.equal(['Pod since 0 s']);
    expect(scene.secondsLeft).to.equal(Infinity);
  });

  it('is not a watch on which bytes come', () => {
    const scene = new Scene();
    scene.list();
    for (let minute = 0; minute < 30; minute += 1) {
      scene.clock.advance(MINUTE);
      scene.noteContact();
      expect(scene.staleSources).to.deep.equal([]);
    }
    expect(scene.contactedAgain).to.equal(0);
  });

  for (const state of ['waiting', 'listing'] as const) {
    it(`is a watch that broke off, after less: ${state}`, () => {
      const scene = new Scene();
      scene.list();
      scene.clock.advance(30 * SECOND);
      scene.noteContact();
      scene.pods.onState(state);
      expect(scene.secondsLeft).to.equal(LIMIT / SECOND);
      scene.clock.advance(LIMIT);
      expect(scene.staleSources).to.deep.equal(['Pod since 30 s']);
    });
  }

  it('stays stale while the server accepts watches on which nothing comes', () => {
    const scene = new Scene();
    scene.list();
    scene.clock.advance(60 * MINUTE);
    for (let turn = 0; turn < 3; turn += 1) {
      scene.pods.onState('waiting');
      scene.pods.onWatch();
      scene.pods.onState('watching');
      expect(scene.staleSources).to.deep.equal(['Pod since 0 s']);
    }
    expect(scene.contactedAgain).to.equal(0);
  });

  it('is not a quiet watch that breaks off now and then', () => {
    const scene = new Scene();
    scene.list();
    scene.clock.advance(LIMIT + MINUTE);
    scene.pods.onState('waiting');
    scene.clock.advance(LIMIT - 1);
    expect(scene.staleSources).to.deep.equal([]);
    scene.pods.onState('watching');
    scene.clock.advance(1);
    expect([scene.staleSources, scene.secondsLeft]).to.deep.equal([['Pod since 0 s'], Infinity]);
  });

  it('is heard again with the first bytes, which is reported once', () => {
    const scene = new Scene();
    scene.list();
    scene.pods.onState('waiting');
    scene.clock.advance(LIMIT);
    scene.pods.onState('watching');
    scene.noteContact();
    scene.noteContact();
    expect([scene.staleSources, scene.contactedAgain]).to.deep.equal([[], 1]);
  });

  it('is heard again with a list of no objects', () => {
    const scene = new Scene();
    scene.list();
    scene.pods.onState('waiting');
    scene.clock.advance(LIMIT);
    scene.pods.onState('listing');
    scene.pods.onListed('pages', 0, 10);
    expect([scene.staleSources, scene.contactedAgain]).to.deep.equal([[], 1]);
  });

  it('is a kind whose list begins again and again and never ends', () => {
    const scene = new Scene();
    scene.list();
    scene.pods.onState('waiting');
    for (let second = 0; second < (LIMIT + QUIET) / SECOND; second += 30) {
      expect(scene.staleSources).to.deep.equal([]);
      scene.pods.onState('listing');
      scene.noteContact();
      scene.pods.onState('waiting');
      scene.clock.advance(30 * SECOND);
    }
    scene.pods.onState('listing');
    scene.noteContact();
    expect([scene.staleSources, scene.contactedAgain]).to.deep.equal([['Pod since 0 s'], 0]);
    scene.pods.onListed('pages', 3, 10);
    expect([scene.staleSources, scene.contactedAgain]).to.deep.equal([[], 1]);
  });

  it('is not an unavailable one, until that has been listed again', () => {
    const scene = new Scene();
    scene.list();
    scene.pods.onState('unavailable');
    scene.clock.advance(60 * MINUTE);
    scene.pods.onState('listing');
    scene.noteContact();
    scene.clock.advance(60 * MINUTE);
    expect(scene.staleSources).to.deep.equal([]);
    scene.list();
    scene.clock.advance(60 * MINUTE);
    expect(scene.staleSources).to.deep.equal(['Pod since 7200 s']);
  });

  it('is the same whatever the time of day is set to, and reported with the time that it was', () => {
    const scene = new Scene();
    scene.list();
    scene.clock.set(60 * MINUTE);
    expect([scene.staleSources, scene.secondsLeft]).to.deep.equal([[], (LIMIT + QUIET) / SECOND]);
    scene.noteContact();
    scene.pods.onState('waiting');
    scene.clock.set(-120 * MINUTE);
    expect(scene.secondsLeft).to.equal(LIMIT / SECOND);
    scene.clock.advance(LIMIT);
    expect(scene.staleSources).to.deep.equal(['Pod since 3600 s']);
  });

  it('is reported for each kind, with the next to come', () => {
    const scene = new Scene();
    scene.list();
    scene.clock.advance(MINUTE);
    scene.list(scene.nodes);
    scene.pods.onState('waiting');
    expect(scene.secondsLeft).to.equal(120);
    scene.clock.advance(2 * MINUTE);
    expect([scene.staleSources, scene.secondsLeft]).to.deep.equal([['Pod since 0 s'], 180]);
    scene.clock.advance(3 * MINUTE);
    expect(scene.staleSources).to.deep.equal(['Pod since 0 s', 'Node since 60 s']);
  });

  describe('of a source that is forbidden and kept', () => {
    function forbidden(): Scene {
      const scene = new Scene();
      scene.list(scene.services);
      scene.clock.advance(30 * SECOND);
      scene.services.onState('waiting');
      scene.clock.advance(4 * SECOND);
      scene.services.onState('unavailable');
      return scene;
    }

    it('is nothing as long as what is known is kept, and all of it then, until that is over', () => {
      const scene = forbidden();
      expect([scene.staleSources, scene.forbiddenSources, scene.keepsServices]).to.deep.equal([[], ['Service since 0 s'], true]);
      expect(scene.secondsLeft).to.equal(LIMIT / SECOND - 4);
      scene.clock.advance(LIMIT - 4 * SECOND);
      expect([scene.staleSources, scene.forbiddenSources, scene.keepsServices]).to.deep.equal([['Service since 0 s'], [], false]);
      scene.services.onState('listing');
      scene.services.onState('unavailable');
      expect([scene.staleSources, scene.forbiddenSources, scene.keepsServices]).to.deep.equal([[], [], false]);
    });

    it('is over once it is listed again, which is reported, as the beginning is', () => {
      const scene = forbidden();
      expect(scene.contactedAgain).to.equal(1);
      scene.list(scene.services);
      expect([scene.staleSources, scene.forbiddenSources, scene.contactedAgain]).to.deep.equal([[], [], 2]);
      expect(scene.secondsLeft).to.equal((LIMIT + QUIET) / SECOND);
    });

    it('is nothing where it was never listed', () => {
      const scene = new Scene();
      scene.services.onState('listing');
      scene.services.onState('unavailable');
      expect([scene.staleSources, scene.forbiddenSources, scene.keepsServices]).to.deep.equal([[], [], false]);
    });
  });
});
