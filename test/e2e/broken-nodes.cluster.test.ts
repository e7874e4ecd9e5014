import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { expect } from 'chai';
import { useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { deployment, node, pod, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { commandOf, conditionOf, findingsOf, messageOf, ratiosOf } from '../support/report-words.ts';

const DUAL = { ipFamilyPolicy: 'PreferDualStack' } as const;
const PODS = 6;
/** The worst first; of the same severity, causes before effects. */
const FINDINGS = [
  'Critical NodePodCIDRMissing Node narrow IPv6',
  'Warning NodeAddressMissing Node worker-3 IPv6',
  'Warning EndpointFamilyMissing Service default/cart IPv6 < NodePodCIDRMissing Node narrow',
  'Warning EndpointsUnbalanced Service default/web IPv6 < NodePodCIDRMissing Node narrow',
] as const;

// Each group of tests breaks another node of the same cluster, and fixes it.
describe('a dual-stack cluster with a broken node', function () {
  this.timeout(90_000);
  const cluster = useCluster();
  let operator: OperatorProcess;

  before('create three whole nodes, and one with an IPv4 podCIDR only', async () => {
    await cluster.addNodes(
      node('worker-1', 1),
      node('worker-2', 2),
      node('worker-3', 3, { addresses: ['192.168.1.3'] }),
      node('narrow', 4, { podCIDRs: ['10.244.200.0/24'] }),
    );
    await cluster.addWorkloads(
      PODS,
      deployment('web-1', { app: 'web', on: 'worker-1' }),
      deployment('web-2', { app: 'web', on: 'narrow' }),
      deployment('cart', { replicas: 2, on: 'narrow' }),
      pod('agent', 'worker-3', { hostNetwork: true }),
      pod('batch', 'worker-2'),
      service('web', DUAL),
      service('cart', DUAL),
    );
    operator = await cluster.operator();
  });

  describe('that has an IPv4 podCIDR only', () => {
    it('has that as the cause, and what its Services lack as the effects', async () => {
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal(FINDINGS);
        expect(ratiosOf(report)).to.deep.equal(['2/4', '2/5', '2/2']);
        expect(report.status?.endpoints).to.include({ dualStack: 1, ipv4Only: 3, total: 4 });
      });
    });

    it('runs pods with IPv4 addresses only', async () => {
      const { items } = await cluster.get<{ items: readonly V1Pod[] }>('/api/v1/pods?fieldSelector=spec.nodeName%3Dnarrow');
      expect(items.map(({ status }) => status?.podIPs?.length)).to.deep.equal([1, 1, 1]);
    });

    it('is reported once, with all that comes of it', async () => {
      const report = await cluster.report();
      const [cause] = report.status?.findings ?? [];
      expect(cause?.message).to.equal('Node narrow has no IPv6 podCIDR (it has only 10.244.200.0/24)');
      expect(cause?.affects?.map(({ kind, count }) => `${count} ${kind}`)).to.deep.equal(['3 Pod', '2 Service']);
      expect(cause?.affects?.[1]?.examples).to.deep.equal(['default/cart', 'default/web']);
      expect(messageOf(report, 'Healthy')).to.match(
        /^1 critical, 3 warnings(?:, \d+ info)?; 2 root causes to fix, first: Node narrow has no IPv6 podCIDR/,
      );
      expect(messageOf(report, 'ServicesHealthy')).to.contain('all effects of other findings');
    });

    it('is fixed by the command of the finding and its registering again', async () => {
      const { status } = await cluster.report();
      await cluster.shell(commandOf(status?.findings?.[0]) ?? '');
      await cluster.registerAgain(node('narrow', 4, { cordoned: true }));
      await cluster.podsRun(PODS);
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal(['Warning NodeAddressMissing Node worker-3 IPv6']);
        expect(ratiosOf(report)).to.deep.equal(['3/4', '5/5', '2/2']);
        expect(report.status?.endpoints).to.include({ dualStack: 4, total: 4 });
      });
    });
  });

  describe('that has no IPv6 address', () => {
    it('has that as a warning, for the node alone: its host-network pod has what the node has', async () => {
      const report = await cluster.report();
      const [finding] = report.status?.findings ?? [];
      expect(finding?.message).to.equal('Node worker-3 has no IPv6 address (it has addresses of IPv4 only)');
      expect(finding?.affects).to.deep.equal([{ kind: 'Pod', count: 1, examples: ['default/agent'] }]);
      expect(conditionOf(report, 'NodesHealthy')).to.equal('False FindingsPresent');
      expect(conditionOf(report, 'ServicesHealthy')).to.equal('True NoProblemFound');
    });

    it('names --node-ip as the cause where the kubelet was given one address', async () => {
      await cluster.kubectl('annotate', 'node', 'worker-3', 'alpha.kubernetes.io/provided-node-ip=192.168.1.3');
      await eventually(async () => {
        const [finding] = (await cluster.report()).status?.findings ?? [];
        expect(finding?.message).to.contain("as its kubelet's --node-ip 192.168.1.3 asks");
        expect(finding?.remediation.summary).to.contain('which is 192.168.1.3 now, or leave the flag out');
      });
    });

    it('is fixed when the address comes: now its host-network pod, which keeps one, is reported', async () => {
      const { status } = await cluster.get<V1Node>('/api/v1/nodes/worker-3');
      const addresses = [...(status?.addresses ?? []), { type: 'InternalIP', address: 'fd12:b5e0:383e::3' }];
      await cluster.patchStatus('node', 'worker-3', { addresses });
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal(['Info PodHostNetworkStale Pod default/agent IPv6']);
        expect(ratiosOf(report)).to.deep.equal(['4/4', '5/5', '2/2']);
        expect(conditionOf(report, 'Healthy')).to.equal('True NoProblemFound');
      });
    });

    it('has its pod fixed by a restart', async () => {
      await cluster.kubectl('delete', 'pod', 'agent', '--force');
      await cluster.addWorkloads(PODS, pod('agent', 'worker-3', { hostNetwork: true }));
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal([]);
        expect(report.status?.pods?.skipped).to.deep.equal({ hostNetwork: 1 });
      });
    });
  });

  describe('whose CNI plugin gives IPv4 addresses only', () => {
    before('take the IPv6 addresses from all pods of narrow, as if the plugin had given none', async () => {
      const { items } = await cluster.get<{ items: readonly V1Pod[] }>('/api/v1/pods?fieldSelector=spec.nodeName%3Dnarrow');
      for (const { metadata, status } of items) {
        const podIPs = status?.podIPs?.slice(0, 1);
        await cluster.patchStatus('pod', metadata?.name ?? '', { podIPs });
      }
    });

    it('has that as the cause, since the node could give both', async () => {
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal([
          'Critical NodePodNetworkFamilyMissing Node narrow IPv6',
          'Warning EndpointFamilyMissing Service default/cart IPv6 < NodePodNetworkFamilyMissing Node narrow',
          'Warning EndpointsUnbalanced Service default/web IPv6 < NodePodNetworkFamilyMissing Node narrow',
        ]);
        expect(ratiosOf(report)).to.deep.equal(['4/4', '2/5', '2/2']);
      });
      const [cause] = (await cluster.report()).status?.findings ?? [];
      expect(cause?.message).to.equal('None of the 3 pods of the pod network on node narrow has IPv6, which the node can give');
    });

    it('shows the pods to whoever runs the command of the finding', async () => {
      const [cause] = (await cluster.report()).status?.findings ?? [];
      const shown = await cluster.shell(commandOf(cause) ?? '');
      expect(shown.trim().split('\n')[0]).to.match(/^NAMESPACE +NAME +IPS$/);
      expect(shown.trim().split('\n').slice(1)).to.have.length(3);
      expect(shown).to.not.contain(':');
    });

    it('blames one pod once the others have both families again', async () => {
      await cluster.kubectl('delete', 'pods', '--selector=app=cart', '--force');
      await cluster.podsRun(PODS);
      await eventually(async () => {
        const findings = findingsOf(await cluster.report());
        expect(findings).to.have.length(2);
        expect(findings[0]).to.match(/^Warning PodFamilyMissing Pod default\/web-2-\S+ IPv6$/);
        expect(findings[1]).to.match(/^Warning EndpointsUnbalanced Service default\/web IPv6 < PodFamilyMissing Pod default\/web-2-/);
      });
    });

    it('is healthy once the command for that pod has run', async () => {
      const [worst] = (await cluster.report()).status?.findings ?? [];
      await cluster.shell(commandOf(worst) ?? '');
      await cluster.podsRun(PODS);
      await eventually(async () => {
        const report = await cluster.report();
        expect(findingsOf(report)).to.deep.equal([]);
        expect(conditionOf(report, 'Healthy')).to.equal('True NoProblemFound');
      });
    });

    it('never had the operator complain', () => {
      expect(operator.running).to.be.true;
      expect(operator.log.filter(({ level }) => level >= 40)).to.deep.equal([]);
    });
  });
});
