import { expect } from 'chai';
import type { Requester, RequestOptions } from '../../../src/client/transport/connection.ts';
import { ApiError, DecodeError } from '../../../src/client/wire/errors.ts';
import { leaseStore, type LeaseStore } from '../../../src/client/election/leader-lease.ts';
import { DEFAULT_TIMINGS, timingsFault } from '../../../src/client/election/leader-timings.ts';
import { bodyOf } from '../support/bodies.ts';

const { signal } = new AbortController();
const RECORD = {
  holderIdentity: 'me',
  leaseDurationSeconds: 15,
  acquireTime: '2026-01-01T00:00:00.000000Z',
  renewTime: '2026-01-01T00:00:02.000000Z',
  leaseTransitions: 3,
};
const PRESENT = {
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name: 'it', namespace: 'ns', resourceVersion: '42', labels: { team: 'one' } },
  spec: { ...RECORD, holderIdentity: 'other', strategy: 'OldestEmulationVersion' },
};

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly object: unknown;
}

/** A store whose server answers everything alike, and what it was asked. */
function storeThat(answers: string | Error): { readonly store: LeaseStore; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const connection: Requester = {
    request: (path, options?: RequestOptions) => {
      const { method = 'GET', body } = options ?? {};
      asked.push({ method, path, object: typeof body === 'string' ? (JSON.parse(body) as unknown) : undefined });
      if (answers instanceof Error) return Promise.reject(answers);
      return Promise.resolve({ status: 200, headers: {}, body: bodyOf(Buffer.from(answers)) });
    },
  };
  return { store: leaseStore(connection, { namespace: 'ns', name: 'it' }), asked };
}

describe('the lease', () => {
  it('is read by its name', async () => {
    const { store, asked } = storeThat(JSON.stringify(PRESENT));
    expect((await store.read(signal))?.record).to.deep.equal({ ...RECORD, holderIdentity: 'other' });
    expect(asked).to.deep.equal([{ method: 'GET', path: '/apis/coordination.k8s.io/v1/namespaces/ns/leases/it', object: undefined }]);
  });

  it('may be one of which nobody has said anything', async () => {
    const { store } = storeThat(JSON.stringify({ metadata: { name: 'it' }, spec: {} }));
    expect((await store.read(signal))?.record).to.deep.equal({
      holderIdentity: '',
      leaseDurationSeconds: 0,
      acquireTime: '',
      renewTime: '',
      leaseTransitions: 0,
    });
  });

  it('may be missing, which no other failure is taken for', async () => {
    expect(await storeThat(new ApiError(404, 'NotFound', 'not found')).store.read(signal)).to.equal(undefined);
    const forbidden = new ApiError(403, 'Forbidden', 'no');
    expect(
      await storeThat(forbidden)
        .store.read(signal)
        .catch((error: unknown) => error),
    ).to.equal(forbidden);
  });

  it('is created with nothing but its name and what it says', async () => {
    const { store, asked } = storeThat(JSON.stringify(PRESENT));
    await store.create(RECORD, signal);
    expect(asked).to.deep.equal([
      {
        method: 'POST',
        path: '/apis/coordination.k8s.io/v1/namespaces/ns/leases',
        object: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'it', namespace: 'ns' }, spec: RECORD },
      },
    ]);
  });

  it('is written onto the version that was read, and keeps what is not the election’s', async () => {
    const { store, asked } = storeThat(JSON.stringify(PRESENT));
    await store.update({ record: RECORD, object: PRESENT }, RECORD, signal);
    expect(asked).to.deep.equal([
      {
        method: 'PUT',
        path: '/apis/coordination.k8s.io/v1/namespaces/ns/leases/it',
        object: { ...PRESENT, spec: { ...PRESENT.spec, ...RECORD } },
      },
    ]);
  });

  it('is not read from a response that is no JSON', async () => {
    const error = await storeThat('<html>')
      .store.read(signal)
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(DecodeError);
  });
});

describe('the timings of an election', () => {
  it('are fine as client-go has them', () => {
    expect(DEFAULT_TIMINGS).to.deep.equal({ leaseDuration: 15_000, renewDeadline: 10_000, retryPeriod: 2_000 });
    expect(timingsFault(DEFAULT_TIMINGS)).to.equal(undefined);
  });
});
