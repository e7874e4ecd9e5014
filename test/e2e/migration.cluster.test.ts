import type { V1Node, V1Service } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { ListedFinding } from '../../src/core/report/types.ts';
import { rangesOf } from '../control-plane/stacks.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { AFTER_OUTAGE } from '../support/waiting.ts';
import { deployment, node, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { commandOf, conditionOf, conditionsOf, findingsOf, messageOf, ratiosOf } from '../support/report-words.ts';

const WORKERS = ['worker-1', 'worker-2', 'worker-3'] as const;
const PODS = 3;

/** A node that registered before its controller manager was given a second pod range: it has addresses of both families, and one podCIDR. */
function oldWorker(name: string): object {
  return node(name, numberOf(name), { podCIDRs: [`10.244.${numberOf(name) + 100}.0/24`] });
}

/** A node as it registers now. */
function newWorker(name: string): object {
  return node(name, numberOf(name), { cordoned: true });
}

function numberOf(name: string): number {
  return WORKERS.findIndex((each) => each === name) + 1;
}

// Each test is the next stage of one migration.
describe('a migration from IPv4 to dual-stack', function () {
  this.timeout(120_000);
  const cluster = useCluster({ stack: 'ipv4', podRange: rangesOf('dual').podRange });
  let operator: OperatorProcess;
  let oldAddresses: Readonly<Record<string, string | undefined>>;

  before('create an IPv4 cluster whose nodes have IPv6 addresses already', async () => {
    await cluster.addNodes(...WORKERS.map(oldWorker));
    await cluster.addWorkloads(
      PODS,
      ...WORKERS.map((name, index) => deployment(`web-${index + 1}`, { app: 'web', on: name })),
      service('web', { ipFamilyPolicy: 'PreferDualStack' }),
      service('web-plain', { selector: { app: 'web' } }),
      service('kube-dns', { selector: { app: 'web' } }, 'kube-system'),
    );
    oldAddresses = await clusterIPs();
    operator = await cluster.operator();
  });

  it('begins with nodes that are dual-stack and nothing else: nothing is wrong, and nothing healthy', async () => {
    await eventually(async () => {
      const report = await cluster.report();
      expect(report.status?.stack?.overall).to.equal('Mixed');
      expect(ratiosOf(report)).to.deep.equal(['0/3', '0/3', '0/3']);
      expect(findingsOf(report)).to.deep.equal([]);
      expect(conditionOf(report, 'Healthy')).to.equal('Unknown SingleStack');
      expect(report.status?.migration).to.equal(undefined);
    });
  });

  it('goes on node by node: most nodes lack an IPv6 podCIDR, which is one cause in the cluster', async () => {
    await replace('worker-1');
    await eventually(async () => {
      const report = await cluster.report();
      expect(findingsOf(report)[0]).to.equal('Warning NodePodCIDRMissing Cluster cluster IPv6');
      expect(report.status?.findings?.[0]?.message).to.contain('2 of 3 nodes have no IPv6 podCIDR and are still to be replaced');
      expect(report.status?.migration).to.deep.equal({
        stage: 'PodNetwork',
        message:
          'Stage 2 of 4, the pod network: 2 of 3 nodes that do not give their pods both families, 2 of 3 pods without both families. After that: ' +
          'Cannot determine whether Services can be dual-stack (ServiceCIDR kubernetes has IPv4); 3 of 3 Services without both families.',
      });
      expect(report.status?.findings?.[0]?.affects?.[0]).to.include({ kind: 'Node', count: 2 });
      expect(ratiosOf(report).slice(0, 2)).to.deep.equal(['1/3', '1/3']);
    });
  });

  it('has one cause on the last node that lacks one, a warning until a Service has the family', async () => {
    await replace('worker-2');
    const command = await eventually(async () => {
      const [worst] = (await cluster.report()).status?.findings ?? [];
      expect(worst).to.deep.include({ check: 'NodePodCIDRMissing', severity: 'Warning', object: { kind: 'Node', name: 'worker-3' } });
      expect(worst?.affects).to.deep.include({ kind: 'Pod', count: 1, examples: [await podOn('worker-3')] });
      return commandOf(worst);
    });
    expect(command).to.equal('kubectl drain worker-3 --ignore-daemonsets --delete-emptydir-data && kubectl delete node worker-3');
  });

  it('has dual-stack nodes and pods once that is done by the command of the finding, and Services of one family, which is a stage', async () => {
    await replace('worker-3');
    await eventually(async () => {
      const report = await cluster.report();
      expect(ratiosOf(report)).to.deep.equal(['3/3', '3/3', '0/3']);
      expect(report.status?.stack?.overall).to.equal('Mixed');
      expect(report.status?.migration?.stage).to.equal('ServiceRange');
      expect(findingsOf(report)).to.deep.equal([]);
      expect(conditionsOf(report)).to.include({
        NodesHealthy: 'True',
        PodsHealthy: 'True',
        ServicesHealthy: 'Unknown',
        Healthy: 'Unknown',
      });
    });
  });

  it('has an API server of two Service ranges: the operator lives through its restart and reports every Service', async () => {
    await cluster.controlPlane.restartApiServer({ stack: 'dual' });
    await eventually(async () => {
      const report = await cluster.report();
      expect(report.status?.stack?.services).to.include({ families: 'DualStack', primary: 'IPv4' });
      expect(findingsOf(report)).to.deep.equal([
        'Warning ServiceNotUpgraded Service default/web IPv6',
        'Info ServiceSingleStack Service default/web-plain IPv6',
        'Info ServiceSingleStack Service kube-system/kube-dns IPv6',
      ]);
    }, AFTER_OUTAGE);
    expect(operator.running).to.be.true;
    expect((await cluster.report()).status?.migration).to.deep.equal({
      stage: 'Services',
      message: 'Stage 4 of 4, the Services: 3 of 3 Services without both families.',
    });
    expect(messageOf(await cluster.report(), 'ServicesHealthy')).to.contain('Service default/web prefers dual-stack but has only IPv4');
    expect((await getService('web')).spec).to.deep.include({ ipFamilies: ['IPv4'], ipFamilyPolicy: 'PreferDualStack' });
  });

  it('does not upgrade the Service when PreferDualStack is applied to it again', async () => {
    await cluster.controlPlane.apply([service('web', { ipFamilyPolicy: 'PreferDualStack' })]);
    expect((await getService('web')).spec?.ipFamilies).to.deep.equal(['IPv4']);
  });

  it('is over once the command of each finding has run: healthy, with nothing left to report', async () => {
    const { status } = await cluster.report();
    const commands = (status?.findings ?? []).map((finding) => commandOf(finding) ?? '');
    expect(commands).to.have.length(3);
    for (const command of commands) await cluster.shell(command);
    await eventually(async () => {
      const report = await cluster.report();
      expect(findingsOf(report)).to.deep.equal([]);
      expect(ratiosOf(report)).to.deep.equal(['3/3', '3/3', '3/3']);
      expect(report.status?.endpoints?.ratio).to.equal('6/6');
      expect(report.status?.stack?.overall).to.equal('DualStack');
      expect(conditionOf(report, 'Healthy')).to.equal('True NoProblemFound');
      expect(report.status?.migration?.stage).to.equal('Complete');
    });
    expect(await cluster.kubectl('get', 'dsr', '--output=wide')).to.match(/STAGE +VERDICT\n.* Complete +Dual-stack in all layers/);
    expect(await cluster.kubectl('wait', '--for=condition=Healthy', 'dsr/cluster', '--timeout=10s')).to.contain('condition met');
  });

  it('left every Service its address, and the operator its process', async () => {
    expect(await clusterIPs()).to.deep.equal(oldAddresses);
    expect(operator.running).to.be.true;
    expect(operator.log.filter(({ level }) => level >= 50)).to.deep.equal([]);
  });

  it('can no longer be determined once the API server is taken back to one range, since the ServiceCIDR keeps both', async () => {
    await cluster.controlPlane.restartApiServer({ serviceRange: rangesOf('ipv4').serviceRange });
    await cluster.controlPlane.apply([service('late', { ipFamilyPolicy: 'PreferDualStack' })]);
    expect((await getService('late')).spec?.ipFamilies).to.deep.equal(['IPv4']);
    await eventually(async () => {
      const report = await cluster.report();
      expect(report.status?.stack?.services).to.deep.equal({
        families: 'Unknown',
        evidence:
          'ServiceCIDR kubernetes has IPv4 and IPv6, but Service default/late, made since, was given IPv4 only' +
          ': fix --service-cluster-ip-range of the API server, or that Service',
      });
      expect(conditionOf(report, 'ServicesHealthy')).to.equal('Unknown StackUnknown');
      expect(findingsOf(report)).to.deep.equal([]);
    }, AFTER_OUTAGE);
  });

  /** Does to a node what its finding says, and lets its kubelet register it again. */
  async function replace(name: string): Promise<void> {
    const finding = await findingOn(name);
    const command = commandOf(finding) ?? `kubectl drain ${name} --ignore-daemonsets && kubectl delete node ${name}`;
    await cluster.shell(command);
    await cluster.registerAgain(newWorker(name));
    expect((await cluster.get<V1Node>(`/api/v1/nodes/${name}`)).spec?.podCIDRs).to.have.length(2);
    await cluster.podsRun(PODS);
  }

  async function findingOn(name: string): Promise<ListedFinding | undefined> {
    return (await cluster.report()).status?.findings?.find(({ object }) => object.kind === 'Node' && object.name === name);
  }

  async function podOn(name: string): Promise<string> {
    const args = ['pods', `--field-selector=spec.nodeName=${name}`, '--output=jsonpath={.items[0].metadata.name}'];
    return `default/${await cluster.kubectl('get', ...args)}`;
  }

  async function getService(name: string): Promise<V1Service> {
    return cluster.get<V1Service>(`/api/v1/namespaces/default/services/${name}`);
  }

  async function clusterIPs(): Promise<Readonly<Record<string, string | undefined>>> {
    const { items } = await cluster.get<{ items: readonly V1Service[] }>('/api/v1/services');
    return Object.fromEntries(items.map(({ metadata, spec }) => [metadata?.name ?? '', spec?.clusterIP] as const));
  }
});
