import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { runPromtool } from '../prometheus/promtool.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, seriesOf, type Series } from '../support/exposition.ts';
import { namespace, node, pod, service } from '../support/objects.ts';

/** All series of the metrics of the cluster and of the report, for the cluster that the test creates. */
const SERIES: Readonly<Record<string, Series>> = {
  nodes: { '{families="dual"}': 2, '{families="ipv4"}': 1, '{families="ipv6"}': 0, '{families="none"}': 0 },
  pods: {
    '{namespace="shop",families="dual"}': 2,
    '{namespace="shop",families="ipv4"}': 2,
    '{namespace="shop",families="ipv6"}': 0,
    '{namespace="shop",families="none"}': 0,
    '{namespace="billing",families="dual"}': 1,
    '{namespace="billing",families="ipv4"}': 0,
    '{namespace="billing",families="ipv6"}': 0,
    '{namespace="billing",families="none"}': 0,
  },
  services: {
    '{namespace="shop",policy="PreferDualStack",families="dual"}': 1,
    '{namespace="shop",policy="RequireDualStack",families="dual"}': 1,
    '{namespace="shop",policy="SingleStack",families="ipv6"}': 1,
    '{namespace="billing",policy="SingleStack",families="ipv4"}': 2,
  },
  layer_stack: {
    ...stackOf('nodes'),
    ...stackOf('pods'),
    ...stackOf('services'),
  },
  node_pod_cidr_missing: { '{node="narrow",family="IPv6"}': 1 },
  node_families: { '{node="narrow",addresses="dual",pod_cidrs="ipv4",pods="ipv4"}': 1 },
  single_family_drift: {
    '{kind="Node",namespace="",missing_family="IPv4"}': 0,
    '{kind="Node",namespace="",missing_family="IPv6"}': 1,
    '{kind="Pod",namespace="shop",missing_family="IPv4"}': 0,
    '{kind="Pod",namespace="shop",missing_family="IPv6"}': 2,
    '{kind="Pod",namespace="billing",missing_family="IPv4"}': 0,
    '{kind="Pod",namespace="billing",missing_family="IPv6"}': 0,
    '{kind="Service",namespace="shop",missing_family="IPv4"}': 1,
    '{kind="Service",namespace="shop",missing_family="IPv6"}': 0,
    '{kind="Service",namespace="billing",missing_family="IPv4"}': 0,
    '{kind="Service",namespace="billing",missing_family="IPv6"}': 2,
  },
  family_imbalance_ratio: { '{layer="nodes"}': 1 / 3, '{layer="pods"}': 2 / 5, '{layer="services"}': 1 / 5, '{layer="endpoints"}': 2 / 4 },
  service_endpoints_unbalanced: { '{namespace="shop"}': 3, '{namespace="billing"}': 0 },
  service_ready_endpoints: {
    '{namespace="shop",service="web",family="IPv4"}': 3,
    '{namespace="shop",service="web",family="IPv6"}': 2,
    '{namespace="shop",service="cart",family="IPv4"}': 1,
    '{namespace="shop",service="cart",family="IPv6"}': 0,
  },
  findings: {
    '{report="cluster",check="NodePodCIDRMissing",severity="Critical",namespace=""}': 1,
    '{report="cluster",check="EndpointFamilyMissing",severity="Warning",namespace="shop"}': 1,
    '{report="cluster",check="EndpointsUnbalanced",severity="Warning",namespace="shop"}': 2,
    '{report="cluster",check="ServiceSingleStack",severity="Info",namespace="shop"}': 1,
    '{report="cluster",check="ServiceSingleStack",severity="Info",namespace="billing"}': 2,
  },
  root_causes: { '{report="cluster",check="NodePodCIDRMissing",severity="Critical",namespace=""}': 1 },
  report_migration_stage: {
    '{report="cluster",stage="NodeAddresses"}': 0,
    '{report="cluster",stage="PodNetwork"}': 1,
    '{report="cluster",stage="ServiceRange"}': 0,
    '{report="cluster",stage="Services"}': 0,
    '{report="cluster",stage="Complete"}': 0,
  },
};

/** The series of a layer that is dual-stack. */
function stackOf(layer: string): Series {
  const series = (stack: string): string => `{layer="${layer}",stack="${stack}"}`;
  return { [series('DualStack')]: 1, [series('IPv4')]: 0, [series('IPv6')]: 0, [series('Mixed')]: 0, [series('Unknown')]: 0 };
}

describe('the metrics of a small cluster with findings', function () {
  this.timeout(60_000);
  const cluster = useCluster();
  let metrics: string;

  before('create it', async () => {
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2), node('narrow', 3, { podCIDRs: ['10.244.200.0/24'] }));
    await cluster.controlPlane.create([namespace('shop'), namespace('billing')]);
    const shop = 'shop';
    await cluster.addWorkloads(
      6,
      pod('web-1', 'worker-1', { namespace: shop, app: 'web' }),
      pod('web-2', 'worker-2', { namespace: shop, app: 'web' }),
      pod('web-3', 'narrow', { namespace: shop, app: 'web' }),
      pod('cart', 'narrow', { namespace: shop }),
      pod('ledger', 'worker-1', { namespace: 'billing' }),
      pod('agent', 'worker-1', { hostNetwork: true }),
      service('web', { ipFamilyPolicy: 'PreferDualStack' }, shop),
      service('cart', { ipFamilyPolicy: 'RequireDualStack' }, shop),
      service('web-ipv6', { ipFamilies: ['IPv6'], selector: { app: 'web' } }, shop),
      service('headless', { clusterIP: 'None', selector: undefined }, shop),
      service('ledger', {}, 'billing'),
      service('ledger-headless', { clusterIP: 'None', selector: { app: 'ledger' } }, 'billing'),
    );
    const operator = await cluster.operator(['--metrics-per-service=true']);
    await operator.ready();
    await cluster.reportThat('is answered', ({ status }) => status?.summary !== undefined);
    await eventually(async () => {
      metrics = await operator.metrics();
      expect(seriesOf(metrics, 'dualstack_report_migration_stage')).not.to.deep.equal({});
      expect(seriesOf(metrics, 'dualstack_report_last_evaluation_timestamp_seconds')).to.have.all.keys('{report="cluster"}');
    });
  });

  for (const [name, series] of Object.entries(SERIES)) {
    it(`has exactly these series of dualstack_${name}`, () => {
      expect(seriesOf(metrics, `dualstack_${name}`)).to.deep.equal(series);
    });
  }

  it('has the conditions of the report, 1 for the present status', () => {
    const present = Object.entries(seriesOf(metrics, 'dualstack_report_condition')).filter(([, value]) => value === 1);
    expect(present.map(([labels]) => labels)).to.have.members([
      '{report="cluster",type="Ready",status="True"}',
      '{report="cluster",type="Healthy",status="False"}',
      '{report="cluster",type="NodesHealthy",status="False"}',
      '{report="cluster",type="PodsHealthy",status="False"}',
      '{report="cluster",type="ServicesHealthy",status="False"}',
      '{report="cluster",type="SpecValid",status="True"}',
    ]);
  });

  it('has no series of a pod', () => {
    expect(metrics).to.not.match(/pod="|web-3/);
  });

  it('has the one prefix for its own names', () => {
    const others = [...namesIn(metrics)].filter((name) => !/^(dualstack|process|nodejs)_/.test(name));
    expect(others).to.deep.equal([]);
  });

  it('has nothing that docs/metrics.md does not list', async () => {
    const docs = await readFile(fromRoot('docs', 'metrics.md'), 'utf8');
    const documented = new Map([...docs.matchAll(/^\| `(\w+)`[ *]*\| (\w+)/gm)].map(([, name = '', type]) => [name, type]));
    const notKnown = [...namesIn(metrics)].filter(
      (name) => !documented.has(name) && documented.get(name.replace(/_(bucket|sum|count)$/, '')) !== 'histogram',
    );
    expect(notKnown).to.deep.equal([]);
  });

  it('passes promtool check metrics', async () => {
    expect(await runPromtool(['check', 'metrics'], metrics)).to.deep.equal({ code: 0, output: '' });
  });
});
