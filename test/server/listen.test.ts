import { Server, type ListenOptions } from 'node:net';
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';
import { expect } from 'chai';
import { addressOf, ListenError, listenOn } from '../../src/server/listen.ts';
import { FieldsLog } from '../controller/support/fields-log.ts';

const HAS_IPV6 = Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === '::1'));
const FLAG = '--metrics-bind-address';

describe('listening', () => {
  const log = new FieldsLog();
  const listening: Server[] = [];

  async function listen(host: string, port = 0, make: () => Server = createServer): Promise<readonly Server[]> {
    const servers = await listenOn(make, { address: { host, port }, flag: FLAG, log });
    listening.push(...servers);
    return servers;
  }

  async function hostsOf(host: string, make?: () => Server): Promise<readonly string[]> {
    return (await listen(host, 0, make)).map((server) => addressOf(server).host);
  }

  /** A port that another server has. */
  async function takenOn(host: string): Promise<number> {
    const [server] = await listen(host);
    return server ? addressOf(server).port : expect.fail('no server');
  }

  async function failure(host: string, port = 0, make?: () => Server): Promise<string> {
    const error = await listen(host, port, make).catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ListenError);
    return (error as ListenError).message;
  }

  beforeEach(() => {
    log.lines.length = 0;
  });

  afterEach(() => {
    for (const server of listening.splice(0)) server.close();
  });

  it('takes :: for both families', async function () {
    if (!HAS_IPV6) this.skip();
    expect(await hostsOf('::')).to.deep.equal(['::']);
    expect(log.from('warn')).to.deep.equal([]);
  });

  for (const code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL']) {
    it(`takes 0.0.0.0 in place of :: where the host answers ${code}, and says so`, async () => {
      expect(await hostsOf('::', () => new HostWithout('IPv6', code))).to.deep.equal(['0.0.0.0']);
      expect(log.from('warn')).to.deep.equal(['warn IPv6 is switched off on this host: listening on 0.0.0.0 in place of [::]']);
    });

    it(`takes for localhost what the host has where it answers ${code}`, async () => {
      expect(await hostsOf('localhost', () => new HostWithout('IPv6', code))).to.deep.equal(['127.0.0.1']);
      if (HAS_IPV6) expect(await hostsOf('localhost', () => new HostWithout('IPv4', code))).to.deep.equal(['::1']);
      expect(log.from('warn')).to.deep.equal([]);
    });

    it(`fails on localhost where the host answers ${code} to both, and says what to do`, async () => {
      expect(await failure('localhost', 8082, () => new HostWithout('both', code))).to.equal(
        `cannot listen on localhost:8082: this host has neither 127.0.0.1 nor ::1; choose another address with ${FLAG}`,
      );
    });
  }

  it('takes no other address than the one that was named', async () => {
    const message = await failure('::1', 0, () => new HostWithout('IPv6', 'EAFNOSUPPORT'));
    expect(message).to.equal('cannot listen on [::1]:0: listen EAFNOSUPPORT ::1');
  });

  it('fails where the port is in use, and names the flag', async () => {
    const port = await takenOn('127.0.0.1');
    const words = `cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with ${FLAG}`;
    expect(await failure('127.0.0.1', port)).to.equal(words);
    expect(await failure('localhost', port)).to.equal(words);
  });

  it('fails where the port is in use and IPv6 is off, and names the flag', async () => {
    const port = await takenOn('0.0.0.0');
    const message = await failure('::', port, () => new HostWithout('IPv6', 'EAFNOSUPPORT'));
    expect(message).to.equal(`cannot listen on 0.0.0.0:${port}: the port is in use; choose another one with ${FLAG}`);
  });

  it('fails on localhost where the port is in use for one family, and listens on neither', async function () {
    if (!HAS_IPV6) this.skip();
    const port = await takenOn('::1');
    expect(await failure('localhost', port)).to.equal(
      `cannot listen on [::1]:${port}: the port is in use; choose another one with ${FLAG}`,
    );
    expect(await hostsOf('127.0.0.1')).to.deep.equal(['127.0.0.1']);
    expect((await listen('127.0.0.1', port)).map((server) => addressOf(server).port)).to.deep.equal([port]);
  });

  it('looks for another free port on localhost where the first one is free for one family only', async function () {
    if (!HAS_IPV6) this.skip();
    let servers = 0;
    const make = (): Server => (++servers === 2 ? new HostWithout('IPv6', 'EADDRINUSE') : createServer());
    expect(await hostsOf('localhost', make)).to.deep.equal(['127.0.0.1', '::1']);
    expect(servers).to.equal(4);
  });

  it('gives up on localhost where no port is free for both families', async () => {
    expect(await failure('localhost', 0, () => new HostWithout('IPv6', 'EADDRINUSE'))).to.match(
      /^cannot listen on \[::1\]:\d+: the port is in use; /,
    );
  });

  it('fails where the port is not allowed, and says which are', async () => {
    expect(await failure('::', 80, () => new HostWithout('both', 'EACCES'))).to.equal(
      `cannot listen on [::]:80: the port is not allowed for this user; choose one above 1023 with ${FLAG}`,
    );
  });

  it('fails on an address that the host does not have', async () => {
    expect(await failure('192.0.2.1')).to.equal(
      `cannot listen on 192.0.2.1:0: this host does not have the address (EADDRNOTAVAIL); choose another one with ${FLAG}`,
    );
  });
});

/** A server on a host that lacks a family: as Node does there, it reports that by an event. */
class HostWithout extends Server {
  readonly #violation: 'IPv4' | 'IPv6' | 'both';
  readonly #code: string;

  constructor(violation: 'IPv4' | 'IPv6' | 'both', code: string) {
    super();
    this.#violation = violation;
    this.#code = code;
  }

  override listen(...args: unknown[]): this {
    const { host = '', port = 0 } = args[0] as ListenOptions;
    const family = host.includes(':') ? 'IPv6' : 'IPv4';
    if (this.#violation !== 'both' && this.#violation !== family) return super.listen({ host, port });
    process.nextTick(() => this.emit('error', Object.assign(new Error(`listen ${this.#code} ${host}`), { code: this.#code })));
    return this;
  }
}
