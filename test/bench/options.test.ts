import { expect } from 'chai';
import { parseOptions, STAGES } from '../../bench/options.ts';
import { printed } from '../cli/printed.ts';

describe('the options of the benchmark', () => {
  it('are a small cluster and short phases where nothing is said', () => {
    expect(parseOptions([])).to.deep.equal({
      size: { nodes: 100, pods: 5_000, services: 500, namespaces: 200 },
      stages: STAGES,
      repeats: 3,
      changes: 10_000,
      steadySeconds: 12,
      quietMinutes: 0.25,
      json: undefined,
    });
  });

  it('are the limits with --full, and as long as the goals say with --soak', () => {
    expect(parseOptions(['--full', '--soak'])).to.include({ changes: 1_000_000, steadySeconds: 600, quietMinutes: 60 });
    expect(parseOptions(['--full']))
      .to.have.property('size')
      .that.deep.equals({ nodes: 5_000, pods: 150_000, services: 10_000, namespaces: 200 });
  });

  it('take single numbers in place of those of a size', () => {
    const args = ['--size=medium', '--pods=60000', '--soak', '--quiet-minutes=0.5'];
    expect(parseOptions(args)).to.deep.include({
      size: { nodes: 1_000, pods: 60_000, services: 5_000, namespaces: 200 },
      quietMinutes: 0.5,
      steadySeconds: 600,
    });
  });

  it('keep the order of stages, whatever order they are asked for in', () => {
    expect(parseOptions(['--only=micro,idle']))
      .to.have.property('stages')
      .that.deep.equals(['idle', 'micro']);
  });

  for (const args of [['--pods=0'], ['--pods=many'], ['--quiet-minutes=-1'], ['--only=start,nothing'], ['--size=huge'], ['--what']]) {
    it(`refuse ${args.join(' ')}`, async () => {
      const { result, errors } = await printed(() => parseOptions(args));
      expect(result).to.equal(2);
      expect(errors).to.match(/^error: /);
    });
  }
});
