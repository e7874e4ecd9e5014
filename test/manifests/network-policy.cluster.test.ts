import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Deployment, V1NetworkPolicy, V1NetworkPolicyPort } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { useGround } from '../faults/ground.ts';
import { kubeconfigWith } from '../faults/kubeconfig.ts';
import { canMakeNamespaces, startOperatorOn, type HostedOperator } from '../faults/namespace.ts';
import { API_SERVER, FaultProxy } from '../faults/proxy.ts';
import { installPermissions, OPERATOR, REPORTS_PATH } from '../support/cluster.ts';
import { conditionOf } from '../support/report-words.ts';
import { waitFor } from '../support/waiting.ts';
import { writeOverlay } from './overlay.ts';
import { openSocketsOf } from './sockets.ts';

const KUSTOMIZATION = `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: [../manifests]
components: [../manifests/components/restrict-egress]
`;
const [SERVER, NAME_SERVER] = ['192.0.2.1', '192.0.2.53'];
const LOOK_EVERY_MS = 10;

/** Ports as a NetworkPolicy has them, such as `TCP 443`. */
type Ports = readonly string[];

interface Row {
  readonly port: number;
  readonly environment: Readonly<Record<string, string>>;
  /** What the operator connects to. */
  readonly reaches: Ports;
}

const ROWS: Readonly<Record<string, Row>> = {
  'port 6443': { port: 6443, environment: {}, reaches: ['TCP 6443', 'UDP 53'] },
  'port 443, with a name whose addresses do not fit into a datagram': {
    port: 443,
    environment: { TRUNCATED: '1' },
    reaches: ['TCP 443', 'TCP 53', 'UDP 53'],
  },
};

// What a network makes of a NetworkPolicy is its own matter. This holds that the ports of the policy are those of the program. What listens on loopback needs none: no other
// host reaches it.
describe('the NetworkPolicy of manifests/, with restrict-egress', function () {
  this.timeout(60_000);
  const ground = useGround({ users: [OPERATOR] });
  const reached = new Set<string>();
  let proxy: FaultProxy | undefined;
  let hosted: HostedOperator | undefined;
  let policy: { readonly ingress: Ports; readonly egress: Ports };

  before('render the manifests', async function () {
    if (!canMakeNamespaces()) this.skip();
    await installPermissions(ground.controlPlane);
    policy = await rendered();
  });

  beforeEach(() => ground.reset());

  afterEach('end the operator, and show its log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') console.error(hosted?.operator.tail);
    await hosted?.operator.stop();
    await proxy?.close();
    [hosted, proxy] = [undefined, undefined];
  });

  for (const [what, { port, environment, reaches }] of Object.entries(ROWS)) {
    it(`opens what the operator listens on, and what it reaches where the API server has ${what}`, async () => {
      const listening = { open: new Set<string>(), loopback: new Set<string>() };
      const reaching = new Set<string>();
      const started = await start(port, environment);
      const looking = setInterval(() => {
        look(started.pid, listening, reaching);
      }, LOOK_EVERY_MS);
      try {
        await waitFor('the report', async () => conditionOf(await report(), 'Ready') === 'True Evaluated');
        expect(await started.ask('http://127.0.0.1:8081/healthz')).to.equal('ok\n');
        expect(await started.ask('http://127.0.0.1:8082/')).to.contain('<h1>Report cluster</h1>');
      } finally {
        clearInterval(looking);
      }
      expect([...listening.open].sort()).to.deep.equal(policy.ingress);
      expect([...listening.loopback]).to.deep.equal(['TCP 8082']);
      expect([...reaching].sort()).to.deep.equal(reaches);
      expect(policy.egress).to.include.members(reaches);
      for (const each of reaches) reached.add(each);
    });
  }

  it('opens nothing else', () => {
    expect([...reached]).to.have.members(policy.egress);
  });

  /** Starts the operator as the Deployment does, on a host with nothing but a name server and the API server. */
  async function start(port: number, environment: Row['environment']): Promise<HostedOperator> {
    const { controlPlane } = ground;
    const socket = join(controlPlane.dir, 'proxy.sock');
    proxy = await FaultProxy.start(controlPlane, { path: socket });
    const resolver = join(controlPlane.dir, 'resolv.conf');
    writeFileSync(resolver, `nameserver ${NAME_SERVER}\n`);
    const host = {
      hosts: ['127.0.0.1 localhost', '::1 localhost'],
      setup: [
        ...[SERVER, NAME_SERVER].map((address) => `ip address add ${address}/32 dev lo`),
        `mount --bind '${resolver}' /etc/resolv.conf`,
      ],
      apiServer: `https://${SERVER}:${port}`,
      socket,
      neighbour: {
        program: join(import.meta.dirname, 'name-server.ts'),
        environment: { NAME_SERVER, ADDRESS: SERVER, ...environment },
      },
    };
    const ca = Buffer.from(proxy.certificate.cert).toString('base64');
    const cluster = { server: `https://${API_SERVER}:${port}`, 'certificate-authority-data': ca };
    const kubeconfig = kubeconfigWith(controlPlane, 'network-policy', { cluster, of: OPERATOR.name });
    const election = ['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'];
    return (hosted = startOperatorOn(host, controlPlane.dir, [`--kubeconfig=${kubeconfig}`, ...election]));
  }

  function report(): Promise<DualStackReport> {
    return ground.admin.get<DualStackReport>(`${REPORTS_PATH}/cluster`);
  }

  /** The ports that the policy opens, those with a name as the Deployment calls them. */
  async function rendered(): Promise<typeof policy> {
    const { folder, overlay } = writeOverlay(KUSTOMIZATION);
    try {
      const yaml = await ground.controlPlane.kubectl(['kustomize', overlay]);
      const objects = parseAllDocuments(yaml).map((document) => document.toJS() as V1NetworkPolicy | V1Deployment);
      const { spec } = objects.find(({ kind }) => kind === 'NetworkPolicy') as V1NetworkPolicy;
      const deployment = objects.find(({ kind }) => kind === 'Deployment') as V1Deployment;
      const names = new Map(deployment.spec?.template.spec?.containers[0]?.ports?.map(({ name, containerPort }) => [name, containerPort]));
      const wordsOf = ({ protocol, port }: V1NetworkPolicyPort): string =>
        `${protocol ?? 'TCP'} ${typeof port === 'string' ? (names.get(port) ?? port) : (port ?? '')}`;
      const portsOf = (rules: readonly { readonly ports?: V1NetworkPolicyPort[] }[] = []): Ports =>
        rules.flatMap(({ ports = [] }) => ports.map(wordsOf));
      return { ingress: portsOf(spec?.ingress), egress: portsOf(spec?.egress) };
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});

/** Notes on which ports a process listens, and which ports of others it has connected to. */
function look(pid: number, listening: Readonly<Record<'open' | 'loopback', Set<string>>>, reaching: Set<string>): void {
  const sockets = openSocketsOf(pid);
  const open = new Set(sockets.filter(({ remotePort }) => remotePort === 0).map(({ localPort }) => localPort));
  for (const { protocol, localPort, isOnLoopback, remotePort } of sockets) {
    if (remotePort === 0) listening[isOnLoopback ? 'loopback' : 'open'].add(`${protocol} ${localPort}`);
    else if (!open.has(localPort)) reaching.add(`${protocol} ${remotePort}`);
  }
}
