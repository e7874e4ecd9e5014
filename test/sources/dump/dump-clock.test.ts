import { expect } from 'chai';
import { DumpClock } from '../../../src/sources/dump/dump-clock.ts';

const node = (...conditions: readonly object[]): object => ({ kind: 'Node', status: { conditions } });
const pod = (...conditions: readonly object[]): object => ({ kind: 'Pod', status: { conditions } });
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
    ['not known from changes of conditions alone, which may be of any time', [pod({ lastTransitionTime: at(4) })], undefined],
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
