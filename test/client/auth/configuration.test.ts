import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { expect } from 'chai';
import { loadConfiguration, usesServiceAccount } from '../../../src/client/auth/configuration.ts';
import type { ConfigurationSource } from '../../../src/client/auth/configuration.ts';
import { ConfigurationError } from '../../../src/client/auth/kubeconfig-files.ts';
import type { PooledKubeConfig } from '../../../src/client/auth/pooled-kube-config.ts';

const SERVER = 'https://10.0.0.1:6443';
const PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'NO_PROXY', 'no_proxy'];

interface Parts {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  readonly current?: string | undefined;
}

function kubeconfig({
  cluster = { server: SERVER },
  user = { token: 't' },
  context = { cluster: 'c', user: 'u' },
  ...rest
}: Parts = {}): string {
  return JSON.stringify({
    clusters: [{ name: 'c', cluster }],
    users: [{ name: 'u', user }],
    contexts: [{ name: 'x', context }],
    'current-context': 'current' in rest ? rest.current : 'x',
  });
}

/** Each line names the one before it ten times. */
const BOMB = `a: &a x\n${Array.from(
  'bcdefgh',
  (name, i) =>
    `${name}: &${name} [${Array(10)
      .fill(`*${'abcdefg'.charAt(i)}`)
      .join(', ')}]`,
).join('\n')}`;

describe('loadConfiguration', () => {
  const before = { ...process.env };
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'configuration-'));
    process.env['HOME'] = folder;
    delete process.env['KUBECONFIG'];
    delete process.env['KUBERNETES_SERVICE_HOST'];
    for (const name of PROXIES) Reflect.deleteProperty(process.env, name);
  });

  afterEach(() => {
    for (const name of ['HOME', 'KUBECONFIG', 'KUBERNETES_SERVICE_HOST', ...PROXIES]) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
    rmSync(folder, { recursive: true });
  });

  function write(name: string, content: string): string {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  }

  it('takes the service account where there is no kubeconfig', () => {
    expect(usesServiceAccount({})).to.equal(true);
    expect(usesServiceAccount({ kubeconfig: 'config' })).to.equal(false);
    process.env['KUBECONFIG'] = write('config', kubeconfig());
    expect(usesServiceAccount({})).to.equal(false);
  });

  function load(source: ConfigurationSource): PooledKubeConfig {
    return loadConfiguration(source, 'test');
  }

  it('takes --kubeconfig before KUBECONFIG, and that before ~/.kube/config', () => {
    mkdirSync(join(folder, '.kube'));
    write('.kube/config', kubeconfig({ cluster: { server: 'https://home' } }));
    expect(load({}).getCurrentCluster()?.server).to.equal('https://home');
    process.env['KUBECONFIG'] = write('env', kubeconfig({ cluster: { server: 'https://env' } }));
    expect(load({}).getCurrentCluster()?.server).to.equal('https://env');
    const flag = write('flag', kubeconfig({ cluster: { server: 'https://flag' } }));
    expect(load({ kubeconfig: flag }).getCurrentCluster()?.server).to.equal('https://flag');
  });

  it('merges the files of KUBECONFIG: the first that defines something counts, missing ones do not', () => {
    const first = write('first', kubeconfig({ cluster: { server: 'https://first' }, current: '' }));
    const second = write('second', kubeconfig({ cluster: { server: 'https://second' } }));
    process.env['KUBECONFIG'] = [join(folder, 'none'), first, second].join(delimiter);
    expect(load({}).getCurrentCluster()?.server).to.equal('https://first');
    process.env['KUBECONFIG'] = join(folder, 'none');
    expect(() => load({})).to.throw(ConfigurationError, 'KUBECONFIG names no file that exists');
  });

  it('takes the context that is asked for', () => {
    const contexts = [
      { name: 'x', context: { cluster: 'c', user: 'u' } },
      { name: 'y', context: { cluster: 'c', user: 'u', namespace: 'n' } },
    ];
    const path = write('config', JSON.stringify({ ...(JSON.parse(kubeconfig()) as object), contexts }));
    expect(load({ kubeconfig: path, context: 'y' }).getContextObject('y')?.namespace).to.equal('n');
    expect(() => load({ kubeconfig: path, context: 'z' })).to.throw(
      ConfigurationError,
      'has no context z; name another with --context (it has: x, y)',
    );
  });

  it('reads paths relative to the file, and a token file that client-node passes over', () => {
    mkdirSync(join(folder, 'pki'));
    const ca = write('pki/ca.crt', '');
    const token = write('pki/token', '');
    const cluster = { server: SERVER, 'certificate-authority': 'pki/ca.crt' };
    const config = load({ kubeconfig: write('config', kubeconfig({ cluster, user: { tokenFile: 'pki/token', token: 'old' } })) });
    expect(config.getCurrentCluster()?.caFile).to.equal(ca);
    expect(config.getCurrentUser()?.authProvider).to.deep.equal({ name: 'tokenFile', config: { tokenFile: token } });
    expect(config.getCurrentUser()?.token).to.equal('');
  });

  it('passes an exec plugin its caller, once', () => {
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: 'login' };
    const path = write('config', kubeconfig({ user: { exec } }));
    const { env } = load({ kubeconfig: path }).getCurrentUser()?.exec as { env: readonly { name: string; value: string }[] };
    expect(env.map(({ name }) => name)).to.deep.equal(['KUBERNETES_EXEC_INFO']);
    expect(JSON.parse(env[0]!.value)).to.deep.equal({ apiVersion: exec.apiVersion, kind: 'ExecCredential', spec: { interactive: false } });
    const own = { ...exec, env: [{ name: 'KUBERNETES_EXEC_INFO', value: '{}' }] };
    expect(load({ kubeconfig: write('own', kubeconfig({ user: { exec: own } })) }).getCurrentUser()?.exec).to.deep.equal(own);
  });

  const table: readonly (readonly [what: string, content: string, message: string | RegExp])[] = [
    ['text that is not YAML', 'clusters: [', /is not YAML: /],
    ['an alias of nothing', 'clusters: *c', /is not YAML: /],
    ['an alias of itself', 'clusters: &c [*c]', /is incomplete: Converting circular structure to JSON$/],
    ['aliases that multiply', BOMB, /is not YAML: /],
    [
      'a file that is a list',
      kubeconfig({ user: { 'client-certificate': [] } }),
      /is incomplete: The "path" argument must be of type string/,
    ],
    ['an empty file', '', 'is empty or not a map'],
    ['a list', '[]', 'is empty or not a map'],
    [
      'no current context',
      kubeconfig({ current: undefined }),
      'has no current context; name one with --context or `kubectl config use-context` (it has: x)',
    ],
    ['a current context that is not there', kubeconfig({ current: 'z' }), 'has no context z'],
    ['no context at all', '{}', 'has no current context; name one with --context or `kubectl config use-context` (it has: none)'],
    [
      'a context without its cluster',
      kubeconfig({ context: { cluster: 'd', user: 'u' } }),
      /context x of .* names the cluster d, which is not there; add it/,
    ],
    [
      'a context without its user',
      kubeconfig({ context: { cluster: 'c', user: 'v' } }),
      /names the user v, which is not there; add it \(`kubectl config set-credentials`\)/,
    ],
    ['a context that names no user', kubeconfig({ context: { cluster: 'c' } }), 'names no user'],
    [
      'a cluster without a server',
      kubeconfig({ cluster: { 'insecure-skip-tls-verify': true } }),
      'is incomplete: clusters[0].cluster.server is missing',
    ],
    [
      'a server that is not a URL',
      kubeconfig({ cluster: { server: '10.0.0.1' } }),
      'has the server 10.0.0.1, which is not a URL such as https://10.0.0.1:6443',
    ],
    ['a server of another protocol', kubeconfig({ cluster: { server: 'ftp://h' } }), 'which is not a URL such as'],
    [
      'http:// without skip-TLS',
      kubeconfig({ cluster: { server: 'http://h' } }),
      'takes http:// only with `insecure-skip-tls-verify: true`',
    ],
    [
      'a proxy of another protocol',
      kubeconfig({ cluster: { server: SERVER, 'proxy-url': 'socks4://h' } }),
      'has a proxy-url that is none of',
    ],
    [
      'a CA file that is not there',
      kubeconfig({ cluster: { server: SERVER, 'certificate-authority': '/none' } }),
      'the certificate-authority of cluster c',
    ],
    ['a client certificate that is not there', kubeconfig({ user: { 'client-certificate': '/none' } }), 'the client-certificate of user u'],
    ['a token file that is not there', kubeconfig({ user: { tokenFile: '/none' } }), 'the token file of user u'],
  ];
  for (const [what, content, message] of table) {
    it(`refuses ${what}`, () => {
      expect(() => load({ kubeconfig: write('config', content) })).to.throw(ConfigurationError, message);
    });
  }

  it('never quotes the file, which may hold a token', () => {
    const path = write('config', 'users: [{name: u, user: {token: s3cret');
    expect(() => load({ kubeconfig: path }))
      .to.throw(ConfigurationError)
      .with.property('message')
      .that.does.not.include('s3cret');
  });

  it('takes http:// with skip-TLS', () => {
    const cluster = { server: 'http://h', 'insecure-skip-tls-verify': true };
    expect(load({ kubeconfig: write('config', kubeconfig({ cluster })) }).getCurrentCluster()?.server).to.equal('http://h');
  });

  it('takes the proxy of the environment for the current cluster, unless the kubeconfig names one', () => {
    const clusters = [
      { name: 'c', cluster: { server: SERVER } },
      { name: 'own', cluster: { server: SERVER, 'proxy-url': 'http://own' } },
    ];
    const contexts = clusters.map(({ name }) => ({ name, context: { cluster: name, user: 'u' } }));
    const path = write('config', JSON.stringify({ ...(JSON.parse(kubeconfig()) as object), clusters, contexts }));
    process.env['HTTPS_PROXY'] = 'http://environment';
    process.env['NO_PROXY'] = '';
    const proxyOf = (context: string): string | undefined => load({ kubeconfig: path, context }).getCurrentCluster()?.proxyUrl;
    expect(proxyOf('c')).to.equal('http://environment');
    expect(proxyOf('own')).to.equal('http://own');
    process.env['NO_PROXY'] = '10.0.0.0/8';
    expect(proxyOf('c')).to.equal(undefined);
    process.env['NO_PROXY'] = '';
    process.env['HTTPS_PROXY'] = 'gopher://h';
    expect(() => proxyOf('c')).to.throw(ConfigurationError, 'HTTPS_PROXY is none of');
    expect(proxyOf('own')).to.equal('http://own');
  });

  it('refuses a file that is not there, and a folder', () => {
    expect(() => load({ kubeconfig: join(folder, 'none') })).to.throw(
      ConfigurationError,
      'does not exist; name another with --kubeconfig or KUBECONFIG',
    );
    expect(() => load({ kubeconfig: folder })).to.throw(ConfigurationError, 'cannot be read (EISDIR)');
  });

  it('refuses to guess where nothing is configured', () => {
    expect(() => load({})).to.throw(ConfigurationError, 'no API server is configured');
  });
});
