import { expect } from 'chai';
import type { DualStackReportStatus } from '../../../src/core/report/types.ts';
import type { Connection } from '../../../src/client/transport/connection.ts';
import { NetworkError } from '../../../src/client/wire/errors.ts';
import { createEvent, type NewEvent } from '../../../src/client/requests/event-writer.ts';
import { createReport, writeReportStatus } from '../../../src/client/requests/report-writer.ts';
import { waitFor } from '../../support/waiting.ts';
import { ManualClock } from '../support/manual-clock.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

const VERSION = { name: 'cluster', resourceVersion: '7' };

/** A status of so many bytes and a few. */
function statusOf(bytes: number): DualStackReportStatus {
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  return { conditions: [{ type: 'Ready', status: 'True', reason: 'Evaluated', message: 'x'.repeat(bytes), lastTransitionTime }] };
}

const NEW_EVENT: NewEvent = {
  regarding: { apiVersion: 'v1', kind: 'Node', namespace: '', name: 'a', uid: 'a' },
  type: 'Warning',
  reason: 'NodePodCIDRMissing',
  action: 'Found',
  note: 'no IPv6',
};

describe('writing to an API server that never answers', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let clock: ManualClock;
  const stop = new AbortController();

  beforeEach(async () => {
    server = new ScriptedServer([]);
    connection = await server.connect();
    clock = new ManualClock();
  });

  afterEach(async () => {
    await connection.close();
    await server.close();
  });

  /** How many seconds pass until the write is given up, and its error. */
  async function givenUp(writing: Promise<unknown>): Promise<{ readonly seconds: number; readonly error: unknown }> {
    let ended: { readonly error: unknown } | undefined;
    const end = writing.catch((error: unknown) => {
      ended = { error };
    });
    await waitFor('the request', () => server.requests.length > 0 && clock.sleeping.length > 0, { everyMs: 5 });
    const [left = NaN] = clock.sleeping;
    clock.advance(left - 1);
    expect(ended).to.be.undefined;
    clock.advance(1);
    await end;
    return { seconds: left / 1000, error: ended?.error };
  }

  it('is given up after 15 seconds', async () => {
    const { seconds, error } = await givenUp(writeReportStatus(connection, VERSION, {}, { clock, signal: stop.signal }));
    expect(Math.floor(seconds)).to.equal(15);
    expect(error).to.be.instanceOf(NetworkError).with.property('message', 'no response in time');
  });

  it('is given up a second later for each kB', async () => {
    const { seconds } = await givenUp(writeReportStatus(connection, VERSION, statusOf(20_000), { clock, signal: stop.signal }));
    expect(Math.floor(seconds)).to.equal(35);
  });

  it('is given up after a minute at the latest', async () => {
    const { seconds } = await givenUp(writeReportStatus(connection, VERSION, statusOf(200_000), { clock, signal: stop.signal }));
    expect(seconds).to.equal(60);
  });

  it('is given up after 15 seconds where the report is created', async () => {
    const { seconds, error } = await givenUp(createReport(connection, 'cluster', { clock, signal: stop.signal }));
    expect(Math.floor(seconds)).to.equal(15);
    expect(error).to.be.instanceOf(NetworkError);
  });

  it('is given up after 15 seconds where an Event is created', async () => {
    const { seconds, error } = await givenUp(createEvent(connection, NEW_EVENT, { clock, signal: stop.signal }));
    expect(Math.floor(seconds)).to.equal(15);
    expect(error).to.be.instanceOf(NetworkError);
  });

  it('ends with the reason of the signal when that aborts', async () => {
    const ending = new AbortController();
    const writing = writeReportStatus(connection, VERSION, {}, { clock, signal: ending.signal }).catch((error: unknown) => error);
    await waitFor('the request', () => server.requests.length > 0, { everyMs: 5 });
    ending.abort('over');
    expect(await writing).to.equal('over');
  });
});
