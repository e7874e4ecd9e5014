import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, get as getPlain, type IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { parseBindAddress } from '../../src/server/bind-address.ts';
import type { HttpResponse, Handler } from '../../src/server/http-server.ts';
import { startHttpServers, type HttpServers } from '../../src/server/http-servers.ts';
import { ListenError } from '../../src/server/listen.ts';
import { PURPOSES, type Purpose } from '../../src/server/purposes.ts';
import { selfSigned } from '../client/support/certificates.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';
import { quickClock } from '../controller/support/quick-clock.ts';

const CERTIFICATE = selfSigned('operator');
const PATHS = ['/metrics', '/healthz', '/readyz', '/'] as const;
const SERVED: Readonly<Record<Purpose, readonly string[]>> = { metrics: ['/metrics'], health: ['/healthz', '/readyz'], page: ['/'] };
const DISABLED: Readonly<Record<Purpose, string>> = { metrics: '0', health: '0', page: '0' };
const FREE: Readonly<Record<Purpose, string>> = { metrics: '127.0.0.1:0', health: '127.0.0.1:0', page: '127.0.0.1:0' };

describe('the HTTP servers', () => {
  let folder: string;
  let started: HttpServers | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'http-servers-'));
    writeFileSync(join(folder, 'tls.crt'), CERTIFICATE.cert);
    writeFileSync(join(folder, 'tls.key'), CERTIFICATE.key);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  afterEach(async () => {
    await started?.close();
    started = undefined;
  });

  async function start(addresses: Readonly<Record<Purpose, string>>, isTls = false): Promise<HttpServers> {
    const parsed = { metrics: parseBindAddress(addresses.metrics), health: parseBindAddress(addresses.health) };
    const tls = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key'), clock: quickClock };
    return (started = await startHttpServers({
      addresses: { ...parsed, page: parseBindAddress(addresses.page) },
      handlers: {
        metrics: { '/metrics': said('/metrics') },
        health: { '/healthz': said('/healthz'), '/readyz': said('/readyz') },
        page: { '/': said('/') },
      },
      tls: isTls ? tls : undefined,
      authorize: (handler) => (asked) => (asked.authorization === 'Bearer good' ? handler(asked) : answer(401, 'who are you\n')),
      log: new FieldsLog(),
    }));
  }

  /** What a server answers, by path. */
  async function statuses(base: string, headers: Readonly<Record<string, string>> = {}): Promise<Readonly<Record<string, number>>> {
    const entries = await Promise.all(PATHS.map(async (path) => [path, await statusOf(base + path, path, headers)] as const));
    return Object.fromEntries(entries);
  }

  for (const purpose of PURPOSES) {
    it(`serve for ${purpose} what belongs there, and nothing else`, async () => {
      const { addresses } = await start(FREE);
      const expected = Object.fromEntries(PATHS.map((path) => [path, SERVED[purpose].includes(path) ? 200 : 404]));
      expect(await statuses(`http://${String(addresses[purpose]?.[0])}`, { Authorization: 'Bearer good' })).to.deep.equal(expected);
    });

    it(`are without the one for ${purpose} where its address is 0`, async () => {
      const { addresses } = await start({ ...FREE, [purpose]: '0' });
      expect(Object.keys(addresses)).to.deep.equal(PURPOSES.filter((each) => each !== purpose));
    });

    it(`are only the one for ${purpose} where the others are 0`, async () => {
      const { addresses } = await start({ ...DISABLED, [purpose]: '127.0.0.1:0' });
      expect(Object.keys(addresses)).to.deep.equal([purpose]);
    });

    it(`listen nowhere where the address of ${purpose} is taken, and name the flag`, async () => {
      const taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
      const { port } = taken.address() as AddressInfo;
      const free = await freePort();
      const others = PURPOSES.filter((each) => each !== purpose);
      const addresses = { ...DISABLED, [purpose]: `127.0.0.1:${port}`, [others[0]!]: `127.0.0.1:${free}` };
      const error = await start(addresses).catch((thrown: unknown) => thrown);
      taken.close();
      const flag = purpose === 'health' ? '--health-probe-bind-address' : `--${purpose}-bind-address`;
      expect(error).to.be.instanceOf(ListenError).with.property('message').that.contains(`choose another one with ${flag}`);
      expect(await fetch(`http://127.0.0.1:${free}/metrics`).catch(() => 'refused')).to.equal('refused');
    });
  }

  it('are none where all addresses are 0', async () => {
    expect((await start(DISABLED)).addresses).to.deep.equal({});
  });

  it('have no two purposes at one address', async () => {
    const port = await freePort();
    const error = await start({ ...DISABLED, metrics: `127.0.0.1:${port}`, health: `127.0.0.1:${port}` }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).to.have.property(
      'message',
      `cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with --health-probe-bind-address`,
    );
  });

  it('ask who may read at the address of the metrics, and of a page that is not on loopback, and at no other', async () => {
    const open = await start({ ...FREE, page: ':0' });
    const of = (purpose: Purpose): string => `http://${String(open.addresses[purpose]?.[0]).replace('[::]', '[::1]')}`;
    expect(await statuses(of('metrics'))).to.include({ '/metrics': 401 });
    expect(await statuses(of('page').replace('0.0.0.0', '127.0.0.1'))).to.include({ '/': 401 });
    expect(await statuses(of('health'))).to.include({ '/healthz': 200, '/readyz': 200 });
    await open.close();
    const { addresses } = await start({ ...DISABLED, page: 'localhost:0' });
    for (const address of addresses.page ?? expect.fail('no page')) expect(await statuses(`http://${address}`)).to.include({ '/': 200 });
  });

  for (const [host, isServed] of [
    ['localhost', true],
    ['LocalHost:8082', true],
    ['127.0.0.1', true],
    ['127.0.0.1:18082', true],
    ['127.9.8.7:1', true],
    ['[::1]:8082', true],
    ['[0:0:0:0:0:0:0:1]', true],
    ['rebound.example.org', false],
    ['rebound.example.org:8082', false],
    ['localhost.example.org:8082', false],
    ['127.0.0.1.example.org', false],
    ['10.0.0.1:8082', false],
    ['[2001:db8::1]:8082', false],
    ['[::]:8082', false],
    ['[localhost]:8082', false],
    ['[127.0.0.1]:8082', false],
    ['::1', false],
    ['user@localhost', false],
  ] as const) {
    it(`${isServed ? 'serve' : 'refuse'} a page on loopback for the host ${JSON.stringify(host)}, and everything else for any`, async () => {
      const { addresses } = await start({ ...FREE, page: 'localhost:0' });
      const of = (purpose: Purpose): string => `http://${String(addresses[purpose]?.[0])}`;
      const headers = { Host: host, Authorization: 'Bearer good' };
      expect(await statuses(of('page'), headers)).to.include({ '/': isServed ? 200 : 421 });
      expect(await statuses(of('metrics'), headers)).to.include({ '/metrics': 200 });
      expect(await statuses(of('health'), headers)).to.include({ '/healthz': 200, '/readyz': 200 });
    });
  }

  it('serve a page behind authorization for any host', async () => {
    const { addresses } = await start({ ...DISABLED, page: ':0' });
    const port = String(addresses.page?.[0]).replace(/^.*:/, '');
    const headers = { Host: 'page.example.org', Authorization: 'Bearer good' };
    expect(await statuses(`http://127.0.0.1:${port}`, headers)).to.include({ '/': 200 });
  });

  it('serve TLS for the metrics, and for a page that is not on loopback; probes and a page on loopback are plain HTTP', async () => {
    const open = await start({ ...FREE, page: ':0' }, true);
    const of = (purpose: Purpose): string => String(open.addresses[purpose]?.[0]).replace(/^.*:/, '127.0.0.1:');
    expect(await statusOf(`https://${of('metrics')}/metrics`, '/metrics', { Authorization: 'Bearer good' })).to.equal(200);
    expect(await statusOf(`https://${of('page')}/`, '/', { Authorization: 'Bearer good' })).to.equal(200);
    expect(await statusOf(`http://${of('health')}/readyz`, '/readyz', {})).to.equal(200);
    await open.close();
    const { addresses } = await start({ ...DISABLED, page: 'localhost:0' }, true);
    expect(await statuses(`http://${String(addresses.page?.[0])}`)).to.include({ '/': 200 });
  });
});

function answer(status: number, body: string): HttpResponse {
  return { status, type: 'text/plain', body };
}

function said(body: string): Handler {
  return () => answer(200, body);
}

/** @throws Error where the body is that of another path */
async function statusOf(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const options = { headers, agent: false };
  const sent = url.startsWith('https:') ? getTls(url, { ...options, ca: CERTIFICATE.cert }) : getPlain(url, options);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await text(response);
  if (response.statusCode === 200) expect(body).to.equal(path);
  return response.statusCode ?? 0;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
