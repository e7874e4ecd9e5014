import { once } from 'node:events';
import { expect } from 'chai';
import type { Deadline } from '../../../src/client/transport/deadline.ts';
import { DeadlineError, withDeadline } from '../../../src/client/transport/deadline.ts';
import { ManualClock } from '../support/manual-clock.ts';

async function untilAborted({ signal }: Deadline): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}

/** Lets everything that can run now run. */
async function settle(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  setImmediate(() => {
    resolve(undefined);
  });
  await promise;
}

async function reasonOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('withDeadline', () => {
  it('gives what the work gives, and leaves nobody asleep', async () => {
    const clock = new ManualClock();
    expect(await withDeadline(clock, new AbortController().signal, 100, async () => Promise.resolve(7))).to.equal(7);
    expect(clock.sleeping).to.deep.equal([]);
  });

  it('aborts work that gives no sign of life', async () => {
    const clock = new ManualClock();
    const result = reasonOf(withDeadline(clock, new AbortController().signal, 100, untilAborted));
    clock.advance(99);
    expect(clock.sleeping).to.deep.equal([1]);
    clock.advance(1);
    expect(await result).to.be.instanceOf(DeadlineError);
  });

  it('passes when it should, whatever the time of day is set to', async () => {
    const clock = new ManualClock();
    const result = reasonOf(withDeadline(clock, new AbortController().signal, 100, untilAborted));
    clock.set(3_600_000);
    clock.advance(50);
    await settle();
    expect(clock.sleeping).to.deep.equal([50]);
    clock.set(-2 * 3_600_000);
    clock.advance(50);
    expect(await result).to.be.instanceOf(DeadlineError);
  });

  it('puts the deadline off', async () => {
    const clock = new ManualClock();
    let given: Deadline | undefined;
    const result = reasonOf(
      withDeadline(clock, new AbortController().signal, 100, (deadline) => {
        given = deadline;
        return untilAborted(deadline);
      }),
    );
    clock.advance(60);
    given?.extend(100);
    clock.advance(40);
    await settle();
    expect(given?.signal.aborted).to.equal(false);
    clock.advance(60);
    expect(await result).to.be.instanceOf(DeadlineError);
  });

  it('hands the outer signal on', async () => {
    const outer = new AbortController();
    const result = reasonOf(withDeadline(new ManualClock(), outer.signal, 100, untilAborted));
    const reason = new Error('stop');
    outer.abort(reason);
    expect(await result).to.equal(reason);
  });
});
