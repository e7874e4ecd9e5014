import type { V1ConfigMapList } from '@kubernetes/client-node';
import { expect } from 'chai';
import { DEMO_OPTIONS, fillDemoCluster } from '../../demo/cluster.ts';
import { differences, expectedFindings } from '../../demo/expected.ts';
import { startPrometheus, type Prometheus } from '../prometheus/prometheus.ts';
import { useCluster } from '../support/cluster.ts';
import { rolledOutPods, startInPlaceOf, type OperatorPod } from '../support/deployed-operator.ts';
import { documentedCommands } from '../support/documented-commands.ts';
import { eventually } from '../support/eventually.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { ensureDefinitions } from '../tools/definitions.ts';
import type { Dashboard } from './dashboard-json.ts';
import { Grafana } from './grafana.ts';
import { operatedPrometheus } from './prometheus-operator.ts';

const NAMESPACE = 'dualstack-system';
/** What the Prometheus of kube-prometheus-stack selects. */
const SELECTOR = 'release=kube-prometheus-stack';
/** A quarter of an hour becomes 3 seconds. */
const FOR_SCALE = 1 / 300;
const PATIENCE = { deadlineMs: 60_000, everyMs: 250 } as const;

// Each step goes on from the one before, as a user does.
describe('a new user with a cluster and Prometheus Operator, who copies the commands of README.md', function () {
  this.timeout(180_000);
  const cluster = useCluster({ ...DEMO_OPTIONS, manifests: false, serviceAccountAdmission: true });
  const operators = new Map<OperatorPod, OperatorProcess>();
  let prometheus: Prometheus | undefined;
  let shown: ReadonlyMap<string, string>;

  before('have the cluster of the demo, and Prometheus Operator on it', async function () {
    this.timeout(600_000);
    await fillDemoCluster(cluster.controlPlane, () => undefined);
    await cluster.kubectl('apply', '--server-side', `--filename=${await ensureDefinitions()}`);
  });

  after(async () => {
    await prometheus?.stop();
    await Promise.all([...operators.values()].map((operator) => operator.kill()));
  });

  afterEach('show the logs where a test failed', function () {
    if (this.currentTest?.state !== 'failed') return;
    for (const { tail } of operators.values()) console.error(`The end of the log of an operator:\n${tail}`);
    if (prometheus) console.error(`The end of the log of Prometheus:\n${prometheus.logTail}`);
  });

  it('installs, and sees the verdict', async () => {
    const commands = documentedCommands('README.md', 'Install').find(([first]) => first?.includes('overlays/prometheus-operator'));
    shown = await runAll(commands ?? expect.fail('README.md does not install with Prometheus Operator'));
    const [head, violation] = (shown.get('kubectl get dualstackreports') ?? '').split('\n');
    expect(head).to.match(/^NAME +STACK +READY +HEALTHY +NODES +PODS +SERVICES +CRITICAL +WARNING/);
    expect(violation).to.match(/^cluster +DualStack +True +False +4\/6 /);
  });

  it('sees each fault in the report', async () => {
    const expected = await expectedFindings();
    await eventually(async () => {
      const { status } = await cluster.report();
      // Where the scheduler has put the operator is another matter.
      const ofOthers = status?.findings?.filter(({ object }) => object.namespace !== NAMESPACE) ?? [];
      expect(differences(expected, ofOthers)).to.deep.equal([]);
    }, PATIENCE);
  });

  it('uses it with the commands of README.md', async () => {
    const [commands = []] = documentedCommands('README.md', 'Use');
    // It waits until the cluster is fixed.
    const printed = await runAll(commands.filter((line) => !line.startsWith('kubectl wait')));
    expect(printed.get('kubectl describe dsr cluster')).to.contain('kubectl drain worker-3 --ignore-daemonsets');
    expect(printed.get('kubectl explain dualstackreport.spec')).to.contain('expectedFamilies');
  });

  it('has each replica scraped, by each address that it has', async () => {
    const ports = new Map([...operators].map(([{ metadata }, { port }]) => [metadata.name, port]));
    const { controlPlane } = cluster;
    prometheus = await startPrometheus(await operatedPrometheus({ controlPlane, selector: SELECTOR, ports, forScale: FOR_SCALE }));
    const running = prometheus;
    await eventually(async () => {
      const targets = await running.targets();
      expect(targets.map(({ health, lastError, labels }) => `${labels['pod'] ?? ''} ${health} ${lastError}`)).to.have.members(
        [...operators.keys()].flatMap(({ metadata, status }) => status.podIPs.map(() => `${metadata.name} up `)),
      );
      expect(new Set(targets.map(({ labels }) => `${labels['namespace'] ?? ''}/${labels['job'] ?? ''}`))).to.deep.equal(
        new Set([`${NAMESPACE}/dualstack-operator`]),
      );
    }, PATIENCE);
  });

  it('is determined by alerts of what deserves one, once, and of nothing else', async () => {
    await eventually(async () => {
      const alerts = (await prometheus?.alerts()) ?? [];
      expect(
        alerts.map(({ state, labels, annotations }) => `${state} ${labels['severity'] ?? ''}: ${annotations['summary'] ?? ''}`),
      ).to.have.members([
        'firing warning: 1 Service in namespace shop of cluster test has no endpoint of a family.',
        'firing warning: Node worker-3 of cluster test has no IPv6 podCIDR.',
        'firing info: 1 finding of NodeAddressMissing on the nodes of cluster test.',
        'firing info: 1 Service in namespace billing of cluster test: ServiceNotUpgraded.',
      ]);
    }, PATIENCE);
  });

  it('sees something in each panel of the overview', async () => {
    const overview = await installedDashboard('dualstack-overview');
    const grafana = new Grafana(prometheus ?? expect.fail('there is no Prometheus'));
    await eventually(async () => {
      const queries = await grafana.queriesOf(overview, {});
      expect(queries).to.have.length.above(10);
      const answers = await Promise.all(queries.map(async (query) => ({ of: query.of, found: (await grafana.answer(query)).length })));
      expect(answers.filter(({ found }) => found === 0).map(({ of }) => of)).to.deep.equal([]);
    }, PATIENCE);
  });

  /** Runs lines one after the other; once the Deployment is there, its pods have processes in their place. @returns what each wrote */
  async function runAll(commands: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const printed = new Map<string, string>();
    for (const line of commands) {
      printed.set(line.replace(/ +#.*$/, ''), await cluster.shell(line));
      if (line.startsWith('kubectl rollout status')) await startOperators();
    }
    return printed;
  }

  /** Grace is off: the cluster is a minute old. */
  async function startOperators(): Promise<void> {
    for (const pod of await rolledOutPods(cluster.controlPlane)) {
      const listen = ['--metrics-bind-address=[::]:0'];
      operators.set(pod, await startInPlaceOf(cluster.controlPlane, pod, { listen, flags: ['--grace-scale=0'] }));
    }
  }

  /** A dashboard of the ConfigMaps that Grafana's sidecar finds. */
  async function installedDashboard(uid: string): Promise<Dashboard> {
    const { items } = await cluster.get<V1ConfigMapList>('/api/v1/configmaps?labelSelector=grafana_dashboard%3D1');
    const all = items.flatMap(({ data = {} }) => Object.values(data)).map((text) => JSON.parse(text) as Dashboard);
    return all.find((each) => each.uid === uid) ?? expect.fail(`no ConfigMap has the dashboard ${uid}`);
  }
});
