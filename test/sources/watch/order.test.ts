import { expect } from 'chai';
import type { Connection } from '../../../src/client/transport/connection.ts';
import { NO_OBSERVER } from '../../../src/sources/watch/observer.ts';
import { runReflector } from '../../../src/sources/watch/reflector.ts';
import type { ReflectorSink } from '../../../src/sources/list/sink.ts';
import { eventually } from '../../support/eventually.ts';
import { RecordedLog } from '../../client/support/logs.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';
import type { Answer } from '../../client/support/scripted-server.ts';
import { bookmark, event, initialEventsEnd, line, ScriptedServer, stream } from '../../client/support/scripted-server.ts';
import { WIDGETS } from '../../client/support/widgets.ts';

/** The objects of a list come in any order. */
const LISTED = [event('ADDED', 'a', '3'), event('ADDED', 'b', '2'), initialEventsEnd('10')];
const RELISTED = stream(event('ADDED', 'b', '2'), initialEventsEnd('20'));

describe('the order of the events of a watch', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let clock: ManualClock;
  let steps: string[];
  let errors: string[];
  let stop: AbortController;
  let running: Promise<void>;

  const sink: ReflectorSink<string> = {
    begin: () => steps.push('begin'),
    put: (name) => steps.push(`+${name}`),
    remove: (name) => steps.push(`-${name}`),
    end: () => steps.push('end'),
    unavailable: () => undefined,
  };

  async function run(...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    const observer = { ...NO_OBSERVER, onError: (reason: string) => errors.push(reason) };
    running = runReflector({ connection, resource: WIDGETS, sink, signal: stop.signal, clock, log: new RecordedLog(), observer });
  }

  beforeEach(() => {
    [clock, stop, steps, errors] = [new ManualClock(), new AbortController(), [], []];
  });

  afterEach(async () => {
    stop.abort();
    await running;
    await connection.close();
    await server.close();
  });

  for (const [what, older] of [
    ['an event', event('MODIFIED', 'a', '9')],
    ['a bookmark', bookmark('11')],
  ] as const) {
    it(`is wrong where ${what} is older than the event before it: it is handed on to nobody, and a new list sets it right`, async () => {
      await run(stream(...LISTED, line('DELETED', { metadata: { name: 'a', resourceVersion: '12' } }), older), RELISTED);
      await eventually(() => {
        expect(clock.sleeping).to.deep.equal([400]);
      });
      clock.advance(400);
      await eventually(() => {
        expect(steps).to.deep.equal(['begin', '+a', '+b', 'end', '-a', 'begin', '+b', 'end']);
      });
      expect(errors).to.deep.equal(['undecodable']);
    });
  }

  it('is right where the same event comes twice, and where a version has more digits', async () => {
    await run(stream(...LISTED, event('MODIFIED', 'a', '11'), event('MODIFIED', 'a', '11'), event('ADDED', 'c', '100')));
    await eventually(() => {
      expect(steps).to.deep.equal(['begin', '+a', '+b', 'end', '+a', '+a', '+c']);
    });
    expect(errors).to.deep.equal([]);
  });

  it('does not matter where versions are no numbers', async () => {
    await run(stream(...LISTED.slice(0, 2), initialEventsEnd('z'), event('MODIFIED', 'a', 'b')));
    await eventually(() => {
      expect(steps).to.deep.equal(['begin', '+a', '+b', 'end', '+a']);
    });
    expect(errors).to.deep.equal([]);
  });
});
