import { expect } from 'chai';
import { waitFor } from './waiting.ts';

const SOON = { deadlineMs: 60, everyMs: 5 };

describe('waitFor', () => {
  it('gives the first truthy value', async () => {
    const values = [undefined, false, 0, '', null, 'at last', 'too late'] as const;
    let next = 0;
    expect(await waitFor('a value', () => values[next++], SOON)).to.equal('at last');
  });

  it('takes an exception for "not yet"', async () => {
    let calls = 0;
    const condition = (): Promise<number> => (++calls < 3 ? Promise.reject(new Error('no')) : Promise.resolve(calls));
    expect(await waitFor('success', condition, SOON)).to.equal(3);
  });

  it('gives up with the last value', async () => {
    expect(await waitFor('Godot', () => 0 as const, SOON).catch(String)).to.equal(
      'Error: gave up waiting for Godot after 0.06 s; last value: 0',
    );
  });

  it('gives up with the last exception, and keeps it as the cause', async () => {
    const unavailability = new Error('connection refused');
    const failure = await waitFor('a server', () => Promise.reject(unavailability), SOON).catch((error: unknown) => error);
    expect(failure).to.have.property('message', 'gave up waiting for a server after 0.06 s; last error: connection refused');
    expect(failure).to.have.property('cause', unavailability);
  });

  it('gives up on a condition that never settles', async () => {
    expect(await waitFor('ever', () => new Promise<true>(() => undefined), SOON).catch(String)).to.contain('the condition never answered');
  });
});
