import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import type { Facts, FactsKind } from '../../src/core/kinds/facts.ts';
import { keyOf } from '../../src/core/kinds/facts.ts';
import { systemClock } from '../../src/client/transport/clock.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { connect } from '../../src/client/transport/connection.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { NO_OBSERVER } from '../../src/sources/watch/observer.ts';
import { runReflector } from '../../src/sources/watch/reflector.ts';
import { changeSink } from '../../src/sources/list/sink.ts';
import type { BuiltInResource } from '../../src/sources/resources.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import type { Codec } from '../../src/client/wire/codec.ts';
import { jsonCodec } from '../../src/client/wire/codec.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { startControlPlane } from '../control-plane/control-plane.ts';
import { AFTER_OUTAGE, waitFor } from '../support/waiting.ts';
import { RecordedLog } from '../client/support/logs.ts';
import { Mirror } from '../client/support/mirror.ts';
import { allOf } from '../client/support/bodies.ts';

const NOBODY = { name: 'nobody', groups: [] };
const RESOURCES = builtInResources(new Interner());
const KINDS = RESOURCES.map(({ kind }) => kind);

/** Reads a list in one encoding, and gives its facts by key. */
async function read(connection: Connection, resource: BuiltInResource, codec: Codec): Promise<Readonly<Record<string, Facts>>> {
  const { body } = await connection.request(resource.path, { headers: { Accept: codec.acceptList } });
  const page = codec.decodePage(await allOf(body));
  return Object.fromEntries(page.items.map((item) => resource.parse(item)).flatMap((facts) => (facts ? [[keyOf(facts), facts]] : [])));
}

function node(name: string, more: object = {}): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/os': 'linux' } }, ...more };
}

function pod(
  name: string,
  { annotations, ...spec }: { readonly annotations?: object; readonly nodeName?: string; readonly hostNetwork?: boolean },
): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', labels: { app: 'web', tier: 'front' }, annotations },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  };
}

function service(name: string, spec: object): object {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80 }], ...spec } };
}

/** Objects of every kind, such as a cluster in the middle of a migration has. */
const OBJECTS: readonly object[] = [
  node('dual', {
    status: {
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'InternalIP', address: 'fd00::1' },
        { type: 'Hostname', address: 'dual' },
      ],
    },
  }),
  node('old', {
    spec: { podCIDR: '10.9.0.0/24', podCIDRs: ['10.9.0.0/24'], taints: [{ key: 'virtual-kubelet.io/provider', effect: 'NoSchedule' }] },
  }),
  pod('ordinary', { nodeName: 'dual' }),
  pod('host', { nodeName: 'dual', hostNetwork: true, annotations: { long: 'ü'.repeat(50_000) } }),
  pod('pending', {}),
  service('single', { selector: { app: 'web' } }),
  service('prefer', { selector: { app: 'web' }, ipFamilyPolicy: 'PreferDualStack', type: 'LoadBalancer', publishNotReadyAddresses: true }),
  service('headless', { clusterIP: 'None', ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv6', 'IPv4'] }),
  service('external', { type: 'ExternalName', externalName: 'example.org' }),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'by-hand', namespace: 'default', labels: { 'kubernetes.io/service-name': 'headless' } },
    addressType: 'IPv6',
    endpoints: [
      { addresses: ['fd00::7'] },
      { addresses: ['fd00::8'], conditions: { ready: false } },
      { addresses: ['fd00::9'], conditions: { ready: true } },
    ],
  },
  { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'extra' }, spec: { cidrs: ['10.97.0.0/24'] } },
];

describe('on a control plane', function () {
  this.timeout(120_000);

  let controlPlane: ControlPlane;
  let connection: Connection;
  let controller: AbortController;
  let running: Promise<unknown>;
  let mirror: Mirror;
  let log: RecordedLog;
  let ways: Set<string>;

  before(async () => {
    controlPlane = await startControlPlane({ stack: 'dual', scheduler: false, users: [NOBODY] });
    // Not applied: server-side apply takes no second InternalIP of a node.
    await controlPlane.kubectl(['create', '--filename=-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: OBJECTS }) });
  });

  after(async () => {
    await controlPlane.stop();
  });

  beforeEach(() => {
    controller = new AbortController();
    running = Promise.resolve();
    [mirror, log, ways] = [new Mirror(), new RecordedLog(), new Set()];
    connection = connect({ kubeconfig: controlPlane.kubeconfig, version: '0.0.0' });
  });

  afterEach(async () => {
    controller.abort();
    await running;
    await connection.close();
  });

  /** Watches everything into the mirror. */
  function watch(through: Connection): void {
    const observer = { ...NO_OBSERVER, onListed: (way: string) => ways.add(way) };
    running = Promise.all(
      RESOURCES.map(async (resource) => {
        const sink = changeSink(resource.kind, (change) => {
          mirror.apply(change);
        });
        await runReflector({ connection: through, resource, sink, signal: controller.signal, clock: systemClock, log, observer });
      }),
    );
  }

  async function untilTrue(what: string): Promise<void> {
    const differs = async (): Promise<FactsKind | undefined> => {
      for (const resource of RESOURCES) {
        if (!mirror.synced.has(resource.kind)) return resource.kind;
        if (!isDeepStrictEqual(mirror.all(resource.kind), await read(connection, resource, jsonCodec))) return resource.kind;
      }
      return undefined;
    };
    await waitFor(`the mirror to be true ${what}`, async () => (await differs()) === undefined, { deadlineMs: 60_000 });
  }

  /** Creates, changes and deletes objects, more than fit on a page. */
  async function change(prefix: string): Promise<void> {
    const names = Array.from({ length: 520 }, (_, i) => `${prefix}-${i}`);
    await controlPlane.apply(names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })));
    await controlPlane.apply([node(`${prefix}-new`), service('single', { selector: { app: prefix }, ipFamilyPolicy: 'PreferDualStack' })]);
    await controlPlane.kubectl(['delete', 'node', `${prefix}-new`]);
  }

  it('gives equal facts in protobuf and in JSON', async () => {
    await waitFor(
      'kwok and the controllers to do their work',
      async () => {
        const [pods, slices] = [
          await read(connection, resource('Pod'), jsonCodec),
          await read(connection, resource('EndpointSlice'), jsonCodec),
        ];
        const running = Object.values(pods).filter(
          (facts) => facts.kind === 'Pod' && facts.state === 'Running' && facts.ready && facts.readySince > 0,
        );
        const full = Object.values(slices).filter(
          (facts) => facts.kind === 'EndpointSlice' && facts.managed && facts.readyTargets.length === 2,
        );
        return running.length === 2 && full.length >= 2;
      },
      AFTER_OUTAGE,
    );
    const states = await waitFor('nothing to change between two reads', async () => {
      const [json, protobuf, again] = [await readAll(jsonCodec), await readAll(), await readAll(jsonCodec)];
      return isDeepStrictEqual(json, again) ? { json, protobuf } : undefined;
    });
    expect(states.protobuf).to.deep.equal(states.json);
    for (const kind of KINDS) expect(Object.keys(states.json[kind]!)).to.have.length.above(1);
  });

  it('distinguishes a change of the spec of a Service from one of its annotations', async () => {
    const changedAt = async (): Promise<number> => {
      const facts = (await read(connection, resource('Service'), resource('Service').codec))['default/prefer'];
      return facts?.kind === 'Service' ? facts.changedAt : expect.fail('it is gone');
    };
    const before = await changedAt();
    let annotated = 0;
    // The API server has no parts of a second.
    await waitFor('an annotation of a later second', async () => {
      await controlPlane.kubectl(['annotate', 'service', 'prefer', `note=${(annotated += 1)}`, '--overwrite']);
      const text = await controlPlane.kubectl(['get', 'service', 'prefer', '--output=json', '--show-managed-fields']);
      const { metadata } = JSON.parse(text) as { readonly metadata: { readonly managedFields: readonly { readonly time: string }[] } };
      return metadata.managedFields.some(({ time }) => Date.parse(time) > before);
    });
    expect(await changedAt()).to.equal(before);
    await controlPlane.kubectl(['patch', 'service', 'prefer', '--patch={"spec":{"sessionAffinity":"ClientIP"}}']);
    expect(await changedAt()).to.be.above(before);
  });

  function resource(kind: FactsKind): BuiltInResource {
    return RESOURCES.find((one) => one.kind === kind)!;
  }

  async function readAll(codec?: Codec): Promise<Readonly<Record<string, Readonly<Record<string, Facts>>>>> {
    return Object.fromEntries(
      await Promise.all(RESOURCES.map(async (one) => [one.kind, await read(connection, one, codec ?? one.codec)] as const)),
    );
  }

  for (const [name, WatchList, way] of [
    ['the streaming list', true, 'stream'],
    ['pages', false, 'pages'],
  ] as const) {
    it(`follows the cluster with ${name}, through a restart of the API server`, async () => {
      await controlPlane.restartApiServer({ featureGates: { WatchList } });
      watch(connection);
      await untilTrue('at first');
      await change(way);
      await untilTrue('after changes');
      await controlPlane.restartApiServer();
      await controlPlane.apply([node(`${way}-late`)]);
      await controlPlane.kubectl(['delete', 'service', 'single']);
      await untilTrue('after a restart');
      expect([...ways]).to.deep.equal([way]);
    });
  }

  it('says that it is refused, and lists once it is granted', async () => {
    const own = connect({ kubeconfig: controlPlane.kubeconfigFor(NOBODY.name), version: '0.0.0' });
    try {
      watch(own);
      await waitFor('the refused requests', () => mirror.unavailable.size === KINDS.length);
      expect(new Set(mirror.unavailable.values())).to.deep.equal(new Set(['Forbidden']));
      const rules = RESOURCES.map(({ apiGroup, plural }) => ({ apiGroups: [apiGroup], resources: [plural], verbs: ['list', 'watch'] }));
      const [roleRef, subjects] = [
        { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
        [{ kind: 'User', name: NOBODY.name }],
      ];
      await controlPlane.apply([
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'reader' }, rules },
        { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRoleBinding', metadata: { name: 'reader' }, roleRef, subjects },
      ]);
      await untilTrue('once it is granted');
      expect(mirror.unavailable.size).to.equal(0);
    } finally {
      controller.abort();
      await running;
      await own.close();
    }
  });
});
