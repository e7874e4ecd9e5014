import k8sOperator from '@dot-i/k8s-operator';
import { expect } from 'chai';
import { globSync } from 'node:fs';
import { fromRoot } from '../../scripts/root.ts';
import { systemClock } from '../../src/client/transport/clock.ts';
import { connect, type Connection } from '../../src/client/transport/connection.ts';
import { NO_OBSERVER, type ReflectorState } from '../../src/sources/watch/observer.ts';
import { DualStackOperator } from '../../src/controller/dualstack-operator.ts';
import { OPERATOR, useCluster } from '../support/cluster.ts';
import { report } from '../support/objects.ts';
import { waitFor } from '../support/waiting.ts';

const BaseOperator = k8sOperator.default;
const NO_LOG = { debug: ignore, info: ignore, warn: ignore, error: ignore } as const;

function ignore(): void {
  // Nobody reads these.
}

/** A DualStackOperator in this process, and what it receives. */
interface Listener {
  readonly operator: DualStackOperator;
  readonly events: string[];
  readonly states: ReflectorState[];
}

describe('DualStackReports come by way of @dot-i/k8s-operator', function () {
  this.timeout(60_000);
  const cluster = useCluster({ scheduler: false, kwok: false });
  const listeners: Listener[] = [];
  let connection: Connection;

  before(() => {
    connection = connect({ kubeconfig: cluster.controlPlane.kubeconfigFor(OPERATOR.name), version: 'test' });
  });

  afterEach(async () => {
    for (const { operator } of listeners) operator.stop();
    await Promise.all(listeners.splice(0).map(({ operator }) => operator.finished()));
  });

  after(() => connection.close());

  it('is an operator of that library', () => {
    expect(listener().operator).to.be.instanceOf(BaseOperator);
    expect(Object.getOwnPropertyNames(DualStackOperator.prototype)).to.not.include('start');
  });

  it('which get no event where the start of the base class does nothing, and all of them where it does its work', async () => {
    const [idle, busy] = [listener(), listener()];
    await withoutStart(() => idle.operator.start());
    await busy.operator.start();

    await cluster.controlPlane.create([report('one')]);
    await waitFor('the report', () => busy.events.includes('put one'));
    await cluster.kubectl('patch', 'dsr', 'one', '--type=merge', '--patch={"spec":{"maxFindings":5}}');
    await waitFor('its change', () => busy.events.filter((event) => event === 'put one').length === 2);
    await cluster.kubectl('delete', 'dsr', 'one');
    await waitFor('its deletion', () => busy.events.includes('remove one'));

    expect(busy.events).to.include('listed');
    expect(idle).to.deep.include({ events: [], states: [] });
  });

  it('each event in its turn, and deletions that nobody watched too', async () => {
    const { operator, events } = listener();
    await cluster.controlPlane.create([report('first'), report('second')]);
    await operator.start();
    await waitFor('the list', () => events.includes('listed'));
    expect(events).to.have.members(['put first', 'put second', 'listed']);
    expect(events.at(-1)).to.equal('listed');
    await cluster.controlPlane.restartApiServer();
    await cluster.kubectl('delete', 'dsr', 'first', 'second');
    await waitFor('both deletions', () => events.includes('remove first') && events.includes('remove second'));
  });

  it('without the package request, which nothing installs', () => {
    const installed = (name: string): readonly string[] => globSync(`**/node_modules/${name}/package.json`, { cwd: fromRoot() });
    expect(installed('@dot-i/k8s-operator')).to.have.length(1);
    expect(installed('request')).to.deep.equal([]);
  });

  function listener(): Listener {
    const events: string[] = [];
    const states: ReflectorState[] = [];
    const operator = new DualStackOperator({
      connection,
      handler: {
        listing: ignore,
        put: ({ metadata: { name } }) => events.push(`put ${name}`),
        written: ignore,
        remove: (name) => events.push(`remove ${name}`),
        listed: () => events.push('listed'),
        unavailable: ({ reason }) => events.push(`unavailable ${reason}`),
      },
      clock: systemClock,
      log: NO_LOG,
      observer: { ...NO_OBSERVER, onState: (state) => states.push(state) },
      isStale: () => false,
    });
    const made = { operator, events, states };
    listeners.push(made);
    return made;
  }
});

/** Does something while the base class's `start` does nothing. */
async function withoutStart(work: () => Promise<void>): Promise<void> {
  const descriptor = Object.getOwnPropertyDescriptor(BaseOperator.prototype, 'start')!;
  Object.defineProperty(BaseOperator.prototype, 'start', { ...descriptor, value: () => Promise.resolve() });
  try {
    await work();
  } finally {
    Object.defineProperty(BaseOperator.prototype, 'start', descriptor);
  }
}
