import { expect } from 'chai';
import { ApiError } from '../../../src/client/wire/errors.ts';
import { DEFAULT_TIMINGS } from '../../../src/client/election/leader-timings.ts';
import { ElectionWorld } from '../support/election.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const { renewDeadline, retryPeriod } = DEFAULT_TIMINGS;

describe('a candidate whose API server is busy', () => {
  it('leaves it alone for as long as it asks, and leads on where it can be asked again in time', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(MINUTE);
    world.refuse = () => new ApiError(429, 'TooManyRequests', 'too many requests', 4);
    await world.until(MINUTE + retryPeriod);
    world.refuse = () => undefined;
    const refused = world.asked.length;
    await world.until(MINUTE + 4 * SECOND);
    expect(world.asked).to.have.length(refused);
    await world.until(MINUTE + 20 * SECOND);
    expect([world.leaders, a.reportedTerms]).to.deep.equal([['a'], [1]]);
    await world.stop();
  });

  it('waits no longer than the renew deadline, whatever a proxy names, and leads again after that', async () => {
    const world = new ElectionWorld();
    const a = world.add({ identity: 'a' });
    await world.until(MINUTE);
    world.refuse = () => new ApiError(503, 'ServiceUnavailable', 'busy', 300);
    await world.until(MINUTE + retryPeriod);
    world.refuse = () => undefined;
    const refused = world.asked.length;
    await world.until(MINUTE + renewDeadline);
    expect(world.asked).to.have.length(refused);
    await world.until(MINUTE + renewDeadline + 10);
    expect([world.leaders, a.reportedTerms]).to.deep.equal([[], [1, undefined]]);
    await world.until(MINUTE + 2 * retryPeriod + renewDeadline + SECOND);
    expect([world.leaders, a.reportedTerms]).to.deep.equal([['a'], [1, undefined, 2]]);
    await world.stop();
  });
});
