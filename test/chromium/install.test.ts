import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FakeHome } from '../support/fake-home.ts';
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
  let home: FakeHome;

  function install(more: NodeJS.ProcessEnv = {}): Promise<Chromium> {
    return ensureChromium({ env: { ...home.env, ...more }, output: home.output });
  }

  beforeEach(() => {
    home = new FakeHome();
  });

  afterEach(() => {
    home.remove();
  });

  it('takes the one of CHROMIUM before all others, and says where that is none', async () => {
    home.script('chromium');
    const own = home.script('my-browser', '', 'own');
    expect(await install({ CHROMIUM: own })).to.deep.equal({ executable: own, env: {} });
    const failure = await install({ CHROMIUM: home.path }).catch(String);
    expect(failure).to.equal(`Error: CHROMIUM is ${home.path}, which is no program.`);
  });

  it('takes one on the PATH, Chromium before others', async () => {
    const chrome = home.script('google-chrome');
    expect((await install()).executable).to.equal(chrome);
    const chromium = home.script('chromium');
    expect((await install()).executable).to.equal(chromium);
  });

  it("downloads Debian's package with its libraries once, into the cache, and leaves nothing else there", async () => {
    home.script('apt-get', DOWNLOADING);
    home.script('dpkg-deb', UNPACKING);
    const folder = join(home.cache, `chromium-${process.arch}`);
    const expected = {
      executable: join(folder, 'usr', 'lib', 'chromium', 'chromium'),
      env: { LD_LIBRARY_PATH: join(folder, 'usr', 'lib', 'any', 'own') },
    };
    expect(await Promise.all([install(), install()])).to.deep.equal([expected, expected]);
    expect(await install()).to.deep.equal(expected);
    expect(readdirSync(folder)).to.deep.equal(['usr']);
    expect(readdirSync(home.cache)).to.deep.equal([`chromium-${process.arch}`]);
    expect(readFileSync(join(home.path, 'calls'), 'utf8')).to.equal('update\nchromium\n');
    expect(home.shown).to.equal('downloading Chromium (first time only) … 0s\n');
  });

  it('says what to do where there is no apt-get, and leaves nothing behind', async () => {
    expect(await install().catch(String)).to.equal(
      "Error: Chromium, which tests of the page need, could not be downloaded as Debian's package: " +
        'apt-get update: there is no such command on the PATH\n' +
        'Put chromium or google-chrome on the PATH (apt-get install chromium, as root), or name one in CHROMIUM.',
    );
    expect(readdirSync(home.cache)).to.deep.equal([]);
  });
});
