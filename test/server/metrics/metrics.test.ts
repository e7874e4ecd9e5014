import { expect } from 'chai';
import fc from 'fast-check';
import type { Facts, FactsKind } from '../../../src/core/kinds/facts.ts';
import {
  apiServer,
  dualService,
  evaluateAll,
  namespace,
  node,
  NOW,
  pod,
  runEvaluation,
  service,
  serviceCIDR,
  slicesFor,
} from '../../core/build.ts';
import { anyFacts } from '../../core/universe.ts';
import { seriesOf, namesIn } from '../../support/exposition.ts';
import { checksOf, exposition, layerStacks, linesOf, metricsOf, reportNamed, scrapeOf } from './exposed.ts';

const OF_THE_CLUSTER = [
  'dualstack_layer_stack{',
  'dualstack_nodes{',
  'dualstack_pods{',
  'dualstack_services{',
  'dualstack_node_pod_cidr_missing{',
  'dualstack_node_families{',
  'dualstack_single_family_drift{',
  'dualstack_family_imbalance_ratio{',
  'dualstack_service_endpoints_unbalanced{',
  'dualstack_service_ready_endpoints{',
];

/** Four nodes of which worker-2 has no IPv6 podCIDR, with two Services that feel it. */
function cluster(): Facts[] {
  const nodes = [1, 2, 3, 4].map((number) =>
    node({
      name: `worker-${number}`,
      podCIDRs: number === 2 ? ['10.244.2.0/24'] : [`10.244.${number}.0/24`, `fd00:10:244:${number}::/64`],
    }),
  );
  const web = [
    pod({ name: 'web-1', nodeName: 'worker-1', addresses: ['10.244.1.7', 'fd00:10:244:1::7'] }),
    pod({ name: 'web-2', nodeName: 'worker-2', addresses: ['10.244.2.7'] }),
    pod({ name: 'web-3', nodeName: 'worker-3', addresses: ['10.244.3.7', 'fd00:10:244:3::7'] }),
  ];
  const posts = [pod({ name: 'posts-1', namespace: 'blog', nodeName: 'worker-2', addresses: ['10.244.2.8'], labels: { app: 'posts' } })];
  const services = {
    web: dualService(),
    posts: dualService({ name: 'posts', namespace: 'blog', clusterIPs: ['10.96.0.11', 'fd00:10:96::11'], selector: { app: 'posts' } }),
    byHand: dualService({ name: 'by-hand', clusterIPs: ['10.96.0.13', 'fd00:10:96::13'], selector: {} }),
    old: service({ name: 'old', namespace: 'blog', clusterIPs: ['10.96.0.12'], selector: { app: 'old' } }),
  };
  return [
    ...[...nodes, ...web, ...posts, ...Object.values(services)],
    ...[...slicesFor(services.web, web), ...slicesFor(services.posts, posts)],
    ...[serviceCIDR(), apiServer(), namespace('shop', { team: 'one' }), namespace('blog')],
  ];
}

describe('the metrics', () => {
  describe('of the cluster', () => {
    it('are these for a small one', async () => {
      expect(linesOf(await exposition(evaluateAll(cluster()), { perService: true }), ...OF_THE_CLUSTER)).to.deep.equal([
        ...layerStacks({ nodes: 'DualStack', pods: 'DualStack', services: 'DualStack' }),
        'dualstack_nodes{families="dual"} 3',
        'dualstack_nodes{families="ipv4"} 1',
        'dualstack_nodes{families="ipv6"} 0',
        'dualstack_nodes{families="none"} 0',
        'dualstack_pods{namespace="shop",families="dual"} 2',
        'dualstack_pods{namespace="shop",families="ipv4"} 1',
        'dualstack_pods{namespace="shop",families="ipv6"} 0',
        'dualstack_pods{namespace="shop",families="none"} 0',
        'dualstack_pods{namespace="blog",families="dual"} 0',
        'dualstack_pods{namespace="blog",families="ipv4"} 1',
        'dualstack_pods{namespace="blog",families="ipv6"} 0',
        'dualstack_pods{namespace="blog",families="none"} 0',
        'dualstack_services{namespace="shop",policy="PreferDualStack",families="dual"} 2',
        'dualstack_services{namespace="blog",policy="PreferDualStack",families="dual"} 1',
        'dualstack_services{namespace="blog",policy="SingleStack",families="ipv4"} 1',
        'dualstack_node_pod_cidr_missing{node="worker-2",family="IPv6"} 1',
        'dualstack_node_families{node="worker-2",addresses="dual",pod_cidrs="ipv4",pods="ipv4"} 1',
        'dualstack_single_family_drift{kind="Node",namespace="",missing_family="IPv4"} 0',
        'dualstack_single_family_drift{kind="Node",namespace="",missing_family="IPv6"} 1',
        'dualstack_single_family_drift{kind="Pod",namespace="shop",missing_family="IPv4"} 0',
        'dualstack_single_family_drift{kind="Pod",namespace="shop",missing_family="IPv6"} 1',
        'dualstack_single_family_drift{kind="Pod",namespace="blog",missing_family="IPv4"} 0',
        'dualstack_single_family_drift{kind="Pod",namespace="blog",missing_family="IPv6"} 1',
        'dualstack_single_family_drift{kind="Service",namespace="shop",missing_family="IPv4"} 0',
        'dualstack_single_family_drift{kind="Service",namespace="shop",missing_family="IPv6"} 0',
        'dualstack_single_family_drift{kind="Service",namespace="blog",missing_family="IPv4"} 0',
        'dualstack_single_family_drift{kind="Service",namespace="blog",missing_family="IPv6"} 1',
        'dualstack_family_imbalance_ratio{layer="nodes"} 0.25',
        'dualstack_family_imbalance_ratio{layer="pods"} 0.5',
        'dualstack_family_imbalance_ratio{layer="services"} 0.25',
        'dualstack_family_imbalance_ratio{layer="endpoints"} 0.5',
        'dualstack_service_endpoints_unbalanced{namespace="shop"} 1',
        'dualstack_service_endpoints_unbalanced{namespace="blog"} 1',
        'dualstack_service_ready_endpoints{namespace="shop",service="web",family="IPv4"} 3',
        'dualstack_service_ready_endpoints{namespace="shop",service="web",family="IPv6"} 2',
        'dualstack_service_ready_endpoints{namespace="blog",service="posts",family="IPv4"} 1',
        'dualstack_service_ready_endpoints{namespace="blog",service="posts",family="IPv6"} 0',
      ]);
    });

    it('have no series for each Service unless they are asked for', async () => {
      expect(namesIn(await exposition(evaluateAll(cluster())))).not.to.include('dualstack_service_ready_endpoints');
    });

    it('are absent before there is a verdict', async () => {
      const text = await exposition(evaluateAll(cluster()), { ready: false, perService: true, reports: [reportNamed('cluster')] });
      expect(linesOf(text, ...OF_THE_CLUSTER, 'dualstack_findings{', 'dualstack_root_causes{')).to.deep.equal([]);
    });

    const nodes = ['dualstack_nodes', 'dualstack_node_pod_cidr_missing', 'dualstack_node_families'];
    const endpoints = ['dualstack_service_endpoints_unbalanced', 'dualstack_service_ready_endpoints'];
    const unavailabilities: readonly (readonly [FactsKind, readonly string[], readonly string[]])[] = [
      ['Node', nodes, ['nodes']],
      ['Pod', ['dualstack_pods', 'dualstack_service_endpoints_unbalanced'], ['pods']],
      ['Service', ['dualstack_services', ...endpoints], ['services', 'endpoints']],
      ['EndpointSlice', endpoints, ['endpoints']],
      ['ServiceCIDR', [], []],
      ['Namespace', [], []],
    ];
    for (const [kind, absent, layers] of unavailabilities) {
      it(`are absent where they would count ${kind}s that are refused`, async () => {
        const facts = cluster().filter((one) => one.kind !== kind);
        const text = await exposition(evaluateAll(facts, { refused: [kind] }), { perService: true });
        const names = namesIn(text);
        expect(absent.filter((name) => names.has(name))).to.deep.equal([]);
        const exposed = Object.keys(seriesOf(text, 'dualstack_family_imbalance_ratio'));
        const expected = ['nodes', 'pods', 'services', 'endpoints'].filter((layer) => !layers.includes(layer));
        expect(exposed).to.deep.equal(expected.map((layer) => `{layer="${layer}"}`));
        const others = ['dualstack_nodes', 'dualstack_pods', 'dualstack_services', ...endpoints].filter((name) => !absent.includes(name));
        expect(others.filter((name) => !names.has(name))).to.deep.equal([]);
      });
    }

    it('call nothing balanced that is not there', async () => {
      expect(linesOf(await exposition(evaluateAll([])), ...OF_THE_CLUSTER)).to.deep.equal([
        ...layerStacks({ nodes: 'Unknown', pods: 'Unknown', services: 'Unknown' }),
        'dualstack_nodes{families="dual"} 0',
        'dualstack_nodes{families="ipv4"} 0',
        'dualstack_nodes{families="ipv6"} 0',
        'dualstack_nodes{families="none"} 0',
      ]);
    });

    it('call a single family no drift where nothing is dual-stack', async () => {
      const single = [
        node({ addresses: ['192.0.2.1'] }),
        pod({ addresses: ['10.244.1.7'] }),
        service(),
        serviceCIDR({ cidrs: ['10.96.0.0/16'] }),
      ];
      expect(linesOf(await exposition(evaluateAll(single)), 'dualstack_single_family_drift{')).to.deep.equal([]);
    });

    it('drop the series of what is gone', async () => {
      const evaluated = evaluateAll(cluster());
      const metrics = metricsOf({ perService: true });
      Array.from(metrics.update(scrapeOf(evaluated, { reports: [reportNamed('cluster'), reportNamed('gone')] })));
      const { store, evaluation } = evaluated;
      for (const [kind, key] of [
        ['Node', 'worker-2'],
        ['Pod', 'uid-web-2'],
        ['Pod', 'uid-posts-1'],
        ['Service', 'blog/posts'],
        ['Service', 'blog/old'],
      ] as const) {
        store.apply({ type: 'delete', kind, key });
      }
      runEvaluation(evaluation, store, NOW);
      Array.from(metrics.update(scrapeOf(evaluated, { reports: [reportNamed('cluster')] })));
      const text = await metrics.text();
      for (const gone of ['"worker-2"', '"blog"', '"posts"', '"gone"']) expect(text).not.to.contain(gone);
    });

    it('escape what would break the format', async () => {
      const podCIDRs = ['10.244.9.0/24', 'fd00:10:244:9::/64'];
      const text = await exposition(
        evaluateAll([
          node({ name: 'a', podCIDRs }),
          node({ name: 'b', podCIDRs }),
          node({ name: 'c', podCIDRs }),
          node({ name: 'a"b\\c\nd', podCIDRs: ['10.244.2.0/24'] }),
        ]),
      );
      expect(linesOf(text, 'dualstack_node_pod_cidr_missing{')).to.deep.equal([
        'dualstack_node_pod_cidr_missing{node="a\\"b\\\\c\\nd",family="IPv6"} 1',
      ]);
    });

    it('sum up over families to what is evaluated', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyFacts, { maxLength: 60, size: 'max' }), async (facts) => {
          const evaluated = evaluateAll(facts);
          const text = await exposition(evaluated);
          const { nodeTally, podTally, serviceTally } = evaluated.store;
          const sum = (name: string): number => Object.values(seriesOf(text, name)).reduce((total, value) => total + value, 0);
          expect([sum('dualstack_nodes'), sum('dualstack_pods'), sum('dualstack_services')]).to.deep.equal([
            nodeTally.total,
            podTally.total,
            serviceTally.total,
          ]);
          for (const ratio of Object.values(seriesOf(text, 'dualstack_family_imbalance_ratio'))) expect(ratio).to.be.within(0, 1);
        }),
        { numRuns: 50 },
      );
    });
  });

  describe('of the reports', () => {
    const findingsOf = async (...reports: readonly ReturnType<typeof reportNamed>[]): Promise<string[]> =>
      linesOf(await exposition(evaluateAll(cluster()), { reports }), 'dualstack_findings{', 'dualstack_root_causes{');

    it('are their findings and their root causes', async () => {
      expect(await findingsOf(reportNamed('cluster'))).to.have.members([
        'dualstack_findings{report="cluster",check="NodePodCIDRMissing",severity="Critical",namespace=""} 1',
        'dualstack_findings{report="cluster",check="EndpointFamilyMissing",severity="Warning",namespace="blog"} 1',
        'dualstack_findings{report="cluster",check="EndpointsUnbalanced",severity="Warning",namespace="shop"} 1',
        'dualstack_findings{report="cluster",check="ServiceSingleStack",severity="Info",namespace="blog"} 1',
        'dualstack_root_causes{report="cluster",check="NodePodCIDRMissing",severity="Critical",namespace=""} 1',
      ]);
    });

    it('follow each spec: its severities, exclusions and namespaces', async () => {
      const lines = await findingsOf(
        reportNamed('loud', { checks: checksOf({ ServiceSingleStack: 'Critical', EndpointsUnbalanced: 'Ignore' }) }),
        reportNamed('known', {
          exclusions: [
            { kind: 'Node', reason: 'to be replaced' },
            { check: 'ServiceSingleStack', reason: 'wanted' },
          ],
        }),
        reportNamed('one', { namespaceSelector: { matchLabels: { team: 'one' } } }),
      );
      expect(lines).to.have.members([
        'dualstack_findings{report="loud",check="NodePodCIDRMissing",severity="Critical",namespace=""} 1',
        'dualstack_findings{report="loud",check="ServiceSingleStack",severity="Critical",namespace="blog"} 1',
        'dualstack_findings{report="loud",check="EndpointFamilyMissing",severity="Warning",namespace="blog"} 1',
        'dualstack_findings{report="known",check="EndpointFamilyMissing",severity="Warning",namespace="blog"} 1',
        'dualstack_findings{report="known",check="EndpointsUnbalanced",severity="Warning",namespace="shop"} 1',
        'dualstack_findings{report="one",check="NodePodCIDRMissing",severity="Critical",namespace=""} 1',
        'dualstack_findings{report="one",check="EndpointsUnbalanced",severity="Warning",namespace="shop"} 1',
        'dualstack_root_causes{report="loud",check="NodePodCIDRMissing",severity="Critical",namespace=""} 1',
        'dualstack_root_causes{report="loud",check="ServiceSingleStack",severity="Critical",namespace="blog"} 1',
        'dualstack_root_causes{report="known",check="EndpointFamilyMissing",severity="Warning",namespace="blog"} 1',
        'dualstack_root_causes{report="known",check="EndpointsUnbalanced",severity="Warning",namespace="shop"} 1',
        'dualstack_root_causes{report="one",check="NodePodCIDRMissing",severity="Critical",namespace=""} 1',
      ]);
    });

    it('are their conditions and their time as they were written, before there is a verdict too', async () => {
      const condition = { reason: 'R', message: 'm', lastTransitionTime: '2026-06-01T12:00:00Z' };
      const report = reportNamed(
        'cluster',
        {},
        {
          lastEvaluationTime: '2026-06-01T12:00:00Z',
          conditions: [
            { type: 'Ready', status: 'False', ...condition },
            { type: 'Healthy', status: 'Unknown', ...condition },
          ],
        },
      );
      const text = await exposition(evaluateAll([]), { ready: false, reports: [report, reportNamed('new')] });
      expect(linesOf(text, 'dualstack_report_condition{', 'dualstack_report_last_evaluation')).to.deep.equal([
        'dualstack_report_condition{report="cluster",type="Ready",status="True"} 0',
        'dualstack_report_condition{report="cluster",type="Ready",status="False"} 1',
        'dualstack_report_condition{report="cluster",type="Ready",status="Unknown"} 0',
        'dualstack_report_condition{report="cluster",type="Healthy",status="True"} 0',
        'dualstack_report_condition{report="cluster",type="Healthy",status="False"} 0',
        'dualstack_report_condition{report="cluster",type="Healthy",status="Unknown"} 1',
        `dualstack_report_last_evaluation_timestamp_seconds{report="cluster"} ${NOW / 1000}`,
      ]);
    });

    it('have no time while they are suspended, since it does not change on purpose', async () => {
      const status = { lastEvaluationTime: '2026-06-01T12:00:00Z' };
      const reports = [reportNamed('asking', {}, status), reportNamed('paused', { suspend: true }, status)];
      expect(linesOf(await exposition(evaluateAll([]), { reports }), 'dualstack_report_last_evaluation')).to.deep.equal([
        `dualstack_report_last_evaluation_timestamp_seconds{report="asking"} ${NOW / 1000}`,
      ]);
    });

    it('are the stage of the migration as it was written, and none where there is no migration', async () => {
      const migrating = reportNamed('cluster', {}, { migration: { stage: 'PodNetwork', message: 'm' } });
      const text = await exposition(evaluateAll([]), { ready: false, reports: [migrating, reportNamed('single', {}, {})] });
      expect(linesOf(text, 'dualstack_report_migration_stage{')).to.deep.equal([
        'dualstack_report_migration_stage{report="cluster",stage="NodeAddresses"} 0',
        'dualstack_report_migration_stage{report="cluster",stage="PodNetwork"} 1',
        'dualstack_report_migration_stage{report="cluster",stage="ServiceRange"} 0',
        'dualstack_report_migration_stage{report="cluster",stage="Services"} 0',
        'dualstack_report_migration_stage{report="cluster",stage="Complete"} 0',
      ]);
    });

    it('are not ready where nothing is heard of a kind, though no report could be written that says so', async () => {
      const conditions = ['Ready', 'Healthy'].map(
        (type) => ({ type, status: 'True', reason: 'R', message: 'm', lastTransitionTime: '' }) as const,
      );
      const text = await exposition(evaluateAll([]), { stale: true, reports: [reportNamed('cluster', {}, { conditions })] });
      expect(linesOf(text, 'dualstack_report_condition{').filter((line) => line.endsWith(' 1'))).to.deep.equal([
        'dualstack_report_condition{report="cluster",type="Ready",status="False"} 1',
        'dualstack_report_condition{report="cluster",type="Healthy",status="True"} 1',
      ]);
    });
  });

  describe('of the operator itself', () => {
    it('are its evaluations, writes, queue and build', async () => {
      const metrics = metricsOf();
      for (const seconds of [0.0004, 0.02, 7]) metrics.onEvaluated(seconds);
      for (const result of ['written', 'written', 'conflict'] as const) metrics.onWrite(result);
      Array.from(metrics.update({ ...scrapeOf(evaluateAll([])), queueDepth: 4 }));
      const text = await metrics.text();
      expect(linesOf(text, 'dualstack_report_writes', 'dualstack_queue', 'dualstack_leader', 'dualstack_build')).to.deep.equal([
        'dualstack_report_writes_total{result="written"} 2',
        'dualstack_report_writes_total{result="conflict"} 1',
        'dualstack_report_writes_total{result="superseded"} 0',
        'dualstack_report_writes_total{result="failed"} 0',
        'dualstack_queue_depth 4',
        'dualstack_leader 1',
        `dualstack_build_info{version="1.2.3",node_version="${process.version}"} 1`,
      ]);
      expect(seriesOf(text, 'dualstack_evaluation_duration_seconds_bucket')).to.include({
        '{le="0.0005"}': 1,
        '{le="0.01"}': 1,
        '{le="0.05"}': 2,
        '{le="5"}': 2,
        '{le="+Inf"}': 3,
      });
    });

    it('distinguish a replica on standby from the leader', async () => {
      expect(seriesOf(await exposition(evaluateAll([]), { leads: false }), 'dualstack_leader')).to.deep.equal({ '': 0 });
    });

    it('are the work of each reflector', async () => {
      const metrics = metricsOf();
      let time = NOW;
      const observer = metrics.reflectors.observer('Pod', () => time);
      metrics.reflectors.observer('Node', () => NOW).onState('listing');
      observer.onState('listing');
      observer.onWatch();
      observer.onEvent('ADDED');
      observer.onEvent('ADDED');
      observer.onEvent('BOOKMARK');
      observer.onListed('stream', 2, 10);
      time += 500;
      observer.onActivity();
      observer.onDropped();
      observer.onError('api 410');
      observer.onState('watching');
      const lines = linesOf(await metrics.text(), 'dualstack_reflector_');
      expect(lines.filter((line) => !/source="Node"|\} 0$/.test(line))).to.deep.equal([
        'dualstack_reflector_state{source="Pod",state="watching"} 1',
        'dualstack_reflector_lists_total{source="Pod",method="stream"} 1',
        'dualstack_reflector_watches_total{source="Pod"} 1',
        'dualstack_reflector_events_total{source="Pod",type="ADDED"} 2',
        'dualstack_reflector_events_total{source="Pod",type="BOOKMARK"} 1',
        'dualstack_reflector_errors_total{source="Pod",reason="api 410"} 1',
        'dualstack_reflector_dropped_objects_total{source="Pod"} 1',
        `dualstack_reflector_last_sync_timestamp_seconds{source="Pod"} ${NOW / 1000}`,
        `dualstack_reflector_last_activity_timestamp_seconds{source="Pod"} ${NOW / 1000 + 0.5}`,
      ]);
      const states = lines.filter((line) => line.startsWith('dualstack_reflector_state{'));
      expect(states).to.have.length(10);
      expect(states.filter((line) => line.endsWith(' 1'))).to.deep.equal([
        'dualstack_reflector_state{source="Node",state="listing"} 1',
        'dualstack_reflector_state{source="Pod",state="watching"} 1',
      ]);
    });

    it('have names that promtool takes, and help for each', async () => {
      const text = await exposition(evaluateAll(cluster()), { perService: true, reports: [reportNamed('cluster')] });
      const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
      expect(types.filter(({ name, type }) => (type === 'counter') !== name.endsWith('_total'))).to.deep.equal([]);
      const helped = new Set([...text.matchAll(/^# HELP (\S+) \S/gm)].map(([, name]) => name));
      expect(types.filter(({ name }) => !helped.has(name))).to.deep.equal([]);
      expect(types.map(({ name }) => name)).to.include.members([
        'process_resident_memory_bytes',
        'nodejs_eventloop_lag_seconds',
        'nodejs_active_handles',
      ]);
    });

    it('stay the same however often they are scraped', async () => {
      const metrics = metricsOf({ perService: true });
      const scrape = scrapeOf(evaluateAll(cluster()), { reports: [reportNamed('cluster')] });
      const own = async (): Promise<string[]> => {
        Array.from(metrics.update(scrape));
        return linesOf(await metrics.text(), 'dualstack_');
      };
      expect(await own()).to.deep.equal(await own());
    });
  });
});
