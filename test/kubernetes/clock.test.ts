import { systemClock } from '../../src/kubernetes/clock.ts';

describe('systemClock', () => {
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
