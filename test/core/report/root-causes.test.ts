import { expect } from 'chai';
import { rootCauses, type RootCause } from '../../../src/core/report/root-causes.ts';
import { selectFindings, severityOfCause } from '../../../src/core/report/selection.ts';
import {
  dualNodes,
  dualService,
  evaluateAll,
  ipv4Node,
  ipv4Pod,
  node,
  NOW,
  pod,
  runEvaluation,
  service,
  serviceCIDR,
  slicesFor,
} from '../build.ts';

/** IPv6 is its primary family: without an endpoint of it, the Service is out of order. */
const web = dualService({ clusterIPs: ['fd00:10:96::10', '10.96.0.10'] });
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

function inShort({ check, object: { kind, namespace, name } }: RootCause): string {
  return `${check} ${kind}/${namespace}/${name}`;
}

describe('the root causes of a report', () => {
  it('are the critical findings and warnings that no other explains, with their words', () => {
    const { evaluation, store } = evaluateAll(cluster);
    const { byId: causes } = rootCauses(
      selectFindings(evaluation, {}, () => true, NOW),
      evaluation,
      store,
    );
    for (const [id, cause] of causes)
      expect(cause.id)
        .to.equal(id)
        .and.to.match(/^[0-9a-f]{16}$/);
    expect([...causes.values()].map(({ check, object, key, message }) => ({ check, object, key, message }))).to.deep.equal([
      {
        check: 'NodePodCIDRMissing',
        object: { group: '', kind: 'Node', namespace: '', name: 'c' },
        key: 'c',
        message: 'Node c has no IPv6 podCIDR (it has only 10.244.3.0/24): 1 pod, 1 Service with no IPv6 endpoint',
      },
      {
        check: 'PodFamilyMissing',
        object: { group: '', kind: 'Pod', namespace: 'shop', name: 'old' },
        key: 'uid-old',
        message: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have',
      },
    ]);
  });

  it('on the cluster are not over while nodes have the fault, though a node that is named like the cluster has none', () => {
    const nodes = ['cluster', 'a', 'b'].map((name) => node({ name, addresses: ['192.0.2.1'] }));
    const { evaluation, store } = evaluateAll(nodes, { expected: ['IPv4', 'IPv6'] });
    const causes = (): ReturnType<typeof rootCauses> =>
      rootCauses(
        selectFindings(evaluation, {}, () => true, NOW),
        evaluation,
        store,
      );
    const onCluster = [...causes().byId.values()].find(({ check }) => check === 'NodeAddressMissing')!;
    const onNode = { ...onCluster, object: { group: '', kind: 'Node', namespace: '', name: 'cluster' } };
    const areOver = (): unknown => [inShort(onCluster), ...[onCluster, onNode].map((fault) => causes().isOver(fault))];
    const fix = (...fixed: readonly string[]): void => {
      for (const name of fixed) store.apply({ type: 'upsert', facts: node({ name }) });
      runEvaluation(evaluation, store, NOW);
    };
    expect(areOver()).to.deep.equal(['NodeAddressMissing Cluster//cluster', false, false]);
    fix('cluster');
    expect(areOver()).to.deep.equal(['NodeAddressMissing Cluster//cluster', false, true]);
    fix('a', 'b');
    expect(areOver()).to.deep.equal(['NodeAddressMissing Cluster//cluster', true, true]);
  });

  it('are what is only info and explains something worse, instead of this', () => {
    const agents = ['a', 'b'].map((nodeName) =>
      pod({ name: `agent-${nodeName}`, nodeName, hostNetwork: true, addresses: ['192.0.2.1'], labels: { app: 'agent' } }),
    );
    const agent = dualService({ name: 'agent', clusterIPs: ['fd00:10:96::10', '10.96.0.10'], selector: { app: 'agent' } });
    const { evaluation, store } = evaluateAll([...dualNodes('a', 'b'), serviceCIDR(), agent, ...agents, ...slicesFor(agent, agents)]);
    const selection = selectFindings(evaluation, {}, () => true, NOW);
    expect(selection.findings.map(({ finding, severity }) => `${severity} ${finding.check.name}`)).to.include.members([
      'Info PodHostNetworkStale',
      'Critical EndpointFamilyMissing',
    ]);
    expect([...rootCauses(selection, evaluation, store).byId.values()].map(inShort)).to.deep.equal([
      'PodHostNetworkStale Cluster//cluster',
    ]);
    expect(selection.findings.filter(({ isRootCause }) => isRootCause).map(severityOfCause)).to.deep.equal(['Critical']);
  });

  it('are in the scope of a namespace where they represent an object of it', () => {
    const agents = ['a', 'b'].map((nodeName) =>
      pod({ name: `agent-${nodeName}`, nodeName, hostNetwork: true, addresses: ['192.0.2.1'], namespace: 'system' }),
    );
    const { evaluation } = evaluateAll([...dualNodes('a', 'b'), serviceCIDR(), ...agents]);
    const namesIn = (namespace: string): string[] =>
      selectFindings(evaluation, {}, (one) => one === namespace, NOW).findings.map(({ finding }) => finding.check.name);
    expect(namesIn('system')).to.deep.equal(['PodHostNetworkStale']);
    expect(namesIn('shop')).to.deep.equal([]);
  });

  it('are those that it sees: what explains them may be excluded, and it has severities of its own', () => {
    const { evaluation, store } = evaluateAll(cluster);
    const exclusions = [{ kind: 'Node' as const, reason: 'known' }];
    const { byId: causes } = rootCauses(
      selectFindings(
        evaluation,
        {
          exclusions,
          checks: [
            { name: 'PodFamilyMissing', severity: 'Info' },
            { name: 'ServiceSingleStack', severity: 'Warning' },
          ],
        },
        () => true,
        NOW,
      ),
      evaluation,
      store,
    );
    expect([...causes.values()].map(inShort)).to.deep.equal([
      'EndpointFamilyMissing Service/shop/web',
      'ServiceSingleStack Service/shop/single',
    ]);
  });
});
