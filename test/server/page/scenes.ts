import type { Facts } from '../../../src/core/kinds/facts.ts';
import type { StaleSource } from '../../../src/core/report/conditions.ts';
import { buildStatus } from '../../../src/core/report/status.ts';
import type { DualStackReport, DualStackReportSpec } from '../../../src/core/report/types.ts';
import type { Availability } from '../../../src/core/store/store.ts';
import type { Handler } from '../../../src/server/http-server.ts';
import { pageHandler } from '../../../src/server/page/page-handler.ts';
import type { ReportView } from '../../../src/controller/reports.ts';
import {
  apiServer,
  dualNodes,
  dualService,
  evaluateAll,
  ipv4Node,
  ipv4Pod,
  MINUTE,
  node,
  NOW,
  pod,
  SECOND,
  service,
  serviceCIDR,
  slicesFor,
  type Asked,
  type Evaluated,
} from '../../core/build.ts';

/** A cluster, and the reports on it. */
export interface Scene {
  readonly facts: readonly Facts[];
  readonly asked?: Asked;
  readonly specs?: Readonly<Record<string, DualStackReportSpec>>;
  /** When the reports were written, and when the page is asked for. */
  readonly evaluatedAt?: number;
  readonly now?: number;
  readonly ready?: boolean;
  readonly leads?: boolean;
  readonly staleSources?: readonly StaleSource[];
  readonly reportsKnown?: Availability;
}

/** Three sound nodes with a Service on them. */
export function healthyFacts(): Facts[] {
  const pods = ['a', 'b', 'c'].map((nodeName) => pod({ name: `web-${nodeName}`, nodeName }));
  const web = dualService();
  return [...dualNodes('a', 'b', 'c'), ...pods, web, ...slicesFor(web, pods), apiServer(), serviceCIDR()];
}

/** The same with a node that has no IPv6 podCIDR, which a Service suffers from that has all its pods there; and one that is IPv4 by choice. */
export function brokenFacts(): Facts[] {
  const pods = [
    ipv4Pod('cart-1', { nodeName: 'd', labels: { app: 'cart' } }),
    ipv4Pod('cart-2', { nodeName: 'd', labels: { app: 'cart' } }),
  ];
  const cart = dualService({ name: 'cart', selector: { app: 'cart' }, clusterIPs: ['10.96.0.11', 'fd00:10:96::11'] });
  const legacy = service({ namespace: 'billing', name: 'legacy', selector: { app: 'legacy' }, clusterIPs: ['10.96.0.12'] });
  return [
    ...healthyFacts(),
    ipv4Node('d'),
    node({ name: 'virtual-1', virtual: true }),
    node({ name: 'f', podCIDRs: ['10.244.30.0/24', 'fd00:10:244:30::/64'], addresses: ['192.0.2.6'] }),
    ...pods,
    cart,
    ...slicesFor(cart, pods),
    legacy,
  ];
}

/** A replica that was started a moment ago: it has read nodes, and neither pods nor the reports. */
export function readingScene(): Scene {
  return { facts: dualNodes('a', 'b'), asked: { pending: ['Pod', 'EndpointSlice'] }, specs: {}, ready: false, reportsKnown: 'Pending' };
}

/** Nodes in thousands, each with two pods, and every hundredth without an IPv6 podCIDR. */
export function manyNodes(count: number): Facts[] {
  return [
    ...Array.from({ length: count }, (_, index) => largeNode(index)).flat(),
    dualService({ namespace: 'load', name: 'web', selector: { app: 'load' } }),
    serviceCIDR(),
  ];
}

function largeNode(index: number): Facts[] {
  const name = `node-${String(index).padStart(4, '0')}`;
  const [high, low] = [index >> 8, index & 255];
  const podCIDRs = [`10.${high}.${low}.0/24`, `fd00:${high.toString(16)}:${low.toString(16)}::/64`];
  const lacks = index % 100 === 42;
  const addresses = [`10.${high}.${low}.7`, `fd00:${high.toString(16)}:${low.toString(16)}::7`].slice(0, lacks ? 1 : 2);
  return [
    node({ name, podCIDRs: lacks ? podCIDRs.slice(0, 1) : podCIDRs }),
    ...[0, 1].map((each) =>
      pod({ name: `load-${index}-${each}`, namespace: `team-${index % 80}`, nodeName: name, addresses, labels: { app: 'load' } }),
    ),
  ];
}

/** The handler of the page of a scene. */
export function handlerOf(scene: Scene): Handler & { readonly evaluated: Evaluated } {
  const { facts, asked, ready = true, leads = true, staleSources = [], now = NOW, evaluatedAt = now - 8 * SECOND } = scene;
  const evaluated = evaluateAll(facts, asked);
  const views = Object.entries(scene.specs ?? { cluster: {} }).map(([name, spec]) => viewOf(name, spec, evaluated, evaluatedAt));
  const handler = pageHandler({
    evaluator: {
      store: evaluated.store,
      evaluationFor: () => evaluated.evaluation,
      ready,
      read: (reader) => Promise.resolve(reader()),
    },
    reports: { views: () => views, known: scene.reportsKnown ?? 'Synced' },
    freshness: { staleSources: () => [...staleSources] },
    clock: { time: () => now },
    version: '1.2.3',
    leads: () => leads,
  });
  return Object.assign(handler, { evaluated });
}

function viewOf(name: string, spec: DualStackReportSpec, { evaluation, store }: Evaluated, evaluatedAt: number): ReportView {
  const bare: DualStackReport = { apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name, generation: 1 }, spec };
  // Findings that a report has listed before keep their time.
  const first = buildStatus({ report: bare, evaluation, store, now: evaluatedAt - 47 * MINUTE, writerEpoch: 1 });
  const status = buildStatus({ report: { ...bare, status: first }, evaluation, store, now: evaluatedAt, writerEpoch: 1 });
  return { report: { ...bare, status }, evaluation };
}
