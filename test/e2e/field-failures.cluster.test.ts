import type { CoreV1Event, KubernetesObject } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport, FamilyCounts } from '../../src/core/report/types.ts';
import { rangesOf } from '../control-plane/stacks.ts';
import { useCluster, type Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { node, pod, report, service } from '../support/objects.ts';
import { findingsOf } from '../support/report-words.ts';
import { waitFor } from '../support/waiting.ts';

/**
 * A failure that was seen in the field, and all that is to be found: the cause, its effects, nothing else. These are made by a real control
 * plane; those whose objects a test would write itself are in test/core/failures.test.ts.
 */
interface Failure {
  readonly what: string;
  readonly where: string;
  /** Nodes that are ready before the objects are made. Both go when the failure is over. */
  readonly nodes?: readonly object[];
  readonly objects?: readonly object[];
  /** Makes of the failure what no new object can show. */
  readonly breaks?: (cluster: Cluster) => Promise<unknown>;
  /** Takes back what `breaks` did to objects that stay. */
  readonly fixes?: (cluster: Cluster) => Promise<unknown>;
  readonly finds: readonly string[];
}

const BOTH = { ipFamilyPolicy: 'PreferDualStack' } as const;
const WORKERS = [1, 2, 3] as const;
const NODES = WORKERS.map((number) => node(`worker-${number}`, number, { podCIDRs: [ipv4CIDR(number), `fd00:10:244:${number}::/64`] }));
const PODS = WORKERS.map((number) => pod(`web-${number}`, `worker-${number}`, { app: 'web' }));
const STUCK = service('stuck', BOTH);
const SINCE = service('since', BOTH);
const QUESTION = report('now');

/** Nodes, pods and Services as the controllers of Kubernetes make them. The IPv6 pod range has room for four nodes. */
const FAILURES: readonly Failure[] = [
  {
    what: 'a node has only the IPv4 podCIDR',
    where: 'rancher/rke2#3664',
    nodes: [ipv4Node('narrow', 4)],
    objects: [pod('web-4', 'narrow', { app: 'web' }), pod('web-5', 'narrow', { app: 'web' })],
    finds: [
      'Critical NodePodCIDRMissing Node narrow IPv6',
      'Warning EndpointsUnbalanced Service default/web IPv6 < NodePodCIDRMissing Node narrow',
    ],
  },
  {
    what: 'the IPv6 pool is exhausted: one more node takes what is left of it, and the next gets nothing',
    where: 'k3s-io/k3s#7662, kubernetes/kube-state-metrics#2932',
    nodes: [node('last', 4)],
    objects: [node('late', 5)],
    breaks: (cluster) => waitFor('the event that says so', async () => (await reasonsOn(cluster, 'late')).includes('CIDRNotAvailable')),
    finds: ['Critical NodePodCIDRMissing Node late IPv4+IPv6'],
  },
  {
    what: 'a migration is blocked: older nodes lack the IPv6 podCIDR',
    where: 'k3s-io/k3s#5514, k0sproject/k0s#7186',
    nodes: [4, 5, 6, 7].map((number) => ipv4Node(`old-${number}`, number)),
    objects: [4, 5, 6, 7].map((number) => pod(`web-${number}`, `old-${number}`, { app: 'web' })),
    finds: [
      'Warning NodePodCIDRMissing Cluster cluster IPv6',
      'Warning EndpointsUnbalanced Service default/web IPv6 < NodePodCIDRMissing Cluster cluster',
    ],
  },
  {
    what: 'a system Service stays SingleStack',
    where: 'k3s-io/k3s#8393, rancher/rke2#4780',
    objects: [service('kube-dns', {}, 'kube-system')],
    finds: ['Info ServiceSingleStack Service kube-system/kube-dns IPv6'],
  },
  {
    what: 'PreferDualStack is stuck at one address, since its API server had one Service range',
    where: 'k/k#101681, #102898',
    breaks: createBeforeDualStack,
    fixes: (cluster) => remove(cluster, [STUCK, SINCE]),
    finds: ['Warning ServiceNotUpgraded Service default/stuck IPv6'],
  },
  {
    what: 'Services are dual-stack on a pod network that is not',
    where: 'kubernetes/kubeadm#3191',
    breaks: (cluster) =>
      startAgain(
        cluster,
        WORKERS.map((number) => ipv4Node(`worker-${number}`, number)),
      ),
    fixes: (cluster) => startAgain(cluster, NODES),
    finds: [
      'Warning ClusterStackInconsistent Cluster cluster IPv6',
      'Warning EndpointFamilyMissing Service default/web IPv6 < ClusterStackInconsistent Cluster cluster',
    ],
  },
  {
    what: 'a pod outlives its Node object, and another node has the podCIDR that it has addresses of',
    where: 'k/k#127792',
    objects: [pod('web-4', 'worker-3', { app: 'web' })],
    breaks: (cluster) => cluster.patchStatus('pod', 'web-4', addressed('10.244.1.200', 'fd00:10:244:1::200')),
    finds: ['Critical NodePodsInForeignRange Node worker-3 IPv4+IPv6'],
  },
  {
    what: 'the CNI plugin of one node takes IPv6 from elsewhere',
    where: 'cilium/cilium#9214',
    nodes: [node('mixed', 4, { podCIDRs: [ipv4CIDR(4), 'fd00:10:244::/64'] })],
    objects: [4, 5].map((number) => pod(`web-${number}`, 'mixed', { app: 'web' })),
    breaks: async (cluster) => {
      for (const number of [4, 5]) {
        await cluster.patchStatus('pod', `web-${number}`, addressed(`10.244.4.${number + 200}`, `fd00:b00::${number}`));
      }
    },
    finds: ['Warning NodePodCIDRUnused Node mixed IPv6'],
  },
  {
    what: 'a podCIDR lies in the range of Services',
    where: 'k3s-io/k3s#8911',
    nodes: [node('over', 4, { podCIDRs: ['10.96.4.0/24', 'fd00:10:244::/64'] })],
    objects: [pod('web-4', 'over', { app: 'web' })],
    finds: ['Critical ServiceRangeOverlap Cluster cluster IPv4'],
  },
  {
    what: 'the DNS Service lacks the family that a pod has alone',
    where: 'rancher/rke2#4772',
    objects: [
      labelled(service('kube-dns', {}, 'kube-system'), { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true' }),
      pod('coredns', 'worker-1', { namespace: 'kube-system', app: 'kube-dns' }),
      annotated(pod('six', 'worker-2'), { 'cni.projectcalico.org/ipFamilies': '["IPv6"]' }),
    ],
    breaks: (cluster) => cluster.patchStatus('pod', 'six', addressed('fd00:10:244:2::200')),
    finds: ['Critical DNSFamilyMissing Service kube-system/kube-dns IPv6', 'Info ServiceSingleStack Service kube-system/kube-dns IPv6'],
  },
];

/** The status of a pod with these addresses. */
function addressed(...addresses: readonly string[]): object {
  return { podIP: addresses[0], podIPs: addresses.map((ip) => ({ ip })) };
}

interface Named {
  readonly metadata: { readonly labels?: object };
}

function labelled(object: object, labels: Readonly<Record<string, string>>): object {
  const { metadata } = object as Named;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } };
}

function annotated(object: object, annotations: Readonly<Record<string, string>>): object {
  return { ...object, metadata: { ...(object as Named).metadata, annotations } };
}

function ipv4CIDR(number: number): string {
  return `10.244.${number}.0/24`;
}

function ipv4Node(name: string, number: number): object {
  return node(name, number, { podCIDRs: [ipv4CIDR(number)] });
}

// Each test leaves the cluster as it found it.
describe('a failure seen in the field, as the controllers of Kubernetes make it', function () {
  this.timeout(90_000);
  const cluster = useCluster({ podRange: '10.244.0.0/16,fd00:10:244::/62' });
  let current: Failure | undefined;

  before('create a cluster on which nothing is wrong', async () => {
    await cluster.addNodes(...NODES);
    await cluster.addWorkloads(PODS.length, ...PODS, service('web', BOTH));
    // Nothing here is being set up, so nothing has grace.
    await cluster.operator(['--default-report=false', '--grace-scale=0']);
    await found(cluster, []);
  });

  afterEach('take it back, after which nothing is found', async () => {
    if (!current) return;
    const { nodes = [], objects = [], fixes } = current;
    current = undefined;
    await remove(cluster, [...objects, ...nodes]);
    await fixes?.(cluster);
    await found(cluster, []);
  });

  for (const failure of FAILURES) {
    it(`is determined by its cause and effects, and nothing else: ${failure.what} (${failure.where})`, async () => {
      current = failure;
      const { nodes = [], objects = [], breaks, finds } = failure;
      if (nodes.length > 0) await cluster.addNodes(...nodes);
      if (objects.length > 0) await cluster.addWorkloads(PODS.length + podsIn(objects), ...objects);
      await breaks?.(cluster);
      await found(cluster, finds);
    });
  }
});

function podsIn(objects: readonly object[]): number {
  return objects.filter((object) => 'kind' in object && object.kind === 'Pod').length;
}

/**
 * Waits for a report that has seen everything that the API server has, and holds these findings and no others. It is a new one each time,
 * which is answered at once: one that is there is written every five seconds at most.
 */
async function found(cluster: Cluster, findings: readonly string[]): Promise<void> {
  await cluster.controlPlane.create([QUESTION]);
  try {
    await eventually(async () => {
      const answer = await cluster.report('now');
      expect(findingsOf(answer)).to.deep.equal(findings);
      expect(countsIn(answer)).to.deep.equal(await countsOf(cluster));
    });
  } finally {
    await remove(cluster, [QUESTION]);
  }
}

/** How many objects a report is about, evaluated or not. */
function countsIn({ status }: DualStackReport): object {
  const { nodes, pods, services, endpoints } = status ?? {};
  return { nodes: countIn(nodes), pods: countIn(pods), services: countIn(services), endpoints: countIn(endpoints) };
}

/** How many there are. Endpoints are counted of Services of both families, of which only one has pods. */
async function countsOf(cluster: Cluster): Promise<object> {
  const [nodes, pods, services] = await Promise.all(['nodes', 'pods', 'services'].map((resource) => itemsOf(cluster, resource)));
  const web = pods?.filter(({ metadata }) => metadata?.labels?.['app'] === 'web');
  return { nodes: nodes?.length, pods: pods?.length, services: services?.length, endpoints: web?.length };
}

function countIn(counts: FamilyCounts | undefined): number | undefined {
  return counts && Object.values(counts.skipped ?? {}).reduce((sum, count) => sum + count, counts.total);
}

async function itemsOf<T extends KubernetesObject>(cluster: Cluster, resource: string): Promise<readonly T[]> {
  return (await cluster.get<{ readonly items: readonly T[] }>(`/api/v1/${resource}`)).items;
}

async function remove(cluster: Cluster, objects: readonly object[]): Promise<void> {
  if (objects.length === 0) return;
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
  await cluster.controlPlane.kubectl(['delete', '--ignore-not-found', '--force', '--grace-period=0', '--filename=-'], { input });
}

/** Puts other nodes in the place of the workers, with new pods on them. */
async function startAgain(cluster: Cluster, nodes: readonly object[]): Promise<void> {
  await remove(cluster, [...PODS, ...NODES]);
  await cluster.addNodes(...nodes);
  await cluster.addWorkloads(PODS.length, ...PODS);
}

/**
 * Makes a Service that prefers both families while the API server has one range for Services; then it gets its second one, which the
 * next Service shows.
 */
async function createBeforeDualStack(cluster: Cluster): Promise<void> {
  await cluster.controlPlane.restartApiServer({ serviceRange: rangesOf('ipv4').serviceRange });
  await cluster.controlPlane.create([STUCK]);
  await cluster.controlPlane.restartApiServer({ serviceRange: rangesOf('dual').serviceRange });
  await cluster.controlPlane.create([SINCE]);
}

/** The reasons of the Events of a node. */
async function reasonsOn(cluster: Cluster, name: string): Promise<readonly (string | undefined)[]> {
  const events = await itemsOf<CoreV1Event>(cluster, `events?fieldSelector=involvedObject.name%3D${name}`);
  return events.map(({ reason }) => reason);
}
