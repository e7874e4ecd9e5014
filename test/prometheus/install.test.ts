import { expect } from 'chai';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensurePrometheus } from './install.ts';

/** An apt-get that leaves a package in the folder it is run in, and a line in `calls`. */
const DOWNLOADING =
  'for last in "$@"; do :; done; echo "$last" >> "$HOME/calls"; [ "$last" = update ] || echo package > "${last}_1.0_any.deb"';
/** A dpkg-deb that unpacks two programs. */
const UNPACKING =
  'mkdir -p "$3/usr/bin"; for name in prometheus promtool; do echo "#!/bin/sh" > "$3/usr/bin/$name"; chmod +x "$3/usr/bin/$name"; done';

describe('getting Prometheus', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;
  let shown: string;
  const output = {
    write: (text: string): void => {
      shown += text;
    },
  };

  /** Writes a shell script; it sees the home folder as $HOME. */
  function script(name: string, lines: string, folder = join(home, 'bin')): void {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${lines}\n`);
    chmodSync(join(folder, name), 0o755);
  }

  function install(): Promise<string> {
    return ensurePrometheus({ env, output });
  }

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'prometheus-install-'));
    shown = '';
    env = { HOME: home, PATH: join(home, 'bin') };
    mkdirSync(join(home, 'bin'));
  });

  afterEach(() => {
    rmSync(home, { recursive: true, force: true });
  });

  it('takes the programs of PROMETHEUS_DIR before all others', async () => {
    for (const name of ['prometheus', 'promtool']) {
      script(name, '');
      script(name, '', join(home, 'own'));
    }
    env = { ...env, PROMETHEUS_DIR: join(home, 'own') };
    expect(await install()).to.equal(join(home, 'own'));
  });

  it('says what PROMETHEUS_DIR lacks', async () => {
    env = { ...env, PROMETHEUS_DIR: home };
    expect(await install().catch(String)).to.equal(`Error: PROMETHEUS_DIR is ${home}, which has not both of prometheus and promtool.`);
  });

  it('takes those on the PATH, where both are in one folder', async () => {
    script('promtool', '');
    script('prometheus', '', join(home, 'both'));
    script('promtool', '', join(home, 'both'));
    env = { ...env, PATH: [join(home, 'bin'), join(home, 'both')].join(':') };
    expect(await install()).to.equal(join(home, 'both'));
  });

  it("downloads Debian's package once, into the cache, and leaves nothing else there", async () => {
    script('apt-get', DOWNLOADING);
    script('dpkg-deb', UNPACKING);
    const [one, two] = await Promise.all([install(), install()]);
    expect(one).to.equal(two);
    expect(await install()).to.equal(one);
    expect(one).to.equal(join(home, '.cache', 'dualstack-operator', `prometheus-${process.arch}`));
    expect(readdirSync(one)).to.have.members(['prometheus', 'promtool']);
    expect(readdirSync(join(one, '..'))).to.deep.equal([`prometheus-${process.arch}`]);
    expect(readFileSync(join(home, 'calls'), 'utf8')).to.equal('update\nprometheus\n');
    expect(shown).to.equal('downloading Prometheus (first time only) … 0s\n');
  });

  it('says what to do where there is no apt-get, and leaves nothing behind', async () => {
    expect(await install().catch(String)).to.equal(
      "Error: Prometheus, which tests of metrics and alerts need, could not be downloaded as Debian's package: " +
        'apt-get update: there is no such command on the PATH\n' +
        'Put prometheus and promtool on the PATH (https://prometheus.io/docs/prometheus/latest/installation/), or name their folder in PROMETHEUS_DIR.',
    );
    expect(readdirSync(join(home, '.cache', 'dualstack-operator'))).to.deep.equal([]);
  });

  it('tells what apt-get says', async () => {
    script('apt-get', 'echo "E: Unable to locate package prometheus" >&2; exit 100');
    expect(await install().catch(String)).to.match(/apt-get update: E: Unable to locate package prometheus\nPut prometheus/);
  });
});
