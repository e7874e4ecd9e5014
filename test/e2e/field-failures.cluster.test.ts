import type { CoreV1Event, KubernetesObject, V1Pod } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport, FamilyCounts, IPFamily } from '../../src/core/report/types.ts';
import type { ControlPlaneOptions } from '../control-plane/control-plane.ts';
import { rangesOf } from '../control-plane/stacks.ts';
import { useCluster, type Cluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { node, pod, report, service } from '../support/objects.ts';
import { findingsOf } from '../support/report-words.ts';
import { waitFor } from '../support/waiting.ts';

/** A failure that was seen in the field, made on a real control plane, and all that is to be found: the cause, its effects, nothing else. */
interface Failure {
  readonly what: string;
  readonly where: string;
  /** Nodes that are ready before the objects are made. Both go when the failure is over. */
  readonly nodes?: readonly object[];
  readonly objects?: readonly object[];
  /** Makes of the failure what no new object can show. */
  readonly breaks?: (cluster: Cluster) => Promise<unknown>;
  /** Takes back what `breaks` did to objects that stay. */
  readonly mends?: (cluster: Cluster) => Promise<unknown>;
  readonly finds: readonly string[];
}

/** A cluster on which nothing is wrong, with three workers, a pod on each and their Service; and what can go wrong on it. */
interface Ground {
  readonly what: string;
  readonly options: ControlPlaneOptions;
  /** Makes what else it takes for nothing to be wrong. */
  readonly prepare?: (cluster: Cluster) => Promise<unknown>;
  readonly failures: readonly Failure[];
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
    what: 'a node has an InternalIP of one family',
    where: 'k/k#91940, #90704, #100675',
    nodes: [node('other', 4, { addresses: [ipv4Address(4)] })],
    objects: [pod('web-4', 'other', { app: 'web' })],
    finds: ['Warning NodeAddressMissing Node other IPv6'],
  },
  {
    what: 'a cloud provider and one --node-ip drop IPv6',
    where: 'k/k#111695',
    nodes: [node('other', 4, { addresses: [ipv4Address(4)], annotations: { 'alpha.kubernetes.io/provided-node-ip': ipv4Address(4) } })],
    objects: [pod('web-4', 'other', { app: 'web' })],
    finds: ['Warning NodeAddressMissing Node other IPv6'],
  },
  {
    what: 'an OS omits --node-ip: a node and its host-network pods have IPv4 only',
    where: 'kubermatic/kubermatic#10642',
    nodes: [node('other', 4, { addresses: [ipv4Address(4)] })],
    objects: [pod('web-4', 'other', { app: 'web' }), pod('proxy', 'other', { hostNetwork: true })],
    finds: ['Warning NodeAddressMissing Node other IPv6'],
  },
  {
    what: 'a host-network pod kept one address after a boot race',
    where: 'k/k#105320',
    objects: [pod('proxy', 'worker-1', { hostNetwork: true })],
    breaks: (cluster) => keepIPv4(cluster, 'proxy'),
    finds: ['Info PodHostNetworkStale Pod default/proxy IPv6'],
  },
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
    what: 'the order of families flipped on a node',
    where: 'k0sproject/k0s#1443',
    nodes: [node('flipped', 4, { podCIDRs: ['fd00:10:244::/64', ipv4CIDR(4)] })],
    finds: ['Warning NodeFamilyOrder Node flipped IPv6'],
  },
  {
    what: 'the CNI plugin gives the pods of a node one family',
    where: 'projectcalico/calico#9312, cilium/cilium#15789',
    nodes: [node('other', 4)],
    objects: [pod('web-4', 'other', { app: 'web' }), pod('web-5', 'other', { app: 'web' })],
    breaks: (cluster) => keepIPv4(cluster, 'web-4', 'web-5'),
    finds: [
      'Critical NodePodNetworkFamilyMissing Node other IPv6',
      'Warning EndpointsUnbalanced Service default/web IPv6 < NodePodNetworkFamilyMissing Node other',
    ],
  },
  {
    what: 'the CNI plugin gives the pods of most nodes one family',
    where: 'projectcalico/calico#9312, cilium/cilium#15789',
    objects: [pod('web-4', 'worker-2', { app: 'web' }), pod('web-5', 'worker-3', { app: 'web' })],
    breaks: (cluster) => keepIPv4(cluster, 'web-2', 'web-3', 'web-4', 'web-5'),
    mends: (cluster) => startAgain(cluster, NODES),
    finds: [
      'Critical NodePodNetworkFamilyMissing Cluster cluster IPv6',
      'Warning EndpointsUnbalanced Service default/web IPv6 < NodePodNetworkFamilyMissing Cluster cluster',
    ],
  },
  {
    what: "a pod's families are in the wrong order",
    where: 'k/k#95251, #103263',
    objects: [pod('flipped', 'worker-1')],
    breaks: (cluster) => changeAddresses(cluster, 'flipped', (addresses) => addresses.toReversed()),
    finds: ['Info PodFamilyOrder Pod default/flipped IPv6'],
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
    mends: (cluster) => remove(cluster, [STUCK, SINCE]),
    finds: ['Warning ServiceNotUpgraded Service default/stuck IPv6'],
  },
  {
    what: 'a load balancer gives one family',
    where: 'kubernetes/cloud-provider-aws#243, kubernetes/cloud-provider-openstack#1897',
    objects: [service('lb', { type: 'LoadBalancer', ipFamilyPolicy: 'RequireDualStack' })],
    breaks: (cluster) => cluster.patchStatus('service', 'lb', { loadBalancer: { ingress: [{ ip: '203.0.113.80' }] } }),
    finds: ['Warning LoadBalancerFamilyMissing Service default/lb IPv6'],
  },
  {
    what: 'a staged rollout: one pod is from before the migration',
    where: 'KEP-563',
    objects: [pod('old', 'worker-1', { app: 'web' })],
    breaks: (cluster) => keepIPv4(cluster, 'old'),
    finds: [
      'Warning PodFamilyMissing Pod default/old IPv6',
      'Warning EndpointsUnbalanced Service default/web IPv6 < PodFamilyMissing Pod default/old',
    ],
  },
  {
    what: 'dual podCIDRs, node addresses of one family',
    where: 'k3s-io/k3s#9946, k0sproject/k0s#5833',
    breaks: (cluster) =>
      startAgain(
        cluster,
        WORKERS.map((number) =>
          node(`worker-${number}`, number, {
            addresses: [ipv4Address(number)],
            podCIDRs: [ipv4CIDR(number), `fd00:10:244:${number}::/64`],
          }),
        ),
      ),
    mends: (cluster) => startAgain(cluster, NODES),
    finds: [
      'Warning NodeAddressMissing Cluster cluster IPv6',
      'Warning ClusterStackInconsistent Cluster cluster IPv6 < NodeAddressMissing Cluster cluster',
    ],
  },
  {
    what: 'Services are dual-stack on a pod network that is not',
    where: 'kubernetes/kubeadm#3191',
    breaks: (cluster) =>
      startAgain(
        cluster,
        WORKERS.map((number) => ipv4Node(`worker-${number}`, number)),
      ),
    mends: (cluster) => startAgain(cluster, NODES),
    finds: [
      'Warning ClusterStackInconsistent Cluster cluster IPv6',
      'Critical EndpointFamilyMissing Service default/web IPv6 < ClusterStackInconsistent Cluster cluster',
    ],
  },
];

/** The controllers would mend these within a second: they show where kube-controller-manager has stopped, or where it is behind. */
const FAILURES_WITHOUT_CONTROLLERS: readonly Failure[] = [
  {
    what: 'a node that joined later has no podCIDR',
    where: 'siderolabs/talos#7270',
    objects: [node('late', 4)],
    finds: ['Critical NodePodCIDRMissing Node late IPv4+IPv6'],
  },
  {
    what: 'slices of a family are missing',
    where: 'k/k#94505, prometheus-operator/prometheus-operator#8681',
    breaks: (cluster) => cluster.kubectl('delete', 'endpointslice', 'web-ipv6'),
    mends: async (cluster) => cluster.controlPlane.create([await slice(cluster, 'web', 'IPv6')]),
    finds: ['Critical EndpointFamilyMissing Service default/web IPv6'],
  },
  {
    what: 'a slice of a wrong family stays',
    where: 'k/k#94673',
    objects: [service('plain', { selector: { app: 'web' } })],
    breaks: async (cluster) => cluster.controlPlane.create([await slice(cluster, 'plain', 'IPv4'), await slice(cluster, 'plain', 'IPv6')]),
    mends: (cluster) => cluster.kubectl('delete', 'endpointslices', 'plain-ipv4', 'plain-ipv6'),
    finds: ['Info EndpointSliceStray Service default/plain IPv6', 'Info ServiceSingleStack Service default/plain IPv6'],
  },
];

const GROUNDS: readonly Ground[] = [
  { what: 'a dual-stack cluster', options: { podRange: '10.244.0.0/16,fd00:10:244::/62' }, failures: FAILURES },
  {
    what: 'a dual-stack cluster whose controllers have stopped',
    options: { controllerManager: false, scheduler: false },
    prepare: async (cluster) => cluster.controlPlane.create([await slice(cluster, 'web', 'IPv4'), await slice(cluster, 'web', 'IPv6')]),
    failures: FAILURES_WITHOUT_CONTROLLERS,
  },
];

function ipv4Address(number: number): string {
  return `192.168.1.${number}`;
}

function ipv4CIDR(number: number): string {
  return `10.244.${number}.0/24`;
}

function ipv4Node(name: string, number: number): object {
  return node(name, number, { podCIDRs: [ipv4CIDR(number)] });
}

for (const { what: ground, options, prepare, failures } of GROUNDS) {
  // Each test leaves the cluster as it found it.
  describe(`a failure seen in the field, on ${ground}`, function () {
    this.timeout(90_000);
    const cluster = useCluster(options);
    let current: Failure | undefined;

    before('create a cluster on which nothing is wrong', async () => {
      await cluster.addNodes(...NODES);
      await cluster.addWorkloads(PODS.length, ...PODS, service('web', BOTH));
      await prepare?.(cluster);
      await cluster.operator(['--default-report=false']);
      await found(cluster, []);
    });

    afterEach('mend it, after which nothing is found', async () => {
      if (!current) return;
      const { nodes = [], objects = [], mends } = current;
      current = undefined;
      await remove(cluster, [...objects, ...nodes]);
      await mends?.(cluster);
      await found(cluster, []);
    });

    for (const failure of failures) {
      it(`is told by its cause and effects, and nothing else: ${failure.what} (${failure.where})`, async () => {
        current = failure;
        const { nodes = [], objects = [], breaks, finds } = failure;
        if (nodes.length > 0) await cluster.addNodes(...nodes);
        if (objects.length > 0) await cluster.addWorkloads(PODS.length + podsIn(objects), ...objects);
        await breaks?.(cluster);
        await found(cluster, finds);
      });
    }
  });
}

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

/** How many objects a report is about, judged or not. */
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
  return counts && Object.values(counts.leftOut ?? {}).reduce((sum, count) => sum + count, counts.total);
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

/** Takes the IPv6 addresses from pods, as if their CNI plugin or kubelet had given none. */
async function keepIPv4(cluster: Cluster, ...names: readonly string[]): Promise<void> {
  for (const name of names) await changeAddresses(cluster, name, (addresses) => addresses.slice(0, 1));
}

async function changeAddresses(cluster: Cluster, name: string, change: (addresses: readonly object[]) => readonly object[]): Promise<void> {
  const { status } = await cluster.get<V1Pod>(`/api/v1/namespaces/default/pods/${name}`);
  const podIPs = change(status?.podIPs ?? []) as readonly { readonly ip: string }[];
  await cluster.patchStatus('pod', name, { podIP: podIPs[0]?.ip, podIPs });
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

/** A slice of all pods of `app: web` as the endpointslice controller makes it for a Service of its family. */
async function slice(cluster: Cluster, ofService: string, family: IPFamily): Promise<object> {
  const endpoints = (await itemsOf<V1Pod>(cluster, 'pods')).map(({ metadata, status }) => ({
    addresses: (status?.podIPs ?? []).map(({ ip }) => ip).filter((ip) => ip.includes(':') === (family === 'IPv6')),
    conditions: { ready: true },
    targetRef: { kind: 'Pod', namespace: 'default', name: metadata?.name, uid: metadata?.uid },
  }));
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${ofService}-${family.toLowerCase()}`,
      namespace: 'default',
      labels: {
        'kubernetes.io/service-name': ofService,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
    },
    addressType: family,
    endpoints,
    ports: [{ port: 80 }],
  };
}
