import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../../scripts/root.ts';
import type { Connection } from '../../../src/client/transport/connection.ts';
import { TEXT_LIMIT_BYTES, textOf } from '../../../src/client/transport/connection.ts';
import { DecodeError } from '../../../src/client/wire/errors.ts';
import { PAGE_LIMIT_BYTES, PAGE_SIZE, PageTooLongError, readPage, smallerThan } from '../../../src/sources/list/pages.ts';
import { runReflector } from '../../../src/sources/watch/reflector.ts';
import { FRAME_LIMIT_BYTES } from '../../../src/client/wire/frames.ts';
import { waitFor } from '../../support/waiting.ts';
import { RecordedLog } from '../../client/support/logs.ts';
import { ManualClock } from '../../client/support/manual-clock.ts';
import type { Answer } from '../../client/support/scripted-server.ts';
import { failure, page, ScriptedServer, stream } from '../../client/support/scripted-server.ts';
import { WIDGETS } from '../../client/support/widgets.ts';

const MIB = 1024 * 1024;

/** An answer of so many bytes, to which more are to come. */
function more(count: number): Answer {
  return (response) => {
    response.writeHead(200);
    response.write(Buffer.alloc(count, ' '));
  };
}

function bytes(count: number): Answer {
  return (response) => response.writeHead(200).end(Buffer.alloc(count, ' '));
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('an answer that is too long', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let controller: AbortController;

  async function start(...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    controller = new AbortController();
  }

  afterEach(async () => {
    controller.abort();
    await connection.close();
    await server.close();
  });

  it('is read no further, be it a page', async () => {
    await start(more(PAGE_LIMIT_BYTES + 1), bytes(1));
    const read = async (limit: number): Promise<unknown> =>
      errorOf(readPage(connection, WIDGETS, { limit, continueToken: '', clock: new ManualClock(), signal: controller.signal }));
    expect(await read(7))
      .to.be.instanceOf(PageTooLongError)
      .and.to.have.property('message', `a page of 7 widgets is larger than ${PAGE_LIMIT_BYTES} bytes`);
    await waitFor('the socket to close', () => server.sockets.size === 0, { everyMs: 1 });
    expect(await read(7))
      .to.be.instanceOf(DecodeError)
      .and.not.to.be.instanceOf(PageTooLongError);
  });

  it('is read no further, be it text', async () => {
    await start(more(TEXT_LIMIT_BYTES + 1), bytes(TEXT_LIMIT_BYTES));
    const read = async (): Promise<string> => textOf((await connection.request('/x')).body);
    expect(await errorOf(read()))
      .to.be.instanceOf(DecodeError)
      .and.to.have.property('message', `the API server answered more than ${TEXT_LIMIT_BYTES} bytes`);
    await waitFor('the socket to close', () => server.sockets.size === 0, { everyMs: 1 });
    expect(await read()).to.have.length(TEXT_LIMIT_BYTES);
  });

  it('is asked for in smaller pages from there on, so that nothing is lost', async () => {
    const long = more(PAGE_LIMIT_BYTES + 1);
    await start(failure(422, 'Invalid'), page(['a'], '10', 'next'), long, long, page(['b'], '10', 'last'), page(['c'], '10'), stream());
    const put: string[] = [];
    const log = new RecordedLog();
    const sink = {
      begin: () => put.push('begin'),
      put: (name: string) => put.push(name),
      remove: () => undefined,
      end: () => put.push('end'),
      unavailable: () => undefined,
    };
    const running = runReflector({ connection, resource: WIDGETS, sink, signal: controller.signal, clock: new ManualClock(), log });
    await waitFor('the watch', () => server.requests.length === 7, { everyMs: 1 });
    expect(put).to.deep.equal(['begin', 'a', 'b', 'c', 'end']);
    const asked = server.requests.slice(1, 6).map(({ query }) => [query.get('continue'), Number(query.get('limit'))]);
    expect(asked).to.deep.equal([
      [null, 500],
      ['next', 500],
      ['next', 100],
      ['next', 20],
      ['last', 20],
    ]);
    expect(log.lines.filter((line) => line.startsWith('warn'))).to.deep.equal([]);
    controller.abort();
    await running;
  });

  it('is none at last of one object: then the list has failed', () => {
    const sizes = [PAGE_SIZE];
    for (let next = smallerThan(PAGE_SIZE); next > 0; next = smallerThan(next)) sizes.push(next);
    expect(sizes).to.deep.equal([500, 100, 20, 4, 1]);
    expect(smallerThan(1)).to.equal(0);
  });

  it('is as long as the docs say', async () => {
    await start();
    const limits = readFileSync(fromRoot('docs', 'reliability.md'), 'utf8').split('\n## Limits\n')[1]!.replaceAll(/\s+/g, ' ');
    expect(limits).to.contain(`A page of a list may have ${PAGE_LIMIT_BYTES / MIB} MiB`);
    expect(limits).to.contain(`an event of a watch ${FRAME_LIMIT_BYTES / MIB} MiB`);
    expect(limits).to.contain(`every other answer ${TEXT_LIMIT_BYTES / MIB} MiB`);
  });
});
