import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { selfSigned } from '../client/support/certificates.ts';
import { OPERATOR, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { node } from '../support/objects.ts';
import type { HttpAnswer, OperatorProcess } from '../support/operator-process.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const COMPONENT = fromRoot('manifests', 'components', 'metrics-auth');
const READER = 'dualstack-operator-metrics-reader';
/** What nobody may learn who may not read the metrics. */
const SECRET = 'node-of-a-secret-name';
/** Node then refuses to write any file, as the root of the operator's pod does, and to start other processes. */
const READ_ONLY = { NODE_OPTIONS: '--permission --allow-fs-read=*' };
const CERTIFICATE = selfSigned('operator');

describe('the metrics of an operator with --metrics-auth=kubernetes and TLS', function () {
  this.timeout(90_000);
  const cluster = useCluster({ audit: true });
  let proxy: TcpProxy;
  let operator: OperatorProcess;
  let scraper: string;

  before(async () => {
    const { controlPlane } = cluster;
    await cluster.addNodes(node(SECRET, 1, { podCIDRs: ['10.244.200.0/24'] }), node('worker', 2));
    for (const name of ['scraper', 'viewer', 'stranger', 'gone']) await cluster.kubectl('create', 'serviceaccount', name);
    scraper = await tokenOf('scraper');
    const files = { cert: join(controlPlane.dir, 'tls.crt'), key: join(controlPlane.dir, 'tls.key') };
    writeFileSync(files.cert, CERTIFICATE.cert);
    writeFileSync(files.key, CERTIFICATE.key);
    proxy = await TcpProxy.start(Number(new URL(controlPlane.server).port));
    operator = await cluster.operator(
      ['--log-level=debug', '--metrics-auth=kubernetes', `--tls-cert-file=${files.cert}`, `--tls-private-key-file=${files.key}`],
      { kubeconfig: cluster.kubeconfigVia(proxy.port), env: READ_ONLY },
    );
    await operator.ready();
  });

  after(async () => {
    await operator.kill();
    await proxy.close();
  });

  async function tokenOf(name: string, ...flags: readonly string[]): Promise<string> {
    return (await cluster.kubectl('create', 'token', name, ...flags)).trim();
  }

  async function get(path: string, token?: string, method = 'GET'): Promise<HttpAnswer> {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const sent = request({ host: '127.0.0.1', port: operator.port, path, method, headers, ca: CERTIFICATE.cert, agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: await text(response) };
  }

  it('are nobody’s before the operator may ask the API server, and the log says what is missing', async () => {
    expect((await get('/metrics', scraper)).status).to.equal(500);
    const line = await operator.logged('could not ask the API server who may read the metrics');
    expect(line['reason']).to.contain('tokenreviews.authentication.k8s.io is forbidden');
    expect(line['advice']).to.contain('manifests/components/metrics-auth');
  });

  it('are for those whom the ClusterRole for it is bound to', async () => {
    await cluster.controlPlane.apply(permissionsOfComponent());
    await eventually(async () => {
      expect((await get('/metrics', scraper)).status).to.equal(403);
    });
    await cluster.kubectl('create', 'clusterrolebinding', 'scraper', `--clusterrole=${READER}`, '--serviceaccount=default:scraper');
    const { body } = await eventually(async () => {
      const answer = await get('/metrics', scraper);
      expect(answer.status).to.equal(200);
      return answer;
    });
    expect(body).to.contain(SECRET);
    expect(await get('/metrics', scraper, 'HEAD')).to.deep.equal({ status: 200, body: '' });
  });

  for (const [what, token, status] of [
    ['no token', () => undefined, 401],
    ['a made-up token', () => 'made-up', 401],
    ['a token that has been tampered with', () => `${scraper.slice(0, -8)}AAAAAAAA`, 401],
    ['a token for others than the API server', () => tokenOf('scraper', '--audience=somebody-else'), 401],
    ['the token of a ServiceAccount without the permission', () => tokenOf('stranger'), 403],
    ['the token of a ServiceAccount that is gone', goneToken, 401],
    ['the token of the operator itself', operatorToken, 403],
    ['another token of one that is allowed', () => tokenOf('scraper'), 200],
  ] as const) {
    it(`answer ${status} to ${what}`, async () => {
      const answer = await get('/metrics', await token());
      expect(answer.status).to.equal(status);
      expect(answer.body.includes(SECRET)).to.equal(status === 200);
    });
  }

  for (const [path, status] of [
    ['/', 404],
    ['/healthz', 404],
    ['/readyz', 404],
    ['/metrics/', 404],
    ['//metrics', 404],
    ['/healthz/../metrics', 404],
    ['/metrics%2f', 404],
    ['/debug/pprof', 404],
    [`/api/v1/nodes/${'x'.repeat(100)}`, 404],
  ] as const) {
    it(`are behind no other path: ${path} answers ${status} without a token, and names no object`, async () => {
      const answer = await get(path);
      expect(answer.status).to.equal(status);
      expect(answer.body).to.not.contain(SECRET).and.not.contain('worker');
    });
  }

  it('open no page with their permission: it has a path of its own, which another permission opens', async () => {
    const kubeconfig = cluster.controlPlane.kubeconfigFor(OPERATOR.name);
    const withPage = await cluster.operator(['--metrics-auth=kubernetes', '--page-bind-address=:0'], { kubeconfig });
    const ask = async (path: string, token?: string): Promise<HttpAnswer> => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch((path === '/metrics' ? withPage.urlOf('metrics') : withPage.urlOf('page')) + path, { headers });
      return { status: response.status, body: await response.text() };
    };
    await withPage.ready();
    const viewer = await tokenOf('viewer');
    for (const [path, token, status] of [
      ['/', undefined, 401],
      ['/?report=cluster', undefined, 401],
      ['/?report=none', undefined, 401],
      ['/', scraper, 403],
      ['/?report=none', scraper, 403],
      ['/', viewer, 403],
      ['/metrics', scraper, 200],
    ] as const) {
      const answer = await ask(path, token);
      expect([path, answer.status]).to.deep.equal([path, status]);
      if (status !== 200) expect(answer.body).to.not.contain(SECRET).and.not.contain('worker');
    }
    await cluster.kubectl('create', 'clusterrole', 'page', '--verb=get', '--non-resource-url=/');
    await cluster.kubectl('create', 'clusterrolebinding', 'page', '--clusterrole=page', '--serviceaccount=default:viewer');
    await eventually(async () => {
      const { status, body } = await ask('/', viewer);
      expect(status).to.equal(200);
      expect(body).to.contain('<h1>Report cluster</h1>').and.to.contain(SECRET);
    });
    expect((await ask('/metrics', viewer)).status).to.equal(403);
    await withPage.stop();
  });

  it('cost the API server two questions for many scrapes', async () => {
    const token = await tokenOf('scraper', '--duration=20m');
    const before = reviews();
    await Promise.all(Array.from({ length: 10 }, () => get('/metrics', token)));
    for (let count = 0; count < 5; count++) expect((await get('/metrics', token)).status).to.equal(200);
    // What comes later in the log says that all of this is in it.
    expect((await get('/metrics', 'made-up-at-the-end')).status).to.equal(401);
    await eventually(() => {
      expect(reviews() - before).to.equal(3);
    });
  });

  it('are, while the API server is away, still for those who have just been let in, and answer 500 to others', async () => {
    const known = await tokenOf('scraper', '--duration=25m');
    expect((await get('/metrics', known)).status).to.equal(200);
    const another = await tokenOf('scraper', '--duration=30m');
    proxy.set('refuse');
    proxy.cut();
    expect([(await get('/metrics', known)).status, (await get('/metrics', another)).status]).to.deep.equal([200, 500]);
    proxy.set('pass');
    await eventually(async () => {
      expect((await get('/metrics', another)).status).to.equal(200);
    });
  });

  it('take no file to be written', () => {
    expect(operator.running).to.equal(true);
    expect(JSON.stringify(operator.log)).to.not.contain('ERR_ACCESS_DENIED');
  });

  it('leave no token in the log', () => {
    expect(operator.log.map(({ msg }) => msg)).to.include('request');
    for (const line of operator.log) expect(JSON.stringify(line)).to.not.contain(scraper.slice(-40)).and.not.contain('made-up');
  });

  async function goneToken(): Promise<string> {
    const token = await tokenOf('gone');
    await cluster.kubectl('delete', 'serviceaccount', 'gone');
    return token;
  }

  function operatorToken(): string {
    const { users } = JSON.parse(readFileSync(cluster.controlPlane.kubeconfigFor(OPERATOR.name), 'utf8')) as {
      readonly users: readonly { readonly user: { readonly token: string } }[];
    };
    return users[0]!.user.token;
  }

  /** How often the API server has been asked by the operator about a token or a user. */
  function reviews(): number {
    const lines = readFileSync(cluster.controlPlane.auditLog, 'utf8').split('\n');
    return lines.filter((line) => line.includes(OPERATOR.name) && /"requestURI":"[^"]*(tokenreviews|subjectaccessreviews)/.test(line))
      .length;
  }

  function permissionsOfComponent(): readonly KubernetesObject[] {
    return ['cluster-role.yaml', 'cluster-role-binding.yaml', 'metrics-reader.yaml'].flatMap((name) =>
      parseAllDocuments(readFileSync(join(COMPONENT, name), 'utf8')).map((document) => document.toJS() as KubernetesObject),
    );
  }
});
