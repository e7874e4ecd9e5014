import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { selfSigned } from '../client/support/certificates.ts';
import { REPORTS_PATH } from '../support/cluster.ts';
import { listeningOn, startOperator, type LogLine, type OperatorProcess } from '../support/operator-process.ts';
import { conditionOf } from '../support/report-words.ts';
import { waitFor } from '../support/waiting.ts';
import { startHttpProxy, startHttpsProxy, startSocksProxy, type ForwardProxy } from './forward-proxies.ts';
import { useGround } from './ground.ts';
import { kubeconfigWith } from './kubeconfig.ts';
import { canMakeNamespaces, startOperatorOn } from './namespace.ts';
import { API_SERVER, FaultProxy } from './proxy.ts';
import { errorsOf, WATCHED } from './watched.ts';

const LOCALHOST = ['127.0.0.1 localhost', '::1 localhost'];
const LINK = ['ip link add v0 type veth peer name v1', 'ip link set v1 up', 'ip link set v0 up'];
/** Packets to the second address leave, and get lost: nothing answers, not even that there is nobody. */
const IPV4 = ['ip address add 192.0.2.1/24 dev v0', 'ip neighbour add 192.0.2.9 lladdr 02:00:00:00:00:09 dev v0 nud permanent'];
const IPV6 = ['ip address add 2001:db8::1/64 dev v0 nodad', 'ip neighbour add 2001:db8::9 lladdr 02:00:00:00:00:09 dev v0 nud permanent'];
const IPV6_OFF = ['echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6'];
const AT_IPV4 = 'https://192.0.2.1:6443';
const AT_IPV6 = 'https://[2001:db8::1]:6443';

interface Row {
  /** The addresses of the API server's name. */
  readonly addresses: readonly string[];
  /** What makes the host's network. */
  readonly network: readonly string[];
  /** Where the API server really is. */
  readonly at: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const ROWS: Readonly<Record<string, Row>> = {
  'has no IPv4, nor has the API server': {
    addresses: ['2001:db8::1'],
    network: ['ip address del 127.0.0.1/8 dev lo', ...LINK, ...IPV6],
    at: AT_IPV6,
  },
  'has IPv6 switched off, and the API server has IPv4': { addresses: ['192.0.2.1'], network: [...IPV6_OFF, ...LINK, ...IPV4], at: AT_IPV4 },
  'has IPv6 switched off, and the API server has both': {
    addresses: ['2001:db8::1', '192.0.2.1'],
    network: [...IPV6_OFF, ...LINK, ...IPV4],
    at: AT_IPV4,
  },
  'has both, of which the API server refuses IPv4': {
    addresses: ['192.0.2.1', '2001:db8::1'],
    network: [...LINK, ...IPV4, ...IPV6],
    at: AT_IPV6,
  },
  'has both, of which the API server refuses IPv6': {
    addresses: ['2001:db8::1', '192.0.2.1'],
    network: [...LINK, ...IPV4, ...IPV6],
    at: AT_IPV4,
  },
  'has both, of which the API server never answers on IPv4': {
    addresses: ['192.0.2.9', '2001:db8::1'],
    network: [...LINK, ...IPV4, ...IPV6],
    at: AT_IPV6,
  },
  'has both, of which the API server never answers on IPv6': {
    addresses: ['2001:db8::9', '192.0.2.1'],
    network: [...LINK, ...IPV4, ...IPV6],
    at: AT_IPV4,
  },
  'has a proxy in its environment that NO_PROXY keeps from the API server': {
    addresses: ['192.0.2.1'],
    network: [...LINK, ...IPV4],
    at: AT_IPV4,
    environment: { HTTPS_PROXY: 'http://192.0.2.9:3128', NO_PROXY: '10.96.0.0/12,.cluster.test' },
  },
};

describe('the way to the API server', function () {
  this.timeout(90_000);
  const ground = useGround();
  let controlPlane: ControlPlane;
  let proxy: FaultProxy;
  let operator: OperatorProcess | undefined;
  let forward: ForwardProxy | undefined;

  before(() => {
    controlPlane = ground.controlPlane;
  });

  beforeEach(() => ground.reset());

  afterEach('end the operator, and show its log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') console.error(operator?.tail);
    await operator?.kill();
    await proxy.close();
    await forward?.close();
    [operator, forward] = [undefined, undefined];
  });

  describe('of a host that', () => {
    before(function () {
      if (!canMakeNamespaces()) this.skip();
    });

    for (const [what, row] of Object.entries(ROWS)) {
      it(`${what}: all is well, and nothing warned of`, async () => {
        const socket = join(controlPlane.dir, 'proxy.sock');
        proxy = await FaultProxy.start(controlPlane, { path: socket });
        const host = {
          hosts: [...LOCALHOST, ...row.addresses.map((address) => `${address} ${API_SERVER}`)],
          setup: row.network,
          apiServer: row.at,
          socket,
        };
        const kubeconfig = kubeconfigTo(`https://${API_SERVER}:6443`);
        const args = [`--kubeconfig=${kubeconfig}`, '--health-probe-bind-address=:0', '--grace-scale=0'];
        const started = startOperatorOn(host, controlPlane.dir, args, row.environment);
        operator = started.operator;
        const [address = ''] = listeningOn(await operator.logged('listening'), 'health');
        const port = address.slice(address.lastIndexOf(':') + 1);
        const own = new URL(row.at).hostname;
        expect(await started.ask(`http://${own}:${port}/healthz`)).to.equal('ok\n');
        await untilReported();
        expect(warnings()).to.deep.equal([]);
        expect((await operator.stop()).code).to.equal(0);
      });
    }
  });

  for (const [what, start, url] of [
    ['an HTTP proxy of the environment', startHttpProxy, 'http'],
    ['a SOCKS5 proxy of the environment', startSocksProxy, 'socks5'],
  ] as const) {
    it(`leads through ${what}, with its password, which is nowhere logged; and again once that broke`, async () => {
      const port = await startBehind(start);
      const kubeconfig = kubeconfigTo(`https://${API_SERVER}:6443`);
      const env = { HTTPS_PROXY: `${url}://user:s3cret@127.0.0.1:${port}`, NO_PROXY: 'localhost,10.0.0.0/8' };
      operator = await startOperator({ kubeconfig, home: controlPlane.dir, env, flags: ['--grace-scale=0'] });
      await throughProxy(`${API_SERVER}:6443`);
      expect(new Set(forward?.passwords)).to.deep.equal(new Set(['user:s3cret']));
      expect(operator.tail).to.not.contain('s3cret');
    });
  }

  for (const [what, start, url] of [
    ['http', startHttpProxy, 'http'],
    ['socks5', startSocksProxy, 'socks5'],
  ] as const) {
    it(`leads through the proxy-url of the kubeconfig, ${what}, whatever the environment says; and again once that broke`, async () => {
      const port = await startBehind(start);
      const kubeconfig = kubeconfigTo(`https://${API_SERVER}:6443`, { 'proxy-url': `${url}://127.0.0.1:${port}` });
      const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '*' };
      operator = await startOperator({ kubeconfig, home: controlPlane.dir, env, flags: ['--grace-scale=0'] });
      await throughProxy(`${API_SERVER}:6443`);
    });
  }

  describe('with a proxy that is spoken to by TLS', () => {
    const certificate = selfSigned('forward-proxy');

    for (const host of ['127.0.0.1', 'localhost']) {
      it(`leads through one of the environment at https://${host} whose CA Node.js trusts by NODE_EXTRA_CA_CERTS, with its password; and again once that broke`, async () => {
        const port = await startBehind((target) => startHttpsProxy(target, certificate));
        const env = { HTTPS_PROXY: `https://user:s3cret@${host}:${port}`, NO_PROXY: 'localhost', NODE_EXTRA_CA_CERTS: caFile() };
        operator = await startWith(env);
        await throughProxy(`${API_SERVER}:6443`);
        expect(new Set(forward?.passwords)).to.deep.equal(new Set(['user:s3cret']));
        expect(operator.tail).to.not.contain('s3cret');
      });
    }

    it('leads through the proxy-url of the kubeconfig, and again once that broke', async () => {
      const port = await startBehind((target) => startHttpsProxy(target, certificate));
      operator = await startWith({ NODE_EXTRA_CA_CERTS: caFile() }, { 'proxy-url': `https://127.0.0.1:${port}` });
      await throughProxy(`${API_SERVER}:6443`);
    });

    it('leads through none that is not trusted: no password goes there, and it is tried ever less often, and logged once', async () => {
      const port = await startBehind((target) => startHttpsProxy(target, certificate));
      operator = await startWith({ HTTPS_PROXY: `https://user:s3cret@127.0.0.1:${port}` });
      await waitFor('tries of each kind', async () => (await errors()).every((count) => count >= 3));
      expect([forward?.asked, forward?.passwords]).to.deep.equal([[], []]);
      expect(warnings().map(({ reason }) => reason)).to.deep.equal(Object.keys(WATCHED).map(() => 'network'));
      for (const { msg } of warnings()) expect(msg).to.contain('self-signed certificate');
      expect(operator.tail).to.not.contain('s3cret');
    });

    async function startWith(env: NodeJS.ProcessEnv, more: object = {}): Promise<OperatorProcess> {
      const kubeconfig = kubeconfigTo(`https://${API_SERVER}:6443`, more);
      return startOperator({ kubeconfig, home: controlPlane.dir, env, flags: ['--grace-scale=0'] });
    }

    function caFile(): string {
      const file = join(controlPlane.dir, 'forward-proxy.crt');
      writeFileSync(file, certificate.cert);
      return file;
    }

    async function errors(): Promise<readonly number[]> {
      return Object.values(errorsOf((await operator?.metrics()) ?? '', 'network'));
    }
  });

  it('leads through a SOCKS5 proxy, where both it and the API server are named by IPv6 addresses', async () => {
    const port = await startBehind((target) => startSocksProxy(target, '::1'));
    const kubeconfig = kubeconfigTo('https://[::1]:6443', { 'proxy-url': `socks5://[::1]:${port}` });
    operator = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0'] });
    await throughProxy(`${'0'.repeat(31)}1:6443`);
  });

  it('does not lead through a proxy of the environment to an API server on the same machine', async () => {
    const port = await startBehind(startHttpProxy);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` };
    const kubeconfig = kubeconfigTo(`https://127.0.0.1:${proxy.port}`);
    operator = await startOperator({ kubeconfig, home: controlPlane.dir, env, flags: ['--grace-scale=0'] });
    await untilReported();
    expect(forward?.asked).to.deep.equal([]);
  });

  it('is not looked for where HTTPS_PROXY is no URL: the operator says so and ends', async () => {
    await startBehind(startHttpProxy);
    const kubeconfig = kubeconfigTo(`https://${API_SERVER}:6443`);
    const options = { kubeconfig, home: controlPlane.dir, env: { HTTPS_PROXY: 'ftp://user:s3cret@proxy' } };
    const error: unknown = await startOperator(options).catch((thrown: unknown) => thrown);
    expect(String(error)).to.contain('HTTPS_PROXY is none of http://, https:// and socks5:// with a host').and.not.contain('s3cret');
  });

  async function startBehind(start: (target: number) => Promise<ForwardProxy>): Promise<number> {
    proxy = await FaultProxy.start(controlPlane);
    forward = await start(proxy.port);
    return forward.port;
  }

  function kubeconfigTo(server: string, more: object = {}): string {
    const ca = Buffer.from(proxy.certificate.cert).toString('base64');
    return kubeconfigWith(controlPlane, 'network', { cluster: { server, 'certificate-authority-data': ca, ...more } });
  }

  async function throughProxy(destination: string): Promise<void> {
    await untilReported();
    expect(new Set(forward?.asked)).to.deep.equal(new Set([destination]));
    expect(warnings()).to.deep.equal([]);
    const before = forward?.asked.length ?? 0;
    forward?.cut();
    await ground.objects.put('Service', 3, 0);
    await waitFor('a report with the new Service', async () => (await report()).status?.services?.total === 3);
    expect(forward?.asked.length).to.be.above(before);
    for (const plural of ['nodes', 'pods', 'services']) {
      expect(warnings().filter(({ resource }) => resource === plural)).to.have.length.at.most(1);
    }
  }

  async function untilReported(): Promise<void> {
    const isReady = async (): Promise<boolean> => conditionOf(await report(), 'Ready') === 'True Evaluated';
    await waitFor('the report', () => operator?.orFail(isReady), { deadlineMs: 45_000 });
  }

  async function report(): Promise<DualStackReport> {
    return ground.admin.get<DualStackReport>(`${REPORTS_PATH}/cluster`);
  }

  function warnings(): readonly LogLine[] {
    return (operator?.log ?? []).filter(({ level }) => level >= 40);
  }
});
