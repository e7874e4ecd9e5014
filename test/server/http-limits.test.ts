import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { LIMITS, startHttpServer, type HttpResponse, type Handler, type HttpServer, type Limits } from '../../src/server/http-server.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';
import { eventually } from '../support/eventually.ts';
import { waitFor } from '../support/waiting.ts';
import { RawClient, requestFor } from './raw-client.ts';

const SOON = { deadlineMs: 10_000, everyMs: 5 };
/** Too short for nobody who means well, even where the machine has much to do. */
const SHORT_MS = 1000;
const CLOSE = ['Connection: close'];
const MIB = 1024 * 1024;
const FREE = { host: '127.0.0.1', port: 0 };
const plain = (body: string | Uint8Array): HttpResponse => ({ status: 200, type: 'text/plain', body });

describe('the HTTP server, to clients that ask too much of it,', () => {
  const log = new FieldsLog();
  const clients: RawClient[] = [];
  let server: HttpServer | undefined;

  async function start(limits: Partial<Limits> = {}, handlers: Readonly<Record<string, Handler>> = {}): Promise<void> {
    const all = { '/ok': () => plain('ok\n'), ...handlers };
    server = await startHttpServer({ address: FREE, flag: '--address', handlers: all, log, limits: { ...LIMITS, ...limits } });
  }

  async function client(text = ''): Promise<RawClient> {
    const one = await RawClient.connect(server!);
    clients.push(one);
    one.say(text);
    return one;
  }

  /** How often a path has been asked for. */
  function asked(path: string): number {
    return log.lines.filter(({ fields }) => fields['path'] === path).length;
  }

  async function answersOthers(): Promise<void> {
    const other = await client(requestFor('/ok', CLOSE));
    await other.end();
    expect(other.contacted).to.match(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok\n$/);
  }

  beforeEach(() => {
    log.lines.length = 0;
  });

  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    await server?.close();
    server = undefined;
    expect(log.from('warn')).to.deep.equal([]);
  });

  describe('cuts off', () => {
    for (const [what, text] of [
      ['who says nothing', ''],
      ['who stops within the first line', 'GET /ok HT'],
      ['who stops within the headers', 'GET /ok HTTP/1.1\r\nHost: operator\r\nX-'],
    ] as const) {
      it(what, async () => {
        await start({ requestMs: SHORT_MS });
        const slow = await client(text);
        await answersOthers();
        await slow.end();
        expect(slow.statuses).to.deep.equal([408]);
      });
    }

    it('who sends one header after the other without an end', async () => {
      await start({ requestMs: SHORT_MS });
      const slow = await client('GET /ok HTTP/1.1\r\nHost: operator\r\n');
      const startedAt = performance.now();
      const drip = setInterval(() => {
        slow.say('X: y\r\n');
      }, 20);
      await slow.end();
      clearInterval(drip);
      expect(slow.statuses).to.deep.equal([408]);
      expect(performance.now() - startedAt).to.be.at.least(SHORT_MS / 2);
      await answersOthers();
    });

    for (const path of ['/ok', '/none'] as const) {
      it(`who sends a body to ${path}, which nobody reads`, async () => {
        await start();
        const one = await client(`POST ${path} HTTP/1.1\r\nHost: operator\r\nContent-Length: 1000000000\r\n\r\nabc`);
        await one.end();
        expect(one.statuses).to.deep.equal([path === '/ok' ? 405 : 404]);
        expect(one.contacted).to.contain('\r\nConnection: close\r\n');
      });
    }

    it('who asks with GET and never ends the body', async () => {
      await start({ requestMs: SHORT_MS });
      const one = await client('GET /ok HTTP/1.1\r\nHost: operator\r\nContent-Length: 1000000000\r\n\r\nabc');
      await one.end();
      expect(one.statuses).to.deep.equal([200, 408]);
    });

    it('who does not read the answer', async () => {
      await start({ answerMs: SHORT_MS }, { '/long': () => plain(Buffer.alloc(64 * MIB)) });
      const deaf = await client();
      deaf.socket.pause();
      deaf.say(requestFor('/long'));
      await answersOthers();
      // One that does not read learns of the end only from what it says: empty lines before a request are nothing.
      await eventually(() => {
        deaf.say('\r\n');
        expect(deaf.closed).to.equal(true);
      }, SOON);
    });

    it('who has not read for the longest where there are too many of them', async () => {
      await start({ unread: 2 }, { '/long': () => plain(Buffer.alloc(64 * MIB)) });
      const deaf = [await client(), await client(), await client()] as const;
      for (const [index, { socket }] of deaf.entries()) {
        socket.pause();
        socket.write(requestFor('/long'));
        await waitFor('the request', () => asked('/long') === index + 1, SOON);
      }
      await eventually(() => {
        deaf[0].say('\r\n');
        expect(deaf.map(({ closed }) => closed)).to.deep.equal([true, false, false]);
      }, SOON);
      await answersOthers();
    });

    it('who waits for an answer that never comes', async () => {
      await start({ answerMs: SHORT_MS }, { '/never': () => new Promise<HttpResponse>(() => undefined) });
      const one = await client(requestFor('/never'));
      await answersOthers();
      await one.end();
      expect(one.contacted).to.equal('');
    });

    it('who sends too many requests ahead', async () => {
      let handled = 0;
      const never = (): Promise<HttpResponse> => {
        handled += 1;
        return new Promise(() => undefined);
      };
      await start({ pipelined: 8 }, { '/never': never });
      const one = await client(requestFor('/never').repeat(8));
      await waitFor('the first to begin', () => handled === 1, SOON);
      await answersOthers();
      expect(one.closed).to.equal(false);
      one.say(requestFor('/never'));
      await one.end();
      expect([one.contacted, handled]).to.deep.equal(['', 1]);
      await answersOthers();
    });

    it('the oldest connection where there are too many, and takes the new one', async () => {
      await start({ connections: 3 });
      const [first, second, third] = [await client(), await client(), await client()];
      await answersOthers();
      await first.end();
      expect([second.closed, third.closed]).to.deep.equal([false, false]);
      third.say(requestFor('/ok'));
      await eventually(() => {
        expect(third.statuses).to.deep.equal([200]);
      }, SOON);
      expect(second.closed).to.equal(false);
    });
  });

  describe('keeps a request in progress where there are too many connections, and closes', () => {
    const slow = Promise.withResolvers<HttpResponse>();
    const handlers = { '/slow': () => slow.promise };

    async function asking(count: number): Promise<RawClient[]> {
      const all: RawClient[] = [];
      while (all.length < count) {
        all.push(await client(requestFor('/slow', CLOSE)));
        await waitFor('the request', () => asked('/slow') === all.length, SOON);
      }
      return all;
    }

    it('the oldest one that waits for nothing, kept alive or silent', async () => {
      await start({ connections: 4 }, handlers);
      const [scrape] = await asking(1);
      const keptAlive = await client(requestFor('/ok'));
      await waitFor('the answer', () => keptAlive.statuses.length === 1, SOON);
      const silent = await client();
      await client();
      await client();
      await keptAlive.end();
      await client();
      await silent.end();
      expect(scrape?.closed).to.equal(false);
      slow.resolve(plain('at last\n'));
      await scrape?.end();
      expect(scrape?.contacted).to.contain('at last');
    });

    it('the new one where all wait for an answer', async () => {
      const never = new Promise<HttpResponse>(() => undefined);
      await start({ connections: 2 }, { '/slow': () => never });
      const scrapes = await asking(2);
      const newest = await client();
      await newest.end();
      expect(scrapes.map(({ closed }) => closed)).to.deep.equal([false, false]);
    });
  });

  it('has the limits that docs/security.md lists', () => {
    expect(LIMITS).to.deep.equal({ requestMs: 10_000, answerMs: 60_000, connections: 256, pipelined: 16, unread: 32, headerBytes: 16_384 });
    const words = readFileSync(fromRoot('docs', 'security.md'), 'utf8').replaceAll(/\s+/g, ' ');
    for (const documented of [
      'headers up to 16 KiB',
      '10 seconds to send a request and 60 to read the answer',
      '256 connections',
      'sixteen may wait',
      '32 unread answers',
    ])
      expect(words).to.contain(documented);
  });

  it('still answers while idle connections pour in', async () => {
    await start({ connections: 16 });
    for (let count = 0; count < 64; count++) {
      await client();
      if (count % 16 === 0) await answersOthers();
    }
    await eventually(() => {
      expect(clients.filter(({ closed }) => !closed)).to.have.length(16);
    }, SOON);
  });

  it('gives an answer of any length to who reads it in time', async () => {
    await start({}, { '/long': () => plain(Buffer.alloc(16 * MIB, 'x')) });
    const one = await client(requestFor('/long', CLOSE));
    await one.end();
    expect(one.contacted.length - one.contacted.indexOf('\r\n\r\n') - 4).to.equal(16 * MIB);
  });

  it('answers requests that come together one after the other, in their order', async () => {
    let now = 0;
    const together: number[] = [];
    const work: Handler = async () => {
      now += 1;
      together.push(now);
      await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return plain('worked\n');
    };
    await start({}, { '/work': work });
    const one = await client(
      [requestFor('/work'), requestFor('/none'), requestFor('/ok'), requestFor('/work'), requestFor('/work', CLOSE)].join(''),
    );
    await one.end();
    expect(one.statuses).to.deep.equal([200, 404, 200, 200, 200]);
    expect(together).to.deep.equal([1, 1, 1]);
  });

  it('begins none of the requests of a client that has gone', async () => {
    let handled = 0;
    const first = Promise.withResolvers<HttpResponse>();
    await start(
      {},
      {
        '/first': () => first.promise,
        '/second': () => {
          handled += 1;
          return plain('');
        },
      },
    );
    const one = await client(requestFor('/first') + requestFor('/second'));
    await waitFor('the request', () => asked('/first') === 1, SOON);
    one.socket.destroy();
    await one.end();
    await answersOthers();
    first.resolve(plain('too late\n'));
    await answersOthers();
    expect(handled).to.equal(0);
  });

  for (const [what, text] of [
    ['a header', requestFor('/ok', [`X: ${'x'.repeat(16 * 1024)}`])],
    ['a path', requestFor(`/${'x'.repeat(16 * 1024)}`)],
    ['a query', requestFor(`/ok?${'x'.repeat(16 * 1024)}`)],
    ['a token', requestFor('/ok', [`Authorization: Bearer ${'x'.repeat(16 * 1024)}`])],
    ['many headers', requestFor('/ok', Array<string>(5000).fill('X: y'))],
  ] as const) {
    it(`answers 431 to ${what} longer than it takes`, async () => {
      await start();
      const one = await client(text);
      await one.end();
      expect(one.statuses).to.deep.equal([431]);
      await answersOthers();
    });
  }

  for (const [what, text, statuses] of [
    ['no HTTP', '\x16\x03\x01\x02\x00\x01', [400]],
    ['HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400]],
    ['an unknown method', 'BREW /ok HTTP/1.1\r\nHost: operator\r\n\r\n', [400]],
    ['no host', 'GET /ok HTTP/1.1\r\n\r\n', [400]],
    ['two lengths', 'GET /ok HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', [400]],
    ['a space in a header', 'GET /ok HTTP/1.1\r\nHost: a\r\nContent-Length : 1\r\n\r\n', [400]],
    ['an expectation', requestFor('/ok', ['Expect: the-impossible', ...CLOSE]), [417]],
    ['TRACE', 'TRACE /ok HTTP/1.1\r\nHost: a\r\n\r\n', [405]],
    ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nHost: a\r\n\r\n', []],
    ['the wish for another protocol', requestFor('/ok', ['Upgrade: h2c', 'Connection: Upgrade, close']), [200]],
    ['HTTP/1.0', 'GET /ok HTTP/1.0\r\n\r\n', [200]],
  ] as const) {
    it(`answers ${what} with ${statuses.join() || 'nothing'}, and closes`, async () => {
      await start();
      const one = await client(text);
      await one.end();
      expect(one.statuses).to.deep.equal(statuses);
      await answersOthers();
    });
  }

  for (const path of [
    '/ok/',
    '//ok',
    '/./ok',
    '/../ok',
    '/none/../ok',
    '/%6fk',
    '/ok%00',
    '/ok;x',
    '/ok#x',
    '/OK',
    '\\ok',
    'ok',
    'http://operator/ok',
  ]) {
    it(`knows no path ${path}`, async () => {
      await start();
      const one = await client(requestFor(path, CLOSE));
      await one.end();
      expect(one.statuses[0]).to.be.oneOf([400, 404]);
      expect(one.contacted).to.not.contain('\r\nok\n');
    });
  }

  it('outlives clients that go at any point', async () => {
    await start({}, { '/long': () => plain(Buffer.alloc(8 * MIB)) });
    const whole = requestFor('/long');
    for (let length = 0; length <= whole.length; length += 7) {
      const one = await client(whole.slice(0, length));
      one.socket.resetAndDestroy();
    }
    const reading = await client(whole);
    await waitFor('the beginning of the answer', () => reading.contacted.length > 0, SOON);
    reading.socket.resetAndDestroy();
    await answersOthers();
  });
});
