import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { FakeHome } from '../support/fake-home.ts';
import { ensureParts } from './parts.ts';

describe('getting what the image is built with', () => {
  it('says what to do where there is no apt-get, and leaves nothing behind', async () => {
    const home = new FakeHome();
    try {
      const failure = await ensureParts(home.env, home.output).catch(String);
      expect(failure).to.equal(
        "Error: What the image is built with could not be downloaded as Debian's packages buildah, libstdc++6, busybox-static: " +
          'apt-get update: there is no such command on the PATH\n' +
          'It takes a Debian whose apt-get reaches its archive, once; see docs/image.md.',
      );
      expect(readdirSync(home.cache)).to.deep.equal([]);
    } finally {
      home.remove();
    }
  });
});
