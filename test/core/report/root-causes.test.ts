import { expect } from 'chai';
import { rootCauses } from '../../../src/core/report/root-causes.ts';
import { selectFindings } from '../../../src/core/report/selection.ts';
import { dualNodes, dualService, evaluateAll, ipv4Node, ipv4Pod, pod, service, serviceCIDR, slicesFor } from '../build.ts';

const web = dualService();
const pods = [ipv4Pod('web-1', { nodeName: 'c' })];
const cluster = [
  ...dualNodes('a', 'b'),
  ipv4Node('c'),
  serviceCIDR(),
  web,
  ...pods,
  ...slicesFor(web, pods),
  pod({ name: 'sound', labels: {} }),
  ipv4Pod('old', { labels: {} }),
  service({ name: 'single', selector: {} }),
];

describe('the root causes of a report', () => {
  it('are the critical findings and warnings that no other explains, with their words', () => {
    const { ledger, inventory } = evaluateAll(cluster);
    const causes = rootCauses(
      selectFindings(ledger, {}, () => true),
      ledger,
      inventory,
    );
    expect([...causes]).to.deep.equal([
      [
        'NodePodCIDRMissing/Node//c',
        {
          id: 'NodePodCIDRMissing/Node//c',
          check: 'NodePodCIDRMissing',
          object: { kind: 'Node', namespace: '', name: 'c' },
          key: 'c',
          message: 'Node c has no IPv6 podCIDR (it has only 10.244.3.0/24): 1 pod, 1 Service with no IPv6 endpoint',
        },
      ],
      [
        'PodFamilyMissing/Pod/shop/old',
        {
          id: 'PodFamilyMissing/Pod/shop/old',
          check: 'PodFamilyMissing',
          object: { kind: 'Pod', namespace: 'shop', name: 'old' },
          key: 'uid-old',
          message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
        },
      ],
    ]);
  });

  it('are those that only something good to know explains', () => {
    const agents = ['a', 'b'].map((nodeName) =>
      pod({ name: `agent-${nodeName}`, nodeName, hostNetwork: true, addresses: ['192.0.2.1'], labels: { app: 'agent' } }),
    );
    const agent = dualService({ name: 'agent', selector: { app: 'agent' } });
    const { ledger, inventory } = evaluateAll([...dualNodes('a', 'b'), serviceCIDR(), agent, ...agents, ...slicesFor(agent, agents)]);
    const selection = selectFindings(ledger, {}, () => true);
    expect(selection.findings.map(({ finding, severity }) => `${severity} ${finding.check.name}`)).to.include.members([
      'Info PodHostNetworkStale',
      'Critical EndpointFamilyMissing',
    ]);
    expect([...rootCauses(selection, ledger, inventory).keys()]).to.deep.equal(['EndpointFamilyMissing/Service/shop/agent']);
  });

  it('are those that it sees: what explains them may be excluded, and it has severities of its own', () => {
    const { ledger, inventory } = evaluateAll(cluster);
    const exclusions = [{ kind: 'Node' as const, reason: 'known' }];
    const causes = rootCauses(
      selectFindings(ledger, { exclusions, severities: { PodFamilyMissing: 'Info', ServiceSingleStack: 'Warning' } }, () => true),
      ledger,
      inventory,
    );
    expect([...causes.keys()]).to.deep.equal(['EndpointFamilyMissing/Service/shop/web', 'ServiceSingleStack/Service/shop/single']);
  });
});
