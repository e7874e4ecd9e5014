import type { V1Node, V1Pod, V1Service } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { node, pod, service } from '../support/objects.ts';
import { commandOf, conditionsOf, findingsOf, ratiosOf } from '../support/report-words.ts';

describe('a dual-stack cluster whose first family is IPv6', function () {
  this.timeout(60_000);
  const cluster = useCluster({ stack: 'dual-ipv6-first' });
  let report: DualStackReport;

  before('create nodes, pods and Services', async () => {
    const addresses = (number: number): readonly string[] => [`fd12:b5e0:383e::${number}`, `192.168.1.${number}`];
    await cluster.addNodes(node('worker-1', 1, { addresses: addresses(1) }), node('worker-2', 2, { addresses: addresses(2) }));
    await cluster.addWorkloads(
      3,
      pod('web-1', 'worker-1', { app: 'web' }),
      pod('web-2', 'worker-2', { app: 'web' }),
      pod('agent', 'worker-1', { hostNetwork: true }),
      service('web', { ipFamilyPolicy: 'PreferDualStack' }),
      service('plain'),
      service('ipv4-first', { selector: { app: 'web' }, ipFamilyPolicy: 'RequireDualStack', ipFamilies: ['IPv4', 'IPv6'] }),
    );
    await cluster.operator();
    await eventually(async () => {
      report = await cluster.report();
      expect(ratiosOf(report)).to.deep.equal(['2/2', '2/2', '2/3']);
      expect(report.status?.endpoints?.ratio).to.equal('4/4');
    });
  });

  it('gives nodes, pods and Services IPv6 first', async () => {
    const { spec: nodeSpec } = await cluster.get<V1Node>('/api/v1/nodes/worker-1');
    expect(nodeSpec?.podCIDRs?.map(familyOf)).to.deep.equal(['IPv6', 'IPv4']);
    const { status } = await cluster.get<V1Pod>('/api/v1/namespaces/default/pods/web-1');
    expect(status?.podIPs?.map(({ ip }) => familyOf(ip))).to.deep.equal(['IPv6', 'IPv4']);
    const { spec } = await cluster.get<V1Service>('/api/v1/namespaces/default/services/web');
    expect(spec?.ipFamilies).to.deep.equal(['IPv6', 'IPv4']);
    const { spec: plain } = await cluster.get<V1Service>('/api/v1/namespaces/default/services/plain');
    expect(plain).to.deep.include({ ipFamilyPolicy: 'SingleStack', ipFamilies: ['IPv6'] });
  });

  it('has IPv6 for the primary family of every layer', () => {
    const { overall: whole, nodes, pods, services } = report.status!.stack!;
    expect(whole).to.equal('DualStack');
    for (const layer of [nodes, pods, services]) expect(layer).to.include({ families: 'DualStack', primary: 'IPv6' });
  });

  it('is healthy, and only the SingleStack Service is reported, which lacks IPv4', () => {
    expect(findingsOf(report)).to.deep.equal(['Info ServiceSingleStack Service default/plain IPv4']);
    expect(conditionsOf(report)).to.include({ Healthy: 'True', NodesHealthy: 'True', PodsHealthy: 'True', ServicesHealthy: 'True' });
  });

  it('is fixed by the command of the finding, with IPv6 kept first', async () => {
    await cluster.shell(commandOf(report.status?.findings?.[0]) ?? '');
    const { spec } = await cluster.get<V1Service>('/api/v1/namespaces/default/services/plain');
    expect(spec?.ipFamilies).to.deep.equal(['IPv6', 'IPv4']);
    await cluster.reportThat('has no findings', (it) => findingsOf(it).length === 0);
  });
});

function familyOf(address: string): string {
  return address.includes(':') ? 'IPv6' : 'IPv4';
}
