import { expect } from 'chai';
import { compareQuarters } from './flatness.ts';
import type { Sample } from './sample.ts';

const MEGABYTE = 1e6;

/** Eight samples of a replica, of which `change` makes what is special about each. */
function samples(change: (index: number) => Partial<Sample>, replica = 1): Sample[] {
  return Array.from({ length: 8 }, (_, index) => ({
    replica,
    atMs: index * 60_000,
    heapBytes: 30 * MEGABYTE,
    residentBytes: 110 * MEGABYTE,
    descriptors: { socket: 14, pipe: 11, file: 2 },
    handles: { Socket: 3, TLSSocket: 7 },
    resources: { Timeout: 11, TCPSocketWrap: 8 },
    ...change(index),
  }));
}

/** What is not flat of samples, as `what: first → last`. */
function growing(all: readonly Sample[]): readonly string[] {
  return compareQuarters(all)
    .filter(({ isFlat }) => !isFlat)
    .map(({ what, first, last }) => `${what}: ${first} → ${last}`);
}

describe('the comparison of a soak', () => {
  it('finds nothing in what stays the same', () => {
    expect(growing(samples(() => ({})))).to.deep.equal([]);
  });

  it('has six lines for each replica', () => {
    expect(compareQuarters([...samples(() => ({})), ...samples(() => ({}), 2)])).to.have.length(12);
  });

  for (const [what, change] of Object.entries<(index: number) => Partial<Sample>>({
    'replica 1: live heap: 32.0 MB → 36.0 MB': (index) => ({ heapBytes: (30 + index) * MEGABYTE }),
    'replica 1: resident memory: 116 MB → 148 MB': (index) => ({ residentBytes: (100 + index * 8) * MEGABYTE }),
    'replica 1: sockets: 17 → 21': (index) => ({ descriptors: { socket: 14 + index } }),
    'replica 1: other open files: 14 → 18': (index) => ({ descriptors: { socket: 14, pipe: 11 + index } }),
    'replica 1: handles: 13 → 17': (index) => ({ handles: { Socket: 3, TLSSocket: 7 + index } }),
    'replica 1: timers: 14 → 18': (index) => ({ resources: { Timeout: 11 + index } }),
  })) {
    it(`finds what grows by a step in each sample: ${what}`, () => {
      expect(growing(samples(change))).to.deep.equal([what]);
    });
  }

  it('does not take one high sample for growth of memory, but does for one of sockets', () => {
    const high = samples((index) => (index === 7 ? { heapBytes: 80 * MEGABYTE, descriptors: { socket: 80, pipe: 11, file: 2 } } : {}));
    expect(growing(high)).to.deep.equal(['replica 1: sockets: 14 → 80']);
  });

  it('omits what grows in the first third of a run', () => {
    expect(growing(samples((index) => ({ heapBytes: (30 + Math.min(index, 2) * 5) * MEGABYTE })))).to.deep.equal([]);
  });

  it('compares each replica with itself', () => {
    const [small, large] = [samples(() => ({})), samples(() => ({ heapBytes: 60 * MEGABYTE }), 2)];
    expect(growing([...small, ...large])).to.deep.equal([]);
  });

  it('says nothing of nothing', () => {
    expect(() => compareQuarters([])).to.throw('nothing was measured');
  });
});
