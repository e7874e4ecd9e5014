import { expect } from 'chai';
import { IPV4 } from '../../../src/core/net/addresses.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, dualService, ipv4Pod, namespace, pod, service, serviceCIDR } from '../build.ts';
import { listed, statusOf } from './report.ts';

const sound: readonly Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), pod({ name: 'sound', labels: {} })];

/** A Service that was never upgraded, which is a warning. */
const stuck = (inNamespace: string, name = 'stuck'): Facts =>
  service({ namespace: inNamespace, name, policy: 'PreferDualStack', selector: {} });

/** A Service of one family, which is info. */
const single = (inNamespace: string, name = 'single'): Facts => service({ namespace: inNamespace, name, selector: {} });

/** A Service that has no endpoint of either family, which is critical. */
const dead = (inNamespace: string): readonly Facts[] => [
  dualService({ namespace: inNamespace, name: 'dead' }),
  pod({ name: `dead-${inNamespace}`, namespace: inNamespace }),
];

describe('findings of the same severity', () => {
  it('are listed in the order of the checks, then by namespace and name', () => {
    const balancer = dualService({
      namespace: 'z',
      name: 'balancer',
      type: 'LoadBalancer',
      policy: 'RequireDualStack',
      selector: {},
      ingressFamilies: IPV4,
    });
    const shuffled = [stuck('b'), stuck('a', 'y'), balancer, ipv4Pod('old', { namespace: 'z', labels: {} }), stuck('a', 'x')];
    expect(listed(statusOf([...sound, ...shuffled]))).to.deep.equal([
      'Warning PodFamilyMissing z/old',
      'Warning LoadBalancerFamilyMissing z/balancer',
      'Info ServicesPredateDualStack cluster',
      'Warning ServiceNotUpgraded a/x',
      'Warning ServiceNotUpgraded a/y',
      'Warning ServiceNotUpgraded b/stuck',
    ]);
  });
});

describe('the worst namespaces of a report', () => {
  const names = (given: readonly Facts[]): string[] => (statusOf([...sound, ...given]).namespaces ?? []).map(({ name }) => name);

  it('are those with the most critical findings, then warnings, then others', () => {
    expect(names([single('d'), stuck('c'), ...dead('b'), ...dead('a'), stuck('a')])).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(names([single('a'), stuck('b'), ...dead('c'), ...dead('d'), stuck('d')])).to.deep.equal(['d', 'c', 'b', 'a']);
  });

  it('are ordered by the numbers of each severity', () => {
    expect(names([single('a'), single('b', 'one'), single('b', 'two'), stuck('c'), stuck('d', 'one'), stuck('d', 'two')])).to.deep.equal([
      'd',
      'c',
      'b',
      'a',
    ]);
  });

  it('are ordered by name where they are equally bad, in whatever order they came', () => {
    expect(names([single('b'), single('c'), single('a')])).to.deep.equal(['a', 'b', 'c']);
    expect(names([single('c'), single('a'), single('b')])).to.deep.equal(['a', 'b', 'c']);
  });

  it('are ordered by name, and not by their findings, where they are equally bad', () => {
    const unmet = service({ namespace: 'b', name: 'unmet', policy: 'RequireDualStack', selector: {}, ingressFamilies: IPV4 });
    expect(names([...dead('a'), unmet])).to.deep.equal(['a', 'b']);
  });

  it('are none of the cluster and of nodes', () => {
    expect(
      statusOf([...dualNodes('a', 'b'), namespace('shop'), ...dualNodes('c').map((one) => ({ ...one, podCIDRs: [] }))]).namespaces,
    ).to.deep.equal([]);
  });
});

describe('the names of an exclusion', () => {
  it('take an asterisk for any characters, a line break too, as a dump may have', () => {
    const spec = { exclusions: [{ name: 'odd*name', reason: 'known' }] };
    expect(listed(statusOf([...sound, single('a', 'odd\nname'), single('a', 'odder')], { spec }))).to.deep.equal([
      'Info ServiceSingleStack a/odder',
    ]);
  });
});

describe('what is not evaluated', () => {
  it('is in the message by number and then by reason, in whatever order the objects came', () => {
    const pods = [
      pod({ name: 'a', state: 'Pending' }),
      pod({ name: 'b', hostNetwork: true }),
      pod({ name: 'c', state: 'Completed' }),
      pod({ name: 'd', state: 'Completed' }),
    ];
    const words = 'No nodes, pods and Services to evaluate (skipped: 2 completed, 1 host network, 1 pending).';
    for (const facts of [pods, pods.toReversed()]) {
      expect(statusOf(facts).conditions?.find(({ type }) => type === 'Healthy')?.message).to.equal(words);
    }
  });
});
