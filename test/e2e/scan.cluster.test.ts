import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { DEMO_OPTIONS, fillDemoCluster } from '../../demo/cluster.ts';
import { differences, expectedFindings } from '../../demo/expected.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { dumpedResources } from '../../src/sources/dump/dump-command.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import { installPermissionsWithout, OPERATOR, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { runProgram, type Outcome } from '../support/operator-process.ts';
import { conditionOf, findingsOf, messageOf } from '../support/report-words.ts';

const RESOURCES = builtInResources(new Interner());

describe("scan, on the demo's cluster", function () {
  this.timeout(300_000);
  const cluster = useCluster(DEMO_OPTIONS);
  let report: DualStackReport;

  before('fill the cluster, and have the operator report on it', async () => {
    await fillDemoCluster(cluster.controlPlane, () => undefined);
    await cluster.operator();
    const expected = await expectedFindings();
    await eventually(async () => {
      report = await cluster.report();
      expect(differences(expected, report.status?.findings ?? [])).to.deep.equal([]);
    });
  });

  function scan(...args: readonly string[]): Promise<Outcome> {
    const { dir: home, kubeconfig: KUBECONFIG } = cluster.controlPlane;
    // The operator of the tests gives none either.
    return runProgram(['scan', '--grace-scale=0', ...args], { home, env: { KUBECONFIG } });
  }

  /** Files say all that the API server says, but for its version, which is no object. */
  function expectOfFiles(scanned: DualStackReport): void {
    const { version, ...cluster } = report.status?.cluster ?? {};
    expect(version).to.match(/^v1\.\d+\./);
    expect(verdictOf(scanned)).to.deep.equal(verdictOf({ ...report, status: { ...report.status, cluster } }));
  }

  async function dump(name: string, output: 'json' | 'yaml', kinds = dumpedResources().join(',')): Promise<string> {
    const file = join(cluster.controlPlane.dir, name);
    writeFileSync(file, await cluster.kubectl('get', kinds, '--all-namespaces', '--output', output));
    return file;
  }

  it('says of the cluster what the operator says, and writes nothing', async () => {
    const before = await cluster.report();
    const { code, stdout, stderr } = await scan('--output', 'json');
    expect([code, stderr]).to.deep.equal([0, '']);
    expect(verdictOf(JSON.parse(stdout) as DualStackReport)).to.deep.equal(verdictOf(report));
    expect((await cluster.report()).metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
  });

  it('prints it for people, with the fixes, and ends with 3 where a flag says so', async () => {
    const { code, stdout } = await scan('--fail-on', 'critical');
    expect(code).to.equal(3);
    expect(stdout).to.match(/^Not healthy: 1 critical, 6 warnings, \d+ info; \d+ root causes to fix, first: Node /);
    expect(stdout).to.contain('$ kubectl drain worker-3 --ignore-daemonsets --delete-emptydir-data && kubectl delete node worker-3\n');
  });

  for (const output of ['json', 'yaml'] as const) {
    it(`says the same of what kubectl writes of it as ${output}`, async () => {
      const { code, stdout, stderr } = await scan('--filename', await dump(`dump.${output}`, output), '--output', 'yaml');
      expect([code, stderr]).to.deep.equal([0, '']);
      expectOfFiles(parse(stdout) as DualStackReport);
    });
  }

  it('says the same of a folder of lists, one of each kind', async () => {
    const folder = join(cluster.controlPlane.dir, 'lists');
    mkdirSync(folder);
    for (const { kind, path } of RESOURCES) writeFileSync(join(folder, `${kind}.json`), await cluster.kubectl('get', '--raw', path));
    const { code, stdout, stderr } = await scan('--filename', folder, '--output', 'json');
    expect([code, stderr]).to.deep.equal([0, '']);
    expectOfFiles(JSON.parse(stdout) as DualStackReport);
  });

  it('takes what kubectl cluster-info dump writes, which has no EndpointSlices and no ServiceCIDRs', async () => {
    const folder = join(cluster.controlPlane.dir, 'info');
    await cluster.kubectl('cluster-info', 'dump', '--all-namespaces', '--output=json', `--output-directory=${folder}`);
    const { code, stdout, stderr } = await scan('--filename', folder, '--output', 'json');
    const scanned = JSON.parse(stdout) as DualStackReport;
    expect(code).to.equal(0);
    expect(stderr).to.match(/^ignored \d+ objects of other kinds: [^\n]*Event[^\n]*\nunknown: There is no EndpointSlice [^\n]+\n$/);
    const ofNodes = (findings: readonly string[]): readonly string[] => findings.filter((finding) => finding.includes(' Node '));
    expect(ofNodes(findingsOf(scanned))).to.have.members(ofNodes(findingsOf(report)).filter((finding) => !finding.includes('Service ')));
    expect(scanned.status?.pods).to.deep.equal(report.status?.pods);
    expect(scanned.status).to.not.have.any.keys('endpoints');
    expect(scanned.status?.stack?.services.evidence).to.contain('There is no ServiceCIDR in the files');
  });

  it('does not know what it may not list, names the rule, and reports the rest', async () => {
    await installPermissionsWithout(cluster.controlPlane, 'pods');
    const { code, stdout, stderr } = await scan('--kubeconfig', cluster.controlPlane.kubeconfigFor(OPERATOR.name), '--output', 'json');
    const scanned = JSON.parse(stdout) as DualStackReport;
    expect(code).to.equal(0);
    expect(stderr).to.match(/^unknown: Not allowed to list and watch pods: [^\n]+\n$/);
    expect(conditionOf(scanned, 'PodsHealthy')).to.equal('Unknown Forbidden');
    expect(messageOf(scanned, 'PodsHealthy')).to.contain('grant a ClusterRole with the rule {apiGroups: [""], resources: ["pods"]');
    expect(scanned.status).to.not.have.any.keys('pods');
    expect(scanned.status?.nodes?.total).to.equal(6);
  });

  it('ends with 1 where it may list nothing', async () => {
    await installPermissionsWithout(cluster.controlPlane, ...RESOURCES.map(({ plural }) => plural));
    const { code, stdout, stderr } = await scan('--kubeconfig', cluster.controlPlane.kubeconfigFor(OPERATOR.name));
    expect([code, stdout]).to.deep.equal([1, '']);
    expect(stderr).to.match(/^error: the API server https:\S+ could not list any kind: Not allowed to list and watch [^\n]+\n$/);
  });
});

/** All that a report says of a cluster, but for times and for who has written it. */
function verdictOf({ status = {} }: DualStackReport): unknown {
  const { conditions = [], findings = [] } = status;
  return {
    ...status,
    // The operator gets no name, and a scan takes that of the kubeconfig.
    cluster: { ...status.cluster, name: undefined },
    lastEvaluationTime: undefined,
    writerEpoch: undefined,
    observedGeneration: undefined,
    conditions: conditions.map(({ type, status: holds, reason, message }) => ({ type, status: holds, reason, message })),
    findings: findings.map((finding) => ({ ...finding, since: undefined })),
  };
}
