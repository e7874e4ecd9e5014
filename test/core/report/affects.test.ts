import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import type { ListedFinding } from '../../../src/core/report/types.ts';
import { dualNodes, dualService, ipv4Node, ipv4Pod, namespace, node, pod, podCIDRsOf, slicesFor } from '../build.ts';
import { statusOf, type ReportAsked } from './report.ts';

const IPV4 = ['192.0.2.1'];
const host = (name: string, parts = {}): Facts => pod({ name, hostNetwork: true, addresses: IPV4, ...parts });

interface Row extends ReportAsked {
  readonly name: string;
  readonly given: readonly Facts[];
  /** The check whose finding is looked at. */
  readonly of: string;
  readonly affects: ListedFinding['affects'];
}

/** A Service over one IPv4-only pod on node `c`, in a namespace of its own. */
function shopOf(team: string): Facts[] {
  const web = dualService({ namespace: team });
  const pods = [ipv4Pod(`web-${team}`, { namespace: team, nodeName: 'c' })];
  return [namespace(team, { team }), web, ...pods, ...slicesFor(web, pods)];
}

const ROWS: readonly Row[] = [
  {
    name: 'a node without a podCIDR: the running pods of the pod network on it',
    given: [
      ...dualNodes('a', 'b'),
      ipv4Node('c'),
      ipv4Pod('one', { nodeName: 'c', labels: {} }),
      ipv4Pod('done', { nodeName: 'c', state: 'Completed' }),
      host('host', { nodeName: 'c' }),
      ipv4Pod('elsewhere', { nodeName: 'a' }),
    ],
    of: 'NodePodCIDRMissing',
    affects: [{ kind: 'Pod', count: 1, examples: ['shop/one'] }],
  },
  {
    name: 'a node without an address: the running host-network pods on it that lack the family',
    given: [
      ...dualNodes('a', 'b'),
      node({ name: 'c', addresses: IPV4, podCIDRs: podCIDRsOf('c') }),
      host('host', { nodeName: 'c' }),
      host('done', { nodeName: 'c', state: 'Completed' }),
      host('both', { nodeName: 'c', addresses: ['192.0.2.1', '2001:db8::1'] }),
      host('elsewhere', { nodeName: 'a' }),
      ipv4Pod('network', { nodeName: 'c' }),
    ],
    of: 'NodeAddressMissing',
    affects: [{ kind: 'Pod', count: 1, examples: ['shop/host'] }],
  },
  {
    name: 'a node without any address: also what lacks one family only',
    given: [...dualNodes('a', 'b'), node({ name: 'c', addresses: [], podCIDRs: podCIDRsOf('c') }), host('host', { nodeName: 'c' })],
    of: 'NodeAddressMissing',
    affects: [{ kind: 'Pod', count: 1, examples: ['shop/host'] }],
  },
  {
    name: 'most nodes: these nodes and their pods',
    given: [...dualNodes('a'), ipv4Node('b'), ipv4Node('c'), ipv4Pod('one', { nodeName: 'b' }), ipv4Pod('two', { nodeName: 'c' })],
    of: 'NodePodCIDRMissing',
    affects: [
      { kind: 'Node', count: 2, examples: ['b', 'c'] },
      { kind: 'Pod', count: 2, examples: ['shop/one', 'shop/two'] },
    ],
  },
  {
    name: 'a fault of a node that takes no family from anything: nothing',
    given: [
      ...dualNodes('a', 'b'),
      node({ name: 'c', podCIDRs: podCIDRsOf('c').toReversed() }),
      host('host', { nodeName: 'c' }),
      ipv4Pod('one', { nodeName: 'c' }),
    ],
    of: 'NodeFamilyOrder',
    affects: undefined,
  },
  {
    name: 'a node, in all namespaces: the pods and the Services that follow from them',
    given: [...dualNodes('a', 'b'), ipv4Node('c'), ...shopOf('mine'), ...shopOf('theirs')],
    of: 'NodePodCIDRMissing',
    affects: [
      { kind: 'Pod', count: 2, examples: ['mine/web-mine', 'theirs/web-theirs'] },
      { kind: 'Service', count: 2, examples: ['mine/web', 'theirs/web'] },
    ],
  },
  {
    name: 'a node, in some namespaces: those in them',
    given: [...dualNodes('a', 'b'), ipv4Node('c'), ...shopOf('mine'), ...shopOf('theirs')],
    spec: { namespaceSelector: { matchLabels: { team: 'mine' } } },
    of: 'NodePodCIDRMissing',
    affects: [
      { kind: 'Pod', count: 1, examples: ['mine/web-mine'] },
      { kind: 'Service', count: 1, examples: ['mine/web'] },
    ],
  },
  {
    name: 'more than three: the first by name',
    given: [
      ...dualNodes('a', 'b'),
      ipv4Node('c'),
      ...['5', '3', '1', '4', '2'].map((name) => ipv4Pod(name, { nodeName: 'c', labels: {} })),
    ],
    of: 'NodePodCIDRMissing',
    affects: [{ kind: 'Pod', count: 5, examples: ['shop/1', 'shop/2', 'shop/3'] }],
  },
  {
    name: 'no second finding on its own object, which it explains too',
    given: [...dualNodes('a', 'b'), ipv4Node('c', { addresses: IPV4 }), ipv4Pod('1', { nodeName: 'c', labels: {} })],
    of: 'NodePodCIDRMissing',
    affects: [{ kind: 'Pod', count: 1, examples: ['shop/1'] }],
  },
];

describe('what a finding affects', () => {
  for (const { name, given, of, affects, ...asked } of ROWS) {
    it(name, () => {
      const found = statusOf(given, asked).findings?.filter(({ check }) => check === of) ?? [];
      expect(found.map((finding) => finding.affects)).to.deep.equal([affects]);
    });
  }

  it('most nodes: those that lack the family, whatever else they lack, and no others', () => {
    const { findings } = statusOf([
      ...dualNodes('a'),
      node({ name: 'b', addresses: IPV4, podCIDRs: podCIDRsOf('b').slice(0, 1) }),
      ipv4Node('c'),
      node({ name: 'd' }),
      node({ name: 'e', addresses: IPV4, podCIDRs: podCIDRsOf('e') }),
    ]);
    const found = findings?.filter(({ check, object }) => check === 'NodePodCIDRMissing' && object.kind === 'Cluster') ?? [];
    expect(found.map(({ affects }) => affects)).to.deep.equal([[{ kind: 'Node', count: 3, examples: ['b', 'c', 'd'] }]]);
  });
});
