import { expect } from 'chai';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import { keyOf, type Facts, type FactsKind } from '../../src/core/kinds/facts.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import { rootCauses } from '../../src/core/report/root-causes.ts';
import { selectionFor } from '../../src/core/report/selection.ts';
import { buildStatus } from '../../src/core/report/status.ts';
import type { DualStackReport, DualStackReportSpec } from '../../src/core/report/types.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import type { NewEvent } from '../../src/client/requests/event-writer.ts';
import type { EventResult } from '../../src/controller/results.ts';
import { EventRecorder } from '../../src/controller/event-recorder.ts';
import {
  dualNodes,
  dualService,
  FORBIDDEN,
  ipv4Node,
  KINDS,
  node,
  NOW,
  pod,
  podCIDRsOf,
  runEvaluation,
  SECOND,
  service,
  serviceCIDR,
  slicesFor,
} from '../core/build.ts';
import { FieldsLog } from './support/fields-log.ts';

/** A cluster, a report on it, and the Events that come of it. */
class Scene {
  readonly events: NewEvent[] = [];
  readonly results: EventResult[] = [];
  readonly log = new FieldsLog();
  now = NOW;
  failing: Error | undefined;
  /** How long was waited, in milliseconds. */
  readonly sleeps: number[] = [];
  /** What a write waits for. */
  answer: Promise<undefined> = Promise.resolve(undefined);
  readonly #store = new ClusterStore();
  readonly #evaluation = new Evaluation(this.#store, NO_FAMILY, graceOf(0));
  readonly #stop = new AbortController();
  readonly #eventRecorder = new EventRecorder({
    store: this.#store,
    clock: {
      now: () => this.now,
      time: () => this.now,
      random: () => 0.5,
      sleep: (ms) => {
        this.sleeps.push(ms);
        this.now += ms;
        return Promise.resolve();
      },
    },
    log: this.log,
    write: async (newEvent) => {
      if (this.failing) throw this.failing;
      await this.answer;
      this.events.push(newEvent);
    },
    onEvent: (result) => {
      this.results.push(result);
    },
    signal: this.#stop.signal,
  });

  constructor(...facts: readonly Facts[]) {
    this.put(...facts);
    for (const kind of KINDS) this.#store.apply({ type: 'listed', kind });
  }

  put(...facts: readonly Facts[]): void {
    for (const one of facts) this.#store.apply({ type: 'upsert', facts: one });
  }

  /** Evaluates, and passes the report to the event recorder; gives the Events that this made, in short. */
  async look(spec: DualStackReportSpec = {}, generation = 1, by: 'record' | 'note' = 'record'): Promise<string[]> {
    runEvaluation(this.#evaluation, this.#store, this.now);
    const report: DualStackReport = {
      apiVersion: 'dualstack.dev/v1alpha1',
      kind: 'DualStackReport',
      metadata: { name: 'cluster', uid: 'uid-cluster', generation },
      spec,
    };
    const status = buildStatus({ report, evaluation: this.#evaluation, store: this.#store, now: this.now, writerEpoch: 1 });
    const before = this.events.length;
    const causes = rootCauses(selectionFor(report, this.#evaluation, this.#store, NOW), this.#evaluation, this.#store);
    this.#eventRecorder.prepare(report, status, causes)[by]();
    await this.#eventRecorder.settled();
    return this.events
      .slice(before)
      .map(({ type, reason, action, regarding: { kind, name } }) => `${type} ${reason} ${action} ${kind}/${name}`);
  }

  refuse(kind: FactsKind): void {
    this.#store.apply({ type: 'unavailable', kind, reason: FORBIDDEN });
  }

  /** Takes an object away. */
  remove(one: Facts): void {
    this.#store.apply({ type: 'delete', kind: one.kind, key: keyOf(one) });
  }

  stop(): void {
    this.#stop.abort();
  }

  forget(): void {
    this.#eventRecorder.forget('cluster');
  }
}

const SOUND = [serviceCIDR(), ...dualNodes('a', 'b', 'c'), pod({ name: 'on-a', nodeName: 'a' })];

describe('announcing', () => {
  it('is silent about what was there at the start', async () => {
    expect(await new Scene(...SOUND, ipv4Node('old')).look()).to.deep.equal([]);
  });

  it('distinguishes the cluster from a node of its name', async () => {
    const names = ['cluster', 'a', 'b'];
    const broken = (name: string): Facts => node({ name, podCIDRs: podCIDRsOf(name), addresses: ['192.0.2.1'] });
    const scene = new Scene(serviceCIDR(), ...dualNodes(...names));
    await scene.look();
    scene.put(...names.map(broken));
    expect(await scene.look()).to.include('Warning NodeAddressMissing Found DualStackReport/cluster');
    scene.put(...dualNodes('a', 'b'));
    expect(await scene.look()).to.deep.equal(['Warning NodeAddressMissing Found Node/cluster']);
    scene.put(...dualNodes('cluster'));
    expect(await scene.look()).to.have.members([
      'Normal NodeAddressMissing Resolved Node/cluster',
      'Normal NodeAddressMissing Resolved DualStackReport/cluster',
      'Normal HealthUnknown Evaluated DualStackReport/cluster',
    ]);
  });

  it('records a cause that appears and one that goes, on its object, and of health', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.put(ipv4Node('b'));
    expect(await scene.look()).to.deep.equal([
      'Warning NodePodCIDRMissing Found Node/b',
      'Warning Unhealthy Evaluated DualStackReport/cluster',
    ]);
    expect(scene.events[0]).to.deep.include({
      regarding: { apiVersion: 'v1', kind: 'Node', namespace: '', name: 'b', uid: 'b' },
      type: 'Warning',
    });
    expect(scene.events[0]?.note).to.match(/^Node b has no IPv6 podCIDR/);
    expect(await scene.look()).to.deep.equal([]);
    scene.put(...dualNodes('b'));
    expect(await scene.look()).to.deep.equal([
      'Normal NodePodCIDRMissing Resolved Node/b',
      'Normal Healthy Evaluated DualStackReport/cluster',
    ]);
  });

  it('reports a fault as resolved when it is over, and not when it is rolled up', async () => {
    const others = Array.from({ length: 4 }, (_, index) => `more-${index}`);
    const scene = new Scene(...SOUND);
    const look = async (): Promise<string[]> => (await scene.look()).filter((event) => event.includes('NodePodCIDRMissing'));
    await look();
    scene.put(ipv4Node('b'));
    await look();
    scene.put(...others.map((name) => ipv4Node(name)));
    expect(await look()).to.deep.equal(['Warning NodePodCIDRMissing Found DualStackReport/cluster']);
    scene.put(...dualNodes(...others));
    expect(await look()).to.deep.equal([]);
    scene.put(...dualNodes('b'));
    expect(await look()).to.deep.equal([
      'Normal NodePodCIDRMissing Resolved Node/b',
      'Normal NodePodCIDRMissing Resolved DualStackReport/cluster',
    ]);
  });

  it('reports no fault as resolved while its kind cannot be read', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.put(ipv4Node('b'));
    await scene.look();
    scene.refuse('Node');
    expect((await scene.look()).filter((event) => event.includes('Resolved'))).to.deep.equal([]);
  });

  it('reports a fault as resolved when its object is gone', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.put(ipv4Node('b'));
    await scene.look();
    scene.remove(ipv4Node('b'));
    expect((await scene.look())[0]).to.equal('Normal NodePodCIDRMissing Resolved Node/b');
  });

  it('is silent about what another replica has recorded, and records what comes after it', async () => {
    const scene = new Scene(...SOUND);
    await scene.look({}, 1, 'note');
    scene.put(ipv4Node('b'));
    expect(await scene.look({}, 1, 'note')).to.deep.equal([]);
    expect(await scene.look()).to.deep.equal([]);
    scene.put(...dualNodes('b'));
    expect(await scene.look()).to.deep.equal([
      'Normal NodePodCIDRMissing Resolved Node/b',
      'Normal Healthy Evaluated DualStackReport/cluster',
    ]);
  });

  it('records what another replica was to record and did not', async () => {
    const scene = new Scene(...SOUND);
    await scene.look({}, 1, 'note');
    scene.put(ipv4Node('b'));
    expect(await scene.look()).to.have.length(2);
  });

  it('says nothing of effects, which follow their cause', async () => {
    const pods = [pod({ name: 'on-a', nodeName: 'a' }), pod({ name: 'on-b', nodeName: 'b' })];
    const scene = new Scene(...SOUND, ...pods, dualService(), ...slicesFor(dualService(), pods));
    await scene.look();
    const late = pod({ name: 'on-b', nodeName: 'b', addresses: pods[1]!.addresses.slice(0, 1) });
    scene.put(ipv4Node('b'), late, ...slicesFor(dualService(), [pods[0]!, late]));
    expect((await scene.look()).filter((event) => event.includes('Service'))).to.deep.equal([]);
  });

  it('says nothing of what is Info', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.put(service({ selector: { app: 'other' } }));
    expect(await scene.look()).to.deep.equal([]);
  });

  it('points to a Service by its uid', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.put(service({ policy: 'PreferDualStack', selector: { app: 'other' } }));
    expect((await scene.look())[0]).to.equal('Warning ServiceNotUpgraded Found Service/web');
    expect(scene.events[0]?.regarding).to.deep.equal({ apiVersion: 'v1', kind: 'Service', namespace: 'shop', name: 'web', uid: 'uid-web' });
  });

  it('takes a new spec, and a report that was made again, for a new start', async () => {
    const scene = new Scene(...SOUND, ipv4Node('old'));
    await scene.look({ checks: [{ name: 'NodePodCIDRMissing', severity: 'Ignore' }] }, 1);
    expect(await scene.look({}, 2)).to.deep.equal([]);
    scene.forget();
    scene.put(...dualNodes('old'));
    expect(await scene.look({}, 2)).to.deep.equal([]);
  });

  it('drops what is too much, and makes Events again later', async () => {
    const names = Array.from({ length: 40 }, (_, index) => `s${index}`);
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.put(...names.map((name) => service({ name, policy: 'RequireDualStack', selector: { app: 'other' } })));
    await scene.look();
    expect(scene.events).to.have.length(25);
    expect(scene.results.filter((result) => result === 'dropped')).to.have.length(16);
    scene.now += 10 * SECOND;
    scene.put(service({ name: 'late', policy: 'RequireDualStack', selector: { app: 'other' } }));
    expect(await scene.look()).to.deep.equal(['Warning ServiceRequirementUnmet Found Service/late']);
  });

  it('drops what comes while too many wait for an answer', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    scene.answer = promise;
    const looks: Promise<unknown>[] = [];
    for (let index = 0; index < 60; index += 1) {
      scene.put(service({ name: `s${index}`, policy: 'RequireDualStack', selector: { app: 'other' } }));
      looks.push(scene.look());
      scene.now += 10 * SECOND;
    }
    const dropped = scene.results.filter((result) => result === 'dropped').length;
    resolve(undefined);
    await Promise.all(looks);
    expect([scene.events.length, dropped]).to.deep.equal([25, 36]);
    scene.put(service({ name: 'late', policy: 'RequireDualStack', selector: { app: 'other' } }));
    expect(await scene.look()).to.deep.equal(['Warning ServiceRequirementUnmet Found Service/late']);
  });

  it('logs once that Events could not be written and once that they are again, and goes on', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.failing = new Error('forbidden');
    scene.put(ipv4Node('b'));
    expect(await scene.look()).to.deep.equal([]);
    expect(scene.results).to.deep.equal(['failed', 'failed']);
    scene.failing = undefined;
    scene.put(...dualNodes('b'));
    expect(await scene.look()).to.have.length(2);
    expect(scene.log.lines.map(({ level, message }) => `${level} ${message}`)).to.deep.equal([
      'warn could not write an Event',
      'debug could not write an Event',
      'info writing Events works again',
    ]);
  });

  it('leaves an API server alone for as long as it asks, with all that wait', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.failing = new ApiError(429, 'TooManyRequests', 'too many requests', 7);
    scene.put(ipv4Node('b'));
    await scene.look();
    expect([scene.results, scene.sleeps]).to.deep.equal([['failed', 'failed'], [7_500]]);
    scene.failing = undefined;
    scene.put(...dualNodes('b'));
    expect(await scene.look()).to.have.length(2);
    expect(scene.sleeps).to.deep.equal([7_500, 7_500]);
  });

  it('lets go of what waits when it is stopped', async () => {
    const scene = new Scene(...SOUND);
    await scene.look();
    scene.stop();
    scene.put(ipv4Node('b'));
    expect([await scene.look(), scene.results]).to.deep.equal([[], []]);
  });
});
