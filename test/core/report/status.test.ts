import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import type { DualStackReportSpec, DualStackReportStatus, Exclusion } from '../../../src/core/report/types.ts';
import { dualNodes, dualService, ipv4Node, ipv4Pod, MINUTE, namespace, node, NOW, pod, service, serviceCIDR, slicesFor } from '../build.ts';
import { conditionOf, listed, statusOf } from './report.ts';

/** IPv6 is its primary family: without an endpoint of it, the Service is out of order. */
const web = dualService({ clusterIPs: ['fd00:10:96::10', '10.96.0.10'] });

/** Three nodes of which `c` has no IPv6 podCIDR, so that a pod on it lacks IPv6 and Service `web` has no IPv6 endpoint. */
const broken: readonly Facts[] = [
  ...dualNodes('a', 'b'),
  ipv4Node('c'),
  serviceCIDR(),
  web,
  ipv4Pod('web-1', { nodeName: 'c' }),
  ...slicesFor(web, [ipv4Pod('web-1')]),
  pod({ name: 'sound', namespace: 'blog', labels: {} }),
  ipv4Pod('old', { namespace: 'blog', labels: {} }),
  service({ name: 'single', namespace: 'blog', selector: {} }),
  namespace('shop', { team: 'one' }),
  namespace('blog', { team: 'two' }),
];

const ALL = [
  'Critical NodePodCIDRMissing c',
  'Critical EndpointFamilyMissing shop/web',
  'Warning PodFamilyMissing blog/old',
  'Info ServiceSingleStack blog/single',
];

describe('the status of a report', () => {
  it('counts nodes, pods, Services and endpoints, and what is skipped, with the reason', () => {
    const { nodes, pods, services, endpoints } = statusOf([
      ...broken,
      node({ name: 'fargate', virtual: true }),
      pod({ name: 'host', hostNetwork: true, addresses: ['192.0.2.1', '2001:db8::1'] }),
      service({ name: 'out', type: 'ExternalName', clusterIPs: [] }),
    ]);
    expect({ nodes, pods, services, endpoints }).to.deep.equal({
      nodes: { total: 3, dualStack: 2, ipv4Only: 1, ipv6Only: 0, none: 0, ratio: '2/3', skipped: { virtual: 1 } },
      pods: { total: 3, dualStack: 1, ipv4Only: 2, ipv6Only: 0, none: 0, ratio: '1/3', skipped: { hostNetwork: 1 } },
      services: { total: 2, dualStack: 1, ipv4Only: 1, ipv6Only: 0, none: 0, ratio: '1/2', skipped: { externalName: 1 } },
      endpoints: { total: 1, dualStack: 0, ipv4Only: 1, ipv6Only: 0, none: 0, ratio: '0/1' },
    });
  });

  it('counts nodes by their addresses only where the pod network does not use podCIDRs', () => {
    const outside = pod({ addresses: ['172.16.0.7', '2001:db8:7::7'] });
    const { nodes } = statusOf([...dualNodes('a'), ipv4Node('b'), node({ name: 'c' }), outside]);
    expect(nodes?.ratio).to.equal('3/3');
  });

  it('counts nothing that the API server refuses: a zero would be a lie', () => {
    expect(statusOf(broken, { refused: ['Pod', 'EndpointSlice'] })).to.not.have.any.keys('pods', 'endpoints');
    expect(statusOf(broken, { refused: ['Node'] })).to.not.have.property('nodes');
    const selected = { namespaceSelector: { matchLabels: { team: 'one' } } };
    const status = statusOf(broken, { refused: ['Namespace'], spec: selected });
    expect(status).to.not.have.any.keys('pods', 'services', 'endpoints');
    expect(status).to.have.property('nodes');
  });

  it('reports the stack of each layer, on what evidence, and of all of them', () => {
    const { stack } = statusOf(broken);
    expect(stack).to.deep.equal({
      overall: 'DualStack',
      nodes: {
        families: 'DualStack',
        primary: 'IPv4',
        evidence: 'of 3 nodes 3 have addresses of both families, 0 IPv4 only, 0 IPv6 only',
      },
      pods: {
        families: 'DualStack',
        primary: 'IPv4',
        evidence: 'of 3 pod-network pods 1 have addresses of both families, 2 IPv4 only, 0 IPv6 only; nodes have podCIDRs of IPv4 and IPv6',
      },
      services: { families: 'DualStack', primary: 'IPv4', evidence: 'ServiceCIDR kubernetes has IPv4 and IPv6' },
    });
  });

  it('lists findings in full: with their cause, what they affect and how to fix them', () => {
    const [cause, effect] = statusOf(broken).findings ?? [];
    expect(cause).to.deep.equal({
      id: '44d9df5bd7792478',
      check: 'NodePodCIDRMissing',
      severity: 'Critical',
      object: { kind: 'Node', name: 'c' },
      families: ['IPv6'],
      message: 'Node c has no IPv6 podCIDR (it has only 10.244.3.0/24)',
      remediation: {
        summary: 'Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be changed once set.',
        steps: [
          {
            description:
              "Make kube-controller-manager's --cluster-cidr name a range of each family, the present one first, with room for all nodes and with all present podCIDRs in it: otherwise kube-controller-manager does not start. kube-controller-manager restarts; pods keep running.",
            disruption: 'None',
          },
          {
            description:
              'Note the labels, annotations and taints of the node: its new Node object has only those that its kubelet and its platform set, and until you set a taint again, any pod may start there. Then drain the node and delete its Node object. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.',
            command: 'kubectl drain c --ignore-daemonsets --delete-emptydir-data && kubectl delete node c',
            disruption: 'RecreatesNode',
          },
          {
            description:
              'Restart the machine, so that its kubelet registers it with new podCIDRs. A pod that outlives its Node object, such as one of a DaemonSet, keeps an address that another node may be given: restarting the kubelet alone is not enough.',
            disruption: 'RestartsPods',
            exposes:
              'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
          },
        ],
      },
      since: '2026-06-01T12:00:00Z',
      affects: [
        { kind: 'Pod', count: 1, examples: ['shop/web-1'] },
        { kind: 'Service', count: 1, examples: ['shop/web'] },
      ],
    });
    expect(effect).to.deep.include({
      check: 'EndpointFamilyMissing',
      severity: 'Critical',
      object: { kind: 'Service', namespace: 'shop', name: 'web' },
      families: ['IPv6'],
      message: 'Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod',
      since: '2026-06-01T12:00:00Z',
      causedBy: { id: '44d9df5bd7792478', check: 'NodePodCIDRMissing', object: { kind: 'Node', name: 'c' } },
    });
    expect(effect).to.not.have.property('affects');
  });

  it('names three of the objects that a finding on the cluster affects, in alphabetical order', () => {
    const nodes = ['e', 'd', 'c', 'b'].map((name) => ipv4Node(name));
    const { findings } = statusOf([...dualNodes('a'), ...nodes]);
    expect(findings?.map(({ object, affects }) => ({ object, affects }))).to.deep.equal([
      { object: { kind: 'Cluster', name: 'cluster' }, affects: [{ kind: 'Node', count: 4, examples: ['b', 'c', 'd'] }] },
    ]);
  });

  it('summarises all findings, listed or not', () => {
    const { summary } = statusOf(broken, { spec: { maxFindings: 1 } });
    expect(summary).to.deep.equal({
      critical: 2,
      warning: 1,
      info: 1,
      rootCauses: 2,
      excluded: 0,
      ignored: 0,
      expiredExclusions: 0,
      checks: { NodePodCIDRMissing: 1, EndpointFamilyMissing: 1, PodFamilyMissing: 1, ServiceSingleStack: 1 },
    });
  });

  it('lists no more than it is asked for, and says how many it omits', () => {
    const { findings, findingsOmitted } = statusOf(broken, { spec: { maxFindings: 3 } });
    expect(findings).to.have.length(3);
    expect(findingsOmitted).to.equal(1);
  });

  it('lists a hundred where it is not asked', () => {
    const pods = Array.from({ length: 130 }, (_, index) => ipv4Pod(`old-${index}`, { labels: {} }));
    const { findings, findingsOmitted } = statusOf([...dualNodes('a', 'b'), pod(), ...pods]);
    expect([findings?.length, findingsOmitted]).to.deep.equal([100, 30]);
  });

  it('keeps since when a finding has been there, and what is new is there since now', () => {
    const first = statusOf(broken);
    const newer = ipv4Pod('older', { namespace: 'blog', labels: {} });
    const second = statusOf([...broken, newer], { status: first, now: NOW + MINUTE });
    expect(second.findings?.map(({ object: { name }, since }) => `${name} ${since}`)).to.deep.equal([
      'c 2026-06-01T12:00:00Z',
      'web 2026-06-01T12:00:00Z',
      'old 2026-06-01T12:00:00Z',
      'older 2026-06-01T12:01:00Z',
      'single 2026-06-01T12:00:00Z',
    ]);
    expect(second.lastEvaluationTime).to.equal('2026-06-01T12:01:00Z');
  });

  it('names the worst namespaces, with their findings', () => {
    expect(statusOf(broken).namespaces).to.deep.equal([
      { name: 'shop', critical: 1, warning: 0, info: 0 },
      { name: 'blog', critical: 0, warning: 1, info: 1 },
    ]);
  });

  it('cuts what is too long, and omits a command that it would have to cut', () => {
    const long = 'n'.repeat(253);
    const { findings } = statusOf([...dualNodes('a', 'b'), ipv4Node(long)]);
    expect(findings?.[0]?.message).to.equal(`Node ${'n'.repeat(250)}…`);
    expect(findings?.[0]?.remediation).to.not.have.property('command');
  });
});

describe('the scope of a report', () => {
  const rows: readonly {
    readonly name: string;
    readonly selector: DualStackReportSpec['namespaceSelector'];
    readonly lists: readonly string[];
  }[] = [
    { name: 'is everything without a selector', selector: undefined, lists: ALL },
    { name: 'is everything with an empty selector', selector: { matchLabels: {}, matchExpressions: [] }, lists: ALL },
    { name: 'is the namespaces with a label', selector: { matchLabels: { team: 'one' } }, lists: ALL.slice(0, 2) },
    {
      name: 'is the namespaces with one of some values',
      selector: { matchExpressions: [{ key: 'team', operator: 'In', values: ['two', 'three'] }] },
      lists: [ALL[0] ?? '', ALL[2] ?? '', ALL[3] ?? ''],
    },
    {
      name: 'is the namespaces with none of some values',
      selector: { matchExpressions: [{ key: 'team', operator: 'NotIn', values: ['two'] }] },
      lists: ALL.slice(0, 2),
    },
    { name: 'is the namespaces that have a key', selector: { matchExpressions: [{ key: 'team', operator: 'Exists' }] }, lists: ALL },
    {
      name: 'is the namespaces that have not a key',
      selector: { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' }] },
      lists: ALL.slice(0, 1),
    },
    {
      name: 'is the namespaces that meet all of it',
      selector: { matchLabels: { team: 'one' }, matchExpressions: [{ key: 'stage', operator: 'Exists' }] },
      lists: ALL.slice(0, 1),
    },
  ];
  for (const { name, selector, lists } of rows) {
    it(name, () => {
      expect(listed(statusOf(broken, { spec: selector ? { namespaceSelector: selector } : {} }))).to.deep.equal(lists);
    });
  }

  it('counts its own pods, Services and endpoints, and all nodes', () => {
    const { nodes, pods, services, endpoints } = statusOf(broken, { spec: { namespaceSelector: { matchLabels: { team: 'two' } } } });
    expect([nodes, pods, services, endpoints].map((counts) => counts?.ratio)).to.deep.equal(['2/3', '1/2', '0/1', '0/0']);
  });

  it('has no namespace that is not known, unless it is everything', () => {
    const elsewhere = service({ namespace: 'ghost', name: 'lost', selector: {} });
    const selector = { matchExpressions: [{ key: 'team', operator: 'DoesNotExist' as const }] };
    expect(listed(statusOf([...broken, elsewhere])).join()).to.include('ghost/lost');
    expect(listed(statusOf([...broken, elsewhere], { spec: { namespaceSelector: selector } })).join()).to.not.include('ghost');
  });
});

describe('a report on some namespaces', () => {
  const mine = { namespaceSelector: { matchLabels: { team: 'mine' } } };
  const cluster = [
    namespace('shop', { team: 'mine' }),
    namespace('other', { team: 'theirs' }),
    ...dualNodes('a', 'c'),
    ipv4Node('b'),
    pod({ name: 'mine' }),
    ipv4Pod('theirs', { namespace: 'other', nodeName: 'b' }),
  ];

  it('is not evaluated by the pods of others, and does not name them', () => {
    const { conditions = [], findings = [] } = statusOf(cluster, { spec: mine });
    expect(conditions.find(({ type }) => type === 'PodsHealthy')).to.include({ status: 'True' });
    expect(findings.map(({ check, affects }) => [check, affects])).to.deep.equal([['NodePodCIDRMissing', undefined]]);
  });

  it('is evaluated by them where it takes in all', () => {
    const { conditions = [], findings = [] } = statusOf(cluster);
    expect(conditions.find(({ type }) => type === 'PodsHealthy')).to.include({ status: 'False' });
    expect(findings[0]?.affects).to.deep.equal([{ kind: 'Pod', count: 1, examples: ['other/theirs'] }]);
  });
});

describe('the severities of a report', () => {
  it('take the place of those of checks', () => {
    const status = statusOf(broken, {
      spec: {
        checks: [
          { name: 'PodFamilyMissing', severity: 'Critical' },
          { name: 'ServiceSingleStack', severity: 'Warning' },
        ],
      },
    });
    expect(listed(status)).to.deep.equal([
      'Critical NodePodCIDRMissing c',
      'Critical PodFamilyMissing blog/old',
      'Critical EndpointFamilyMissing shop/web',
      'Warning ServiceSingleStack blog/single',
    ]);
    expect(status.summary).to.include({ critical: 3, warning: 1, info: 0 });
  });

  it('ignore findings, which are counted as ignored', () => {
    const status = statusOf(broken, {
      spec: {
        checks: [
          { name: 'NodePodCIDRMissing', severity: 'Ignore' },
          { name: 'ServiceSingleStack', severity: 'Ignore' },
        ],
      },
    });
    expect(listed(status)).to.deep.equal(['Critical EndpointFamilyMissing shop/web', 'Warning PodFamilyMissing blog/old']);
    expect(status.summary).to.include({ ignored: 2, rootCauses: 2 });
  });

  it('lift a cause to the place of its worst effect, whatever its own severity', () => {
    const status = statusOf(broken, { spec: { checks: [{ name: 'NodePodCIDRMissing', severity: 'Info' }] } });
    expect(listed(status)).to.deep.equal([
      'Info NodePodCIDRMissing c',
      'Critical EndpointFamilyMissing shop/web',
      'Warning PodFamilyMissing blog/old',
      'Info ServiceSingleStack blog/single',
    ]);
  });
});

describe('the exclusions of a report', () => {
  const rows: readonly { readonly name: string; readonly exclusion: Omit<Exclusion, 'reason'>; readonly leaves: readonly number[] }[] = [
    { name: 'go by check', exclusion: { check: 'PodFamilyMissing' }, leaves: [0, 1, 3] },
    { name: 'go by kind', exclusion: { kind: 'Service' }, leaves: [0, 2] },
    { name: 'go by namespace', exclusion: { namespace: 'blog' }, leaves: [0, 1] },
    { name: 'go by name', exclusion: { name: 'old' }, leaves: [0, 1, 3] },
    { name: 'go by the beginning of a name', exclusion: { name: 'o*' }, leaves: [0, 1, 3] },
    { name: 'go by the middle of a name', exclusion: { name: '*ing*' }, leaves: [0, 1, 2] },
    { name: 'go by an asterisk for everything', exclusion: { name: '*' }, leaves: [] },
    { name: 'take a name whole', exclusion: { name: 'ol' }, leaves: [0, 1, 2, 3] },
    { name: 'take other characters as they are', exclusion: { name: '.ld' }, leaves: [0, 1, 2, 3] },
    { name: 'need all that they name', exclusion: { kind: 'Pod', namespace: 'shop' }, leaves: [0, 1, 2, 3] },
    { name: 'take what they name together', exclusion: { kind: 'Service', namespace: 'shop' }, leaves: [0, 2, 3] },
    { name: 'take nodes too, whose effects stay', exclusion: { kind: 'Node' }, leaves: [1, 2, 3] },
  ];
  for (const { name, exclusion, leaves } of rows) {
    it(name, () => {
      const status = statusOf(broken, { spec: { exclusions: [{ ...exclusion, reason: 'known' }] } });
      expect(listed(status)).to.deep.equal(leaves.map((index) => ALL[index]));
      expect(status.summary?.excluded).to.equal(ALL.length - leaves.length);
    });
  }

  it('take the problem out of the conditions', () => {
    const exclusions = ['NodePodCIDRMissing', 'EndpointFamilyMissing', 'PodFamilyMissing'].map((check) => ({ check, reason: 'known' }));
    expect(conditionOf(statusOf(broken, { spec: { exclusions } }), 'Healthy').status).to.equal('True');
  });

  it('take a finding that represents many nodes where they take all of these', () => {
    const edge = [...dualNodes('a', 'b'), ...['e', 'f', 'g'].map((name) => ipv4Node(name)), serviceCIDR(), pod()];
    const excluding = (...names: readonly string[]): DualStackReportStatus =>
      statusOf(edge, { spec: { exclusions: names.map((name) => ({ kind: 'Node' as const, name, reason: 'at the edge' })) } });
    expect(listed(statusOf(edge))).to.deep.equal(['Warning NodePodCIDRMissing cluster']);
    expect(listed(excluding('e', 'f'))).to.deep.equal(['Warning NodePodCIDRMissing cluster']);
    expect([listed(excluding('e', 'f', 'g')), excluding('e', 'f', 'g').summary?.excluded]).to.deep.equal([[], 1]);
  });

  it('count a finding once, however many match it', () => {
    const exclusions = [
      { kind: 'Pod' as const, reason: 'known' },
      { name: 'old', reason: 'known' },
    ];
    expect(statusOf(broken, { spec: { exclusions } }).summary?.excluded).to.equal(1);
  });
});
