import { expect } from 'chai';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { FakeHome } from '../support/fake-home.ts';
import { ensurePrometheus } from './install.ts';

/** An apt-get that leaves a package in the folder it is run in, and a line in `calls`. */
const DOWNLOADING =
  'for last in "$@"; do :; done; echo "$last" >> "$HOME/calls"; [ "$last" = update ] || echo package > "${last}_1.0_any.deb"';
/** A dpkg-deb that unpacks two programs. */
const UNPACKING =
  'mkdir -p "$3/usr/bin"; for name in prometheus promtool; do echo "#!/bin/sh" > "$3/usr/bin/$name"; chmod +x "$3/usr/bin/$name"; done';

describe('getting Prometheus', () => {
  let home: FakeHome;

  function install(more: NodeJS.ProcessEnv = {}): Promise<string> {
    return ensurePrometheus({ env: { ...home.env, ...more }, output: home.output });
  }

  beforeEach(() => {
    home = new FakeHome();
  });

  afterEach(() => {
    home.remove();
  });

  it('takes the programs of PROMETHEUS_DIR before all others', async () => {
    for (const name of ['prometheus', 'promtool']) for (const folder of ['bin', 'own']) home.script(name, '', folder);
    const own = join(home.path, 'own');
    expect(await install({ PROMETHEUS_DIR: own })).to.equal(own);
  });

  it('says what PROMETHEUS_DIR lacks', async () => {
    const failure = await install({ PROMETHEUS_DIR: home.path }).catch(String);
    expect(failure).to.equal(`Error: PROMETHEUS_DIR is ${home.path}, which has not both of prometheus and promtool.`);
  });

  it('takes those on the PATH, where both are in one folder', async () => {
    home.script('promtool');
    for (const name of ['prometheus', 'promtool']) home.script(name, '', 'both');
    const both = join(home.path, 'both');
    expect(await install({ PATH: [join(home.path, 'bin'), both].join(':') })).to.equal(both);
  });

  it("downloads Debian's package once, into the cache, and leaves nothing else there", async () => {
    home.script('apt-get', DOWNLOADING);
    home.script('dpkg-deb', UNPACKING);
    const [one, two] = await Promise.all([install(), install()]);
    expect(one).to.equal(two);
    expect(await install()).to.equal(one);
    expect(one).to.equal(join(home.cache, `prometheus-${process.arch}`));
    expect(readdirSync(one)).to.have.members(['prometheus', 'promtool']);
    expect(readdirSync(home.cache)).to.deep.equal([`prometheus-${process.arch}`]);
    expect(readFileSync(join(home.path, 'calls'), 'utf8')).to.equal('update\nprometheus\n');
    expect(home.shown).to.equal('downloading Prometheus (first time only) … 0s\n');
  });

  it('says what to do where there is no apt-get, and leaves nothing behind', async () => {
    expect(await install().catch(String)).to.equal(
      "Error: Prometheus, which tests of metrics and alerts need, could not be downloaded as Debian's package: " +
        'apt-get update: there is no such command on the PATH\n' +
        'Put prometheus and promtool on the PATH (https://prometheus.io/docs/prometheus/latest/installation/), or name their folder in PROMETHEUS_DIR.',
    );
    expect(readdirSync(home.cache)).to.deep.equal([]);
  });

  it('shows what apt-get says', async () => {
    home.script('apt-get', 'echo "E: Unable to locate package prometheus" >&2; exit 100');
    expect(await install().catch(String)).to.match(/apt-get update: E: Unable to locate package prometheus\nPut prometheus/);
  });
});
