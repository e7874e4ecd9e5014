import { expect } from 'chai';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { node } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';

describe('Events', function () {
  this.timeout(90_000);
  const cluster = useCluster();
  let operator: OperatorProcess;

  before('run the operator on two nodes, of which one lacks an address', async () => {
    await cluster.addNodes(node('worker-1', 1), node('worker-2', 2, { addresses: ['192.168.1.2'] }));
    operator = await cluster.operator();
    await eventually(async () => {
      expect((await cluster.report()).status?.summary?.warning).to.equal(1);
    });
  });

  /** `type reason kind/name: note` of the operator's Events. */
  async function events(): Promise<string[]> {
    const columns = 'custom-columns=T:.type,R:.reason,K:.regarding.kind,N:.regarding.name,M:.note,BY:.reportingController';
    const table = await cluster.controlPlane.kubectl([
      'get',
      'events.events.k8s.io',
      '--all-namespaces',
      '--no-headers',
      '--output',
      columns,
    ]);
    return table
      .split('\n')
      .filter((line) => line.includes('dualstack.dev/'))
      .map((line) => line.replaceAll(/ {2,}/g, ' ').trim());
  }

  it('are none for what was there when the operator started', async () => {
    expect(await events()).to.deep.equal([]);
    expect(await operator.metrics()).to.include('dualstack_events_total{result="written"} 0');
  });

  it('are made when a cause appears, and stand in the description of its object', async () => {
    await cluster.addNodes(node('narrow', 3, { podCIDRs: ['10.244.200.0/24'] }));
    await eventually(async () => {
      expect((await events()).join('\n')).to.contain('Warning NodePodCIDRMissing Node narrow Node narrow has no IPv6 podCIDR');
    });
    expect(await cluster.controlPlane.kubectl(['describe', 'node', 'narrow'])).to.match(
      /Warning +NodePodCIDRMissing .*has no IPv6 podCIDR/,
    );
  });

  it('are made when it goes', async () => {
    await cluster.controlPlane.kubectl(['delete', 'node', 'narrow']);
    await eventually(async () => {
      expect((await events()).join('\n')).to.contain('Normal NodePodCIDRMissing Node narrow Resolved: NodePodCIDRMissing');
    });
  });

  it('are made on the report when its health changes', async () => {
    await cluster.controlPlane.kubectl(['delete', 'node', 'worker-2']);
    await eventually(async () => {
      expect((await events()).join('\n')).to.contain('DualStackReport cluster');
    });
    expect(await cluster.controlPlane.kubectl(['describe', 'dsr', 'cluster'])).to.match(/Normal +(Healthy|HealthUnknown) /);
  });
});
