import { expect } from 'chai';
import { ErrorLog } from '../../../src/client/transport/error-log.ts';
import { RecordedLog } from '../support/logs.ts';
import { ManualClock } from '../support/manual-clock.ts';

describe('ErrorLog', () => {
  it('warns once of each kind in ten minutes, and logs the recovery', () => {
    const [log, clock] = [new RecordedLog(), new ManualClock()];
    const errorLog = new ErrorLog(log, clock);
    errorLog.recovered({}, 'well');
    errorLog.failed('network', {}, 'down');
    errorLog.failed('network', {}, 'down');
    errorLog.failed('api 500', {}, 'broken');
    errorLog.recovered({}, 'well');
    errorLog.recovered({}, 'well');
    errorLog.failed('network', {}, 'down');
    errorLog.recovered({}, 'well');
    clock.advance(600_000);
    errorLog.failed('network', {}, 'down');
    expect(log.lines).to.deep.equal(['warn down', 'debug down', 'warn broken', 'info well', 'debug down', 'warn down']);
  });

  it('warns again of what comes back within ten minutes, once it has lasted for a minute, and then of its end', () => {
    const [log, clock] = [new RecordedLog(), new ManualClock()];
    const errorLog = new ErrorLog(log, clock);
    const down = (): void => {
      errorLog.failed('network', {}, 'down');
    };
    down();
    errorLog.recovered({}, 'well');
    down();
    clock.advance(59_999);
    down();
    expect(log.lines).to.deep.equal(['warn down', 'info well', 'debug down', 'debug down']);
    clock.advance(1);
    down();
    down();
    errorLog.recovered({}, 'well');
    expect(log.lines.slice(4)).to.deep.equal(['warn down', 'debug down', 'info well']);
  });

  it('says nothing of what comes and goes within a minute, but every ten minutes', () => {
    const [log, clock] = [new RecordedLog(), new ManualClock()];
    const errorLog = new ErrorLog(log, clock);
    for (let second = 0; second < 1_200; second += 30) {
      errorLog.failed('network', {}, 'down');
      clock.advance(20_000);
      errorLog.failed('network', {}, 'down');
      errorLog.recovered({}, 'well');
      clock.advance(10_000);
    }
    expect(log.lines.filter((line) => !line.startsWith('debug'))).to.deep.equal(['warn down', 'info well', 'warn down', 'info well']);
  });

  it('logs errors where it is configured to', () => {
    const [log, clock] = [new RecordedLog(), new ManualClock()];
    const errorLog = new ErrorLog(log, clock, 'error');
    errorLog.failed('network', {}, 'down');
    errorLog.failed('network', {}, 'down');
    errorLog.recovered({}, 'well');
    expect(log.lines).to.deep.equal(['error down', 'debug down', 'info well']);
  });
});
