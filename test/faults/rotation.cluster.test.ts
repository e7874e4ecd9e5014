import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { selfSigned, type Certificate } from '../client/support/certificates.ts';
import { REPORTS_PATH } from '../support/cluster.ts';
import { startOperator, type LogLine, type OperatorProcess } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { status } from './faults.ts';
import { useGround } from './ground.ts';
import { kubeconfigWith } from './kubeconfig.ts';
import { FaultProxy } from './proxy.ts';
import { WATCHED } from './watched.ts';

const ADMINS = ['first', 'second'].map((name) => ({ name, groups: ['system:masters'] }));
const KINDS = Object.keys(WATCHED).length;
const PATIENCE = { deadlineMs: 45_000, everyMs: 50 } as const;

// Each test takes the operator as the one before left it: it is never restarted.
describe('credentials that are rotated on disk', function () {
  this.timeout(60_000);
  const ground = useGround({ users: ADMINS });
  let controlPlane: ControlPlane;
  let proxy: FaultProxy;
  let operator: OperatorProcess;
  /** Those of the small cluster that are evaluated, and those that are added. */
  let services = 2;

  before('start an operator whose credentials are files', async () => {
    controlPlane = ground.controlPlane;
    await ground.reset();
    proxy = await FaultProxy.start(controlPlane);
    write('ca.crt', proxy.certificate.cert);
    writeClient(selfSigned('alice'));
    write('token', tokenOf('first'));
    const cluster = { server: `https://127.0.0.1:${proxy.port}`, 'certificate-authority': 'ca.crt' };
    const user = { tokenFile: 'token', 'client-certificate': 'client.crt', 'client-key': 'client.key' };
    const kubeconfig = kubeconfigWith(controlPlane, 'rotation', { cluster, user });
    operator = await startOperator({ kubeconfig, home: controlPlane.dir, flags: ['--grace-scale=0', '--log-level=debug'] });
    await operator.ready();
    await seesNewService();
  });

  after(async () => {
    await operator.kill();
    await proxy.close();
  });

  afterEach('show the log where the test failed', function () {
    if (this.currentTest?.state === 'failed') console.error(operator.tail);
  });

  it('are those of the files at first', () => {
    expect(new Set(proxy.requests.map(({ client }) => client))).to.deep.equal(new Set(['alice']));
    expect(new Set(proxy.requests.map(({ authorization }) => authorization))).to.deep.equal(new Set([`Bearer ${tokenOf('first')}`]));
  });

  it('a token: each reflector is refused once at most, and the new one is read', async () => {
    const before = operator.log.length;
    write('token', tokenOf('second'));
    const rule = proxy.on(({ authorization }) => authorization !== `Bearer ${tokenOf('second')}`, status(401, 'Unauthorized'));
    for (const watch of proxy.watches()) watch.end();
    await seesNewService();
    // A write may be refused as well.
    expect(rule.met.length).to.be.within(1, KINDS + 1);
    warnedOnceAtMost(before, 'api 401');
    rule.lift();
  });

  it('a client certificate: the next connection shows the new one, and nobody is refused', async () => {
    const [before, asked] = [operator.log.length, proxy.requests.length];
    writeClient(selfSigned('bob'));
    for (const watch of proxy.watches()) watch.end();
    await seesNewService();
    expect(new Set(proxy.requests.slice(asked).map(({ client }) => client))).to.deep.equal(new Set(['bob']));
    // Watches have ended before their time as in the test before, and nothing else has happened.
    warnedOnceAtMost(before, 'ended');
  });

  it('the certificate of the API server, before the CA: it is not trusted until the CA is there, and tried ever less often', async () => {
    const before = operator.log.length;
    const renewed = selfSigned('fault-proxy');
    proxy.present(renewed);
    const connections = proxy.connections;
    proxy.cut();
    await operator.logged('self-signed certificate', { count: KINDS });
    write('ca.crt', renewed.cert);
    await seesNewService();
    expect(proxy.connections - connections).to.be.below(10 * KINDS);
    warnedOnceAtMost(before, 'network');
  });

  it('are in no line of the log', () => {
    for (const secret of [...ADMINS.map(({ name }) => tokenOf(name)), 'PRIVATE KEY']) {
      expect(operator.log.some((line) => JSON.stringify(line).includes(secret))).to.be.false;
    }
  });

  function write(name: string, content: string): void {
    writeFileSync(join(controlPlane.dir, name), content);
  }

  function writeClient({ cert, key }: Certificate): void {
    write('client.crt', cert);
    write('client.key', key);
  }

  function tokenOf(name: string): string {
    const config = JSON.parse(readFileSync(controlPlane.kubeconfigFor(name), 'utf8')) as { users: { user: { token: string } }[] };
    return config.users[0]!.user.token;
  }

  async function seesNewService(): Promise<void> {
    await ground.objects.put('Service', services, 0);
    services += 1;
    const isSeen = async (): Promise<boolean> => {
      const report = await ground.admin.get<DualStackReport>(`${REPORTS_PATH}/cluster`);
      return report.status?.services?.total === services;
    };
    await waitFor('a report with the new Service', () => operator.orFail(isSeen), PATIENCE);
    const isWatching = (): boolean => Object.values(WATCHED).every((plural) => proxy.watches(plural).length > 0);
    await waitFor('all watches to run again', isWatching, PATIENCE);
  }

  function warnedOnceAtMost(before: number, reason: string): void {
    const warnings = operator.log.slice(before).filter(({ level, resource }) => level >= 40 && resource !== undefined);
    expect(new Set(warnings.map((line: LogLine) => line['reason']))).to.deep.equal(new Set(warnings.length > 0 ? [reason] : []));
    const resources = warnings.map(({ resource }) => resource);
    expect(resources).to.have.length(new Set(resources).size);
  }
});
