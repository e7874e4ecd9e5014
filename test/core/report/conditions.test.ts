import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import type { DualStackReportStatus } from '../../../src/core/report/types.ts';
import { apiServer, dualNodes, dualService, ipv4Node, ipv4Pod, MINUTE, NOW, pod, service, serviceCIDR, slicesFor } from '../build.ts';
import { conditionOf, conditionsOf, statusOf, statusWhileSuspended, type ReportAsked } from './report.ts';

/** IPv6 is its primary family: without an endpoint of it, the Service is out of order. */
const web = dualService({ clusterIPs: ['fd00:10:96::10', '10.96.0.10'] });
const sound: readonly Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), web, pod(), ...slicesFor(web, [pod()])];
const IPV4 = ['192.0.2.1'];
const ofIPv4: readonly Facts[] = [
  ipv4Node('a', { addresses: IPV4 }),
  serviceCIDR({ cidrs: ['10.96.0.0/16'] }),
  service(),
  ipv4Pod('web-1'),
  ...slicesFor(service(), [pod()]),
];
const old = ipv4Pod('old', { labels: {} });
const badNode = ipv4Node('c');

interface Row extends ReportAsked {
  readonly name: string;
  readonly given: readonly Facts[];
  readonly are: readonly string[];
}

const WELL = ['NodesHealthy=True NoProblemFound', 'PodsHealthy=True NoProblemFound', 'ServicesHealthy=True NoProblemFound'];
const READY = 'Ready=True Evaluated';
const LAYERS = ['NodesHealthy', 'PodsHealthy', 'ServicesHealthy'];
const unknown = (reason: string): string[] => ['Healthy', ...LAYERS].map((type) => `${type}=Unknown ${reason}`);

const ROWS: readonly Row[] = [
  { name: 'a sound dual-stack cluster: healthy', given: sound, are: [READY, 'Healthy=True NoProblemFound', ...WELL] },
  {
    name: 'findings that are only info: healthy',
    given: [...sound, service({ name: 'single', selector: {} })],
    are: [READY, 'Healthy=True NoProblemFound', ...WELL],
  },
  { name: 'a cluster of one family: undetermined (fact 5)', given: ofIPv4, are: [READY, ...unknown('SingleStack')] },
  {
    name: 'a cluster of the one family that is expected: healthy',
    given: ofIPv4,
    spec: { expectedFamilies: ['IPv4'] },
    are: [READY, 'Healthy=True NoProblemFound', ...WELL],
  },
  {
    name: 'families that are expected and that Services cannot have: stalled',
    given: ofIPv4,
    spec: { expectedFamilies: ['IPv4', 'IPv6'] },
    are: [
      READY,
      'Healthy=False FindingsPresent',
      'NodesHealthy=False FindingsPresent',
      'PodsHealthy=False FindingsPresent',
      'ServicesHealthy=Unknown ExpectedFamilyAbsent',
      'Stalled=True ExpectedFamilyAbsent',
    ],
  },
  { name: 'an empty cluster: undetermined', given: [], are: [READY, ...unknown('StackUnknown')] },
  {
    name: 'a pod that lacks a family',
    given: [...sound, old],
    are: [READY, 'Healthy=False FindingsPresent', WELL[0] ?? '', 'PodsHealthy=False FindingsPresent', WELL[2] ?? ''],
  },
  {
    name: 'a node that keeps a family from pods: their problem too',
    given: [...sound, badNode, ipv4Pod('old', { nodeName: 'c', labels: {} })],
    are: [
      READY,
      'Healthy=False FindingsPresent',
      'NodesHealthy=False FindingsPresent',
      'PodsHealthy=False FindingsPresent',
      'ServicesHealthy=True NoProblemFound',
    ],
  },
  {
    name: 'a node that lacks a podCIDR and has no pods yet',
    given: [...sound, badNode],
    are: [READY, 'Healthy=False FindingsPresent', 'NodesHealthy=False FindingsPresent', ...WELL.slice(1)],
  },
  {
    name: 'a Service that was never upgraded',
    given: [...sound, service({ name: 'stuck', policy: 'PreferDualStack', selector: {} })],
    are: [READY, 'Healthy=False FindingsPresent', ...WELL.slice(0, 2), 'ServicesHealthy=False FindingsPresent'],
  },
  {
    name: 'nodes that may not be read',
    given: sound,
    refused: ['Node'],
    are: [READY, 'Healthy=Unknown Forbidden', 'NodesHealthy=Unknown Forbidden', 'PodsHealthy=Unknown Forbidden', WELL[2] ?? ''],
  },
  {
    name: 'slices that may not be read',
    given: sound,
    refused: ['EndpointSlice'],
    are: [READY, 'Healthy=Unknown Forbidden', ...WELL.slice(0, 2), 'ServicesHealthy=Unknown Forbidden'],
  },
  { name: 'pods that may not be read', given: sound, refused: ['Pod'], are: [READY, ...unknown('Forbidden')] },
  {
    name: 'ServiceCIDRs that may not be read, where a Service proves as much',
    given: sound,
    refused: ['ServiceCIDR'],
    are: [READY, 'Healthy=True NoProblemFound', ...WELL],
  },
  {
    name: 'ServiceCIDRs that may not be read, where nothing proves anything',
    given: [...dualNodes('a', 'b'), pod(), apiServer()],
    refused: ['ServiceCIDR'],
    are: [READY, 'Healthy=Unknown StackUnknown', ...WELL.slice(0, 2), 'ServicesHealthy=Unknown StackUnknown'],
  },
  {
    name: 'namespaces that may not be read, where all are asked for',
    given: sound,
    refused: ['Namespace'],
    spec: { namespaceSelector: {} },
    are: [READY, 'Healthy=True NoProblemFound', ...WELL],
  },
  {
    name: 'namespaces that may not be read, where some are asked for: undetermined, and stalled',
    given: [...sound, old],
    refused: ['Namespace'],
    spec: { namespaceSelector: { matchLabels: { team: 'one' } } },
    are: [
      READY,
      'Healthy=Unknown Forbidden',
      WELL[0] ?? '',
      'PodsHealthy=Unknown Forbidden',
      'ServicesHealthy=Unknown Forbidden',
      'Stalled=True NamespacesUnavailable',
    ],
  },
  { name: 'a first list under way', given: sound, pending: ['Pod'], are: ['Ready=False Syncing', ...unknown('Syncing')] },
  {
    name: 'problems whose checks are ignored: healthy',
    given: [...sound, old],
    spec: { checks: [{ name: 'PodFamilyMissing', severity: 'Ignore' }] },
    are: [READY, 'Healthy=True NoProblemFound', ...WELL],
  },
];

describe('the conditions of a report', () => {
  for (const { name, given, are, ...asked } of ROWS) {
    it(`on ${name}`, () => {
      expect(conditionsOf(statusOf(given, asked))).to.deep.equal(are);
    });
  }

  it('are all there on the first visit, with the generation that they answer', () => {
    for (const status of [
      statusOf(sound, { generation: 7 }),
      statusWhileSuspended({ generation: 7 }),
      statusOf(sound, { generation: 7, pending: ['Node'] }),
    ]) {
      expect(status.conditions?.map(({ type }) => type)).to.deep.equal(['Ready', 'Healthy', ...LAYERS, 'SpecValid']);
      expect(status.conditions?.map(({ observedGeneration }) => observedGeneration)).to.deep.equal([7, 7, 7, 7, 7, 7]);
      expect(status.observedGeneration).to.equal(7);
    }
  });

  it('say which families are expected and absent, and why', () => {
    const status = statusOf(ofIPv4, { spec: { expectedFamilies: ['IPv4', 'IPv6'] } });
    expect(conditionOf(status, 'Stalled').message).to.equal(
      'spec.expectedFamilies names IPv6, which Services cannot have: ServiceCIDR kubernetes has IPv4.',
    );
    expect(conditionOf(status, 'ServicesHealthy').message).to.equal('IPv6 is expected and not there: ServiceCIDR kubernetes has IPv4.');
  });

  it('say what the API server refuses and which rule is needed, in whole sentences', () => {
    const pods = statusOf(sound, { refused: ['Pod'] });
    expect(conditionOf(pods, 'NodesHealthy').message).to.equal('Not allowed to list and watch these: grant the rule for them.');
    expect(conditionOf(pods, 'Healthy').message).to.equal(
      'Cannot evaluate nodes, pods and Services: Not allowed to list and watch these: grant the rule for them.',
    );
    const cidrs = statusOf([...dualNodes('a', 'b'), pod(), apiServer()], { refused: ['ServiceCIDR'] });
    expect(conditionOf(cidrs, 'ServicesHealthy').message).to.equal(
      'Cannot determine the IP families: no non-headless Service has two clusterIPs; Not allowed to list and watch these: grant the rule for them.',
    );
  });

  it('count the problems and name the worst causes, not their effects', () => {
    const pods = [ipv4Pod('web-1', { nodeName: 'c' })];
    const elsewhere = pod({ name: 'sound', labels: {} });
    const status = statusOf([...dualNodes('a', 'b'), badNode, serviceCIDR(), web, elsewhere, ...pods, ...slicesFor(web, pods)]);
    const node = 'Node c has no IPv6 podCIDR (it has only 10.244.3.0/24): 1 pod, 1 Service with no IPv6 endpoint';
    expect(conditionOf(status, 'Healthy').message).to.equal(`2 critical; 1 root cause to fix: ${node}.`);
    expect(conditionOf(status, 'NodesHealthy').message).to.equal(`1 critical and 0 warnings, 1 root cause: ${node}.`);
    expect(conditionOf(status, 'ServicesHealthy').message).to.equal(
      '1 critical and 0 warnings, all effects of other findings: Service shop/web has no ready IPv6 endpoint, though it selects 1 ready pod.',
    );
  });

  it('name three causes and count the rest', () => {
    const pods = ['1', '2', '3', '4', '5'].map((name) => ipv4Pod(name, { labels: {} }));
    const words = (name: string): string => `Pod shop/${name} has only 10.244.1.7 and no IPv6, which other pods on node a have`;
    expect(conditionOf(statusOf([...sound, ...pods]), 'PodsHealthy').message).to.equal(
      `0 critical and 5 warnings, 5 root causes: ${words('1')}; ${words('2')}; ${words('3')} and 2 more.`,
    );
  });

  it('move their time when their status changes, and only then', () => {
    const first = statusOf(sound);
    const later = { now: NOW + MINUTE, status: first };
    const times = (of: typeof first): Record<string, string> =>
      Object.fromEntries((of.conditions ?? []).map(({ type, lastTransitionTime }) => [type, lastTransitionTime]));
    expect(times(statusOf(sound, later))).to.deep.equal(times(first));
    expect(times(statusOf([...sound, old], later))).to.deep.equal({
      ...times(first),
      Healthy: '2026-06-01T12:01:00Z',
      PodsHealthy: '2026-06-01T12:01:00Z',
    });
  });

  it('keep the time of a status though its reason changes', () => {
    const first = statusOf(ofIPv4);
    const second = statusOf([], { now: NOW + MINUTE, status: first });
    expect(conditionsOf(second)).to.include('Healthy=Unknown StackUnknown');
    expect(conditionOf(second, 'Healthy').lastTransitionTime).to.equal('2026-06-01T12:00:00Z');
  });
});

describe('a report without a new verdict', () => {
  const evaluated = (): DualStackReportStatus => statusOf([...sound, old]);
  const withoutReady = (status: DualStackReportStatus): unknown => ({
    ...status,
    sources: undefined,
    conditions: status.conditions?.filter(({ type }) => type !== 'Ready' && type !== 'SpecValid'),
    observedGeneration: undefined,
  });

  it('keeps its last one, with its time, while kinds are listed again', () => {
    const syncing = statusOf([], { pending: ['Pod', 'Service'], status: evaluated(), now: NOW + MINUTE, generation: 2 });
    expect(conditionOf(syncing, 'Ready')).to.deep.equal({
      type: 'Ready',
      status: 'False',
      reason: 'Syncing',
      message: 'Waiting for the first list of Pod, Service.',
      lastTransitionTime: '2026-06-01T12:01:00Z',
      observedGeneration: 2,
    });
    expect(withoutReady(syncing)).to.deep.equal(withoutReady(evaluated()));
    expect(conditionOf(syncing, 'Healthy').observedGeneration).to.equal(1);
  });

  it('keeps its last one, with its time, while nothing is heard of kinds, and says since when', () => {
    const staleSources = [
      { kind: 'Pod', since: NOW + MINUTE },
      { kind: 'Service', since: NOW + 1 },
    ];
    const stale = statusOf([], { staleSources, status: evaluated(), now: NOW + 5 * MINUTE, generation: 1 });
    expect(conditionOf(stale, 'Ready')).to.include({
      status: 'False',
      reason: 'Stale',
      message: 'The API server cannot be watched for Pod, Service since 2026-06-01T12:00:00Z: the verdict is as of then.',
    });
    expect(withoutReady(stale)).to.deep.equal(withoutReady(evaluated()));
    expect(stale.lastEvaluationTime).to.equal(evaluated().lastEvaluationTime);
  });

  it('has none, where it had none before and nothing is heard of kinds', () => {
    const stale = statusOf(sound, { staleSources: [{ kind: 'Pod', since: NOW }] });
    expect(conditionsOf(stale)).to.deep.equal(['Ready=False Stale', ...unknown('Stale')]);
    expect(stale.findings).to.equal(undefined);
  });

  it('is syncing rather than stale while kinds are listed for the first time', () => {
    expect(conditionsOf(statusOf([], { staleSources: [{ kind: 'Node', since: NOW }], pending: ['Pod'] }))[0]).to.equal(
      'Ready=False Syncing',
    );
  });

  it('keeps its last one while it is suspended, and is ready', () => {
    const suspended = statusWhileSuspended({ status: evaluated(), now: NOW + MINUTE, generation: 2 });
    expect(conditionOf(suspended, 'Ready')).to.deep.equal({
      type: 'Ready',
      status: 'True',
      reason: 'Suspended',
      message: 'spec.suspend is true: the status stays as it is.',
      lastTransitionTime: '2026-06-01T12:00:00Z',
      observedGeneration: 2,
    });
    expect(withoutReady(suspended)).to.deep.equal(withoutReady(evaluated()));
  });

  it('has none where it was suspended from the beginning', () => {
    expect(conditionsOf(statusWhileSuspended())).to.deep.equal(['Ready=True Suspended', ...unknown('Suspended')]);
  });

  it('loses Stalled once its spec can be met', () => {
    const stalled = statusOf(ofIPv4, { spec: { expectedFamilies: ['IPv6'] } });
    expect(conditionsOf(stalled)).to.include('Stalled=True ExpectedFamilyAbsent');
    expect(conditionsOf(statusOf(ofIPv4, { status: stalled })).join()).to.not.include('Stalled');
  });
});
