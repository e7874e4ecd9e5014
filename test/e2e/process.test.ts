import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import packageJson from '../../package.json' with { type: 'json' };
import { CHECKS } from '../../src/core/checks/registry.ts';
import { kubeconfigOf } from '../control-plane/kubeconfig.ts';
import { namesIn } from '../support/exposition.ts';
import {
  FREE_PORTS,
  listeningOn,
  logLines,
  runProgram,
  startOperator,
  type OperatorOptions,
  type OperatorProcess,
  type Outcome,
} from '../support/operator-process.ts';
import { TcpProxy, type Manner } from '../support/tcp-proxy.ts';

const FLAGS = [
  '--kubeconfig',
  '--context',
  '--metrics-bind-address',
  '--health-probe-bind-address',
  '--page-bind-address',
  '--tls-cert-file',
  '--tls-private-key-file',
  '--metrics-auth',
  '--default-report',
  '--grace-scale',
  '--metrics-per-service',
  '--metrics-per-node',
  '--leader-elect',
  '--leader-elect-lease-duration',
  '--leader-elect-renew-deadline',
  '--leader-elect-retry-period',
  '--leader-elect-resource-namespace',
  '--leader-elect-resource-name',
  '--log-level',
] as const;

interface Misuse {
  readonly args: readonly string[];
  readonly says: string;
}

const MISUSES: readonly Misuse[] = [
  { args: ['walk'], says: "unknown command 'walk'" },
  { args: ['run', '--prot=1'], says: "unknown option '--prot=1'" },
  { args: ['run', '--metrics-bind-address=:many'], says: 'The port must be a whole number from 0 to 65535.' },
  { args: ['run', '--health-probe-bind-address=:65536'], says: 'The port must be a whole number from 0 to 65535.' },
  { args: ['run', '--page-bind-address=:8082'], says: 'use a loopback address such as localhost:8082' },
  { args: ['run', '--tls-cert-file=tls.crt'], says: '--tls-cert-file and --tls-private-key-file go together' },
  { args: ['run', '--metrics-auth=basic'], says: 'Allowed choices are none, kubernetes.' },
  { args: ['run', '--default-report=maybe'], says: 'It has to be true or false.' },
  { args: ['run', '--grace-scale=-1'], says: 'It has to be a number, 0 or more.' },
  { args: ['run', '--leader-elect-lease-duration=15'], says: 'It has to be a duration such as 15s, 1m30s or 500ms.' },
  { args: ['run', '--leader-elect-lease-duration=9s'], says: 'the lease duration has to be longer than the renew deadline' },
  { args: ['run', '--log-level=loud'], says: 'Allowed choices are debug, info, warn, error.' },
  { args: ['run', 'now'], says: 'too many arguments' },
  { args: ['scan', '--fail-on=anything'], says: 'Allowed choices are never, critical, warning, info, unknown.' },
  { args: ['scan', '--timeout=0s'], says: 'It has to be longer than 0 and no longer than 24h.' },
  { args: ['scan', '--filename=dump.json', '--context=kind'], says: '--filename replaces the cluster' },
  { args: ['explain', 'Nonsense'], says: 'there is no check named Nonsense; they are ' },
];

/** What there is of the cluster before it has been evaluated: nothing, which is not 0. */
const CLUSTER_METRICS =
  /^dualstack_(nodes|pods|services|node_pod_cidr_missing|single_family_drift|family_imbalance_ratio|service_endpoints_unbalanced|findings|root_causes|report_condition)$/;

describe('the process dualstack-operator', function () {
  this.timeout(30_000);
  let home: string;
  const operators: OperatorProcess[] = [];
  const proxies: TcpProxy[] = [];

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'dualstack-process-'));
  });

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.error(operators.map(({ tail }) => tail).join('\n'));
    await Promise.all([...operators.splice(0).map((operator) => operator.kill()), ...proxies.splice(0).map((proxy) => proxy.close())]);
  });

  after(async () => {
    await rm(home, { recursive: true });
  });

  describe('asked for help', () => {
    it('prints its help', async () => {
      const { code, stdout } = await program('--help');
      expect(code).to.equal(0);
      for (const words of ['Usage: dualstack-operator', 'run', 'explain']) expect(stdout).to.contain(words);
    });

    it('prints all flags of run, with the environment variable behind each', async () => {
      const { code, stdout } = await program('run', '--help');
      expect(code).to.equal(0);
      for (const name of FLAGS) {
        expect(stdout).to.match(new RegExp(`${name} <\\w+>`));
        // Where the line is too long it goes on in the next one.
        expect(stdout.replaceAll(/\s+/g, ' ')).to.match(
          new RegExp(`env: DUALSTACK_${name.slice(2).toUpperCase().replaceAll('-', '_')}\\b`),
        );
      }
    });

    it('prints its version', async () => {
      expect(await program('--version')).to.deep.equal({ code: 0, stdout: `${packageJson.version}\n`, stderr: '' });
    });

    it('lists the checks', async () => {
      const { code, stdout } = await program('explain');
      expect(code).to.equal(0);
      expect(
        stdout
          .trimEnd()
          .split('\n')
          .map((line) => line.split(' ')[0]),
      ).to.deep.equal(CHECKS.map(({ name }) => name));
    });

    it('explains a check', async () => {
      const { code, stdout } = await program('explain', 'NodePodCIDRMissing');
      expect(code).to.equal(0);
      expect(stdout).to.match(/^NodePodCIDRMissing \(Critical, on a Node\)\n\n.+\n\nWhy: .+\n\nFix: .+\n$/);
    });
  });

  describe('used wrongly', () => {
    for (const { args, says } of MISUSES) {
      it(`ends with 2 and says why: ${args.join(' ')}`, async () => {
        const { code, stdout, stderr } = await program(...args);
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
        expect(stderr)
          .to.match(/^error: /)
          .and.contain(says);
      });
    }

    it('ends with 2 and prints its help without a command', async () => {
      const { code, stderr } = await program();
      expect(code).to.equal(2);
      expect(stderr).to.contain('Usage: dualstack-operator');
    });
  });

  describe('that cannot start', () => {
    it('ends with 1 where the kubeconfig does not exist, and names it', async () => {
      const { code, stdout } = await program('run', '--kubeconfig=/nowhere/config');
      expect(code).to.equal(1);
      expect(reasonIn(stdout)).to.equal('the kubeconfig /nowhere/config does not exist; name another with --kubeconfig or KUBECONFIG');
    });

    it('ends with 1 where there is no kubeconfig at all, and says what to do', async () => {
      const { code, stdout } = await program('run');
      expect(code).to.equal(1);
      expect(reasonIn(stdout)).to.match(/^no API server is configured: .* name a kubeconfig with --kubeconfig$/);
    });

    it('ends with 1 where the context does not exist, and names those that do', async () => {
      const kubeconfig = await kubeconfigFor('https://127.0.0.1:9');
      const { code, stdout } = await program('run', `--kubeconfig=${kubeconfig}`, '--context=staging');
      expect(code).to.equal(1);
      expect(reasonIn(stdout)).to.contain('has no context staging; name another with --context (it has: control-plane)');
    });

    it('ends with 1 where the certificate to serve with is not there, and names it', async () => {
      const kubeconfig = await kubeconfigFor('https://127.0.0.1:9');
      const files = ['--tls-cert-file=/nowhere/tls.crt', '--tls-private-key-file=/nowhere/tls.key'];
      const { code, stdout } = await program('run', `--kubeconfig=${kubeconfig}`, ...files);
      expect(code).to.equal(1);
      expect(reasonIn(stdout)).to.match(/^the file of --tls-cert-file cannot be read: .*\/nowhere\/tls\.crt/);
    });

    it('ends with 1 where the port is in use, and says what to do', async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const kubeconfig = await kubeconfigFor('https://127.0.0.1:9');
      const { code, stdout } = await program('run', `--metrics-bind-address=127.0.0.1:${port}`, `--kubeconfig=${kubeconfig}`);
      other.close();
      expect(code).to.equal(1);
      expect(reasonIn(stdout)).to.equal(
        `cannot listen on 127.0.0.1:${port}: the port is in use; choose another one with --metrics-bind-address`,
      );
    });
  });

  for (const manner of ['refuse', 'hang'] as const) {
    describe(`whose API server ${manner === 'refuse' ? 'refuses connections' : 'never answers'}`, () => {
      it('lives and is not ready: it serves its own metrics, and none of the cluster', async () => {
        const operator = await withApiServer(manner);
        expect(await operator.get('/healthz')).to.deep.equal({ status: 200, body: 'ok\n' });
        expect((await operator.get('/readyz')).status).to.equal(503);
        const names = namesIn(await operator.metrics());
        expect(names).to.include('dualstack_build_info').and.include('process_cpu_seconds_total');
        expect([...names].filter((name) => CLUSTER_METRICS.test(name))).to.deep.equal([]);
      });

      for (const signal of ['SIGTERM', 'SIGINT'] as const) {
        it(`ends with 0 in less than two seconds at ${signal}`, async () => {
          const operator = await withApiServer(manner);
          const { code, ms } = await operator.stop(signal);
          expect(code).to.equal(0);
          expect(ms).to.be.below(2000);
        });
      }
    });
  }

  describe('that runs', () => {
    it('shows its page at /, which says that nothing has been read yet', async () => {
      const operator = await withApiServer('refuse');
      const { status, body } = await operator.get('/');
      expect(status).to.equal(200);
      expect(body)
        .to.match(/^<!doctype html>/i)
        .and.contain('<title>No report yet &middot; dualstack-operator</title>')
        .and.contain('it has no list of DualStackReport, Node, Pod, Service, EndpointSlice, ServiceCIDR, Namespace yet')
        .and.contain(packageJson.version);
    });

    it('has a server for each purpose, which serves nothing else', async () => {
      const operator = await withApiServer('refuse');
      for (const [purpose, paths] of [
        ['metrics', ['/metrics']],
        ['health', ['/healthz', '/readyz']],
        ['page', ['/']],
      ] as const) {
        for (const path of ['/metrics', '/healthz', '/readyz', '/', '/nothing']) {
          const { status } = await fetch(operator.urlOf(purpose) + path);
          expect(status !== 404, `${path} at ${purpose}`).to.equal((paths as readonly string[]).includes(path));
        }
      }
      expect((await operator.get('/metrics', 'POST')).status).to.equal(405);
      expect(await operator.get('/healthz', 'HEAD')).to.deep.equal({ status: 200, body: '' });
    });

    it('listens nowhere for a purpose whose address is 0', async () => {
      const operator = await withApiServer('refuse', { listen: ['--page-bind-address=0', '--metrics-bind-address=0'] });
      expect((await operator.get('/healthz')).status).to.equal(200);
      const line = await operator.logged('listening');
      expect([listeningOn(line, 'page'), listeningOn(line, 'metrics')]).to.deep.equal([[], []]);
    });

    it('takes connections of both families with [::], and with localhost', async function () {
      const everywhere = ['--metrics-bind-address=[::]:0', '--health-probe-bind-address=:0'];
      const operator = await withApiServer('refuse', { listen: [...everywhere, '--page-bind-address=localhost:0'] });
      const line = await operator.logged('listening');
      // Where IPv6 is switched off there is but one.
      if (listeningOn(line, 'page').length < 2) this.skip();
      for (const host of ['127.0.0.1', '[::1]']) {
        for (const [purpose, path] of [
          ['metrics', '/metrics'],
          ['health', '/healthz'],
          ['page', '/'],
        ] as const) {
          const response = await fetch(`http://${host}:${new URL(operator.urlOf(purpose)).port}${path}`);
          expect(response.status, `${host} ${path}`).to.equal(200);
        }
      }
    });

    it('takes flags from the environment, and those of the command line before them', async () => {
      const env = { ...FREE_PORTS, DUALSTACK_LOG_LEVEL: 'debug', DUALSTACK_GRACE_SCALE: 'none' };
      const operator = await withApiServer('refuse', { env, flags: ['--grace-scale=2', '--page-bind-address=[::1]:0'] });
      expect(new URL(operator.urlOf('metrics')).hostname).to.equal('127.0.0.1');
      expect(new URL(operator.urlOf('page')).hostname).to.equal('[::1]');
      await operator.get('/healthz');
      await operator.logged('request');
    });

    it('ends with 2 where a variable has a value that the flag could not have', async () => {
      const { code, stderr } = await runProgram(['run'], { home, env: { DUALSTACK_METRICS_BIND_ADDRESS: ':many' } });
      expect(code).to.equal(2);
      expect(stderr).to.contain('DUALSTACK_METRICS_BIND_ADDRESS').and.contain('The port must be a whole number from 0 to 65535.');
    });

    it('warns where tokens for the metrics come over plain HTTP, and shuts those out that have none', async () => {
      const operator = await withApiServer('refuse', { flags: ['--metrics-auth=kubernetes'] });
      await operator.logged('tokens for the metrics come over plain HTTP');
      expect((await operator.get('/metrics')).status).to.equal(401);
      expect((await operator.get('/healthz')).status).to.equal(200);
    });

    it('logs no secret', async () => {
      const operator = await withApiServer('refuse', { flags: ['--log-level=debug'] });
      await operator.logged('watching', { count: 3 });
      expect(operator.tail).to.not.contain('a-secret-token');
    });
  });

  function program(...args: readonly string[]): Promise<Outcome> {
    return runProgram(args, { home });
  }

  async function kubeconfigFor(server: string): Promise<string> {
    const config = JSON.parse(kubeconfigOf(server, '', 'a-secret-token')) as { clusters: { cluster: object }[] };
    for (const each of config.clusters) each.cluster = { server, 'insecure-skip-tls-verify': true };
    const file = join(home, `${new URL(server).port}.kubeconfig`);
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  async function withApiServer(manner: Manner, options: Partial<OperatorOptions> = {}): Promise<OperatorProcess> {
    const proxy = await TcpProxy.start(0, manner);
    proxies.push(proxy);
    const operator = await startOperator({ home, kubeconfig: await kubeconfigFor(`https://127.0.0.1:${proxy.port}`), ...options });
    operators.push(operator);
    return operator;
  }
});

/** Why the operator could not go on, from its log. */
function reasonIn(output: string): unknown {
  return logLines(output).find(({ msg }) => msg === 'the operator cannot continue')?.['reason'];
}
