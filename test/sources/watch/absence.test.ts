import { expect } from 'chai';
import type { Connection, Requester } from '../../../src/client/transport/connection.ts';
import { NetworkError } from '../../../src/client/wire/errors.ts';
import { NO_OBSERVER } from '../../../src/sources/watch/observer.ts';
import { runReflector } from '../../../src/sources/watch/reflector.ts';
import type { ReflectorSink } from '../../../src/sources/list/sink.ts';
import { eventually } from '../../support/eventually.ts';
import { RecordedLog } from '../../client/support/logs.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';
import type { Answer } from '../../client/support/scripted-server.ts';
import { event, failure, initialEventsEnd, page, ScriptedServer, stream, streamAndEnd } from '../../client/support/scripted-server.ts';
import { WIDGETS } from '../../client/support/widgets.ts';

const LISTED = [event('ADDED', 'a', '3'), initialEventsEnd('10')];
const FIRST = streamAndEnd(...LISTED);
const RELISTED = stream(event('ADDED', 'b', '2'), initialEventsEnd('9'));
const ON = stream(event('ADDED', 'c', '13'));
const SOON = { deadlineMs: 5000, everyMs: 2 } as const;
const FAILS = failure(503, 'ServiceUnavailable');

/** A request by what it is for, with the resourceVersion that it goes on from. */
type Asked = 'list' | 'look' | `watch ${string}`;

describe('an API server that was away', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let clock: ManualClock;
  let log: RecordedLog;
  let steps: string[];
  let errors: string[];
  let stop: AbortController;
  let running: Promise<void>;
  let stale: boolean;
  /** How many requests are refused for want of anybody who listens. */
  let unavailabilities: number;

  const sink: ReflectorSink<string> = {
    begin: () => steps.push('begin'),
    put: (name) => steps.push(`+${name}`),
    remove: (name) => steps.push(`-${name}`),
    end: () => steps.push('end'),
    unavailable: () => steps.push('unavailable'),
  };

  async function run(...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    const requester: Requester = {
      request: async (path, options) => {
        if (unavailabilities === 0 || !steps.includes('end')) return connection.request(path, options);
        unavailabilities -= 1;
        throw new NetworkError(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
      },
    };
    const observer = { ...NO_OBSERVER, onError: (reason: string) => errors.push(reason) };
    running = runReflector({
      connection: requester,
      resource: WIDGETS,
      sink,
      signal: stop.signal,
      clock,
      log,
      observer,
      isStale: () => stale,
    });
  }

  /** Lets pauses pass, each of which must be of this length. */
  async function pass(...pauses: readonly number[]): Promise<void> {
    for (const pause of pauses) {
      await eventually(() => {
        expect(clock.sleeping).to.deep.equal([pause]);
      }, SOON);
      clock.advance(pause);
    }
  }

  async function untilSteps(...expected: readonly string[]): Promise<void> {
    await eventually(() => {
      expect(steps).to.deep.equal(expected);
    }, SOON);
  }

  function asked(): readonly Asked[] {
    return server.requests.map(({ query }): Asked => {
      if (query.get('watch') !== 'true') return query.get('limit') === '1' ? 'look' : 'list';
      return query.has('sendInitialEvents') ? 'list' : `watch ${query.get('resourceVersion') ?? ''}`;
    });
  }

  beforeEach(() => {
    [clock, log, stop, steps, errors, unavailabilities, stale] = [
      new ManualClock(),
      new RecordedLog(),
      new AbortController(),
      [],
      [],
      0,
      false,
    ];
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await connection.close();
    await server.close();
  });

  it('is watched on where it has not gone back', async () => {
    await run(FIRST, FAILS, FAILS, page(['a'], '12'), ON);
    await pass(800, 1600);
    await untilSteps('begin', '+a', 'end', '+c');
    expect(asked()).to.deep.equal(['list', 'watch 10', 'look', 'look', 'watch 10']);
    expect(errors).to.deep.equal(['api 503', 'api 503']);
  });

  it('is listed again where its resourceVersions have gone back, which is logged and counted', async () => {
    await run(FIRST, FAILS, page(['b'], '9'), RELISTED);
    await pass(800, 400);
    await untilSteps('begin', '+a', 'end', 'begin', '+b', 'end');
    expect(asked()).to.deep.equal(['list', 'watch 10', 'look', 'list']);
    expect(errors).to.deep.equal(['api 503', 'restored']);
    expect(log.lines.slice(-2)).to.deep.equal([
      'warn watching widgets.example.dev: the API server went back from resourceVersion 10 to 9',
      'info listed widgets.example.dev',
    ]);
  });

  it('is looked at once, not before each watch', async () => {
    await run(FIRST, FAILS, page(['a'], '12'), streamAndEnd(event('ADDED', 'c', '13')), stream());
    await pass(800, 1600);
    await untilSteps('begin', '+a', 'end', '+c');
    await eventually(() => {
      expect(asked()).to.deep.equal(['list', 'watch 10', 'look', 'watch 10', 'watch 13']);
    }, SOON);
  });

  it('is listed again where nothing ran there, whatever its resourceVersion is by now, and nothing is logged of that', async () => {
    unavailabilities = 2;
    await run(FIRST, page(['b'], '12'), RELISTED);
    await pass(800, 1600);
    await untilSteps('begin', '+a', 'end', 'begin', '+b', 'end');
    expect(asked()).to.deep.equal(['list', 'look', 'list']);
    expect(errors).to.deep.equal(['network', 'network']);
  });

  it('is listed again too where it failed after that nothing had run there', async () => {
    unavailabilities = 1;
    await run(FIRST, FAILS, page(['b'], '12'), RELISTED);
    await pass(800, 1600);
    await untilSteps('begin', '+a', 'end', 'begin', '+b', 'end');
  });

  it('is given the time that its permissions take after a start', async () => {
    await run(FIRST, FAILS, failure(403, 'Forbidden'), failure(403, 'Forbidden'), page(['a'], '12'), ON);
    await pass(800, 600, 1200);
    await untilSteps('begin', '+a', 'end', '+c');
    expect(asked()).to.deep.equal(['list', 'watch 10', 'look', 'look', 'look', 'watch 10']);
  });

  it('may have been so where a watch says nothing', async () => {
    await run(stream(...LISTED), page(['b'], '9'), RELISTED);
    await untilSteps('begin', '+a', 'end');
    await pass(30_000, 150_000, 400, 400);
    await untilSteps('begin', '+a', 'end', 'begin', '+b', 'end');
    expect(errors).to.deep.equal(['silent', 'restored']);
  });

  it('was not away where it was only busy, or refused a watch', async () => {
    await run(FIRST, failure(429, 'TooManyRequests'), failure(403, 'Forbidden'), ON);
    await pass(800, 600);
    await untilSteps('begin', '+a', 'end', '+c');
    expect(asked()).to.deep.equal(['list', 'watch 10', 'watch 10', 'watch 10']);
  });

  it('is listed again once it answers where what is known counts as wrong by then, whatever kept it from answering', async () => {
    stale = true;
    await run(FIRST, failure(401, 'Unauthorized'), failure(401, 'Unauthorized'), page(['b'], '12'), RELISTED);
    await pass(400, 800);
    await untilSteps('begin', '+a', 'end', 'begin', '+b', 'end');
    expect(asked()).to.deep.equal(['list', 'look', 'look', 'look', 'list']);
  });

  it('is watched on where resourceVersions are no numbers', async () => {
    await run(FIRST, FAILS, page(['a'], 'x'), ON);
    await pass(800);
    await untilSteps('begin', '+a', 'end', '+c');
  });
});
