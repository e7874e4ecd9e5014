import { expect } from 'chai';
import type { Facts, PodFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, dualService, ipv4Node, ipv4Pod, namespace, node, pod, serviceCIDR, slicesFor } from '../build.ts';
import { conditionOf, statusOf, type ReportAsked } from './report.ts';

interface Row extends ReportAsked {
  readonly name: string;
  readonly given: readonly Facts[];
  /** What the condition Healthy says of the one root cause. */
  readonly says: string;
}

const ROOMY = [...dualNodes('a', 'b', 'd'), serviceCIDR()];
const NODE_C = 'Node c has no IPv6 podCIDR (it has only 10.244.3.0/24)';

/** A dual-stack Service, its pods, and the slices that the controller makes of them. */
function serving(name: string, pods: readonly PodFacts[]): Facts[] {
  const of = dualService({ name, selector: { app: name } });
  return [of, ...pods, ...slicesFor(of, pods)];
}

function on(nodeName: string, app: string, parts: { readonly namespace?: string } = {}): PodFacts {
  const labels = { app };
  return nodeName === 'c'
    ? ipv4Pod(`${app}-c`, { nodeName, labels, ...parts })
    : pod({ name: `${app}-${nodeName}`, nodeName, labels, ...parts });
}

const dualBare = (name: string): Facts => node({ name, podCIDRs: [] });

const HOST_PODS = ['one', 'two'].map((name) =>
  pod({ name, nodeName: 'h', hostNetwork: true, addresses: ['192.0.2.8'], labels: { app: 'agent' } }),
);

const ROWS: readonly Row[] = [
  { name: 'nothing where nothing is affected', given: [...ROOMY, ipv4Node('c')], says: NODE_C },
  {
    name: 'pods, Services, and how many of these lost the family',
    given: [
      ...ROOMY,
      ipv4Node('c'),
      ...serving('cart', [on('c', 'cart')]),
      ...serving('web', [on('a', 'web'), on('c', 'web')]),
      ...serving('api', [on('b', 'api'), on('c', 'api')]),
    ],
    says: `${NODE_C}: 3 pods, 3 Services, 1 of them with no IPv6 endpoint`,
  },
  {
    name: 'Services that only have fewer endpoints',
    given: [...ROOMY, ipv4Node('c'), ...serving('web', [on('a', 'web'), on('c', 'web')])],
    says: `${NODE_C}: 1 pod, 1 Service`,
  },
  {
    name: 'the host-network pods of a node without an address',
    given: [
      ...dualNodes('a', 'b'),
      node({ name: 'h', addresses: ['192.0.2.8'], podCIDRs: ['10.244.8.0/24', 'fd00:10:244:8::/64'] }),
      serviceCIDR(),
      ...serving('agent', HOST_PODS),
    ],
    says: 'Node h has no IPv6 address (it has addresses of IPv4 only): 2 host-network pods, 1 Service with no IPv6 endpoint',
  },
  {
    name: 'the pods of all nodes that a finding on the cluster represents',
    given: [...dualNodes('a'), ipv4Node('c'), ipv4Node('e'), serviceCIDR(), on('c', 'web'), ipv4Pod('web-e', { nodeName: 'e' })],
    says: '2 of 3 nodes have no IPv6 podCIDR and are still to be replaced: 2 pods',
  },
  {
    name: 'the pods and Services behind another finding on the node',
    given: [
      ...[dualBare('a'), dualBare('b')],
      node({ name: 'c', addresses: ['192.0.2.3'], podCIDRs: [] }),
      serviceCIDR(),
      ...['a', 'b'].map((nodeName) => pod({ name: `other-${nodeName}`, nodeName })),
      ...serving(
        'web',
        ['1', '2'].map((name) => ipv4Pod(name, { nodeName: 'c', labels: { app: 'web' } })),
      ),
    ],
    says: 'Node c has no IPv6 address (it has addresses of IPv4 only): 2 pods, 1 Service with no IPv6 endpoint',
  },
  {
    name: 'the Service of a single pod',
    given: [...ROOMY, ...serving('web', [on('a', 'web'), ipv4Pod('old', { labels: { app: 'web' } })])],
    says: 'Pod shop/old has only 10.244.1.7 and no IPv6, which other pods on node a have: 1 Service',
  },
  {
    name: 'Services without those that the report excludes',
    given: [...ROOMY, ipv4Node('c'), ...serving('cart', [on('c', 'cart')]), ...serving('web', [on('a', 'web'), on('c', 'web')])],
    spec: { exclusions: [{ kind: 'Service', name: 'cart', reason: 'goes away' }] },
    says: `${NODE_C}: 2 pods, 1 Service`,
  },
  {
    name: 'Services that all lost the family',
    given: [...ROOMY, ipv4Node('c'), on('a', 'sound'), ...serving('cart', [on('c', 'cart')]), ...serving('pay', [on('c', 'pay')])],
    says: `${NODE_C}: 2 pods, 2 Services with no IPv6 endpoint`,
  },
  {
    name: 'only what is in the namespaces of the report',
    given: [
      ...ROOMY,
      ipv4Node('c'),
      ...serving('cart', [on('c', 'cart')]),
      on('a', 'web'),
      on('c', 'other', { namespace: 'other' }),
      namespace('shop', { team: 'shop' }),
      namespace('other'),
    ],
    spec: { namespaceSelector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] } },
    says: `${NODE_C}: 1 pod`,
  },
];

describe('the effects of a root cause, in words', () => {
  for (const { name, given, says, ...asked } of ROWS) {
    it(`name ${name}`, () => {
      const { message } = conditionOf(statusOf(given, asked), 'Healthy');
      expect(message.slice(message.indexOf('; '))).to.equal(`; 1 root cause to fix: ${says}.`);
    });
  }
});
