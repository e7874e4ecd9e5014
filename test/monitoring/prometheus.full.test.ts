import { expect } from 'chai';
import { ALERTS } from '../../monitoring/rules/alerts/index.ts';
import { ruleGroups } from '../../monitoring/rules/groups.ts';
import { freePorts } from '../control-plane/ports.ts';
import { rangesOf } from '../control-plane/stacks.ts';
import { startPrometheus, type ActiveAlert, type Prometheus } from '../prometheus/prometheus.ts';
import { installPermissions, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namespace, node, pod, report, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { conditionOf } from '../support/report-words.ts';
import { runbookSections } from './runbooks.ts';

/** A quarter of an hour becomes 3 seconds. Expressions stay as they are. */
const FOR_SCALE = 1 / 300;
const GROUPS = ruleGroups({ forScale: FOR_SCALE });
const REPLICAS = ['a', 'b'] as const;
const FLAGS = [
  ...['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'],
  ...['--leader-elect-lease-duration=4s', '--leader-elect-renew-deadline=2500ms', '--leader-elect-retry-period=500ms'],
  '--stale-after=4s',
];
const SOON = { deadlineMs: 60_000, everyMs: 250 } as const;
const DUAL = { ipFamilyPolicy: 'PreferDualStack' } as const;
/** The name of the operator's ClusterRole. */
const ROLE = 'dualstack-operator';

interface ClusterRole {
  readonly rules: readonly { readonly resources: readonly string[] }[];
}

/** An alert in words: `critical DualStackLost: The pods … `. */
function wordsOf({ labels, annotations }: ActiveAlert): string {
  return `${labels['severity'] ?? ''} ${labels['alertname'] ?? ''}: ${annotations['summary'] ?? ''}`;
}

/** The status of a load balancer that has these addresses. */
function ingress(...addresses: readonly string[]): object {
  return { loadBalancer: { ingress: addresses.map((ip) => ({ ip })) } };
}

describe('the rules on a real Prometheus, which scrapes two replicas of the operator by IPv4 and IPv6', function () {
  this.timeout(180_000);
  const cluster = useCluster();
  let ports: Record<(typeof REPLICAS)[number], number>;
  let operators: readonly OperatorProcess[] = [];
  let prometheus: Prometheus;

  async function startOperators(): Promise<void> {
    operators = await Promise.all(
      REPLICAS.map((name) => cluster.operator(FLAGS, { listen: [`--metrics-bind-address=[::]:${ports[name]}`] })),
    );
  }

  /** Takes rules on a resource from the operator's role, until `installPermissions`. */
  async function forbid(resource: string): Promise<void> {
    const { rules } = await cluster.get<ClusterRole>(`/apis/rbac.authorization.k8s.io/v1/clusterroles/${ROLE}`);
    const left = rules.filter(({ resources }) => !resources.includes(resource));
    expect(left).to.have.length.below(rules.length);
    await cluster.kubectl('patch', 'clusterrole', ROLE, '--type=merge', `--patch=${JSON.stringify({ rules: left })}`);
  }

  async function firing(): Promise<readonly string[]> {
    const alerts = await prometheus.alerts();
    for (const { annotations } of alerts) expect(Object.values(annotations).join(' ')).to.not.match(/<(error|no value)/);
    return alerts.filter(({ state }) => state === 'firing').map(wordsOf);
  }

  /** Waits until these alerts fire, and none of the same names beside them. */
  async function untilFiring(...words: readonly string[]): Promise<void> {
    const names = new Set(words.map((each) => each.split(/[ :]/)[1]));
    await eventually(async () => {
      const ofThese = (await firing()).filter((each) => names.has(each.split(/[ :]/)[1]));
      expect(ofThese).to.have.members(words);
    }, SOON);
  }

  async function untilResolved(...names: readonly string[]): Promise<void> {
    await eventually(async () => {
      expect((await firing()).filter((each) => names.some((name) => each.includes(` ${name}: `)))).to.deep.equal([]);
    }, SOON);
  }

  before('create a dual-stack cluster, and let Prometheus scrape two operators, of which neither may read EndpointSlices', async () => {
    ports = await freePorts(...REPLICAS);
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2));
    await cluster.controlPlane.create([namespace('shop')]);
    await cluster.addWorkloads(
      3,
      pod('web-1', 'worker-1', { namespace: 'shop', app: 'web' }),
      pod('web-2', 'worker-2', { namespace: 'shop', app: 'web' }),
      pod('batch', 'worker-1', { namespace: 'shop' }),
      service('web', DUAL, 'shop'),
      service('lb', { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack', selector: { app: 'web' } }, 'shop'),
    );
    await cluster.patchStatus(
      'service',
      'lb',
      { loadBalancer: { ingress: ['203.0.113.80', '2001:db8::80'].map((ip) => ({ ip })) } },
      'shop',
    );
    await forbid('endpointslices');
    await startOperators();
    const targets = REPLICAS.map((name) => ({
      targets: [`127.0.0.1:${ports[name]}`, `[::1]:${ports[name]}`],
      // What Prometheus Operator puts on the targets of a ServiceMonitor.
      labels: {
        namespace: 'dualstack-system',
        service: 'dualstack-operator',
        pod: `dualstack-operator-${name}`,
        container: 'operator',
        endpoint: 'metrics',
      },
    }));
    prometheus = await startPrometheus({
      config: {
        global: { scrape_interval: '1s', evaluation_interval: '1s', external_labels: { cluster: 'test' } },
        scrape_configs: [{ job_name: 'dualstack-operator', honor_labels: true, static_configs: targets }],
      },
      // JSON is YAML.
      rules: { 'rules.yaml': JSON.stringify({ groups: GROUPS }) },
    });
  });

  after(() => prometheus.stop());

  afterEach('show what Prometheus says where a test failed', function () {
    if (this.currentTest?.state === 'failed') console.error(prometheus.logTail);
  });

  it('reports that a kind may not be read, until it may', async () => {
    await untilFiring(
      'warning DualStackReflectorFailing: dualstack-operator of cluster test cannot list or watch the source endpointslices.discovery.k8s.io.',
    );
    await installPermissions(cluster.controlPlane);
    await untilResolved('DualStackReflectorFailing');
  });

  it('is silent on a whole cluster, of which each rule that records has something to say', async () => {
    await eventually(async () => {
      for (const rule of GROUPS.flatMap(({ rules }) => rules)) {
        if ('record' in rule) expect(await prometheus.query(rule.expr), rule.record).to.not.be.empty;
      }
      expect(await prometheus.query('cluster_layer_stack:dualstack_layer_stack:max{stack="DualStack"} == 1')).to.have.lengthOf(3);
      expect(await prometheus.query('cluster_layer:dualstack_dual:ratio == 1')).to.have.lengthOf(3);
      expect(await prometheus.query('max_over_time(dualstack_evaluation_duration_seconds_count[1m])')).to.have.lengthOf(4);
      expect(await prometheus.alerts()).to.deep.equal([]);
    }, SOON);
  });

  it('has what each replica exposes twice, with the labels of objects where there are some', async () => {
    const ofNamespaces = await prometheus.query('count by (namespace) (dualstack_pods{families="dual"})');
    expect(ofNamespaces).to.deep.equal([{ labels: { namespace: 'shop' }, value: 4 }]);
    expect(await prometheus.query('count by (namespace) (dualstack_leader)')).to.deep.equal([
      { labels: { namespace: 'dualstack-system' }, value: 4 },
    ]);
    expect(await prometheus.query('sum by (pod) (dualstack_leader) == 2')).to.have.lengthOf(1);
  });

  it('reports each thing that is broken, once', async () => {
    await cluster.controlPlane.create([
      report('strict', {
        checks: [
          { name: 'PodFamilyMissing', severity: 'Critical' },
          { name: 'NodeAddressMissing', severity: 'Critical' },
          { name: 'LoadBalancerFamilyMissing', severity: 'Critical' },
        ],
      }),
    ]);
    await cluster.addNodes(node('narrow', 3, { podCIDRs: ['10.244.200.0/24'] }), node('halved', 4, { addresses: ['192.168.1.4'] }));
    await cluster.addWorkloads(
      6,
      pod('cart-1', 'narrow', { namespace: 'shop', app: 'cart' }),
      pod('cart-2', 'narrow', { namespace: 'shop', app: 'cart' }),
      pod('other', 'worker-1', { namespace: 'shop' }),
      service('cart', DUAL, 'shop'),
      service('checkout', { ...DUAL, ipFamilies: ['IPv6', 'IPv4'], selector: { app: 'cart' } }, 'shop'),
    );
    await cluster.patchStatus('service', 'lb', ingress('203.0.113.80'), 'shop');
    const { podIP } = (await cluster.get<{ status: { podIP: string } }>('/api/v1/namespaces/shop/pods/batch')).status;
    await cluster.patchStatus('pod', 'batch', { podIPs: [{ ip: podIP }] }, 'shop');
    await eventually(async () => {
      expect(await firing()).to.have.members([
        // The family is the primary one of checkout, and the secondary one of cart.
        'critical DualStackServiceWithoutEndpoints: 1 Service in namespace shop of cluster test has no endpoint of a family.',
        'warning DualStackServiceWithoutEndpoints: 1 Service in namespace shop of cluster test has no endpoint of a family.',
        'warning DualStackNodePodCIDRMissing: Node narrow of cluster test has no IPv6 podCIDR.',
        'warning DualStackFamilyImbalance: The families of the nodes of cluster test are out of balance by 50%.',
        'warning DualStackFamilyImbalance: The families of the pods of cluster test are out of balance by 50%.',
        'warning DualStackFamilyImbalance: The families of the endpoints of cluster test are out of balance by 50%.',
        ...['info', 'warning'].flatMap((severity) => [
          `${severity} DualStackNodeDrift: 1 finding of NodeAddressMissing on the nodes of cluster test.`,
          `${severity} DualStackPodDrift: 1 pod in namespace shop of cluster test: PodFamilyMissing.`,
          `${severity} DualStackServiceDrift: 1 Service in namespace shop of cluster test: LoadBalancerFamilyMissing.`,
        ]),
      ]);
    }, SOON);
  });

  it('has runbooks whose commands run, and show what they say', async () => {
    const variables = 'NODE=narrow NAMESPACE=shop CHECK=EndpointFamilyMissing REPORT=cluster';
    const shown: Record<string, string> = {};
    for (const { heading, commands } of runbookSections()) {
      for (const command of commands.filter((line) => line.startsWith('kubectl '))) {
        // What looks through a log finds nothing in the one of a pod that is not there.
        const [beforeGrep = ''] = command.split(' | grep');
        shown[heading] = (shown[heading] ?? '') + (await cluster.shell(`${variables}; ${beforeGrep}`));
      }
    }
    expect(shown).to.include.keys(ALERTS.map(({ name }) => name));
    expect(shown['What the alerts have in common']).to.contain('Service shop/cart: Service shop/cart has no ready IPv6 endpoint');
    expect(shown['DualStackLost']).to.match(/^of 4 nodes 3 have addresses of both families/);
    expect(shown['DualStackServiceWithoutEndpoints']).to.match(/^cart +IPv6 +<none>$/m);
    expect(shown['DualStackNodePodCIDRMissing']).to.contain('["10.244.200.0/24"]');
    expect(shown['DualStackNodeDrift']).to.match(/^halved +192\.168\.1\.4,halved +\[10\.\S+ fd\S+\]$/m);
    expect(shown['DualStackPodDrift']).to.match(/^batch +worker-1 +\S+ +10\.[\d.]+$/m);
    expect(shown['DualStackServiceDrift']).to.match(/^lb +RequireDualStack +\[IPv4 IPv6\] +\S+ \S+ +203\.0\.113\.80$/m);
    expect(shown['DualStackNoLeader']).to.contain('holderIdentity');
    expect(shown['DualStackReportNotReady']).to.contain('"reason":"Evaluated"');
    expect(shown['DualStackEvaluationStale']).to.match(/^20\S+Z$/m);
  });

  it('is silent again once all is fixed', async () => {
    await cluster.kubectl('delete', 'services', 'cart', 'checkout', '--namespace=shop');
    await cluster.kubectl('delete', 'pods', 'cart-1', 'cart-2', 'batch', '--namespace=shop', '--now');
    await cluster.kubectl('delete', 'nodes', 'narrow', 'halved');
    await cluster.patchStatus('service', 'lb', ingress('203.0.113.80', '2001:db8::80'), 'shop');
    await cluster.kubectl('delete', 'dsr', 'strict');
    await eventually(async () => {
      expect(await prometheus.alerts()).to.deep.equal([]);
    }, SOON);
  });

  it('reports nodes and pods that are no longer dual-stack, until they are', async () => {
    await cluster.addNodes(node('lone', 5, { addresses: ['192.168.1.5'], podCIDRs: ['10.244.210.0/24'] }));
    await cluster.kubectl('delete', 'pods', '--all', '--namespace=shop', '--now');
    await cluster.kubectl('delete', 'nodes', 'worker-1', 'worker-2');
    await cluster.addWorkloads(1, pod('one', 'lone', { namespace: 'shop' }));
    await untilFiring(
      'critical DualStackLost: The nodes of cluster test are no longer dual-stack: IPv4.',
      'critical DualStackLost: The pods of cluster test are no longer dual-stack: IPv4.',
    );
    await cluster.addNodes(node('worker-3', 6));
    await cluster.addWorkloads(2, pod('two', 'worker-3', { namespace: 'shop' }));
    await untilResolved('DualStackLost');
  });

  // From here on no pod is created: kwok may take a minute to see pods after a restart of the API server.
  it('reports a report that is stale, while the API server is away, until it is back', async () => {
    await cluster.controlPlane.restartApiServer({ serviceRange: rangesOf('ipv4').serviceRange }, () =>
      untilFiring('warning DualStackReportNotReady: DualStackReport cluster of cluster test is not Ready.'),
    );
    await untilResolved('DualStackReportNotReady');
  });

  it('reports Services that are no longer dual-stack, where the API server has one range for them, until it has two', async () => {
    await cluster.controlPlane.create([service('late', DUAL, 'shop')]);
    await untilFiring('warning DualStackLost: The services of cluster test are no longer dual-stack: Unknown.');
    await cluster.controlPlane.restartApiServer({ serviceRange: rangesOf('dual').serviceRange });
    await cluster.kubectl('delete', 'service', 'late', '--namespace=shop');
    await untilResolved('DualStackLost');
  });

  it('reports that nobody leads, until somebody does', async () => {
    await untilResolved('DualStackNoLeader');
    await cluster.kubectl('delete', 'rolebinding', 'dualstack-operator', '--namespace=dualstack-system');
    await untilFiring('warning DualStackNoLeader: No replica of dualstack-operator of cluster test is the leader.');
    await installPermissions(cluster.controlPlane);
    await untilResolved('DualStackNoLeader');
  });

  it('reports that the operator is absent, and nothing else from then on', async () => {
    // After two restarts of the API server some kinds wait for half a minute, and what is Stale by then would stay so.
    await eventually(async () => {
      expect(conditionOf(await cluster.report(), 'Ready')).to.equal('True Evaluated');
    }, SOON);
    await Promise.all(operators.map((operator) => operator.stop()));
    await eventually(async () => {
      expect(await firing()).to.deep.equal(['warning DualStackOperatorAbsent: No dualstack-operator of cluster test exposes metrics.']);
    }, SOON);
  });

  it('reports an evaluation that is no longer written, until somebody does', async () => {
    await forbid('dualstackreports/status');
    const anHourAgo = `${new Date(Date.now() - 3_600_000).toISOString().slice(0, 19)}Z`;
    await cluster.patchStatus('dsr', 'cluster', { lastEvaluationTime: anHourAgo });
    await startOperators();
    await eventually(async () => {
      const [stale, ...others] = (await firing()).filter((words) => /EvaluationStale|OperatorAbsent|NotReady|NoLeader/.test(words));
      expect(stale).to.match(
        /^warning DualStackEvaluationStale: DualStackReport cluster of cluster test was last evaluated 1h \d+m \d+s ago\.$/,
      );
      expect(others).to.deep.equal([]);
    }, SOON);
    await installPermissions(cluster.controlPlane);
    await untilResolved('DualStackEvaluationStale');
  });

  it('has seen each rule that alerts fire, without an error', async () => {
    const fired = await prometheus.query('count by (alertname, severity) (count_over_time(ALERTS{alertstate="firing"}[1h]))');
    const rules = GROUPS.flatMap((group) => group.rules.flatMap((rule) => ('alert' in rule ? rule : [])));
    expect(fired.map(({ labels }) => `${labels['severity'] ?? ''} ${labels['alertname'] ?? ''}`)).to.have.members(
      rules.map(({ alert, labels }) => `${labels['severity'] ?? ''} ${alert}`),
    );
    const failing = (await prometheus.rules()).filter(({ health }) => health !== 'ok');
    expect(failing).to.deep.equal([]);
  });
});
