import { expect } from 'chai';
import { NO_FAMILY } from '../../../src/core/net/addresses.ts';
import type { Check } from '../../../src/core/checks/check.ts';
import { clusterStackInconsistent } from '../../../src/core/checks/cluster-stack-inconsistent.ts';
import { nodeAddressMissing } from '../../../src/core/checks/node-address-missing.ts';
import { nodePodCIDRMissing } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import { Evaluation } from '../../../src/core/engine/evaluation.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { graceOf } from '../../../src/core/cluster/view.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import {
  dualNodes,
  dualService,
  evaluate,
  evaluateAll,
  inShort,
  ipv4Node,
  storeOf,
  ipv4Pod,
  MINUTE,
  node,
  NOW,
  pod,
  podCIDRsOf,
  runEvaluation,
  service,
  serviceCIDR,
  slice,
  slicesFor,
} from '../build.ts';
import { playHistories } from '../comparison.ts';

describe('the evaluation', () => {
  it('equals an evaluation from scratch after any history, and knows when the next verdict falls due', function () {
    const numRuns = propertyRuns(100);
    this.timeout(60_000 + numRuns * 1000);
    playHistories(numRuns);
  });

  it('looks again only at what a change touches, unless it changes the whole cluster', () => {
    const pods = Array.from({ length: 50 }, (_, index) => pod({ name: `web-${index}`, nodeName: index % 2 === 0 ? 'a' : 'b' }));
    const api = service({ name: 'api', selector: { app: 'api' } });
    const { evaluation, store } = evaluateAll([...dualNodes('a', 'b'), serviceCIDR(), dualService(), api, ...pods]);
    const evaluatedBy = (...facts: readonly Facts[]): number => {
      const before = evaluation.evaluated;
      for (const one of facts) store.apply({ type: 'upsert', facts: one });
      runEvaluation(evaluation, store, NOW);
      return evaluation.evaluated - before;
    };
    expect(evaluation.evaluated).to.equal(54);
    expect(evaluatedBy()).to.equal(0);
    // The pod, its node and the Service that selects it.
    expect(evaluatedBy(pod({ name: 'web-0', ready: false }))).to.equal(3);
    expect(evaluatedBy(slice({ serviceName: 'api' }))).to.equal(1);
    expect(evaluatedBy(serviceCIDR({ ready: false }))).to.equal(54);
    expect(evaluation.version).to.equal(5);
  });

  it('explains a Service again when what is found on nodes changes with time alone, and when a node is no longer asked for a family', () => {
    const young = node({ addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf('a'), createdAt: NOW });
    const balancer = service({ name: 'lb', type: 'LoadBalancer', clusterIPs: ['fd00:10:96::10'] });
    // What it asks for is reason enough, whatever nodes may get yet.
    const asking = { ...balancer, name: 'asks', uid: 'uid-asks', requestedAddresses: ['192.0.2.5'] };
    const { evaluation, store } = evaluateAll([young, balancer, asking]);
    const at = (now: number, ...facts: readonly Facts[]): string[] => {
      for (const one of facts) store.apply({ type: 'upsert', facts: one });
      runEvaluation(evaluation, store, now);
      return inShort(evaluation).filter((line) => line.startsWith('LoadBalancerPending'));
    };
    const asks = 'LoadBalancerPending Warning Service/shop/asks IPv6';
    const pending = 'LoadBalancerPending Warning Service/shop/lb IPv6';
    expect(at(NOW)).to.deep.equal([asks]);
    expect(at(NOW + 5 * MINUTE)).to.deep.equal([asks, pending].map((one) => `${one} because NodeAddressMissing Node/a`));
    const windows = node({ addresses: ['192.0.2.1'], podCIDRs: podCIDRsOf('a').slice(0, 1), createdAt: NOW, windows: true });
    expect(at(NOW + 5 * MINUTE, windows)).to.deep.equal([asks, pending]);
    expect(at(NOW + 5 * MINUTE, node())).to.deep.equal(['LoadBalancerPending Info Service/shop/lb IPv6', asks]);
  });

  it('looks again at the Services of the pods on a node that may give one family only from now on', () => {
    const web = dualService();
    const pods = ['one', 'two'].map((name, index) => pod({ name, nodeName: index === 0 ? 'a' : 'b' }));
    // Its slices lack an address that the second pod has, so that nothing is found on the pod or its node.
    const slices = slicesFor(web, [...pods.slice(0, 1), ipv4Pod('two')]);
    const { evaluation, store } = evaluateAll([...dualNodes('a', 'b'), serviceCIDR(), web, ...pods, ...slices]);
    const unbalanced = (): string[] => inShort(evaluation).filter((line) => line.startsWith('EndpointsUnbalanced'));
    expect(unbalanced()).to.deep.equal(['EndpointsUnbalanced Warning Service/shop/web IPv6']);
    store.apply({ type: 'upsert', facts: node({ name: 'b', podCIDRs: podCIDRsOf('b'), windows: true }) });
    runEvaluation(evaluation, store, NOW);
    expect(unbalanced()).to.deep.equal(['EndpointsUnbalanced Info Service/shop/web IPv6']);
  });

  it('lets others run while it evaluates much', () => {
    const pods = Array.from({ length: 1000 }, (_, index) => pod({ name: `web-${index}` }));
    const store = storeOf([...dualNodes('a'), ...pods]);
    const evaluation = new Evaluation(store, NO_FAMILY, graceOf(1));
    expect(Array.from(evaluation.evaluate(store.takeDirtySets(), NOW))).to.have.length(5);
    expect(evaluation.version).to.equal(1);
  });

  it('names a pod again that comes with the uid of another', () => {
    const { evaluation, store } = evaluateAll([...dualNodes('a'), pod({ name: 'peer' }), ipv4Pod('old', { uid: 'one' })]);
    expect(inShort(evaluation)).to.deep.equal(['PodFamilyMissing Warning Pod/shop/old IPv6']);
    store.apply({ type: 'upsert', facts: ipv4Pod('other', { uid: 'one' }) });
    runEvaluation(evaluation, store, NOW);
    expect(inShort(evaluation)).to.deep.equal(['PodFamilyMissing Warning Pod/shop/other IPv6']);
  });

  it('is clear of a check only where that evaluated the object, finds nothing and waits for nothing', () => {
    const given = [...dualNodes('a', 'b'), ipv4Node('old'), node({ name: 'new', createdAt: NOW })];
    const { evaluation, store } = evaluateAll(given);
    const unknown = evaluate(given, { refused: ['Pod'] });
    const rows: readonly (readonly [what: string, evaluation: Evaluation, check: Check, key: string | undefined, isClear: boolean])[] = [
      ['a sound node', evaluation, nodePodCIDRMissing, 'a', true],
      ['a node with a finding', evaluation, nodePodCIDRMissing, 'old', false],
      ['that node as to another check', evaluation, nodeAddressMissing, 'old', true],
      ['a node in grace', evaluation, nodePodCIDRMissing, 'new', false],
      ['a node that is gone', evaluation, nodePodCIDRMissing, 'gone', true],
      ['all nodes, of which one has a finding', evaluation, nodePodCIDRMissing, undefined, false],
      ['all nodes as to another check', evaluation, nodeAddressMissing, undefined, true],
      ['the cluster', evaluation, clusterStackInconsistent, undefined, true],
      ['a sound node without what the check needs', unknown, nodePodCIDRMissing, 'a', false],
      ['a sound node as to a check that needs less', unknown, nodeAddressMissing, 'a', true],
    ];
    for (const [what, of, check, key, isClear] of rows) expect(of.isClear(check, key), what).to.equal(isClear);
    store.apply({ type: 'delete', kind: 'Node', key: 'new' });
    runEvaluation(evaluation, store, NOW);
    expect(evaluation.isClear(nodePodCIDRMissing, 'new'), 'a node that went in grace').to.equal(true);
  });

  it('has nothing due where nothing is under grace', () => {
    expect(evaluateAll([...dualNodes('a'), pod()]).evaluation.nextDue).to.equal(undefined);
  });
});
