import { once } from 'node:events';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { LIMITS, startHttpServer, type HttpResponse, type Handler, type HttpServer, type Limits } from '../../src/server/http-server.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';
import { waitFor } from '../support/waiting.ts';
import { RawClient, requestFor } from './raw-client.ts';

const SOON = { deadlineMs: 5_000, everyMs: 5 };
const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
const plain = (body: string): HttpResponse => ({ status: 200, type: 'text/plain', body });

describe('the HTTP server', () => {
  const log = new FieldsLog();
  const started: HttpServer[] = [];

  async function start(
    handlers: Readonly<Record<string, Handler>> = { '/ok': () => plain('ok\n') },
    host = '127.0.0.1',
    limits: Limits = LIMITS,
  ): Promise<HttpServer> {
    const server = await startHttpServer({ address: { host, port: 0 }, flag: '--address', handlers, log, limits });
    started.push(server);
    return server;
  }

  beforeEach(() => {
    log.lines.length = 0;
  });

  afterEach(async () => {
    for (const server of started.splice(0)) await server.close();
  });

  describe('answers', () => {
    for (const [method, path, status, body] of [
      ['GET', '/ok', 200, 'ok\n'],
      ['HEAD', '/ok', 200, ''],
      ['GET', '/ok?query=1&a=b', 200, 'ok\n'],
      ['GET', '/ok?', 200, 'ok\n'],
      ['POST', '/ok', 405, 'only GET and HEAD are served\n'],
      ['DELETE', '/ok', 405, 'only GET and HEAD are served\n'],
      ['OPTIONS', '/ok', 405, 'only GET and HEAD are served\n'],
      ['GET', '/', 404, 'not found\n'],
      ['GET', '/ok/', 404, 'not found\n'],
      ['GET', '//ok', 404, 'not found\n'],
      ['GET', '/OK', 404, 'not found\n'],
      ['GET', '/__proto__', 404, 'not found\n'],
      ['GET', '/constructor', 404, 'not found\n'],
      ['GET', '*', 404, 'not found\n'],
      ['POST', '/toString', 404, 'not found\n'],
      ['HEAD', '/none', 404, ''],
    ] as const) {
      it(`${method} ${path} with ${status}`, async () => {
        const response = await ask(await start(), method, path);
        expect([response.statusCode, await text(response)]).to.deep.equal([status, body]);
        expect(response.headers).to.include({ 'x-content-type-options': 'nosniff' });
        expect(response.headers.allow).to.equal(status === 405 ? 'GET, HEAD' : undefined);
      });
    }

    it('a handler that sees the query as it came', async () => {
      const server = await start({ '/ok': ({ path, query }) => plain(`${path} ${query}`) });
      for (const [path, said] of [
        ['/ok', '/ok '],
        ['/ok?', '/ok '],
        ['/ok?a=%41&b?c', '/ok a=%41&b?c'],
      ] as const)
        expect(await text(await ask(server, 'GET', path))).to.equal(said);
    });

    it('HEAD with the length of what GET would give', async () => {
      const server = await start({ '/ok': () => plain('zwölf\n') });
      const response = await ask(server, 'HEAD', '/ok');
      expect([response.headers['content-length'], response.headers['content-type']]).to.deep.equal(['7', 'text/plain']);
    });

    for (const [what, handler] of [
      ['throws', () => expect.fail('out of order')],
      ['rejects', () => Promise.reject(new Error('out of order'))],
    ] as const) {
      it(`500 where a handler ${what}, says so in the log only, and goes on`, async () => {
        const server = await start({ '/broken': handler, '/ok': () => plain('ok\n') });
        const response = await ask(server, 'GET', '/broken?x=1');
        expect([response.statusCode, await text(response)]).to.deep.equal([500, 'internal error\n']);
        const [line] = log.lines.filter(({ level }) => level === 'error');
        expect(line?.fields['reason']).to.contain('out of order');
        // A query may carry what is no business of a log.
        expect(line?.fields['path']).to.equal('/broken');
        expect((await ask(server, 'GET', '/ok')).statusCode).to.equal(200);
      });
    }

    for (const [what, wrong] of [
      ['a header that HTTP does not have', { headers: { 'X-Broken': 'one\ntwo' } }],
      ['a status that HTTP does not have', { status: 1000 }],
      ['a body that is no text', { body: undefined as unknown as string }],
    ] as const) {
      it(`500 where a handler gives ${what}, and what was asked behind it`, async () => {
        const server = await start({ '/broken': () => ({ ...plain('broken\n'), ...wrong }), '/ok': () => plain('ok\n') });
        const client = await RawClient.connect(server);
        client.say(requestFor('/broken') + requestFor('/ok', ['Connection: close']));
        await client.end();
        expect(client.statuses).to.deep.equal([500, 200]);
        const logged = log.lines.filter(({ level }) => level === 'error');
        expect(logged.map(({ fields }) => fields['path'])).to.deep.equal(['/broken']);
      });
    }

    it('others while one waits, and one sends nothing', async () => {
      const slow = Promise.withResolvers<HttpResponse>();
      const server = await start({ '/slow': () => slow.promise, '/ok': () => plain('ok\n') });
      const waiting = ask(server, 'GET', '/slow');
      const silent = connect(server.port, '127.0.0.1');
      await once(silent, 'connect');
      silent.write('GET /ok HTTP/1.1\r\nHost:');
      expect((await ask(server, 'GET', '/ok')).statusCode).to.equal(200);
      slow.resolve(plain('at last\n'));
      expect(await text(await waiting)).to.equal('at last\n');
      silent.destroy();
    });

    it('431 where the headers are too long', async () => {
      const server = await start();
      const response = await ask(server, 'GET', '/ok', { 'X-Long': 'x'.repeat(20_000) });
      expect(response.statusCode).to.equal(431);
    });
  });

  describe('when it closes', () => {
    it('ends connections at once, kept alive or in the middle of an answer', async () => {
      const server = await start({ '/never': () => new Promise<HttpResponse>(() => undefined), '/ok': () => plain('ok\n') });
      const agent = new Agent({ keepAlive: true });
      const first = await ask(server, 'GET', '/ok', {}, agent);
      await text(first);
      expect(Object.values(agent.freeSockets).flat()).to.have.length(1);
      const broken = ask(server, 'GET', '/never').catch((error: unknown) => error);
      await waitFor('the request', () => log.lines.some(({ fields }) => fields['path'] === '/never'), SOON);
      started.length = 0;
      await server.close();
      expect(await broken).to.be.instanceOf(Error);
      await waitFor('the end of the idle connection', () => Object.values(agent.freeSockets).flat().length === 0, SOON);
      expect(await ask(server, 'GET', '/ok').catch((error: unknown) => error)).to.have.property('code', 'ECONNREFUSED');
    });
  });

  describe('on localhost', () => {
    before(function () {
      if (!HAS_IPV6) this.skip();
    });

    it('serves on the loopback addresses of both families, by the same port, and on no other', async () => {
      const server = await start(undefined, 'localhost');
      expect(server.addresses).to.deep.equal([
        { host: '127.0.0.1', port: server.port },
        { host: '::1', port: server.port },
      ]);
      for (const host of ['127.0.0.1', '::1']) expect((await askAt(host, server, 'GET', '/ok')).statusCode).to.equal(200);
      expect(await askAt('127.0.0.2', server, 'GET', '/ok').catch((error: unknown) => error)).to.have.property('code', 'ECONNREFUSED');
    });

    it('counts the connections of both families against one limit', async () => {
      const server = await start(undefined, 'localhost', { ...LIMITS, connections: 2 });
      const connections: Socket[] = [];
      for (const host of ['127.0.0.1', '::1', '127.0.0.1']) {
        const connection = connect(server.port, host).on('error', () => undefined);
        await once(connection, 'connect');
        connections.push(connection);
        // Only then has the server taken it, and not after the next.
        connection.write('GET /ok HTTP/1.1\r\nHost: a\r\n\r\n');
        await once(connection, 'data');
      }
      await waitFor('the oldest connection to end', () => connections[0]?.closed === true, SOON);
      expect(connections.map(({ closed }) => closed)).to.deep.equal([true, false, false]);
      for (const connection of connections) connection.destroy();
    });

    it('ends the connections of both families when it closes', async () => {
      const server = await start(undefined, 'localhost');
      const connections = ['127.0.0.1', '::1'].map((host) => connect(server.port, host).on('error', () => undefined));
      for (const connection of connections) await once(connection, 'connect');
      started.length = 0;
      await server.close();
      await waitFor('their end', () => connections.every(({ closed }) => closed), SOON);
      for (const host of ['127.0.0.1', '::1'])
        expect(await askAt(host, server, 'GET', '/ok').catch((error: unknown) => error)).to.have.property('code', 'ECONNREFUSED');
    });
  });
});

function ask(
  server: HttpServer,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  agent?: Agent,
): Promise<IncomingMessage> {
  return askAt('127.0.0.1', server, method, path, headers, agent);
}

async function askAt(
  host: string,
  { port }: HttpServer,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  agent = new Agent(),
): Promise<IncomingMessage> {
  const sent = request({ host, port, method, path, headers, agent });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}
