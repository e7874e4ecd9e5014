import { expect } from 'chai';
import type { Unavailability } from '../../../src/core/kinds/facts.ts';
import type { Connection } from '../../../src/client/transport/connection.ts';
import { NO_OBSERVER, type ReflectorState } from '../../../src/sources/watch/observer.ts';
import { runReflector } from '../../../src/sources/watch/reflector.ts';
import type { ReflectorSink } from '../../../src/sources/list/sink.ts';
import type { Resource } from '../../../src/sources/resources.ts';
import { waitFor } from '../../support/waiting.ts';
import { RecordedLog } from '../../client/support/logs.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';
import { event, initialEventsEnd, json, ScriptedServer, stream, streamAndEnd, type Answer } from '../../client/support/scripted-server.ts';
import { WIDGETS } from '../../client/support/widgets.ts';

const LISTED = [event('ADDED', 'a', '3'), initialEventsEnd('10')];
const NOT_FOUND: Answer = (response) => response.writeHead(404).end('404 page not found');
const [FIRST, SECOND] = ['/apis/example.dev/v1/widgets', '/apis/example.dev/v1beta1/widgets'];
const TWO_VERSIONS: Resource<string> = { ...WIDGETS, versions: ['v1', 'v1beta1'], otherPaths: [SECOND] };

describe('what the API server does not give', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let clock: ManualClock;
  let log: RecordedLog;
  let steps: string[];
  let state: ReflectorState | undefined;
  let controller: AbortController;
  let running: Promise<unknown>;

  const sink: ReflectorSink<string> = {
    begin: () => steps.push('begin'),
    put: (name) => steps.push(`+${name}`),
    remove: (name) => steps.push(`-${name}`),
    end: () => steps.push('end'),
    unavailable: ({ reason, message }: Unavailability) => steps.push(`${reason}: ${message}`),
  };

  async function run(resource: Resource<string>, ...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    const observer = {
      ...NO_OBSERVER,
      onState: (now: ReflectorState) => {
        state = now;
      },
    };
    running = runReflector({ connection, resource, sink, signal: controller.signal, clock, log, observer });
    running.catch(() => undefined);
  }

  async function untilSteps(...expected: readonly string[]): Promise<void> {
    await waitFor(expected.join(' '), () => steps.length >= expected.length, { everyMs: 1, deadlineMs: 5000 }).catch(() => undefined);
    expect(steps).to.deep.equal(expected);
  }

  /** Lets a pause pass before the next try, whose length must be this. */
  async function pass(delayMs: number): Promise<void> {
    const isPause = (): boolean => (state === 'waiting' || state === 'unavailable') && clock.sleeping.length === 1;
    await waitFor('a pause', isPause, { everyMs: 1, deadlineMs: 5000 });
    expect(clock.sleeping).to.deep.equal([delayMs]);
    state = undefined;
    clock.advance(delayMs);
  }

  beforeEach(() => {
    [clock, log, controller] = [new ManualClock(), new RecordedLog(), new AbortController()];
    [steps, state] = [[], undefined];
  });

  afterEach(async () => {
    controller.abort();
    await running.catch(() => undefined);
    await connection.close();
    await server.close();
  });

  it('is there in another version only', async () => {
    await run(
      WIDGETS,
      NOT_FOUND,
      json(200, { kind: 'APIGroup', versions: [{ version: 'v2' }, { version: 'v1beta1' }, { version: 'v1' }] }),
      json(200, { kind: 'APIResourceList', resources: [{ name: 'gadgets' }] }),
      json(200, { kind: 'APIResourceList', resources: [{ name: 'gadgets' }, { name: 'widgets' }] }),
      stream(...LISTED),
    );
    await pass(3750);
    const words = 'The API server serves widgets.example.dev as v1beta1, and not as v1. Its CustomResourceDefinition is in crds/.';
    await untilSteps(`Unsupported: ${words}`, 'begin', '+a', 'end');
    const group = '/apis/example.dev';
    expect(server.requests.map(({ path }) => path)).to.deep.equal([FIRST, group, `${group}/v2`, `${group}/v1beta1`, FIRST]);
  });

  it('is not there in the first version and is read in the next, until that is gone', async () => {
    await run(TWO_VERSIONS, NOT_FOUND, streamAndEnd(...LISTED), NOT_FOUND, stream(...LISTED));
    await untilSteps('begin', '+a', 'end', 'begin', '+a', 'end');
    expect(server.requests.map(({ path }) => path)).to.deep.equal([FIRST, SECOND, SECOND, FIRST]);
    expect(log.lines, 'nothing is wrong').to.deep.equal([]);
  });

  it('is there in none of several versions', async () => {
    await run(TWO_VERSIONS, NOT_FOUND, NOT_FOUND, json(200, { versions: [{ version: 'v1beta1' }] }), stream(...LISTED));
    await pass(3750);
    const words = 'The API server does not serve widgets.example.dev. Its CustomResourceDefinition is in crds/.';
    await untilSteps(`NotFound: ${words}`, 'begin', '+a', 'end');
    expect(server.requests.map(({ path }) => path)).to.deep.equal([FIRST, SECOND, '/apis/example.dev', FIRST]);
  });

  it('cannot be decoded, again and again', async () => {
    const garbage = stream('garbage\n');
    await run(WIDGETS, garbage, garbage, garbage, garbage, stream(...LISTED));
    for (const delay of [400, 800, 1600, 3750]) await pass(delay);
    const words = 'What the API server gives of widgets.example.dev cannot be decoded; the log says why.';
    await untilSteps('begin', 'begin', 'begin', 'begin', `Malformed: ${words}`, 'begin', '+a', 'end');
  });
});
