import { expect } from 'chai';
import { systemClock } from '../../../src/client/transport/clock.ts';
import type { Requester } from '../../../src/client/transport/connection.ts';
import { ApiError, NetworkError } from '../../../src/client/wire/errors.ts';
import { readServerVersion } from '../../../src/client/requests/server-version.ts';
import { bodyOf } from '../support/bodies.ts';

const patience = { clock: systemClock, signal: new AbortController().signal };

function answering(body: string): Requester {
  return { request: () => Promise.resolve({ status: 200, headers: {}, body: bodyOf(Buffer.from(body)) }) };
}

function failing(error: Error): Requester {
  return { request: () => Promise.reject(error) };
}

describe('the version of the API server', () => {
  it('is read', async () => {
    expect(await readServerVersion(answering('{"major":"1","minor":"36","gitVersion":"v1.36.3"}'), patience)).to.equal('v1.36.3');
  });

  const without: readonly (readonly [what: string, from: Requester])[] = [
    ['refuses to say', failing(new ApiError(403, 'Forbidden', 'forbidden'))],
    ['does not answer', failing(new NetworkError(new Error('refused')))],
    ['says something else', answering('{"gitVersion":7}')],
    ['says what is not JSON', answering('<html>')],
  ];
  for (const [what, from] of without) {
    it(`is done without where it ${what}`, async () => {
      expect(await readServerVersion(from, patience)).to.equal(undefined);
    });
  }

  it('throws a fault of this program', async () => {
    const fault = new TypeError('a fault');
    expect(await readServerVersion(failing(fault), patience).catch((error: unknown) => error)).to.equal(fault);
  });
});
