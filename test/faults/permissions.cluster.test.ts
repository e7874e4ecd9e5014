import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { connect, type Connection } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import { installPermissions, installPermissionsWithout, OPERATOR } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn } from '../support/exposition.ts';
import { conditionOf, findingsOf, messageOf } from '../support/report-words.ts';
import { waitFor } from '../support/waiting.ts';
import { Admin } from './admin.ts';
import { HEALTHY, useGround } from './ground.ts';
import { Stand } from './stand.ts';
import { SOURCES, WATCHED } from './watched.ts';

/** How much faster than the machine's the operator's clock runs: what is refused is tried again only after seconds. */
const SCALE = 15;
/** How long what is known is kept where a permission is taken away: longer than three attempts. */
const KEPT_MS = 20_000;
const LAYERS = ['NodesHealthy', 'PodsHealthy', 'ServicesHealthy'] as const;
type Layer = (typeof LAYERS)[number];

interface Row {
  readonly apiGroup: string;
  readonly path: string;
  /** The layers of which nothing can be determined without the kind. */
  readonly unknown: readonly Layer[];
  /** What a report has no counts of. */
  readonly uncounted: readonly string[];
  /** Where a report says which rule it takes. */
  readonly textOf: (report: DualStackReport) => string;
  /** The findings that are left. */
  readonly findings: readonly string[];
}

const NARROW = 'Info ServiceSingleStack Service default/service-3 IPv6';

const ROWS: Readonly<Record<string, Row>> = {
  Node: {
    apiGroup: '',
    path: '/api/v1/nodes',
    unknown: ['NodesHealthy', 'PodsHealthy'],
    uncounted: ['nodes'],
    textOf: (report) => messageOf(report, 'NodesHealthy'),
    findings: [NARROW],
  },
  Pod: {
    apiGroup: '',
    path: '/api/v1/pods',
    unknown: LAYERS,
    uncounted: ['pods'],
    textOf: (report) => messageOf(report, 'PodsHealthy'),
    findings: [NARROW],
  },
  Service: {
    apiGroup: '',
    path: '/api/v1/services',
    unknown: ['ServicesHealthy'],
    uncounted: ['services', 'endpoints'],
    textOf: (report) => messageOf(report, 'ServicesHealthy'),
    findings: [],
  },
  EndpointSlice: {
    apiGroup: 'discovery.k8s.io',
    path: '/apis/discovery.k8s.io/v1/endpointslices',
    unknown: ['ServicesHealthy'],
    uncounted: ['endpoints'],
    textOf: (report) => messageOf(report, 'ServicesHealthy'),
    findings: [NARROW],
  },
  // Where some Service has both families, it is known without them that Services can.
  ServiceCIDR: {
    apiGroup: 'networking.k8s.io',
    path: '/apis/networking.k8s.io/v1/servicecidrs',
    unknown: [],
    uncounted: [],
    textOf: ({ status }) => status?.stack?.services.evidence ?? '',
    findings: [NARROW],
  },
  // Here the report selects namespaces, which needs them; it does without otherwise.
  Namespace: {
    apiGroup: '',
    path: '/api/v1/namespaces',
    unknown: ['PodsHealthy', 'ServicesHealthy'],
    uncounted: ['pods', 'services', 'endpoints'],
    textOf: (report) => messageOf(report, 'Stalled'),
    findings: [],
  },
};

describe('a permission that is missing', function () {
  this.timeout(60_000);
  const ground = useGround({ users: [OPERATOR] });
  /** With the operator's own permissions. */
  let own: Connection;
  let stand: Stand;

  before(() => {
    own = connect({ kubeconfig: ground.controlPlane.kubeconfigFor(OPERATOR.name), version: '0.0.0' });
  });

  after(() => own.close());

  beforeEach(async () => {
    await installPermissions(ground.controlPlane);
    await waitFor('all to be allowed', async () =>
      (await Promise.all(Object.values(ROWS).map(({ path }) => isAllowed(path)))).every(Boolean),
    );
    stand = await Stand.on(ground, SCALE, { cluster: HEALTHY, user: OPERATOR.name });
  });

  afterEach('end the operator, and show its log where the test failed', async function () {
    if (this.currentTest?.state === 'failed') console.error(stand.log.lines.filter(({ message }) => message !== 'request').slice(-30));
    await stand.end();
  });

  for (const [kind, row] of Object.entries(ROWS)) {
    it(`to read ${WATCHED[kind]!}, from the start: says which rule it takes, answers the rest, and all once it is granted`, async () => {
      await select(kind);
      await take(kind);
      stand.start();
      await expectWithout(kind, row);
      await expectWhole(kind, row);
    });

    it(`to read ${WATCHED[kind]!}, taken away later: the same`, async () => {
      await select(kind);
      stand.start(KEPT_MS);
      await stand.untilTrue();
      await take(kind);
      // Whether it may is asked only when a watch begins.
      for (const watch of stand.proxy.watches(WATCHED[kind])) watch.end();
      await expectWithout(kind, row);
      await expectWhole(kind, row);
    });
  }

  async function expectWithout(kind: string, { apiGroup, unknown, uncounted, textOf, findings }: Row): Promise<void> {
    const report = await ground.untilTrue({ now: () => stand.clock.time(), forbidden: [kind] });
    const states = LAYERS.map((layer) => [layer, conditionOf(report, layer)]);
    expect(states).to.deep.equal(LAYERS.map((layer) => [layer, unknown.includes(layer) ? 'Unknown Forbidden' : 'True NoProblemFound']));
    expect(conditionOf(report, 'Ready')).to.equal('True Evaluated');
    expect(conditionOf(report, 'Healthy')).to.equal(unknown.length > 0 ? 'Unknown Forbidden' : 'True NoProblemFound');
    expect(textOf(report)).to.contain(`{apiGroups: ["${apiGroup}"], resources: ["${WATCHED[kind]!}"], verbs: ["list", "watch"]}`);
    for (const counts of ['nodes', 'pods', 'services', 'endpoints']) {
      expect(Object.hasOwn(report.status ?? {}, counts), counts).to.equal(!uncounted.includes(counts));
    }
    expect(findingsOf(report)).to.deep.equal(findings);
    const names = namesIn(await stand.exposition());
    for (const [metric, of] of Object.entries({ dualstack_nodes: 'Node', dualstack_pods: 'Pod', dualstack_services: 'Service' })) {
      expect(names.has(metric), metric).to.equal(of !== kind);
    }
    // While another try is under way it is in another state.
    await eventually(async () => {
      expect(await stand.series('dualstack_reflector_state')).to.include({ [`{source="${SOURCES[kind]}",state="unavailable"}`]: 1 });
    });
  }

  async function expectWhole(kind: string, { path }: Row): Promise<void> {
    await installPermissions(ground.controlPlane);
    await waitFor('the API server to allow it', () => isAllowed(path));
    await stand.untilTrue();
    expect(stand.logged.map(({ level, fields }) => [level, fields['resource']])).to.deep.equal([
      ['warn', WATCHED[kind]],
      ['info', WATCHED[kind]],
    ]);
  }

  async function take(kind: string): Promise<void> {
    await installPermissionsWithout(ground.controlPlane, WATCHED[kind]!);
    await waitFor('the API server to refuse', async () => !(await isAllowed(ROWS[kind]!.path)));
  }

  async function isAllowed(path: string): Promise<boolean> {
    try {
      await new Admin(own).get(`${path}?limit=1`);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 403) return false;
      throw error;
    }
  }

  /** Only a selector needs namespaces. */
  async function select(kind: string): Promise<void> {
    const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': 'default' } };
    const report = {
      apiVersion: 'dualstack.dev/v1alpha1',
      kind: 'DualStackReport',
      metadata: { name: 'cluster' },
      spec: { namespaceSelector },
    };
    if (kind === 'Namespace') await ground.admin.create('/apis/dualstack.dev/v1alpha1/dualstackreports', report);
  }
});
