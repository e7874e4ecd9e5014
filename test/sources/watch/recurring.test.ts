import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { Connection } from '../../../src/client/transport/connection.ts';
import type { ReflectorObserver } from '../../../src/sources/watch/observer.ts';
import { NO_OBSERVER } from '../../../src/sources/watch/observer.ts';
import { INITIAL_QUIET_MS, PAGES_MS, runReflector } from '../../../src/sources/watch/reflector.ts';
import { waitFor } from '../../support/waiting.ts';
import { RecordedLog } from '../../client/support/logs.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';
import type { Answer } from '../../client/support/scripted-server.ts';
import {
  bookmark,
  event,
  failure,
  initialEventsEnd,
  page,
  ScriptedServer,
  stream,
  streamAndEnd,
} from '../../client/support/scripted-server.ts';
import { WIDGETS } from '../../client/support/widgets.ts';

const LISTED = [event('ADDED', 'a', '3'), initialEventsEnd('10')];

describe('a error that comes again and again', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let clock: ManualClock;
  let log: RecordedLog;
  let steps: string[];
  let errors: string[];
  let put: string[];
  let resting: boolean;
  let watching: boolean;
  let controller: AbortController;
  let running: Promise<unknown>;

  const observer: ReflectorObserver = {
    ...NO_OBSERVER,
    onState: (state) => {
      resting = state === 'waiting' || state === 'unavailable';
      watching = state === 'watching';
    },
    onListed: (way) => steps.push(way),
    onError: (reason) => errors.push(reason),
  };

  async function run(...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    const sink = {
      begin: () => undefined,
      put: (name: string) => put.push(name),
      remove: () => undefined,
      end: () => undefined,
      unavailable: ({ reason }: { readonly reason: string }) => steps.push(`unavailable ${reason}`),
    };
    running = runReflector({ connection, resource: WIDGETS, sink, signal: controller.signal, clock, log, observer });
    running.catch(() => undefined);
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    await waitFor(what, holds, { everyMs: 1, deadlineMs: 5000 });
  }

  /** The lengths of the next pauses, each of which passes. */
  async function pauses(count: number): Promise<number[]> {
    const lengths: number[] = [];
    while (lengths.length < count) {
      await until('a pause', () => resting && clock.sleeping.length === 1);
      const [length = 0] = clock.sleeping;
      lengths.push(length);
      resting = false;
      clock.advance(length);
    }
    return lengths;
  }

  beforeEach(() => {
    [clock, log, controller] = [new ManualClock(), new RecordedLog(), new AbortController()];
    [steps, errors, put, resting, watching] = [[], [], [], false, false];
  });

  afterEach(async () => {
    controller.abort();
    await running;
    await connection.close();
    await server.close();
  });

  describe('of two API servers behind a balancer', () => {
    const fails = failure(500, 'InternalError');

    it('is tried after longer and longer pauses, where one refuses and one fails', async () => {
      const refuses = failure(401, 'Unauthorized');
      await run(fails, refuses, fails, refuses, fails, refuses, stream(...LISTED));
      expect(await pauses(6)).to.deep.equal([400, 400, 800, 1600, 3200, 6400]);
      await until('the list', () => steps.includes('stream'));
    });

    it('is reported as unavailable in the end, where one forbids and one fails', async () => {
      const forbids = failure(403, 'Forbidden');
      await run(fails, forbids, fails, forbids, fails, forbids, stream(...LISTED));
      expect(await pauses(6)).to.deep.equal([400, 600, 800, 2400, 3200, 7500]);
      await until('the list', () => steps.includes('stream'));
      expect(steps).to.deep.equal(['unavailable Forbidden', 'stream']);
    });

    it('is not started by a server that has no streaming lists', async () => {
      await run(failure(422, 'Invalid'), page(['a'], '10'), stream());
      await until('the watch', () => server.requests.length === 3 && watching);
      server.then(fails, failure(403, 'Forbidden'));
      for (const socket of server.sockets) socket.destroy();
      expect(await pauses(3)).to.deep.equal([400, 800, 600]);
    });

    it('is a new one after a watch that held for a minute', async () => {
      const forbids = failure(403, 'Forbidden');
      await run(fails, forbids, streamAndEnd(...LISTED), stream());
      expect(await pauses(2)).to.deep.equal([400, 600]);
      expect(await pauses(1)).to.deep.equal([800]);
      await until('the watch', () => server.requests.length === 4 && watching);
      clock.advance(60_000);
      server.then(fails, forbids);
      for (const socket of server.sockets) socket.destroy();
      expect(await pauses(3)).to.deep.equal([400, 800, 600]);
    });
  });

  describe('of streaming lists', () => {
    const stalls: Answer = stream(event('ADDED', 'a', '3'));
    const noStreaming = failure(422, 'Invalid');
    const expired = failure(410, 'Expired');

    async function stall(): Promise<void> {
      await until('an object', () => put.length > 0);
      put.length = 0;
      clock.advance(INITIAL_QUIET_MS);
    }

    it('has to come twice before they are given up', async () => {
      await run(stalls, stream(...LISTED));
      await stall();
      await pauses(1);
      await until('the list', () => steps.length > 0);
      expect([errors, steps]).to.deep.equal([['endless'], ['stream']]);
    });

    it('has come twice also where objects came for minutes before', async () => {
      const responses: ServerResponse[] = [];
      const crawls: Answer = (response, request) => {
        responses.push(response);
        stalls(response, request);
      };
      await run(crawls, crawls, page(['a'], '10'), stream());
      for (const last of [false, true]) {
        for (const name of ['b', 'c', 'd', 'e']) {
          await until('an object', () => put.length > 0);
          put.length = 0;
          clock.advance(20_000);
          responses.at(-1)?.write(event('ADDED', name, '4'));
        }
        await stall();
        if (!last) await pauses(1);
      }
      await until('the list', () => steps.length > 0);
      expect([errors, steps]).to.deep.equal([['endless', 'endless'], ['pages']]);
    });

    it('is that of an old server, which sends the objects but no end, and is forgotten after some hours', async () => {
      await run(stalls, stalls, page(['a'], '10'), expired, page(['a'], '20'), stream());
      await stall();
      await pauses(1);
      await stall();
      await pauses(1);
      await until('the watch', () => server.requests.length === 6 && watching);
      expect(errors).to.deep.equal(['endless', 'endless', 'api 410']);
      clock.advance(PAGES_MS);
      server.then(expired, stream(...LISTED));
      await pauses(2);
      await until('the list', () => steps.length === 3);
      expect(steps).to.deep.equal(['pages', 'pages', 'stream']);
    });

    it('is none where the server has them not: that is asked again after some hours', async () => {
      await run(noStreaming, page(['a'], '10'), stream());
      await until('the watch', () => server.requests.length === 3 && watching);
      clock.advance(PAGES_MS);
      server.then(expired, noStreaming, page(['a'], '20'), stream());
      await pauses(2);
      await until('the list', () => steps.length === 2);
      expect(steps).to.deep.equal(['pages', 'pages']);
    });
  });

  describe('of watches that are accepted and closed at once', () => {
    const closed = streamAndEnd();

    it('is counted, and logged once, from the second one on', async () => {
      await run(streamAndEnd(...LISTED), closed, closed, stream(bookmark('11')));
      expect(await pauses(2)).to.deep.equal([800, 1600]);
      await until('the watch', () => log.lines.includes('info watching widgets.example.dev again'));
      expect(errors).to.deep.equal(['ended', 'ended']);
      const words = 'watching widgets.example.dev: the API server keeps closing watches early';
      expect(log.lines).to.deep.equal([`warn ${words}`, `debug ${words}`, 'info watching widgets.example.dev again']);
    });

    it('is none where one ends early, after whatever', async () => {
      await run(streamAndEnd(), streamAndEnd(...LISTED), stream());
      expect(await pauses(2)).to.deep.equal([400, 800]);
      await until('the watch', () => server.requests.length === 3 && watching);
      expect(errors).to.deep.equal(['ended']);
      expect(log.lines).to.deep.equal([
        'warn watching widgets.example.dev: the server closed the list before its end',
        'info listed widgets.example.dev',
      ]);
    });

    it('is none where the watch before held for a minute', async () => {
      const responses: ServerResponse[] = [];
      const open: Answer = (response, request) => {
        responses.push(response);
        stream()(response, request);
      };
      await run(streamAndEnd(...LISTED), open);
      for (const asked of [2, 3, 4]) {
        await until('a watch', () => server.requests.length === asked && watching && responses.length === asked - 1);
        server.then(open);
        clock.advance(60_000);
        responses.at(-1)?.end();
      }
      await until('a watch', () => server.requests.length === 5);
      expect([errors, log.lines]).to.deep.equal([[], []]);
    });
  });
});
