import { expect } from 'chai';
import { errorOfStatus, retryAfterOf } from '../../../src/client/wire/status.ts';
import { timeOf } from '../../../src/core/kinds/shapes.ts';

describe('the status of an error', () => {
  for (const [code, status] of [
    [410, 410],
    [599, 599],
    [299, 500],
    [600, 500],
    [656, 500],
    [-1, 500],
    [404.5, 500],
    [2 ** 31 - 1, 500],
    ['404', 500],
    [null, 500],
  ] as const) {
    it(`of code ${JSON.stringify(code)} is ${status}, one of few`, () => {
      expect(errorOfStatus({ code, message: 'm' }, 500).status).to.equal(status);
    });
  }
});

describe('Retry-After', () => {
  for (const [header, seconds] of [
    ['5', 5],
    ['0', 0],
    [undefined, undefined],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    [' 5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
    [['5'], 5],
    [['5', '6'], undefined],
  ] as const) {
    it(`of ${String(header)} is ${seconds ?? 'not given'}`, () => {
      expect(retryAfterOf(header)).to.equal(seconds);
    });
  }
});

describe('a time', () => {
  for (const [value, ms] of [
    [{ seconds: 1 }, 1000],
    [{ seconds: 0, nanos: 8.64e21 }, 8.64e15],
    [{ seconds: 0, nanos: 8.640000000000001e21 }, 0],
    [{ seconds: 1e308 }, 0],
    [{ seconds: -1 }, 0],
  ] as const) {
    it(`of ${JSON.stringify(value)} is ${ms}: no later than a Date can hold`, () => {
      expect(timeOf(value)).to.equal(ms);
    });
  }
});
