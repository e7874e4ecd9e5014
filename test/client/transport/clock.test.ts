import { expect } from 'chai';
import { systemClock } from '../../../src/client/transport/clock.ts';

const HOUR = 3_600_000;

describe('systemClock', () => {
  for (const step of [-HOUR, HOUR]) {
    it(`reports another time of day, and goes on, when that is set by ${step} ms`, () => {
      const real = Date.now;
      const [now, time] = [systemClock.now(), systemClock.time()];
      Date.now = () => real() + step;
      try {
        expect(systemClock.now() - now).to.be.within(0, HOUR / 2);
        expect(systemClock.time() - time - step).to.be.within(0, HOUR / 2);
      } finally {
        Date.now = real;
      }
    });
  }

  it('sleeps until it is time, or until the signal aborts', async () => {
    const controller = new AbortController();
    await systemClock.sleep(1, controller.signal);
    await systemClock.sleep(-1, controller.signal);
    const long = systemClock.sleep(2 ** 40, controller.signal);
    controller.abort(new Error('stop'));
    await long;
    await systemClock.sleep(2 ** 40, controller.signal);
  });
});
