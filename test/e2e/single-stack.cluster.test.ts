import type { V1Service } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport, IPFamily } from '../../src/core/report/types.ts';
import { KubectlError } from '../control-plane/kubectl.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { namesIn, seriesOf } from '../support/exposition.ts';
import { node, pod, report as reportObject, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { conditionOf, conditionsOf, findingsOf, messageOf, ratiosOf } from '../support/report-words.ts';

interface SingleStack {
  readonly stack: 'ipv4' | 'ipv6';
  readonly family: IPFamily;
  readonly addresses: readonly string[];
  readonly counts: object;
}

const STACKS: readonly SingleStack[] = [
  { stack: 'ipv4', family: 'IPv4', addresses: ['10.100.0.2', '10.100.0.3'], counts: { dualStack: 0, ipv4Only: 2, ipv6Only: 0, none: 0 } },
  {
    stack: 'ipv6',
    family: 'IPv6',
    addresses: ['fd00:1:2:3::2', 'fd00:1:2:3::3'],
    counts: { dualStack: 0, ipv4Only: 0, ipv6Only: 2, none: 0 },
  },
];

for (const { stack, family, addresses, counts } of STACKS) {
  describe(`a single-stack ${family} cluster`, function () {
    this.timeout(60_000);
    const cluster = useCluster({ stack });
    let operator: OperatorProcess;
    let report: DualStackReport;

    before('create nodes, pods and Services', async () => {
      await cluster.addNodes(...addresses.map((address, index) => node(`worker-${index + 1}`, index + 1, { addresses: [address] })));
      await cluster.addWorkloads(
        2,
        pod('web-1', 'worker-1', { app: 'web' }),
        pod('web-2', 'worker-2', { app: 'web' }),
        service('web'),
        service('prefer', { selector: { app: 'web' }, ipFamilyPolicy: 'PreferDualStack' }),
        service('headless', { clusterIP: 'None', selector: undefined }),
      );
      await cluster.controlPlane.create([reportObject('both-expected', { expectedFamilies: ['IPv4', 'IPv6'] })]);
      operator = await cluster.operator();
      await cluster.controlPlane.create([reportObject('cluster')]);
      await eventually(async () => {
        report = await cluster.report();
        expect(ratiosOf(report)).to.deep.equal(['0/2', '0/2', '0/2']);
      });
    });

    it(`has the stack ${family}, in every layer`, () => {
      const { overall: whole, nodes, pods, services } = report.status!.stack!;
      expect(whole).to.equal(family);
      for (const layer of [nodes, pods, services]) expect(layer).to.include({ families: family, primary: family });
    });

    it('is Ready, and neither healthy nor unhealthy: the reason says why', () => {
      expect(conditionsOf(report)).to.deep.equal({
        Ready: 'True',
        Healthy: 'Unknown',
        NodesHealthy: 'Unknown',
        PodsHealthy: 'Unknown',
        ServicesHealthy: 'Unknown',
        SpecValid: 'True',
      });
      for (const type of ['Healthy', 'NodesHealthy', 'PodsHealthy', 'ServicesHealthy']) {
        const words =
          type === 'Healthy' ? `Single-stack ${family} in all layers.` : `${family} only, and nothing says that more is expected`;
        expect(conditionOf(report, type)).to.equal('Unknown SingleStack');
        expect(messageOf(report, type)).to.contain(words);
      }
    });

    it('has no findings', () => {
      expect(findingsOf(report)).to.deep.equal([]);
      expect(report.status?.summary).to.include({ critical: 0, warning: 0, info: 0, rootCauses: 0 });
    });

    it('counts everything as of one family', () => {
      expect(report.status?.nodes).to.include(counts);
      expect(report.status?.pods).to.include(counts);
      expect(report.status?.services).to.include(counts);
    });

    it('leaves a PreferDualStack Service with one family, and says nothing', async () => {
      const { spec } = await cluster.get<V1Service>('/api/v1/namespaces/default/services/prefer');
      expect(spec).to.deep.include({ ipFamilyPolicy: 'PreferDualStack', ipFamilies: [family] });
      expect(spec?.clusterIPs).to.have.length(1);
    });

    it('gives a headless Service without a selector RequireDualStack all the same, and leaves it out', async () => {
      const { spec } = await cluster.get<V1Service>('/api/v1/namespaces/default/services/headless');
      expect(spec?.ipFamilyPolicy).to.equal('RequireDualStack');
      expect(report.status?.services?.skipped).to.deep.equal({ apiServer: 1, headlessWithoutSelector: 1 });
    });

    it('refuses a RequireDualStack Service', async () => {
      const unavailability = await cluster.controlPlane
        .create([service('require', { ipFamilyPolicy: 'RequireDualStack' })])
        .catch((error: unknown) => error);
      expect(unavailability).to.be.instanceOf(KubectlError);
      expect(String(unavailability)).to.contain('this cluster is not configured for dual-stack services');
    });

    it('has no drift in its metrics, and imbalance of 1', async () => {
      const metrics = await operator.metrics();
      expect(namesIn(metrics)).to.not.include('dualstack_single_family_drift');
      expect(seriesOf(metrics, 'dualstack_findings')).to.not.have.any.keys(['{report="cluster"}']);
      expect(seriesOf(metrics, 'dualstack_family_imbalance_ratio')).to.deep.equal({
        '{layer="nodes"}': 1,
        '{layer="pods"}': 1,
        '{layer="services"}': 1,
      });
    });

    it('is Stalled for a report that expects both families, with the fix in what it finds', async () => {
      const other = await cluster.reportThat('is Stalled', (it) => conditionsOf(it)['Stalled'] === 'True', 'both-expected');
      const missing = family === 'IPv4' ? 'IPv6' : 'IPv4';
      expect(messageOf(other, 'Stalled')).to.contain(`spec.expectedFamilies names ${missing}, which Services cannot have`);
      expect(conditionsOf(other)).to.include({ Ready: 'True', Healthy: 'False' });
      expect(findingsOf(other).map((words) => words.split(' ', 2)[1])).to.deep.equal(['NodePodCIDRMissing', 'NodeAddressMissing']);
      expect(other.status?.summary?.rootCauses, 'replacing the nodes gives them both').to.equal(1);
      expect(other.status?.findings?.every(({ remediation }) => remediation.summary !== '' && remediation.steps.length > 0)).to.be.true;
    });

    it('shows as such in kubectl', async () => {
      expect(await cluster.kubectl('get', 'dsr', 'cluster', '--no-headers')).to.match(
        new RegExp(`^cluster +${family} +True +Unknown +0/2 +0/2 +0/2 +0 +0 `),
      );
    });
  });
}
