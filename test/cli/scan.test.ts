import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse, stringify } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { runProgram } from '../../src/cli/program.ts';
import { unknownWords } from '../../src/cli/scan.ts';
import { KINDS } from '../../src/core/kinds/registry.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { FORBIDDEN, storeOf } from '../core/build.ts';
import { conditionOf, listed } from '../core/report/report.ts';
import { faultsOfStatus } from '../core/report/schema.ts';
import { listOfObjects } from '../sources/dump/read.ts';
import { rawEndpoint, rawNode, rawPod, rawService, rawSlice, replaced, soundObjects, type Raw } from '../client/support/objects.ts';
import { printed, type Printed } from './printed.ts';

/** A cluster on which one node, and so one pod and one Service, lacks IPv6. */
const BROKEN: readonly Raw[] = replaced(soundObjects(), [
  rawNode('c', { podCIDRs: ['10.244.3.0/24'] }),
  rawPod('web-c', { nodeName: 'c', app: 'cart', podIPs: ['10.244.3.7'] }),
  rawService('cart', { selector: { app: 'cart' } }),
  rawSlice('cart', 'IPv4', [rawEndpoint('web-c', '10.244.3.7')]),
  rawSlice('cart', 'IPv6', []),
]);

function scan(...args: readonly string[]): Promise<Printed<number>> {
  return printed(() => runProgram(['scan', ...args]));
}

describe('scan of files', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'dualstack-scan-'));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function file(name: string, content: string): string {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  }

  function dumpOf(objects: readonly object[], name = 'dump.json'): string {
    return file(name, JSON.stringify(listOfObjects(objects)));
  }

  async function reportOn(...args: readonly string[]): Promise<DualStackReport> {
    const { output } = await scan('--output', 'json', ...args);
    return JSON.parse(output) as DualStackReport;
  }

  it('prints the verdict, the stack, the root causes with their effects, and the findings with their fixes', async () => {
    const { result, output, errors } = await scan('-f', dumpOf(BROKEN));
    expect([result, errors]).to.deep.equal([0, '']);
    expect(output).to.match(
      /^Not healthy: 1 critical, 1 warning; 1 root cause to fix: Node c has no IPv6 podCIDR [\s\S]{0,80} no IPv6 endpoint\.\n\nStack by layer: Dual-stack\n {2}Nodes {5}Dual-stack, IPv4 first; 3 of 4 dual-stack in addresses and podCIDRs in use, 1 IPv4 only\n/,
    );
    expect(output).to.contain(
      '\nRoot causes\n  - Node c has no IPv6 podCIDR (it has only 10.244.3.0/24): 1 pod, 1 Service with no IPv6 endpoint\n',
    );
    expect(output).to.contain('\n            because of NodePodCIDRMissing on Node c\n');
    expect(output).to.contain('\n               $ kubectl drain c --ignore-daemonsets --delete-emptydir-data && kubectl delete node c\n');
    expect(output).not.to.contain('\u001b');
  });

  it('prints a report as the operator writes it', async () => {
    const report = await reportOn('-f', dumpOf(BROKEN));
    expect(report).to.deep.include({
      apiVersion: 'dualstack.dev/v1alpha1',
      kind: 'DualStackReport',
      metadata: { name: 'cluster' },
      spec: { maxFindings: 100 },
    });
    expect(faultsOfStatus(report.status)).to.deep.equal([]);
    expect(listed(report.status ?? {})).to.deep.equal(['Critical NodePodCIDRMissing c', 'Warning EndpointFamilyMissing shop/cart']);
    const { output } = await scan('-f', dumpOf(BROKEN), '--output', 'yaml');
    expect(withoutTimes(parse(output))).to.deep.equal(withoutTimes(report));
    expect(output).not.to.match(/[&*]a\d/);
  });

  it('takes what is expected, and how much to list', async () => {
    const report = await reportOn('-f', dumpOf(BROKEN), '--expected-families', 'IPv6,IPv4', '--max-findings', '1');
    expect(report.spec).to.deep.equal({ maxFindings: 1, expectedFamilies: ['IPv6', 'IPv4'] });
    expect([report.status?.findings?.length, report.status?.findingsOmitted]).to.deep.equal([1, 1]);
    const { output } = await scan('-f', dumpOf(BROKEN), '--max-findings', '1');
    expect(output).to.contain('and 1 more, which are counted and not listed (--max-findings)');
  });

  it('takes parameters of checks, which the report has in its spec', async () => {
    const dump = dumpOf([
      ...soundObjects(),
      rawNode('z', { podCIDRs: ['10.244.31.0/24', 'fd00:10:244:31::/64'] }),
      rawPod('single', { nodeName: 'z', podIPs: ['10.244.31.7'] }),
    ]);
    const parameters = ['NodePodNetworkFamilyMissing.minimumPods=1', 'EndpointsUnbalanced.tolerancePercent=10'];
    const report = await reportOn('-f', dump, ...parameters.flatMap((one) => ['--check-parameter', one]));
    expect(report.spec?.checks).to.deep.equal([
      { name: 'NodePodNetworkFamilyMissing', parameters: { minimumPods: 1 } },
      { name: 'EndpointsUnbalanced', parameters: { tolerancePercent: 10 } },
    ]);
    expect(conditionOf(report.status ?? {}, 'SpecValid').status).to.equal('True');
    expect([listed((await reportOn('-f', dump)).status ?? {}), listed(report.status ?? {})]).to.deep.equal([
      [],
      ['Critical NodePodNetworkFamilyMissing z'],
    ]);
  });

  it('finds what is under grace in a cluster that is watched, whatever the clock says', async () => {
    const young = BROKEN.map((object) => ({ ...object, metadata: { ...object.metadata, creationTimestamp: '2999-01-01T00:00:00Z' } }));
    const old = await reportOn('-f', dumpOf(BROKEN));
    expect(listed((await reportOn('-f', dumpOf(young))).status ?? {})).to.deep.equal(listed(old.status ?? {}));
  });

  it('skips nodes that a selector calls virtual', async () => {
    const { metadata, ...node } = rawNode('c', { podCIDRs: ['10.244.3.0/24'] });
    const dump = dumpOf(replaced(BROKEN, [{ ...node, metadata: { ...metadata, labels: { type: 'edge' } } }]));
    const findings = async (...args: readonly string[]): Promise<readonly string[]> =>
      listed((await reportOn('-f', dump, ...args)).status ?? {});
    const fault = 'Critical NodePodCIDRMissing c';
    expect(await findings()).to.include(fault);
    expect(await findings('--virtual-node-selector', 'type=cloud')).to.include(fault);
    expect(await findings('--virtual-node-selector', 'type in (edge)')).to.not.include(fault);
  });

  it('gives grace by the newest heartbeat in a dump', async () => {
    const heartbeatAt = (minute: number): Raw[] => {
      const status = { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: `2999-01-01T00:0${minute}:00Z` }] };
      const young = { creationTimestamp: '2999-01-01T00:00:00Z' };
      return BROKEN.map((object) => ({ ...object, metadata: { ...object.metadata, ...young } })).map((object) =>
        object.kind === 'Node' ? { ...object, status: { ...(object['status'] as object), ...status } } : object,
      );
    };
    // A podCIDR that is set never changes, so it has no grace.
    expect(listed((await reportOn('-f', dumpOf(heartbeatAt(0)))).status ?? {})).to.deep.equal(['Critical NodePodCIDRMissing c']);
    const old = await reportOn('-f', dumpOf(BROKEN));
    expect(listed((await reportOn('-f', dumpOf(heartbeatAt(9)))).status ?? {})).to.deep.equal(listed(old.status ?? {}));
    const ungraced = await reportOn('-f', dumpOf(heartbeatAt(0)), '--grace-scale', '0');
    expect(listed(ungraced.status ?? {})).to.deep.equal(listed(old.status ?? {}));
  });

  const SINGLE: readonly Raw[] = [rawNode('a', { addresses: ['192.0.2.1'], podCIDRs: ['10.244.1.0/24'] })];
  const INFO = replaced(soundObjects(), [
    rawService('old', { ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv4'], clusterIP: '10.96.0.11', clusterIPs: ['10.96.0.11'] }),
  ]);
  const ORDER = replaced(soundObjects(), [rawNode('d', { podCIDRs: ['fd00:10:244:4::/64', '10.244.4.0/24'] })]);
  const exits: readonly (readonly [what: string, objects: readonly Raw[], codes: Readonly<Record<string, number>>])[] = [
    ['with critical findings', BROKEN, { never: 0, critical: 3, warning: 3, info: 3, unknown: 3 }],
    ['with a warning', ORDER, { never: 0, critical: 0, warning: 3, info: 3, unknown: 3 }],
    ['with what is info', INFO, { never: 0, critical: 0, warning: 0, info: 3, unknown: 0 }],
    ['on which nothing is wrong', soundObjects(), { never: 0, critical: 0, warning: 0, info: 0, unknown: 0 }],
    ['of which little can be determined', SINGLE, { never: 0, critical: 0, warning: 0, info: 0, unknown: 3 }],
  ];
  for (const [what, objects, codes] of exits) {
    it(`of a cluster ${what} ends with ${JSON.stringify(codes)}`, async () => {
      for (const [failOn, code] of Object.entries(codes))
        expect((await scan('-f', dumpOf(objects), '--fail-on', failOn)).result, failOn).to.equal(code);
    });
  }

  it('says that a sound cluster is healthy, and of half of it that this cannot be determined', async () => {
    expect((await scan('-f', dumpOf(soundObjects()))).output).to.match(/^Healthy: Dual-stack in all layers\. Nothing to fix\.\n/);
    const { output, errors } = await scan('-f', dumpOf(soundObjects().filter(({ kind }) => kind !== 'Pod')));
    expect(errors).to.equal('unknown: There is no Pod in the files: add what "kubectl get pods --all-namespaces --output json" writes.\n');
    expect(output).to.match(/^Cannot evaluate nodes, pods and Services: There is no Pod in the files/);
    expect(output.replaceAll(/\s+/g, ' ')).to.contain('NotFound: There is no Pod in the files: add what "kubectl get pods');
  });

  for (const { name, optional, role, resource } of KINDS) {
    const isReported = !optional && role !== 'selection';
    it(`${isReported ? 'reports' : 'does not report'} that a dump has no ${name}`, async () => {
      const { errors } = await scan('-f', dumpOf(soundObjects().filter(({ kind }) => kind !== resource.kind)));
      expect(errors).to.match(isReported ? new RegExp(`^unknown: There is no ${resource.kind} in the files: [^\\n]+\n$`) : /^$/);
    });
  }

  it('reports kinds that may not be read, optional or not', () => {
    expect(unknownWords(storeOf([], { refused: ['ServiceCIDR'] }))).to.deep.equal([FORBIDDEN.message]);
  });

  it('goes on after objects that are none, reports each, and does not exit with 0', async () => {
    const objects = [...BROKEN, { kind: 'Pod' }, { ...rawPod('bad'), status: 'gone' }];
    const { result, output, errors } = await scan('-f', dumpOf(objects), '--fail-on', 'warning');
    expect(result).to.equal(1);
    expect(output).to.match(/^Not healthy: /);
    expect(errors.split('\n')).to.deep.equal([
      `skipped: ${join(folder, 'dump.json')}, items[${BROKEN.length}]: Pod: it has no metadata.name`,
      `skipped: ${join(folder, 'dump.json')}, items[${BROKEN.length + 1}]: Pod shop/bad: status is a text and no object`,
      '',
    ]);
  });

  it('reports so many objects that are none, and how many more', async () => {
    const { result, errors } = await scan('-f', dumpOf([...soundObjects(), ...Array<object>(100).fill({ kind: 'Pod' })]));
    expect(result).to.equal(1);
    expect(errors.trimEnd().split('\n')).to.have.length(21);
    expect(errors).to.match(/\nskipped: 80 more\n$/);
  });

  it('says in a line what it has ignored', async () => {
    const others = ['Deployment', 'Deployment', 'Secret', 'A', 'B', 'C', '\u001b[2J'].map((kind) => ({ apiVersion: 'x/v1', kind }));
    const { result, errors } = await scan('-f', dumpOf([...soundObjects(), ...others]));
    expect([result, errors]).to.deep.equal([0, 'ignored 7 objects of other kinds: Deployment, Secret, A, B, C, …\n']);
  });

  it('reads folders, in which other files may be, as kubectl cluster-info dump writes them', async () => {
    const dump = join(folder, 'cluster');
    mkdirSync(join(dump, 'shop', 'web-a'), { recursive: true });
    const items = (kind: string): object[] =>
      BROKEN.filter((object) => object.kind === kind).map((object) => ({ ...object, kind: undefined, apiVersion: undefined }));
    const list = (kind: string): string => JSON.stringify({ kind: `${kind}List`, apiVersion: 'v1', metadata: {}, items: items(kind) });
    file('cluster/nodes.json', list('Node'));
    file('cluster/shop/pods.json', list('Pod'));
    file('cluster/shop/services.json', list('Service'));
    file('cluster/shop/events.json', '{"kind":"EventList","apiVersion":"v1","items":[{}]}');
    file('cluster/shop/web-a/logs.txt', '{');
    symlinkSync(join(dump, 'nodes.json'), join(dump, 'same.json'));
    const { status = {} } = await reportOn('-f', dump);
    expect(status.nodes?.ratio).to.equal('3/4');
    expect(status.pods?.ratio).to.equal('2/3');
    expect(conditionOf(status, 'NodesHealthy').status).to.equal('False');
    expect(conditionOf(status, 'ServicesHealthy')).to.include({ status: 'Unknown', reason: 'NotFound' });
  });

  it('reads several files as one cluster, JSON and YAML', async () => {
    const [nodes, others] = [BROKEN.filter(({ kind }) => kind === 'Node'), BROKEN.filter(({ kind }) => kind !== 'Node')];
    const whole = await reportOn('-f', dumpOf(BROKEN));
    const parts = await reportOn(
      '-f',
      file('others.yaml', stringify(listOfObjects(others), { aliasDuplicateObjects: false })),
      '-f',
      dumpOf(nodes, 'nodes.json'),
    );
    expect(withoutTimes(parts)).to.deep.equal(withoutTimes(whole));
  });

  for (const version of ['v1.16', 'v1.19']) {
    it(`reads a dump of Kubernetes ${version}`, async () => {
      const { status = {} } = await reportOn('-f', fromRoot(`test/sources/legacy/${version}.yaml`));
      expect(conditionOf(status, 'NodesHealthy').status).to.equal('False');
      expect(status.summary?.checks).to.include({ NodePodCIDRMissing: 1 });
    });
  }

  const failures: readonly (readonly [what: string, name: string, content: string | undefined, words: string])[] = [
    ['is not there', 'nowhere.json', undefined, 'does not exist'],
    ['is not JSON', 'bad.json', '{"items":[{"a"}]}', 'it is not JSON: there is a fault at byte 15'],
    ['breaks off', 'half.json', '{"items":[{"kind":"Pod"', 'it ends inside a JSON document, after 23 bytes'],
    ['is not YAML', 'bad.yaml', 'a: [', 'line 1 is not YAML: '],
    ['has nothing in it', 'empty.yaml', '', 'there is nothing of any of these kinds: '],
    [
      'has logs in it',
      'logs.txt',
      '{"kind":"Event"}\n==== START logs for container a of pod b/c ====\n',
      'have kubectl cluster-info dump write to --output-directory',
    ],
  ];
  for (const [what, name, content, words] of failures) {
    it(`ends with 1 and names a file that ${what}`, async () => {
      const path = content === undefined ? join(folder, name) : file(name, content);
      const { result, output, errors } = await scan('-f', path);
      expect([result, output]).to.deep.equal([1, '']);
      expect(errors)
        .to.match(/^error: [^\n]+\n$/)
        .and.to.contain(words);
      if (content !== '') expect(errors).to.contain(path);
    });
  }

  it('ends with 1 where a folder has a file that leads nowhere', async () => {
    mkdirSync(join(folder, 'loop'));
    symlinkSync('loop.json', join(folder, 'loop', 'loop.json'));
    const { result, errors } = await scan('-f', join(folder, 'loop'));
    expect([result, errors]).to.deep.equal([1, `error: ${join(folder, 'loop', 'loop.json')} cannot be read (ELOOP)\n`]);
  });

  it('ends with 1 where a folder has no file to read', async () => {
    mkdirSync(join(folder, 'empty'));
    const { result, errors } = await scan('-f', join(folder, 'empty'));
    expect([result, errors]).to.deep.equal([
      1,
      `error: ${join(folder, 'empty')}: there is no file in this folder whose name ends in .json, .yaml or .yml\n`,
    ]);
  });
});

/** The report without the moment of its evaluation. */
function withoutTimes(report: unknown): unknown {
  return JSON.parse(JSON.stringify(report).replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'then'));
}
