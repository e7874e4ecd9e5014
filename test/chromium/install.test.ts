import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureChromium, type Chromium } from './install.ts';

/** An apt-get that leaves two packages in its cache, and a line in `calls`. */
const DOWNLOADING =
  'for last in "$@"; do :; done; echo "$last" >> "$HOME/calls"; [ "$last" = update ] || { echo > cache/archives/chromium_1.0_any.deb; echo > cache/archives/libown_1.0_any.deb; }';
/** A dpkg-deb that unpacks a browser, or a library. */
const UNPACKING = `case "$2" in
*/chromium_*) mkdir -p "$3/usr/lib/chromium"; echo "#!/bin/sh" > "$3/usr/lib/chromium/chromium"; chmod +x "$3/usr/lib/chromium/chromium";;
*) mkdir -p "$3/usr/lib/any/own"; echo > "$3/usr/lib/any/own/libown.so.1";;
esac`;

describe('getting Chromium', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;
  let shown: string;
  const output = {
    write: (text: string): void => {
      shown += text;
    },
  };

  /** Writes a shell script; it sees the home folder as $HOME. */
  function script(name: string, lines = '', folder = join(home, 'bin')): string {
    mkdirSync(folder, { recursive: true });
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${lines}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  function install(): Promise<Chromium> {
    return ensureChromium({ env, output });
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'chromium-install-'));
    shown = '';
    env = { HOME: home, PATH: join(home, 'bin') };
    mkdirSync(join(home, 'bin'));
  });

  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('takes the one of CHROMIUM before all others, and says where that is none', async () => {
    script('chromium');
    const own = script('my-browser', '', join(home, 'own'));
    env = { ...env, CHROMIUM: own };
    expect(await install()).to.deep.equal({ executable: own, env: {} });
    env = { ...env, CHROMIUM: home };
    expect(await install().catch(String)).to.equal(`Error: CHROMIUM is ${home}, which is no program.`);
  });

  it('takes one on the PATH, Chromium before others', async () => {
    const chrome = script('google-chrome');
    expect((await install()).executable).to.equal(chrome);
    const chromium = script('chromium');
    expect((await install()).executable).to.equal(chromium);
  });

  it("downloads Debian's package with its libraries once, into the cache, and leaves nothing else there", async () => {
    script('apt-get', DOWNLOADING);
    script('dpkg-deb', UNPACKING);
    const folder = join(home, '.cache', 'dualstack-operator', `chromium-${process.arch}`);
    const expected = {
      executable: join(folder, 'usr', 'lib', 'chromium', 'chromium'),
      env: { LD_LIBRARY_PATH: join(folder, 'usr', 'lib', 'any', 'own') },
    };
    expect(await Promise.all([install(), install()])).to.deep.equal([expected, expected]);
    expect(await install()).to.deep.equal(expected);
    expect(readdirSync(folder)).to.deep.equal(['usr']);
    expect(readdirSync(join(folder, '..'))).to.deep.equal([`chromium-${process.arch}`]);
    expect(readFileSync(join(home, 'calls'), 'utf8')).to.equal('update\nchromium\n');
    expect(shown).to.equal('downloading Chromium (first time only) … 0s\n');
  });

  it('says what to do where there is no apt-get, and leaves nothing behind', async () => {
    expect(await install().catch(String)).to.equal(
      "Error: Chromium, which tests of the page need, could not be downloaded as Debian's package: " +
        'apt-get update: there is no such command on the PATH\n' +
        'Put chromium or google-chrome on the PATH (apt-get install chromium, as root), or name one in CHROMIUM.',
    );
    expect(readdirSync(join(home, '.cache', 'dualstack-operator'))).to.deep.equal([]);
  });
});
