import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ResourceMetaImpl, type ResourceMeta } from '@dot-i/k8s-operator';
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { Unavailability } from '../../src/core/kinds/facts.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { ApiError, NetworkError } from '../../src/client/wire/errors.ts';
import { NO_OBSERVER } from '../../src/sources/watch/observer.ts';
import { DualStackOperator, type ReportHandler } from '../../src/controller/dualstack-operator.ts';
import { waitFor } from '../support/waiting.ts';
import { ApiServer } from './support/api-server.ts';
import { FieldsLog } from './support/fields-log.ts';
import { quickClock } from './support/quick-clock.ts';

const SOON = { deadlineMs: 5_000, everyMs: 5 };

/** Keeps what it gets, in a word or two each. */
class RecordedHandler implements ReportHandler {
  readonly calls: string[] = [];
  fault: Error | undefined;

  listing(): void {
    this.calls.push('listing');
  }

  put({ metadata: { name, generation } }: DualStackReport): void {
    if (this.fault) throw this.fault;
    this.calls.push(`put ${name} ${generation ?? ''}`);
  }

  written({ metadata: { name, resourceVersion } }: DualStackReport): void {
    this.calls.push(`written ${name} ${resourceVersion ?? ''}`);
  }

  remove(name: string): void {
    this.calls.push(`remove ${name}`);
  }

  listed(): void {
    this.calls.push('listed');
  }

  unavailable({ reason }: Unavailability): void {
    this.calls.push(`unavailable ${reason}`);
  }
}

/** Shows which of the base class's methods led to the watch. */
class Traced extends DualStackOperator {
  readonly trace: string[] = [];

  get configuration(): KubeConfig {
    return this.kubeConfig;
  }

  protected override async init(): Promise<void> {
    this.trace.push('init');
    await super.init();
  }

  protected override watchResource(...args: Parameters<DualStackOperator['watchResource']>): Promise<void> {
    this.trace.push(`watchResource ${args.slice(0, 3).join(' ')}`);
    return super.watchResource(...args);
  }
}

describe('DualStackOperator', () => {
  let server: ApiServer;
  let connection: Connection;
  let handler: RecordedHandler;
  let operator: Traced;

  beforeEach(async () => {
    server = new ApiServer();
    connection = await server.connect();
    handler = new RecordedHandler();
    operator = operatorOf(connection, handler);
  });

  afterEach(async () => {
    operator.stop();
    await operator.finished().catch(() => undefined);
    await connection.close();
    await server.close();
  });

  async function expectCalls(...lines: readonly string[]): Promise<void> {
    await waitFor(`to get ${lines.join(', ')}`, () => handler.calls.length >= lines.length, SOON);
    expect(handler.calls).to.deep.equal(lines);
  }

  describe('as a watcher', () => {
    it('is led by the base class from start to init to the watch, and brings what there is and what happens', async () => {
      server.create('cluster');
      await operator.start();
      expect(operator.trace).to.deep.equal(['init', 'watchResource dualstack.dev v1alpha1 dualstackreports']);
      await expectCalls('listing', 'put cluster 1', 'listed');
      server.create('mine');
      server.editSpec('mine', { suspend: true });
      server.delete('mine');
      await expectCalls('listing', 'put cluster 1', 'listed', 'put mine 1', 'put mine 2', 'remove mine');
    });

    it('brings what was deleted, changed and made while nothing could be watched', async () => {
      for (const name of ['gone', 'stays', 'changes']) server.create(name);
      await operator.start();
      await expectCalls('listing', 'put gone 1', 'put stays 1', 'put changes 1', 'listed');
      handler.calls.length = 0;
      await waitFor('the watch', () => server.watches === 1, SOON);
      server.forget(() => {
        server.delete('gone');
        server.editSpec('changes', { suspend: true });
        server.create('new');
      });
      await expectCalls('listing', 'put stays 1', 'put changes 2', 'put new 1', 'remove gone', 'listed');
    });

    it('watches on when connections break, without an end of the process', async () => {
      await operator.start();
      await expectCalls('listing', 'listed');
      await waitFor('the watch', () => server.watches === 1, SOON);
      server.breakOff();
      await waitFor('a new watch', () => server.requests.length >= 2 && server.watches === 1, SOON);
      server.create('late');
      await expectCalls('listing', 'listed', 'put late 1');
    });

    it('says that reports are unavailable, and brings them once they are not', async () => {
      server.create('cluster');
      server.before = ({ method }) => {
        if (method === 'GET') throw new ApiError(404, 'NotFound', 'the server could not find the requested resource');
      };
      await operator.start();
      await expectCalls('unavailable NotFound');
      server.before = () => undefined;
      await expectCalls('unavailable NotFound', 'listing', 'put cluster 1', 'listed');
    });

    for (const [status, reason, lines] of [
      [404, 'NotFound', ['remove cluster', 'remove mine', 'unavailable NotFound']],
      [403, 'Forbidden', ['unavailable Forbidden']],
    ] as const) {
      it(`takes reports for ${status === 404 ? 'gone' : 'still there'} where the API server answers ${status} to the watch of them`, async () => {
        for (const name of ['cluster', 'mine']) server.create(name);
        await operator.start();
        await expectCalls('listing', 'put cluster 1', 'put mine 1', 'listed');
        await waitFor('the watch', () => server.watches === 1, SOON);
        server.before = () => {
          throw new ApiError(status, reason, 'not now');
        };
        handler.calls.length = 0;
        server.breakOff();
        await expectCalls(...lines);
        server.before = () => undefined;
        await expectCalls(...lines, 'listing', 'put cluster 1', 'put mine 1', 'listed');
      });
    }

    it('ends with what its handler throws', async () => {
      handler.fault = new Error('a fault of this program');
      server.create('cluster');
      await operator.start();
      expect(await operator.finished().catch((error: unknown) => error)).to.equal(handler.fault);
    });

    it('ends when it is stopped, and gives its connection back', async () => {
      await operator.start();
      await waitFor('the watch', () => server.watches === 1, SOON);
      operator.stop();
      await operator.finished();
      await waitFor('the end of the watch', () => server.watches === 0, SOON);
    });

    it('does not begin where it is stopped already', async () => {
      operator.stop();
      await operator.start();
      await operator.finished();
      expect(server.requests).to.deep.equal([]);
    });
  });

  describe('as a writer', () => {
    const status = { writerEpoch: 3, findingsOmitted: 0 };

    function metaOf(name: string): ResourceMeta {
      return ResourceMetaImpl.createWithPlural('dualstackreports', server.store.get(name) as unknown as KubernetesObject);
    }

    it('applies a status to the version that it answers', async () => {
      server.create('cluster');
      const meta = metaOf('cluster');
      const after = await operator.patchResourceStatus(meta, status);
      const [{ method, path, query, contentType, body } = expect.fail('no request')] = server.requests;
      expect([method, path, query.toString(), contentType]).to.deep.equal([
        'PATCH',
        '/apis/dualstack.dev/v1alpha1/dualstackreports/cluster/status',
        'fieldManager=dualstack-operator&force=true',
        'application/apply-patch+yaml',
      ]);
      expect(JSON.parse(body)).to.deep.equal({
        apiVersion: 'dualstack.dev/v1alpha1',
        kind: 'DualStackReport',
        metadata: { name: 'cluster', resourceVersion: meta.resourceVersion },
        status,
      });
      expect(after).to.include({ name: 'cluster', resourceVersion: server.store.version });
      expect(handler.calls).to.deep.equal([`written cluster ${server.store.version}`]);
    });

    for (const [what, change, code, words] of [
      ['a conflict', 'editSpec', 409, 'modified'],
      ['a report that is gone', 'delete', 404, 'not found'],
    ] as const) {
      it(`throws where the API server answers with ${what}`, async () => {
        server.create('cluster');
        const meta = metaOf('cluster');
        if (change === 'delete') server.delete('cluster');
        else server.editSpec('cluster', {});
        const error = await operator.patchResourceStatus(meta, status).catch((thrown: unknown) => thrown);
        expect(error).to.be.instanceOf(ApiError).with.property('status', code);
        expect(error).to.have.property('message').that.contains(words);
        expect(handler.calls).to.deep.equal([]);
      });
    }

    it('throws where a later operator writes', async () => {
      server.create('cluster', { status: { writerEpoch: 9 } });
      const error = await operator.writeStatus(server.store.get('cluster'), status).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ApiError).with.property('status', 422);
      expect(error).to.have.property('message').that.contains('writerEpoch');
    });

    it('throws where the API server is not there', async () => {
      server.create('cluster');
      server.before = () => {
        server.breakOff();
      };
      expect(await operator.writeStatus(server.store.get('cluster'), status).catch((thrown: unknown) => thrown)).to.be.instanceOf(
        NetworkError,
      );
    });

    it('breaks a write off when it is stopped', async () => {
      server.create('cluster');
      server.before = () => new Promise<void>(() => undefined);
      const writing = operator.writeStatus(server.store.get('cluster'), status).catch((thrown: unknown) => thrown);
      await waitFor('the request', () => server.requests.length === 1, SOON);
      operator.stop();
      expect(await writing).to.have.property('name', 'AbortError');
      expect(handler.calls).to.deep.equal([]);
    });
  });

  describe('beside a default configuration that is not its own', () => {
    const { HOME, KUBECONFIG } = process.env;
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'dualstack-operator-'));
    });

    afterEach(() => {
      restore('HOME', HOME);
      restore('KUBECONFIG', KUBECONFIG);
      rmSync(folder, { recursive: true });
    });

    for (const [what, content] of [
      ['is not there', undefined],
      ['is not YAML', '{'],
      ['is empty', ''],
      ['has no current context', 'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\n'],
      ['names a context that is not there', 'apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\ncurrent-context: old\n'],
    ] as const) {
      for (const variable of ['KUBECONFIG', 'HOME'] as const) {
        it(`is made all the same where the one that ${variable} leads to ${what}`, () => {
          const file = variable === 'HOME' ? join(folder, '.kube', 'config') : join(folder, 'config');
          if (variable === 'HOME') mkdirSync(join(folder, '.kube'));
          if (content !== undefined) writeFileSync(file, content);
          const environment =
            variable === 'HOME' ? { HOME: folder, KUBECONFIG: '' } : { HOME: folder, KUBECONFIG: [file, file].join(delimiter) };
          Object.assign(process.env, environment);
          const made = operatorOf(connection, handler);
          expect(made.configuration).to.equal(connection.kubeConfig);
          expect(process.env).to.include(environment);
        });
      }
    }

    it('leaves variables unset that were so', () => {
      delete process.env['KUBECONFIG'];
      operatorOf(connection, handler);
      expect(process.env).not.to.have.property('KUBECONFIG');
    });
  });
});

function operatorOf(connection: Connection, handler: ReportHandler): Traced {
  return new Traced({ connection, handler, clock: quickClock, log: new FieldsLog(), observer: NO_OBSERVER, isStale: () => false });
}

function restore(variable: 'HOME' | 'KUBECONFIG', value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, variable);
  else process.env[variable] = value;
}
