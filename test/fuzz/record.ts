/**
 * Records what a real API server sends into `corpus/`, which the fuzzing starts from: `node test/fuzz/record.ts`. To be run again when the
 * control plane of the tests is a newer one; the recordings are checked in.
 */
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Connection, RequestOptions } from '../../src/client/transport/connection.ts';
import { connect } from '../../src/client/transport/connection.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { KINDS } from '../../src/core/kinds/registry.ts';
import { REPORT_RESOURCE } from '../../src/sources/report-resource.ts';
import type { Resource } from '../../src/sources/resources.ts';
import { fields, items } from '../../src/core/kinds/shapes.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { installDefinition } from '../support/cluster.ts';
import { namespace, node, pod, report, service } from '../support/objects.ts';
import { waitFor } from '../support/waiting.ts';
import { CORPUS, fileOf, isInJson, resources, type Form } from './corpus.ts';
import { allOf } from '../client/support/bodies.ts';

const NAMESPACE = 'shop';
/** Events of one type that are kept of a watch, and objects of a page. */
const MOST_OF_A_KIND = 2;
const TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK'] as const;

const OBJECTS: readonly object[] = [
  node('dual', 1, { annotations: { 'alpha.kubernetes.io/provided-node-ip': '192.168.1.1,fd12:b5e0:383e::1' } }),
  node('ipv4', 2, { addresses: ['192.168.1.2'], podCIDRs: ['10.244.77.0/24'] }),
  pod('web', 'dual', { namespace: NAMESPACE, app: 'web' }),
  pod('host', 'dual', { namespace: NAMESPACE, app: 'web', hostNetwork: true }),
  pod('old', 'ipv4', { namespace: NAMESPACE, app: 'web' }),
  service('web', { ipFamilyPolicy: 'RequireDualStack', type: 'LoadBalancer' }, NAMESPACE),
  service('prefer', { ipFamilyPolicy: 'PreferDualStack', selector: { app: 'web', tier: 'front' } }, NAMESPACE),
  service('headless', { clusterIP: 'None', selector: { app: 'web' }, ipFamilies: ['IPv6'] }, NAMESPACE),
  service('external', { type: 'ExternalName', externalName: 'example.org' }, NAMESPACE),
  {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'by-hand', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'headless' } },
    addressType: 'IPv6',
    endpoints: [{ addresses: ['fd00::8'], conditions: { ready: false } }, { addresses: ['fd00::9'] }],
  },
  { apiVersion: 'networking.k8s.io/v1', kind: 'ServiceCIDR', metadata: { name: 'extra' }, spec: { cidrs: ['10.97.0.0/24'] } },
  report('cluster'),
  report('shop', {
    expectedFamilies: ['IPv4', 'IPv6'],
    namespaceSelector: { matchLabels: { team: NAMESPACE } },
    checks: [{ name: 'ServiceSingleStack', severity: 'Warning' }],
    exclusions: [{ kind: 'Service', namespace: NAMESPACE, name: 'legacy-*', reason: 'goes away soon' }],
  }),
];

/** What is asked for that the API server refuses. */
const REFUSED: readonly (readonly [what: string, path: string, headers?: Readonly<Record<string, string>>])[] = [
  ['bad-token', '/api/v1/pods?limit=1&continue=bm8'],
  ['invalid', '/api/v1/pods?watch=true&resourceVersion=first'],
  ['not-found', '/api/v1/namespaces/nowhere'],
  ['no-path', '/apis/nowhere/v1/pods'],
  ['forbidden', '/api/v1/nodes', { 'impersonate-user': 'nobody' }],
];

/** The path of the objects that were made here: what others have may show of the machine. */
function pathOf({ path, plural, kind }: Resource<unknown>): string {
  const { namespaced = false, narrowing } = KINDS.find(({ name }) => name === kind)?.resource ?? {};
  return namespaced && narrowing?.namespace === undefined ? path.replace(plural, `namespaces/${NAMESPACE}/${plural}`) : path;
}

function write(form: Form, kind: string, bytes: Buffer, what?: string): void {
  writeFileSync(join(CORPUS, fileOf(form, kind, what)), bytes);
}

async function read(connection: Connection, path: string, options: RequestOptions): Promise<Buffer> {
  const { body } = await connection.request(path, options);
  return allOf(body);
}

async function recordPage(connection: Connection, resource: Resource<unknown>): Promise<void> {
  const options = { query: { limit: MOST_OF_A_KIND }, headers: { Accept: resource.codec.acceptList } };
  write('page', resource.kind, await read(connection, pathOf(resource), options));
}

/** A watch from the very beginning, of which the frames are kept as they came. */
class Watch {
  readonly #resource: Resource<unknown>;
  readonly #seen = new Map<string, number>();
  readonly #kept: Buffer[] = [];

  constructor(resource: Resource<unknown>) {
    this.#resource = resource;
  }

  get kind(): string {
    return this.#resource.kind;
  }

  has(...types: readonly string[]): boolean {
    return types.every((type) => this.#seen.has(type));
  }

  async follow(connection: Connection, query: RequestOptions['query'], signal?: AbortSignal): Promise<void> {
    const { codec } = this.#resource;
    const { body } = await connection.request(pathOf(this.#resource), {
      query: { watch: true, allowWatchBookmarks: true, timeoutSeconds: 300, ...query },
      headers: { Accept: codec.acceptWatch },
      bodyTimeoutMs: 0,
      ...(signal && { signal }),
    });
    const splitter = codec.splitter();
    await body.read((chunk) => {
      for (const frame of splitter.push(chunk)) this.#take(frame);
    });
  }

  #take(frame: Buffer): void {
    const { type } = this.#resource.codec.decodeEvent(frame);
    const count = this.#seen.get(type) ?? 0;
    this.#seen.set(type, count + 1);
    if (count < MOST_OF_A_KIND) this.#kept.push(this.#reframed(frame));
  }

  #reframed(frame: Buffer): Buffer {
    if (isInJson(this.#resource)) return Buffer.concat([frame, Buffer.from('\n')]);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(frame.length);
    return Buffer.concat([length, frame]);
  }

  save(what?: string): void {
    write('watch', this.kind, Buffer.concat(this.#kept), what);
  }
}

/** Makes something of every kind change and go. */
async function change(controlPlane: ControlPlane): Promise<void> {
  const all = ['node/dual', 'namespace/shop', 'servicecidr/extra', 'dsr/shop', 'pod/web', 'service/web', 'endpointslice/by-hand'];
  for (const one of all) await controlPlane.kubectl(['--namespace', NAMESPACE, 'annotate', one, 'recorded=yes']);
  for (const one of [
    'endpointslice/by-hand',
    'service/headless',
    'pod/old',
    'node/ipv4',
    'servicecidr/extra',
    'dsr/shop',
    'namespace/gone',
  ])
    await controlPlane.kubectl(['--namespace', NAMESPACE, 'delete', '--wait=false', one]);
}

async function recordWatches(controlPlane: ControlPlane, connection: Connection): Promise<void> {
  const controller = new AbortController();
  const watches = resources(new Interner()).map((resource) => new Watch(resource));
  const query = { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' };
  const running = watches.map(async (watch) => {
    await watch.follow(connection, query, controller.signal).catch((error: unknown) => {
      if (!controller.signal.aborted) throw error;
    });
  });
  try {
    await waitFor('all lists to end', () => watches.every((watch) => watch.has('ADDED', 'BOOKMARK')), { deadlineMs: 60_000 });
    await change(controlPlane);
    await waitFor('all changes to come', () => watches.every((watch) => watch.has(...TYPES)), { deadlineMs: 120_000 });
  } finally {
    controller.abort();
    await Promise.all(running);
  }
  for (const watch of watches) watch.save();
}

/** A watch that begins before the API server did ends with an ERROR event. */
async function recordErrors(controlPlane: ControlPlane, connection: Connection): Promise<void> {
  await controlPlane.restartApiServer();
  for (const resource of resources(new Interner()).filter(({ kind }) => kind === 'Pod' || kind === REPORT_RESOURCE.kind)) {
    const watch = new Watch(resource);
    await waitFor(`an ERROR event of a watch of ${resource.plural}`, async () => {
      await watch.follow(connection, { resourceVersion: 1, timeoutSeconds: 5 });
      return watch.has('ERROR');
    });
    watch.save('too-old');
  }
}

/** The raw bodies of answers that are errors, which a connection keeps to itself. */
async function recordStatuses({ server, token, caFile }: ControlPlane): Promise<void> {
  for (const [encoding, accept] of Object.entries({ protobuf: 'application/vnd.kubernetes.protobuf', json: 'application/json' })) {
    for (const [what, path, more] of REFUSED) {
      const headers = { accept, authorization: `Bearer ${token}`, ...more };
      const asked = get(server + path, { ca: readFileSync(caFile), agent: false, headers });
      const [response] = (await once(asked, 'response')) as [IncomingMessage];
      const body = await buffer(response);
      if ((response.statusCode ?? 0) < 300) throw new Error(`${path} was not refused`);
      write('status', 'Status', body, `${what}-${encoding}`);
    }
  }
}

async function record(controlPlane: ControlPlane): Promise<void> {
  await installDefinition(controlPlane);
  await controlPlane.create([namespace(NAMESPACE, { team: NAMESPACE }), namespace('gone'), ...OBJECTS]);
  const connection = connect({ kubeconfig: controlPlane.kubeconfig, version: '0.0.0' });
  try {
    await waitFor('pods to run', async () => {
      const pods = items(fields(await controlPlane.get(`/api/v1/namespaces/${NAMESPACE}/pods`))['items']);
      return pods.every((one) => fields(fields(one)['status'])['phase'] === 'Running');
    });
    for (const resource of resources(new Interner())) await recordPage(connection, resource);
    await recordWatches(controlPlane, connection);
    await recordErrors(controlPlane, connection);
    await recordStatuses(controlPlane);
  } finally {
    await connection.close();
  }
}

rmSync(CORPUS, { recursive: true, force: true });
mkdirSync(CORPUS);
const controlPlane = await startControlPlane({ stack: 'dual' });
try {
  await record(controlPlane);
} finally {
  await controlPlane.stop();
}
