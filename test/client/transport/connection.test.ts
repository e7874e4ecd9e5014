import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createProxy } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { connect as openSocket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PeerCertificate } from 'node:tls';
import { TLSSocket } from 'node:tls';
import { inspect, promisify } from 'node:util';
import { CoreV1Api } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { Connection } from '../../../src/client/transport/connection.ts';
import { connect } from '../../../src/client/transport/connection.ts';
import { ApiError, CredentialsError, NetworkError } from '../../../src/client/wire/errors.ts';
import { waitFor } from '../../support/waiting.ts';
import type { Certificate } from '../support/certificates.ts';
import { selfSigned } from '../support/certificates.ts';
import { envelope } from '../support/encode.ts';
import type { Answer } from '../support/scripted-server.ts';
import { failure, json, ScriptedServer, stream } from '../support/scripted-server.ts';
import { allOf } from '../support/bodies.ts';

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

async function textOf(connection: Connection, path: string): Promise<string> {
  const { body } = await connection.request(path);
  return (await allOf(body)).toString();
}

describe('Connection', () => {
  let server: ScriptedServer;
  let connection: Connection;

  async function start(...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
  }

  afterEach(async () => {
    await connection.close();
    await server.close();
  });

  it('sends the method, the query, the headers and the body', async () => {
    const seen: string[] = [];
    await start((response, request) => {
      request.setEncoding('utf8').on('data', (chunk: string) => seen.push(chunk));
      request.on('end', () => {
        seen.unshift(`${request.method ?? ''} ${request.url ?? ''} ${request.headers.accept ?? ''} ${request.headers['user-agent'] ?? ''}`);
        response.writeHead(201, { 'x-test': 'y' }).end('{}');
      });
    });
    const answer = await connection.request('/a', {
      method: 'PATCH',
      query: { force: true, x: '&' },
      headers: { Accept: 'b' },
      body: '{"c":1}',
    });
    await allOf(answer.body);
    expect(seen).to.deep.equal(['PATCH /a?force=true&x=%26 b test', '{"c":1}']);
    expect(answer).to.include({ status: 201 });
    expect(answer.headers['x-test']).to.equal('y');
  });

  const errors: readonly (readonly [what: string, Answer, object])[] = [
    [
      'a Status',
      failure(403, 'Forbidden', 'no, no'),
      { status: 403, reason: 'Forbidden', message: 'no, no', retryAfterSeconds: undefined },
    ],
    ['a Status with Retry-After', failure(429, 'TooManyRequests', 'slow', { 'retry-after': '9' }), { status: 429, retryAfterSeconds: 9 }],
    [
      'details before the header',
      json(429, { message: 'x', code: 429, details: { retryAfterSeconds: 3 } }, { 'retry-after': '9' }),
      { retryAfterSeconds: 3 },
    ],
    [
      'a Status in protobuf',
      (response) => response.writeHead(410).end(envelope('Status', { code: 410, reason: 'Expired', message: 'old' })),
      { status: 410, reason: 'Expired', message: 'old' },
    ],
    [
      'text',
      (response) => response.writeHead(404).end('404 page\nnot found\n'),
      { status: 404, reason: '', message: '404 page not found' },
    ],
    ['nothing', (response) => response.writeHead(502).end(), { status: 502, message: 'the API server answered 502' }],
    ['a redirect', (response) => response.writeHead(302, { location: '/b' }).end(), { status: 302 }],
    ['JSON that is no Status', json(500, [1]), { status: 500, message: '[1]' }],
    [
      'a Retry-After that is a date',
      failure(503, '', 'x', { 'retry-after': 'Fri, 01 Jan 2038 00:00:00 GMT' }),
      { status: 503, retryAfterSeconds: undefined },
    ],
  ];
  for (const [what, answer, expected] of errors) {
    it(`makes an ApiError of ${what}`, async () => {
      await start(answer);
      const error = await errorOf(connection.request('/x'));
      expect(error).to.be.instanceOf(ApiError).and.to.include(expected);
    });
  }

  it('reads no more of an error than it needs', async () => {
    await start((response) => {
      response.writeHead(500);
      const more = (): void => {
        while (response.write('x'.repeat(10_000)));
        response.once('drain', more);
      };
      more();
    });
    const error = await errorOf(connection.request('/x'));
    expect(error).to.be.instanceOf(ApiError).and.to.have.property('message').that.has.length(512);
  });

  it('makes a NetworkError of a connection that breaks, before the answer or in it', async () => {
    await start(
      (response) => response.destroy(),
      (response) => {
        response.writeHead(200).write('half', () => {
          setImmediate(() => response.destroy());
        });
      },
    );
    expect(await errorOf(connection.request('/x'))).to.be.instanceOf(NetworkError);
    expect(await errorOf(textOf(connection, '/x'))).to.be.instanceOf(NetworkError);
  });

  it('names the code of a server that is not there', async () => {
    await start();
    await server.close();
    const error = await errorOf(connection.request('/x'));
    expect(error).to.be.instanceOf(NetworkError).and.to.include({ code: 'ECONNREFUSED' });
    server = new ScriptedServer([]);
    await (await server.connect()).close();
  });

  it('ends a request, and the reading of its body, when the signal aborts', async () => {
    await start(() => undefined, stream('a'));
    const reason = new Error('stop');
    for (const until of ['sent', 'answered']) {
      const controller = new AbortController();
      const asked = server.requests.length;
      const answer = connection.request('/x', { signal: controller.signal });
      const work = until === 'sent' ? answer : answer.then(async ({ body }) => allOf(body));
      const result = errorOf(work);
      await waitFor('the request', () => server.requests.length > asked, { everyMs: 1 });
      if (until === 'answered') await answer;
      controller.abort(reason);
      expect(await result).to.equal(reason);
    }
    await waitFor('the sockets to close', () => server.sockets.size === 0, { everyMs: 1 });
    expect(await errorOf(connection.request('/x', { signal: AbortSignal.abort(reason) }))).to.equal(reason);
  });

  it('uses few connections for many requests, those of generated clients too', async () => {
    await start(...Array.from({ length: 60 }, () => json(200, { items: [], metadata: {} })));
    const client = connection.kubeConfig.makeApiClient(CoreV1Api);
    for (let i = 0; i < 30; i++) {
      await client.listNode();
      await textOf(connection, '/api/v1/nodes');
    }
    expect(server.requests).to.have.length(60);
    // A connection whose answer has only just been read may not be free yet.
    expect(server.opened).to.be.at.most(2);
    expect(new Set(server.requests.map(({ headers }) => headers['user-agent']))).to.deep.equal(new Set(['test']));
  });

  it('gives each watch a connection of its own', async () => {
    await start(stream('a'), stream('b'), json(200, {}), json(200, {}));
    for (let i = 0; i < 2; i++) await connection.request('/w');
    await textOf(connection, '/x');
    await textOf(connection, '/x');
    expect(server.opened).to.be.within(3, 4);
  });
});

describe('Connection with credentials', () => {
  let folder: string;
  let server: Server;
  let connection: Connection;
  let opened: number;
  let listener: RequestListener;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'connection-'));
    opened = 0;
    listener = (request, response) => {
      const subject =
        request.socket instanceof TLSSocket ? (request.socket.getPeerCertificate() as Partial<PeerCertificate>).subject : undefined;
      response.end(`${request.headers.authorization ?? 'nobody'} ${String(subject?.CN ?? 'no certificate')}`);
    };
  });

  afterEach(async () => {
    await connection.close();
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    rmSync(folder, { recursive: true });
  });

  function write(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  async function serve({ cert, key }: Certificate): Promise<string> {
    server = createServer({ cert, key, requestCert: true, rejectUnauthorized: false }, (request, response) => {
      listener(request, response);
    });
    server.on('secureConnection', () => (opened += 1));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function connectAs(address: string, user: object, cluster: object = {}): void {
    const config = {
      clusters: [{ name: 'c', cluster: { server: address, 'certificate-authority': 'ca.crt', ...cluster } }],
      users: [{ name: 'u', user }],
      contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'n\n' } }],
      'current-context': 'x',
    };
    connection = connect({ kubeconfig: write('config', JSON.stringify(config)), version: '1.2.3' });
  }

  /** An exec plugin that counts its runs and prints what `credential` has. */
  function plugin(): { readonly user: object; readonly runs: () => number; readonly give: (status: object) => void } {
    const [runs, credential] = [join(folder, 'runs'), join(folder, 'credential')];
    const command = write('plugin', `#!/bin/sh\necho run >> '${runs}'\ncat '${credential}'\n`);
    chmodSync(command, 0o755);
    return {
      user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command } },
      runs: () => (existsSync(runs) ? readFileSync(runs, 'utf8').split('\n').length - 1 : 0),
      give: (status) => {
        writeFileSync(credential, JSON.stringify({ kind: 'ExecCredential', status }));
      },
    };
  }

  it('shows a client certificate', async () => {
    const [own, client] = [selfSigned('server'), selfSigned('alice')];
    write('ca.crt', own.cert);
    write('alice.crt', client.cert);
    write('alice.key', client.key);
    connectAs(await serve(own), { 'client-certificate': 'alice.crt', 'client-key': 'alice.key' });
    expect(await textOf(connection, '/')).to.equal('nobody alice');
    expect(connection.namespace).to.equal('n');
  });

  it('opens a new pool once the client certificate is another, and lets the requests of the old one end', async () => {
    const [own, alice, bob] = [selfSigned('server'), selfSigned('alice'), selfSigned('bob')];
    write('ca.crt', own.cert);
    write('client.crt', alice.cert);
    write('client.key', alice.key);
    connectAs(await serve(own), { 'client-certificate': 'client.crt', 'client-key': 'client.key' });
    const { body } = await connection.request('/');
    write('client.crt', bob.cert);
    write('client.key', bob.key);
    expect(await textOf(connection, '/')).to.equal('nobody bob');
    expect((await allOf(body)).toString()).to.equal('nobody alice');
    expect(await textOf(connection, '/')).to.equal('nobody bob');
    expect(opened).to.be.within(2, 3);
    const connections = promisify(server.getConnections.bind(server));
    await waitFor('the old pool to close', async () => (await connections()) < opened, { everyMs: 1 });
  });

  it('follows a CA file that changes', async () => {
    const [old, own] = [selfSigned('old'), selfSigned('server')];
    write('ca.crt', old.cert);
    connectAs(await serve(own), { token: 't' });
    expect(await errorOf(textOf(connection, '/')))
      .to.be.instanceOf(NetworkError)
      .and.to.have.property('code', 'DEPTH_ZERO_SELF_SIGNED_CERT');
    write('ca.crt', own.cert);
    expect(await textOf(connection, '/')).to.equal('Bearer t no certificate');
  });

  it('reads a token file again once the server does not take the token', async () => {
    const own = selfSigned('server');
    write('ca.crt', own.cert);
    write('token', 'first');
    connectAs(await serve(own), { tokenFile: 'token' });
    expect(await textOf(connection, '/')).to.equal('Bearer first no certificate');
    write('token', 'second');
    expect(await textOf(connection, '/')).to.equal('Bearer first no certificate');
    const usual = listener;
    listener = (_request, response) => response.writeHead(401).end();
    expect(await errorOf(textOf(connection, '/'))).to.be.instanceOf(ApiError);
    listener = usual;
    expect(await textOf(connection, '/')).to.equal('Bearer second no certificate');
    expect(opened).to.be.at.most(2);
  });

  it('runs an exec plugin once for many requests, and again after a 401', async () => {
    const own = selfSigned('server');
    write('ca.crt', own.cert);
    const { user, runs, give } = plugin();
    give({ token: 'first' });
    connectAs(await serve(own), user);
    const answers = await Promise.all([1, 2, 3].map(async () => textOf(connection, '/')));
    expect(new Set(answers)).to.deep.equal(new Set(['Bearer first no certificate']));
    expect(runs()).to.equal(1);

    const usual = listener;
    listener = (_request, response) => response.writeHead(401).end();
    await Promise.all([1, 2, 3].map(async () => errorOf(textOf(connection, '/'))));
    listener = usual;
    give({ token: 'second' });
    expect(await textOf(connection, '/')).to.equal('Bearer second no certificate');
    expect(runs()).to.equal(2);
  });

  it('uses the certificate of an exec plugin, and a newer one once it expired', async () => {
    const [own, alice, bob] = [selfSigned('server'), selfSigned('alice'), selfSigned('bob')];
    write('ca.crt', own.cert);
    const { user, give } = plugin();
    give({ clientCertificateData: alice.cert, clientKeyData: alice.key, expirationTimestamp: '2020-01-01T00:00:00Z' });
    connectAs(await serve(own), user);
    expect(await textOf(connection, '/')).to.equal('nobody alice');
    give({ clientCertificateData: bob.cert, clientKeyData: bob.key });
    expect(await textOf(connection, '/')).to.equal('nobody bob');
  });

  it('goes through a proxy', async () => {
    const own = selfSigned('server');
    write('ca.crt', own.cert);
    const address = await serve(own);
    const asked: string[] = [];
    const proxy = createProxy().on('connect', (request, client: Socket) => {
      asked.push(request.url ?? '');
      const upstream = openSocket(Number(new URL(address).port), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      client.on('error', () => upstream.destroy());
      upstream.on('error', () => client.destroy());
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    connectAs(address, { token: 't' }, { 'proxy-url': `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
    expect(await textOf(connection, '/')).to.equal('Bearer t no certificate');
    expect(asked).to.deep.equal([new URL(address).host]);
    await connection.close();
    const closed = once(proxy, 'close');
    proxy.close();
    await closed;
  });

  it('does not quote what a plugin prints', async () => {
    const own = selfSigned('server');
    write('ca.crt', own.cert);
    const { user } = plugin();
    write('credential', '{"token": s3cret');
    connectAs(await serve(own), user);
    const error = await errorOf(connection.request('/'));
    expect(error)
      .to.be.instanceOf(CredentialsError)
      .and.to.have.property('message', 'no credentials for the API server: the exec plugin did not print JSON');
    expect(inspect(error)).to.not.include('s3cret');
  });

  it('makes a CredentialsError of a plugin that fails', async () => {
    const own = selfSigned('server');
    write('ca.crt', own.cert);
    connectAs(await serve(own), { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: join(folder, 'none') } });
    expect(await errorOf(connection.request('/')))
      .to.be.instanceOf(CredentialsError)
      .and.to.have.property('message')
      .that.matches(/ENOENT/);
  });
});
