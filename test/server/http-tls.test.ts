import { once } from 'node:events';
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import { expect } from 'chai';
import { LIMITS, startHttpServer, type Handler, type HttpResponse, type HttpServer, type Limits } from '../../src/server/http-server.ts';
import { TlsFilesError, type TlsFiles } from '../../src/server/tls-files.ts';
import { selfSigned, type Certificate } from '../client/support/certificates.ts';
import { ManualClock } from '../client/support/manual-clock.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';
import { eventually } from '../support/eventually.ts';
import { waitFor } from '../support/waiting.ts';
import { RawClient, requestFor } from './raw-client.ts';

const SOON = { deadlineMs: 10_000, everyMs: 5 };
const LOOK_MS = 10_000;
const ONE = selfSigned('one');
const OTHER = selfSigned('other');
const OK = { status: 200, type: 'text/plain', body: 'ok\n' };

describe('the HTTP server over TLS', () => {
  let folder: string;
  let files: TlsFiles;
  let clock: ManualClock;
  let log: FieldsLog;
  let server: HttpServer | undefined;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'dualstack-tls-'));
    files = { certFile: join(folder, 'tls.crt'), keyFile: join(folder, 'tls.key') };
    [clock, log] = [new ManualClock(), new FieldsLog()];
    write(ONE);
  });

  afterEach(async () => {
    await server?.close();
    server = undefined;
    rmSync(folder, { recursive: true });
  });

  function write({ cert, key }: Certificate): void {
    writeFileSync(files.certFile, cert);
    writeFileSync(files.keyFile, key);
  }

  async function start(limits: Partial<Limits> = {}, others: Readonly<Record<string, Handler>> = {}): Promise<HttpServer> {
    const handlers = { '/ok': () => OK, ...others };
    server = await startHttpServer({
      address: { host: '127.0.0.1', port: 0 },
      flag: '--address',
      handlers,
      log,
      tls: { ...files, clock },
      limits: { ...LIMITS, ...limits },
    });
    return server;
  }

  /** Why the server does not start. */
  async function fault(): Promise<string> {
    const error = await start().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(TlsFilesError);
    return (error as TlsFilesError).message;
  }

  async function get({ port }: HttpServer, ca: string): Promise<string> {
    const sent = request({ host: '127.0.0.1', port, path: '/ok', ca, agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return text(response);
  }

  /** Lets the server look at its files so often. */
  async function look(times: number): Promise<void> {
    for (let count = 0; count < times; count++) {
      await waitFor('the server to sleep', () => clock.sleeping[0] === LOOK_MS, SOON);
      clock.advance(LOOK_MS);
    }
    await waitFor('the server to have looked', () => clock.sleeping[0] === LOOK_MS, SOON);
  }

  it('serves with its certificate, and says until when', async () => {
    expect(await get(await start(), ONE.cert)).to.equal('ok\n');
    expect(log.lines.map(({ message, fields }) => [message, fields])).to.deep.include([
      'serving TLS',
      { expires: 'Jan  1 00:00:00 2049 GMT' },
    ]);
    expect(await get(server!, OTHER.cert).catch((error: unknown) => (error as { code: string }).code)).to.equal(
      'DEPTH_ZERO_SELF_SIGNED_CERT',
    );
  });

  for (const [version, spoken] of [
    ['TLSv1.1', false],
    ['TLSv1.2', true],
    ['TLSv1.3', true],
  ] as const) {
    it(`${spoken ? 'speaks' : 'does not speak'} ${version}`, async () => {
      expect(await handshake(await start(), version)).to.equal(spoken ? version : 'refused');
    });
  }

  describe('takes a new certificate', () => {
    it('that has been written over the old one, without an end to connections', async () => {
      await start();
      const kept = await secured(server!);
      write(OTHER);
      await look(1);
      expect(await get(server!, OTHER.cert)).to.equal('ok\n');
      expect(log.from('warn')).to.deep.equal([]);
      expect(log.lines.map(({ message }) => message)).to.include('serving with a new TLS certificate');
      kept.write(requestFor('/ok', ['Connection: close']));
      expect(await text(kept)).to.contain('200 OK');
    });

    it('that the kubelet has put in place by its symbolic link', async () => {
      for (const [name, { cert, key }] of Object.entries({ one: ONE, other: OTHER })) {
        writeFileSync(join(folder, `${name}.crt`), cert);
        writeFileSync(join(folder, `${name}.key`), key);
      }
      rmSync(files.certFile);
      rmSync(files.keyFile);
      for (const [file, end] of [
        [files.certFile, 'crt'],
        [files.keyFile, 'key'],
      ] as const) {
        symlinkSync(join(folder, `data.${end}`), file);
        symlinkSync(join(folder, `one.${end}`), join(folder, `data.${end}`));
        symlinkSync(join(folder, `other.${end}`), join(folder, `new.${end}`));
      }
      expect(await get(await start(), ONE.cert)).to.equal('ok\n');
      for (const end of ['crt', 'key']) renameSync(join(folder, `new.${end}`), join(folder, `data.${end}`));
      await look(1);
      expect(await get(server!, OTHER.cert)).to.equal('ok\n');
    });

    it('and nothing else where nothing has changed', async () => {
      await start();
      await look(3);
      expect(log.lines.map(({ message }) => message)).to.deep.equal(['serving TLS']);
    });

    for (const [what, spoil] of [
      [
        'only the certificate is new',
        () => {
          writeFileSync(files.certFile, OTHER.cert);
        },
      ],
      [
        'only the key is new',
        () => {
          writeFileSync(files.keyFile, OTHER.key);
        },
      ],
      [
        'the certificate is cut short',
        () => {
          writeFileSync(files.certFile, OTHER.cert.slice(0, 100));
        },
      ],
      [
        'the key is gone',
        () => {
          rmSync(files.keyFile);
        },
      ],
    ] as const) {
      it(`when it can: while ${what} it keeps the old one, and says so once, at the second look`, async () => {
        await start();
        spoil();
        await look(1);
        expect(log.from('warn')).to.deep.equal([]);
        await look(2);
        expect(log.from('warn')).to.deep.equal(['warn the TLS files have changed and cannot be used; serving with the certificate before']);
        expect(await get(server!, ONE.cert)).to.equal('ok\n');
        write(OTHER);
        await look(1);
        expect(await get(server!, OTHER.cert)).to.equal('ok\n');
      });
    }
  });

  describe('does not start', () => {
    it('without the certificate, and names the flag and the file', async () => {
      rmSync(files.certFile);
      expect(await fault()).to.equal(
        `the file of --tls-cert-file cannot be read: ENOENT: no such file or directory, open '${files.certFile}'`,
      );
    });

    it('without the key, and names the flag and the file', async () => {
      rmSync(files.keyFile);
      expect(await fault()).to.equal(
        `the file of --tls-private-key-file cannot be read: ENOENT: no such file or directory, open '${files.keyFile}'`,
      );
    });

    it('with a key that it may not read', async function () {
      // Nothing is forbidden to root.
      if (process.getuid?.() === 0) files = { ...files, keyFile: folder };
      else chmodSync(files.keyFile, 0);
      expect(await fault()).to.match(/^the file of --tls-private-key-file cannot be read: (EACCES|EISDIR)/);
    });

    it('with the key of another certificate', async () => {
      writeFileSync(files.keyFile, OTHER.key);
      expect(await fault()).to.equal(`the private key ${files.keyFile} does not belong to the certificate ${files.certFile}`);
    });

    it('with the two the wrong way round', async () => {
      files = { certFile: files.keyFile, keyFile: files.certFile };
      expect(await fault()).to.equal(`${files.certFile} does not begin with a certificate in PEM`);
    });

    it('with a certificate in place of the key', async () => {
      writeFileSync(files.keyFile, ONE.cert);
      expect(await fault()).to.equal(`${files.keyFile} is not a private key in PEM without a passphrase`);
    });

    it('with an empty certificate', async () => {
      writeFileSync(files.certFile, '');
      expect(await fault()).to.equal(`${files.certFile} does not begin with a certificate in PEM`);
    });

    it('with a chain that is broken, of which it quotes nothing', async () => {
      writeFileSync(files.certFile, `${ONE.cert}-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n`);
      expect(await fault()).to.match(new RegExp(`^the certificate ${files.certFile} cannot be served with: error:`));
    });
  });

  describe('outlives', () => {
    it('who speaks plain HTTP', async () => {
      const client = await RawClient.connect(await start());
      client.say(requestFor('/ok'));
      await client.end();
      expect(client.contacted).to.not.contain('ok\n');
      expect(await get(server!, ONE.cert)).to.equal('ok\n');
    });

    it('who never begins a handshake', async () => {
      const client = await RawClient.connect(await start({ requestMs: 1000 }));
      await client.end();
      expect(await get(server!, ONE.cert)).to.equal('ok\n');
    });

    it('who never asks after the handshake', async () => {
      const socket = await secured(await start({ requestMs: 1000 }));
      expect(await text(socket)).to.contain('408 Request Timeout');
    });

    it('more connections than there may be, in a handshake or after it: the oldest ones go', async () => {
      await start({ connections: 3 });
      const [handshaking, done] = [await RawClient.connect(server!), await secured(server!)];
      const closed = once(done, 'close');
      const third = await secured(server!);
      expect(await get(server!, ONE.cert)).to.equal('ok\n');
      await handshaking.end();
      third.write(requestFor('/ok'));
      await once(third, 'data');
      const more = [await secured(server!), await secured(server!)];
      await closed;
      for (const socket of [third, ...more]) socket.destroy();
    });

    it('more connections than there may be without an end to a request in progress', async () => {
      const [started, slow] = [Promise.withResolvers<undefined>(), Promise.withResolvers<HttpResponse>()];
      const wait = (): Promise<HttpResponse> => {
        started.resolve(undefined);
        return slow.promise;
      };
      const scrape = await secured(await start({ connections: 2 }, { '/slow': wait }));
      scrape.write(requestFor('/slow', ['Connection: close']));
      await started.promise;
      const idle = await secured(server!);
      expect(await get(server!, ONE.cert)).to.equal('ok\n');
      await waitFor('the idle connection to be closed', () => idle.closed, SOON);
      slow.resolve(OK);
      expect(await text(scrape)).to.contain('200 OK');
    });
  });

  it('closes with connections in every state', async () => {
    const clients = [await RawClient.connect(await start()), await secured(server!)];
    await server!.close();
    server = undefined;
    const [raw, tls] = clients as [RawClient, TLSSocket];
    await raw.end();
    await eventually(() => {
      expect(tls.destroyed).to.equal(true);
    }, SOON);
    expect(clock.sleeping).to.deep.equal([]);
  });

  /** The version that was agreed on. */
  async function handshake({ port }: HttpServer, version: SecureVersion): Promise<string> {
    const only = { minVersion: version, maxVersion: version, ciphers: 'DEFAULT@SECLEVEL=0' };
    const socket = connectTls({ host: '127.0.0.1', port, ca: ONE.cert, ...only });
    try {
      await once(socket, 'secureConnect');
      return socket.getProtocol() ?? '';
    } catch {
      return 'refused';
    } finally {
      socket.destroy();
    }
  }

  async function secured({ port }: HttpServer): Promise<TLSSocket> {
    const socket = connectTls({ host: '127.0.0.1', port, ca: ONE.cert });
    await once(socket, 'secureConnect');
    return socket.on('error', () => undefined);
  }
});
