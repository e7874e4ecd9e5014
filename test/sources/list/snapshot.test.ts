import { expect } from 'chai';
import type { Change, FactsKind } from '../../../src/core/kinds/facts.ts';
import type { Requester, RequestOptions } from '../../../src/client/transport/connection.ts';
import type { ApiResponse } from '../../../src/client/transport/response.ts';
import { ApiError, NetworkError } from '../../../src/client/wire/errors.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { builtInResources } from '../../../src/sources/resources.ts';
import { listEverything, type Snapshot } from '../../../src/sources/list/snapshot.ts';
import { quickClock } from '../../controller/support/quick-clock.ts';
import { envelope } from '../../client/support/encode.ts';
import { Mirror } from '../../client/support/mirror.ts';
import { bodyOf } from '../../client/support/bodies.ts';

const RESOURCES = builtInResources(new Interner());

/** A page of a list, or what is answered instead. */
type Answer = { readonly names: readonly string[]; readonly next?: string } | Error;

/** An API server with a given response to each list, and an empty list after the last one. */
class FakeServer implements Requester {
  readonly asked: string[] = [];
  readonly #answers: Partial<Record<FactsKind, Answer[]>>;

  constructor(answers: Partial<Record<FactsKind, readonly Answer[]>>) {
    this.#answers = Object.fromEntries(Object.entries(answers).map(([kind, list]) => [kind, [...list]]));
  }

  request(path: string, { query = {}, signal }: RequestOptions = {}): Promise<ApiResponse> {
    signal?.throwIfAborted();
    const { kind } = RESOURCES.find((resource) => resource.path === path) ?? expect.fail(`nothing is at ${path}`);
    this.asked.push(`${kind} ${String(query['continue'] ?? '')}`.trim());
    const answer = this.#answers[kind]?.shift() ?? { names: [] };
    if (answer instanceof Error) return Promise.reject(answer);
    const items = answer.names.map((name) => ({ metadata: { name, namespace: 'shop', uid: `uid-${name}` } }));
    const list = { metadata: { resourceVersion: '7', continue: answer.next ?? '' }, items };
    return Promise.resolve({ status: 200, headers: {}, body: bodyOf(Buffer.from(envelope(`${kind}List`, list))) });
  }
}

interface Listed {
  readonly snapshot: Snapshot;
  readonly mirror: Mirror;
  readonly server: FakeServer;
  readonly listed: readonly string[];
}

async function list(answers: Partial<Record<FactsKind, readonly Answer[]>>, signal = new AbortController().signal): Promise<Listed> {
  const server = new FakeServer(answers);
  const mirror = new Mirror();
  const listed: string[] = [];
  const snapshot = await listEverything({
    connection: server,
    clock: quickClock,
    signal,
    onChange: (change: Change) => {
      mirror.apply(change);
    },
    onListed: (kind, objects) => listed.push(`${kind} ${objects}`),
  });
  return { snapshot, mirror, server, listed };
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => expect.fail('it did not fail'),
    (error: unknown) => error,
  );
}

const busy = new ApiError(429, 'TooManyRequests', 'busy', 1);

describe('listing everything once', () => {
  it('gives the objects of all pages of all kinds, and says how far it is', async () => {
    const { snapshot, mirror, server, listed } = await list({
      Pod: [{ names: ['a', 'b'], next: 'x' }, { names: ['c'] }],
      Node: [{ names: ['n'] }],
    });
    expect(snapshot).to.deep.equal({ unavailable: [], listed: RESOURCES.length, dropped: 0 });
    expect([...mirror.synced]).to.have.members(RESOURCES.map(({ kind }) => kind));
    expect(Object.keys(mirror.all('Pod'))).to.deep.equal(['uid-a', 'uid-b', 'uid-c']);
    expect(server.asked.filter((one) => one.startsWith('Pod'))).to.deep.equal(['Pod', 'Pod x']);
    expect(listed).to.include.members(['Pod 2', 'Pod 3', 'Node 1', 'Service 0']);
  });

  it('reports unavailable kinds, with the rule or the version that is needed', async () => {
    const { snapshot, mirror } = await list({
      Pod: [new ApiError(403, 'Forbidden', 'no')],
      ServiceCIDR: [new ApiError(404, 'NotFound', 'no')],
    });
    expect(snapshot.listed).to.equal(RESOURCES.length - 2);
    expect(snapshot.unavailable.join('\n'))
      .to.contain('grant a ClusterRole with the rule {apiGroups: [""], resources: ["pods"]')
      .and.to.contain('Kubernetes 1.33 and newer');
    expect(Object.fromEntries(mirror.unavailable)).to.deep.equal({ Pod: 'Forbidden', ServiceCIDR: 'NotFound' });
    expect(mirror.synced.size).to.equal(RESOURCES.length - 2);
  });

  it('counts what is no object', async () => {
    const { snapshot, mirror } = await list({ Node: [{ names: ['n', 'a;b', ''] }] });
    expect(snapshot.dropped).to.equal(2);
    expect(Object.keys(mirror.all('Node'))).to.deep.equal(['n']);
  });

  it('begins a list again whose continue token is too old', async () => {
    const { mirror, server, snapshot } = await list({
      Pod: [{ names: ['a', 'b;'], next: 'x' }, new ApiError(410, 'Expired', 'too old'), { names: ['c;'], next: 'y' }, { names: ['d'] }],
    });
    expect(Object.keys(mirror.all('Pod'))).to.deep.equal(['uid-d']);
    expect(server.asked.filter((one) => one.startsWith('Pod'))).to.deep.equal(['Pod', 'Pod x', 'Pod', 'Pod y']);
    expect(snapshot.dropped).to.equal(1);
  });

  it('asks a busy server again, and not for ever', async () => {
    const { server } = await list({ Node: [busy, new ApiError(503, '', 'starting'), busy, busy, { names: ['n'] }] });
    expect(server.asked.filter((one) => one === 'Node')).to.have.length(5);
    expect(await errorOf(list({ Node: [busy, busy, busy, busy, busy, { names: ['n'] }] }))).to.equal(busy);
  });

  for (const [what, error] of [
    ['an API server that is not reached', new NetworkError(new Error('unavailable'))],
    ['credentials that are refused', new ApiError(401, 'Unauthorized', 'no')],
    ['a fault of the program', new TypeError('oh')],
  ] as const) {
    it(`ends at once at ${what}, and lets the other lists go`, async () => {
      const endless = Array.from({ length: 1000 }, () => ({ names: [], next: 'x' }));
      const server = new FakeServer({ Node: [error], Pod: endless });
      const options = {
        connection: server,
        clock: quickClock,
        signal: new AbortController().signal,
        onChange: () => undefined,
        onListed: () => undefined,
      };
      expect(await errorOf(listEverything(options))).to.equal(error);
      expect(server.asked.length).to.be.below(500);
    });
  }

  it('ends when it is aborted', async () => {
    const reason = new Error('enough');
    expect(await errorOf(list({}, AbortSignal.abort(reason)))).to.equal(reason);
  });
});
