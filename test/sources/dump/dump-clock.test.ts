import { expect } from 'chai';
import { DumpClock } from '../../../src/sources/dump/dump-clock.ts';

const node = (...conditions: readonly object[]): object => ({ kind: 'Node', status: { conditions } });
const pod = (...conditions: readonly object[]): object => ({ kind: 'Pod', status: { conditions } });
const named = (name: string, minute: number): object => ({ ...node({ lastHeartbeatTime: at(minute) }), metadata: { name } });
const silent = (name: string, minute: number): object => ({
  ...node({ type: 'Ready', status: 'Unknown', lastHeartbeatTime: at(minute) }),
  metadata: { name },
});
const madeUp = (minute: number): object => ({
  ...node({ lastHeartbeatTime: at(minute) }),
  metadata: { name: 'a', labels: { 'vcluster.loft.sh/fake-node': 'true' } },
});
const made = (minute: number): object => ({ kind: 'ConfigMap', metadata: { creationTimestamp: at(minute) } });
const onNode = (nodeName: string, minute: number): object => ({ ...pod({ lastTransitionTime: at(minute) }), spec: { nodeName } });
const at = (minute: number): string => `2026-10-31T08:${String(minute).padStart(2, '0')}:00Z`;

describe('the time of a dump', () => {
  const rows: readonly (readonly [what: string, objects: readonly unknown[], minute: number | undefined])[] = [
    [
      'the newest heartbeat of a node',
      [node({ lastHeartbeatTime: at(3) }, { lastHeartbeatTime: at(5) }), node({ lastHeartbeatTime: at(4) })],
      5,
    ],
    [
      'the renewal of a lease',
      [node({ lastHeartbeatTime: at(3) }), { kind: 'Lease', spec: { renewTime: '2026-10-31T08:06:00.000000Z' } }],
      6,
    ],
    ['an Event of core/v1', [{ kind: 'Event', lastTimestamp: at(7), eventTime: null }], 7],
    ['an Event of events.k8s.io/v1', [{ kind: 'Event', eventTime: at(1), series: { lastObservedTime: at(8) } }], 8],
    ['a change of a condition after the last heartbeat', [node({ lastHeartbeatTime: at(3) }), pod({ lastTransitionTime: at(4) })], 4],
    ['the newest change of anything where no node was read', [made(1), pod({ lastTransitionTime: at(4) })], 4],
    ['a creation after the last heartbeat', [node({ lastHeartbeatTime: at(3) }), made(7)], 7],
    ['what the API server last wrote', [{ metadata: { managedFields: [{ time: at(6) }], creationTimestamp: at(1) } }], 6],
    ['not that of a kubelet whose clock is ahead', [named('a', 20), named('b', 9), named('c', 8)], 9],
    ['not that of one whose pods say the same', [named('a', 20), named('b', 9), named('c', 8), onNode('a', 21)], 9],
    ['not that of one of two that do not agree', [named('a', 20), named('b', 9)], 9],
    ['that of the kubelet that runs, where others are silent', [named('a', 20), silent('b', 9), silent('c', 8)], 20],
    ['not that of the only Event of a controller whose clock is ahead', [named('a', 8), { kind: 'Event', lastTimestamp: at(30) }], 8],
    ['that of the last object of a dump that takes long to collect', [named('a', 8), named('b', 9), made(30)], 30],
    ['not known where everything is newer than the heartbeats', [named('a', 8), named('b', 9), made(50)], undefined],
    ['not known where all kubelets are silent', [silent('a', 9), made(9)], undefined],
    ['not known from nodes that a virtual cluster made up', [madeUp(9), made(9)], undefined],
    ['not known from changes of conditions alone, beside nodes', [node(), pod({ lastTransitionTime: at(4) })], undefined],
    ['not known from the heartbeat of what is no node', [pod({ lastHeartbeatTime: at(4) })], undefined],
    ['not known from nothing', [null, 'x', {}, { kind: 'Event' }, node({ lastHeartbeatTime: 'yesterday' })], undefined],
  ];
  for (const [what, objects, minute] of rows) {
    it(`is ${what}`, () => {
      const clock = new DumpClock();
      for (const object of objects) clock.see(object);
      expect(clock.time).to.equal(minute === undefined ? undefined : Date.parse(at(minute)));
    });
  }
});
