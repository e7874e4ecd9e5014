import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ensureParts } from './parts.ts';

describe('getting what the image is built with', () => {
  it('says what to do where there is no apt-get, and leaves nothing behind', async () => {
    const home = mkdtempSync(join(tmpdir(), 'dualstack-image-parts-'));
    try {
      const failure = await ensureParts({ HOME: home, PATH: home }, { write: () => undefined }).catch(String);
      expect(failure).to.equal(
        "Error: What the image is built with could not be downloaded as Debian's packages buildah, libstdc++6, busybox-static: " +
          'apt-get update: there is no such command on the PATH\n' +
          'It takes a Debian whose apt-get reaches its archive, once; see docs/image.md.',
      );
      expect(readdirSync(join(home, '.cache', 'dualstack-operator'))).to.deep.equal([]);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
