import type { ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { Connection } from '../../../src/client/transport/connection.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import type { ReflectorObserver, ReflectorState } from '../../../src/sources/watch/observer.ts';
import { NO_OBSERVER } from '../../../src/sources/watch/observer.ts';
import { runReflector } from '../../../src/sources/watch/reflector.ts';
import type { ReflectorSink } from '../../../src/sources/list/sink.ts';
import type { Resource } from '../../../src/sources/resources.ts';
import { builtInResources } from '../../../src/sources/resources.ts';
import { waitFor } from '../../support/waiting.ts';
import { envelope, watchFrame } from '../../client/support/encode.ts';
import { RecordedLog } from '../../client/support/logs.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';
import type { Answer } from '../../client/support/scripted-server.ts';
import { WIDGETS } from '../../client/support/widgets.ts';
import {
  bookmark,
  event,
  failure,
  initialEventsEnd,
  line,
  page,
  ScriptedServer,
  stream,
  streamAndBreak,
  streamAndEnd,
} from '../../client/support/scripted-server.ts';

const LISTED = [event('ADDED', 'a', '3'), event('ADDED', 'b', '2'), initialEventsEnd('10')];
const NOT_FOUND: Answer = (response) => response.writeHead(404).end('404 page not found');
const NO_STREAMING = failure(422, 'Invalid', 'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled');

describe('runReflector', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let clock: ManualClock;
  let log: RecordedLog;
  let steps: string[];
  let seen: string[];
  let state: ReflectorState | undefined;
  let keepsKnown: boolean;
  let controller: AbortController;
  let running: Promise<unknown>;

  const observer: ReflectorObserver = {
    ...NO_OBSERVER,
    onState: (now) => {
      state = now;
    },
    onListed: (way, objects) => seen.push(`${way} ${objects}`),
    onDropped: () => seen.push('dropped'),
    onError: (reason) => seen.push(reason),
  };

  function recorder<T>(nameOf: (object: T) => string): ReflectorSink<T> {
    return {
      begin: () => steps.push('begin'),
      put: (object) => steps.push(`+${nameOf(object)}`),
      remove: (object) => steps.push(`-${nameOf(object)}`),
      end: () => steps.push('end'),
      unavailable: ({ reason }) => steps.push(`unavailable ${reason}`),
    };
  }

  /** Runs a reflector against a server that answers as the script says. */
  async function run<T>(resource: Resource<T>, sink: ReflectorSink<T>, script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    running = runReflector({ connection, resource, sink, signal: controller.signal, clock, log, observer, keepsKnown: () => keepsKnown });
    running.catch(() => undefined);
  }

  async function runWidgets(...script: readonly Answer[]): Promise<void> {
    await run(WIDGETS, recorder<string>(String), script);
  }

  async function untilSteps(...expected: readonly string[]): Promise<void> {
    await waitFor(expected.join(' '), () => steps.length >= expected.length, { everyMs: 1, deadlineMs: 5000 }).catch(() => undefined);
    expect(steps).to.deep.equal(expected);
  }

  /** Waits for a pause before the next try, whose length must be this, and lets it pass. */
  async function pass(delayMs: number): Promise<void> {
    const [shortest] = await waitFor(
      'a pause',
      () => ((state === 'waiting' || state === 'unavailable') && clock.sleeping.length === 1 ? clock.sleeping : undefined),
      {
        everyMs: 1,
        deadlineMs: 5000,
      },
    );
    expect(shortest).to.equal(delayMs);
    state = undefined;
    clock.advance(delayMs);
  }

  async function untilRequest(number: number): Promise<URLSearchParams> {
    await waitFor(`request ${number}`, () => server.requests.length >= number, { everyMs: 1, deadlineMs: 5000 });
    return server.requests[number - 1]!.query;
  }

  beforeEach(() => {
    [clock, log, controller] = [new ManualClock(), new RecordedLog(), new AbortController()];
    [steps, seen, state, keepsKnown] = [[], [], undefined, false];
  });

  afterEach(async () => {
    controller.abort();
    await running.catch(() => undefined);
    expect(state).to.equal('stopped');
    expect(clock.sleeping).to.deep.equal([]);
    await connection.close();
    await server.close();
  });

  describe('with the streaming list', () => {
    it('hands on the list and then what happens', async () => {
      await runWidgets(stream(...LISTED, event('MODIFIED', 'a', '11'), event('DELETED', 'b', '12'), event('ADDED', 'c', '13')));
      await untilSteps('begin', '+a', '+b', 'end', '+a', '-b', '+c');
      expect(Object.fromEntries(server.requests[0]!.query)).to.deep.equal({
        watch: 'true',
        allowWatchBookmarks: 'true',
        sendInitialEvents: 'true',
        resourceVersionMatch: 'NotOlderThan',
        timeoutSeconds: '450',
      });
      expect(seen).to.deep.equal(['stream 2']);
      expect(state).to.equal('watching');
    });

    it('reads protobuf, and asks for it', async () => {
      const [pods] = builtInResources(new Interner()).filter(({ kind }) => kind === 'Pod');
      const end = { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': Buffer.from('true') } };
      const frames = [
        watchFrame('ADDED', 'Pod', { metadata: { name: 'p', uid: 'u', namespace: 'n' } }),
        watchFrame('BOOKMARK', 'Pod', { metadata: end }),
      ];
      await run(
        pods!,
        recorder((facts) => (facts.kind === 'Pod' ? `${facts.namespace}/${facts.name}` : '')),
        [stream(...frames)],
      );
      await untilSteps('begin', '+n/p', 'end');
      expect(server.requests[0]!.headers.accept).to.equal('application/vnd.kubernetes.protobuf;stream=watch');
    });

    it('starts again when it breaks before its end', async () => {
      await runWidgets(streamAndBreak(event('ADDED', 'a', '3')), stream(...LISTED));
      await pass(400);
      await untilSteps('begin', '+a', 'begin', '+a', '+b', 'end');
      expect((await untilRequest(2)).has('resourceVersion')).to.equal(false);
    });

    it('omits and counts what is no object', async () => {
      await runWidgets(stream(line('ADDED', { metadata: {} }), ...LISTED));
      await untilSteps('begin', '+a', '+b', 'end');
      expect(seen).to.deep.equal(['dropped', 'stream 3']);
    });
  });

  describe('without the streaming list', () => {
    it('reads pages, and then watches', async () => {
      await runWidgets(NO_STREAMING, page(['a', 'b'], '10', 'next'), page(['c'], '11'), stream(event('ADDED', 'd', '12')));
      await untilSteps('begin', '+a', '+b', '+c', 'end', '+d');
      const queries = server.requests.slice(1).map(({ query }) => Object.fromEntries(query));
      expect(queries).to.deep.equal([
        { limit: '500' },
        { limit: '500', continue: 'next' },
        { watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '450', resourceVersion: '10' },
      ]);
      expect([...seen, ...log.lines], 'no error, no warning').to.deep.equal(['pages 3', 'info listing widgets.example.dev in pages']);
    });

    it('remembers it', async () => {
      await runWidgets(NO_STREAMING, page(['a'], '10'), failure(410, 'Expired'), page(['a'], '20'), stream(event('ADDED', 'b', '21')));
      await pass(400);
      await untilSteps('begin', '+a', 'end', 'begin', '+a', 'end', '+b');
    });

    it('starts again when a continue token is too old', async () => {
      await runWidgets(NO_STREAMING, page(['a'], '10', 'next'), failure(410, 'Expired'), page(['b'], '20'), stream());
      await pass(400);
      await untilSteps('begin', '+a', 'begin', '+b', 'end');
    });
  });

  it('takes changes for no sign of life while it waits for the end of a streaming list', async () => {
    let open: ServerResponse | undefined;
    const endless: Answer = (response, request) => {
      open = response;
      stream(event('ADDED', 'a', '3'))(response, request);
    };
    await runWidgets(endless, stream(event('ADDED', 'a', '10'), initialEventsEnd('11')));
    await untilSteps('begin', '+a');
    clock.advance(20_000);
    open?.write(event('MODIFIED', 'a', '4'));
    await untilSteps('begin', '+a', '+a');
    clock.advance(10_000);
    await pass(400);
    await untilSteps('begin', '+a', '+a', 'begin', '+a', 'end');
  });

  describe('when a watch ends', () => {
    it('watches on at once from the last resourceVersion that it heard of, be it a bookmark', async () => {
      await runWidgets(streamAndEnd(...LISTED, event('ADDED', 'c', '11'), bookmark('15')), stream(event('ADDED', 'd', '16')));
      await untilSteps('begin', '+a', '+b', 'end', '+c', '+d');
      expect((await untilRequest(2)).get('resourceVersion')).to.equal('15');
      expect(log.lines).to.deep.equal([]);
    });

    it('watches on after a pause where the connection broke', async () => {
      await runWidgets(streamAndBreak(...LISTED), stream(event('ADDED', 'c', '11')));
      await pass(400);
      await untilSteps('begin', '+a', '+b', 'end', '+c');
      expect((await untilRequest(2)).get('resourceVersion')).to.equal('10');
      expect(seen).to.include('network');
    });

    it('waits longer each time, and briefly again once a watch held', async () => {
      const broken: Answer = (response) => response.destroy();
      await runWidgets(streamAndBreak(...LISTED), broken, broken, page([], '10'), stream(bookmark('11')), broken);
      await pass(400);
      await pass(800);
      await pass(1600);
      await untilRequest(5);
      await waitFor('the watch to be accepted', () => log.lines.includes('info watching widgets.example.dev again'), { everyMs: 1 });
      clock.advance(60_000);
      for (const socket of server.sockets) socket.destroy();
      await pass(400);
      expect((await untilRequest(6)).get('resourceVersion')).to.equal('11');
      expect(log.lines.filter((one) => one.startsWith('warn'))).to.have.length(1);
    });

    it('lists again where the resourceVersion is too old, as an answer or as an event: what vanished does not come again', async () => {
      const expired = line('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version' });
      await runWidgets(
        streamAndEnd(...LISTED),
        failure(410, 'Expired'),
        stream(event('ADDED', 'b', '2'), initialEventsEnd('20'), expired),
        stream(event('ADDED', 'c', '21'), initialEventsEnd('22')),
      );
      await pass(400);
      await pass(800);
      await untilSteps('begin', '+a', '+b', 'end', 'begin', '+b', 'end', 'begin', '+c', 'end');
    });

    it('waits as long as Retry-After says', async () => {
      await runWidgets(failure(429, 'TooManyRequests', 'later', { 'retry-after': '7' }), stream(...LISTED));
      await pass(7500);
      await untilSteps('begin', '+a', '+b', 'end');
    });

    it('lists again after garbage, and says so once', async () => {
      await runWidgets(stream(...LISTED, 'garbage\n'), stream(...LISTED, 'garbage\n'), stream(...LISTED));
      await pass(400);
      await pass(800);
      await untilSteps('begin', '+a', '+b', 'end', 'begin', '+a', '+b', 'end', 'begin', '+a', '+b', 'end');
      expect(log.lines.filter((one) => one.startsWith('warn')))
        .to.have.length(1)
        .and.to.have.nested.property('0')
        .that.includes('malformed JSON');
      expect(seen.filter((one) => one === 'undecodable')).to.have.length(2);
    });

    it('gives a silent watch up, and watches on', async () => {
      await runWidgets(stream(...LISTED), page([], '10'), stream(event('ADDED', 'c', '11')));
      await untilSteps('begin', '+a', '+b', 'end');
      await waitFor('the limit on silence', () => clock.sleeping[0] === 30_000, { everyMs: 1 });
      clock.advance(30_000);
      await waitFor('the limit on silence', () => clock.sleeping[0] === 150_000, { everyMs: 1 });
      clock.advance(150_000);
      await pass(400);
      await untilSteps('begin', '+a', '+b', 'end', '+c');
      expect(seen).to.deep.equal(['stream 2', 'silent']);
      expect((await untilRequest(3)).get('resourceVersion')).to.equal('10');
    });

    it('gives up a server that does not answer', async () => {
      await runWidgets(() => undefined, stream(...LISTED));
      await untilRequest(1);
      clock.advance(30_000);
      await pass(400);
      await untilSteps('begin', '+a', '+b', 'end');
      expect(seen).to.deep.equal(['silent', 'stream 2']);
    });
  });

  describe('when it is unavailable', () => {
    it('says so once, and lists once it is granted', async () => {
      const forbidden = failure(403, 'Forbidden');
      await runWidgets(forbidden, forbidden, forbidden, forbidden, forbidden, stream(...LISTED));
      for (const delay of [600, 1200, 2400, 3750, 7500]) await pass(delay);
      await untilSteps('unavailable Forbidden', 'begin', '+a', '+b', 'end');
      const again = Array<string>(4).fill('debug watching widgets.example.dev: Forbidden');
      expect(log.lines).to.deep.equal(['warn watching widgets.example.dev: Forbidden', ...again, 'info listed widgets.example.dev']);
    });

    it('keeps what is known for as long as that may be kept, and lists without a loss once it is granted', async () => {
      keepsKnown = true;
      const forbidden = failure(403, 'Forbidden');
      await runWidgets(streamAndEnd(...LISTED), ...Array<Answer>(6).fill(forbidden), stream(...LISTED));
      for (const delay of [600, 1200, 2400, 3750, 7500]) await pass(delay);
      await untilSteps('begin', '+a', '+b', 'end');
      await pass(15_000);
      await untilSteps('begin', '+a', '+b', 'end', 'begin', '+a', '+b', 'end');
    });

    it('says so once what is known may no longer be kept', async () => {
      keepsKnown = true;
      const forbidden = failure(403, 'Forbidden');
      await runWidgets(...Array<Answer>(5).fill(forbidden));
      for (const delay of [600, 1200, 2400]) await pass(delay);
      expect(steps).to.deep.equal([]);
      keepsKnown = false;
      await pass(3750);
      await untilSteps('unavailable Forbidden');
    });

    it('says what it takes', async () => {
      const messages: string[] = [];
      const sink = { ...recorder<string>(String), unavailable: ({ message }: { readonly message: string }) => messages.push(message) };
      await run(WIDGETS, sink, [...Array<Answer>(4).fill(failure(403, 'Forbidden')), NOT_FOUND, NOT_FOUND, stream(...LISTED)]);
      for (const delay of [600, 1200, 2400, 3750, 7500]) await pass(delay);
      await untilSteps('begin', '+a', '+b', 'end');
      expect(messages).to.deep.equal([
        'Not allowed to list and watch widgets.example.dev: grant a ClusterRole with the rule {apiGroups: ["example.dev"], resources: ["widgets"], verbs: ["list", "watch"]}.',
        'The API server does not serve widgets.example.dev. Its CustomResourceDefinition is in crds/.',
      ]);
    });

    it('says so of a watch only after some patience', async () => {
      const forbidden = failure(403, 'Forbidden');
      await runWidgets(streamAndEnd(...LISTED), forbidden, forbidden, forbidden, forbidden, stream(...LISTED));
      for (const delay of [600, 1200, 2400, 3750]) await pass(delay);
      await untilSteps('begin', '+a', '+b', 'end', 'unavailable Forbidden', 'begin', '+a', '+b', 'end');
    });

    it('has the same patience, and pauses as short, with a server that comes back after it was away', async () => {
      const away: Answer = (response) => response.socket?.destroy();
      const unavailabilities = [failure(403, 'Forbidden'), failure(429, 'TooManyRequests'), failure(410, 'Expired')];
      await runWidgets(streamAndEnd(...LISTED), away, away, away, ...unavailabilities, stream(...LISTED));
      for (const delay of [800, 1600, 3200, 600, 800, 1600]) await pass(delay);
      await untilSteps('begin', '+a', '+b', 'end', 'begin', '+a', '+b', 'end');
    });
  });

  describe('when it is stopped', () => {
    it('ends at once, in a list, in a watch, in a pause and in a request', async () => {
      const half = stream(event('ADDED', 'a', '3'));
      const cases: readonly (readonly [Answer, () => unknown])[] = [
        [half, () => steps.includes('+a')],
        [stream(...LISTED), () => steps.includes('end')],
        [failure(500, 'InternalError'), () => state === 'waiting'],
        [() => undefined, () => server.requests.length > 0],
      ];
      for (const [answer, reached] of cases) {
        await runWidgets(answer);
        await waitFor('the place to stop at', reached, { everyMs: 1 });
        controller.abort();
        expect(await running).to.equal(undefined);
        await waitFor('the sockets to close', () => server.sockets.size === 0 || answer === cases[2]?.[0], { everyMs: 1 });
        await connection.close();
        await server.close();
        controller = new AbortController();
        [steps, state] = [[], undefined];
      }
      await runWidgets(stream(...LISTED));
    });

    it('does not begin where it is stopped already', async () => {
      controller.abort();
      await runWidgets();
      await running;
      expect(server.requests).to.deep.equal([]);
    });
  });

  it('fails with what the sink throws', async () => {
    const fault = new Error('a fault of ours');
    const sink: ReflectorSink<string> = {
      ...recorder<string>(String),
      put: () => {
        throw fault;
      },
    };
    await run(WIDGETS, sink, [stream(...LISTED)]);
    expect(await running.catch((error: unknown) => error)).to.equal(fault);
    await waitFor('the socket to close', () => server.sockets.size === 0, { everyMs: 1 });
  });

  it('takes a Status in protobuf for what it says', async () => {
    await runWidgets(
      (response) => response.writeHead(422).end(envelope('Status', { code: 422, message: 'no' })),
      page(['a'], '1'),
      stream(),
    );
    await untilSteps('begin', '+a', 'end');
  });
});
