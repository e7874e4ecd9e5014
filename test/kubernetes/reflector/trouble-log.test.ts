import { expect } from 'chai';
import { TroubleLog } from '../../../src/kubernetes/reflector/trouble-log.ts';
import { RecordedLog } from '../support/logs.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('TroubleLog', () => {
  it('warns once of each kind in ten minutes, and tells of the recovery', () => {
    const [log, clock] = [new RecordedLog(), new ManualClock()];
    const troubles = new TroubleLog(log, clock);
    troubles.recovered({}, 'well');
    troubles.trouble('network', {}, 'down');
    troubles.trouble('network', {}, 'down');
    troubles.trouble('api 500', {}, 'broken');
    troubles.recovered({}, 'well');
    troubles.recovered({}, 'well');
    troubles.trouble('network', {}, 'down');
    troubles.recovered({}, 'well');
    clock.advance(600_000);
    troubles.trouble('network', {}, 'down');
    expect(log.lines).to.deep.equal(['warn down', 'debug down', 'warn broken', 'info well', 'debug down', 'warn down']);
  });

  it('tells of errors where it is told to', () => {
    const [log, clock] = [new RecordedLog(), new ManualClock()];
    const troubles = new TroubleLog(log, clock, 'error');
    troubles.trouble('network', {}, 'down');
    troubles.trouble('network', {}, 'down');
    troubles.recovered({}, 'well');
    expect(log.lines).to.deep.equal(['error down', 'debug down', 'info well']);
  });
});
