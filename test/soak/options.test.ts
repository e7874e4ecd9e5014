import { expect } from 'chai';
import { printed } from '../cli/printed.ts';
import { parseOptions } from './options.ts';

describe('the options of the soak', () => {
  it('are an hour and a seed of its own where nothing is said', () => {
    const options = parseOptions([]);
    expect(options).to.include({ minutes: 60, json: undefined });
    expect(options).to.have.property('seed').that.is.a('number');
  });

  it('are taken', () => {
    expect(parseOptions(['--minutes=0.5', '--seed=7', '--json=soak.json'])).to.deep.equal({ minutes: 0.5, seed: 7, json: 'soak.json' });
  });

  for (const args of [['--minutes=0'], ['--minutes=long'], ['--seed=-1'], ['--seed=2147483648'], ['--what']]) {
    it(`refuse ${args.join(' ')}`, async () => {
      const { result, errors } = await printed(() => parseOptions(args));
      expect(result).to.equal(2);
      expect(errors).to.match(/^error: /);
    });
  }
});
