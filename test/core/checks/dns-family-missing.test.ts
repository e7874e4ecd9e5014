import { dnsFamilyMissing } from '../../../src/core/checks/dns-family-missing.ts';
import { IPV4, IPV6 } from '../../../src/core/net/addresses.ts';
import type { Facts, PodFacts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import {
  apiServer,
  dualNodes,
  ipv4Pod,
  MINUTE,
  node,
  NOW,
  pod,
  podCIDRsOf,
  SECOND,
  service,
  serviceCIDR,
  slicesFor,
  type NodeSketch,
  type PodSketch,
  type ServiceSketch,
} from '../build.ts';
import { agent } from './range-shapes.ts';
import { describeCheck } from './table.ts';

const IN_KUBE_SYSTEM = { namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } };
const SERVERS = [pod({ name: 'coredns', ...IN_KUBE_SYSTEM })];

/** The DNS Service with these clusterIPs and its endpoints. */
function dns(clusterIPs: readonly string[], parts: ServiceSketch = {}, servers: readonly PodFacts[] = SERVERS): Facts[] {
  const kubeDNS: ServiceFacts = service({
    namespace: 'kube-system',
    name: 'kube-dns',
    clusterIPs,
    selector: { 'k8s-app': 'kube-dns' },
    isClusterDNS: true,
    ...parts,
  });
  return [kubeDNS, ...servers, ...slicesFor(kubeDNS, servers)];
}

const IPV4_DNS = dns(['10.96.0.10']);
const ipv6Pod = (name: string, parts: PodSketch = {}): PodFacts => pod({ name, addresses: ['fd00:10:244:1::9'], ...parts });
/** A pod that asks Calico for the one family. */
const onPurpose = (name: string, parts: PodSketch = {}): PodFacts => ipv6Pod(name, { declaredFamilies: IPV6, ...parts });
/** The pods of a workload of one family that started among pods with both. */
const later = (name: string, addresses: readonly string[], parts: PodSketch = {}): PodFacts[] => [
  pod({ name: 'last', owner: 'Deployment/last', startedAt: NOW - MINUTE }),
  ...[1, 2].map((at) => pod({ name: `${name}-${at}`, owner: `Deployment/${name}`, addresses, startedAt: NOW - 10 * MINUTE, ...parts })),
];
const DUAL = [serviceCIDR(), apiServer(), ...dualNodes('a', 'b'), pod({ name: 'web' })];
const IPV6_FIRST = [serviceCIDR({ cidrs: ['fd00:10:96::/112', '10.96.0.0/16'] }), apiServer('fd00:10:96::1'), ...dualNodes('a'), pod()];
/** EKS of IPv6: pods and Services have IPv6 only, nodes both. */
const EKS_IPV6 = [serviceCIDR({ cidrs: ['fd4a:9b26::/108'] }), apiServer('fd4a:9b26::1'), node({ name: 'a' }), ipv6Pod('web')];

/** Pods of one family on a node that lists the same family so far, where an older pod has both. */
const onStarting = (parts: NodeSketch): Facts[] => [
  node({ name: 'n', addresses: ['2001:db8::9'], podCIDRs: podCIDRsOf('n'), ...parts }),
  pod({ name: 'first', nodeName: 'n' }),
  ...later('six', ['fd00:10:244:1::9'], { nodeName: 'n' }),
];
/** A cluster whose pod network has given IPv6 only so far, with a DNS Service of IPv4. */
const ipv6SoFar = (parts: NodeSketch): Facts[] => [
  serviceCIDR(),
  apiServer(),
  node({ name: 'n', addresses: ['2001:db8::9'], ...parts }),
  ipv6Pod('six', { nodeName: 'n' }),
  ...dns(['10.96.0.10'], {}, [pod({ name: 'coredns', ...IN_KUBE_SYSTEM, nodeName: 'n', hostNetwork: true, addresses: ['192.0.2.1'] })]),
];

const KUBELETS =
  "RestartsPods: Add the Service's new address to clusterDNS in the kubelet's configuration on each node, restart the kubelets, then restart the pods that lack it: a pod gets its list of DNS servers when it starts.";
const PATCH_COMMAND =
  'kubectl patch service kube-dns --namespace kube-system --type merge --patch \'{"spec":{"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv4","IPv6"]}}\'';

describeCheck(
  dnsFamilyMissing,
  [
    {
      name: 'says nothing of kubeadm, whose DNS has the primary family and whose pods have both',
      given: [...DUAL, ...IPV4_DNS],
      finds: [],
    },
    {
      name: 'says nothing of EKS with IPv6, whose DNS has IPv6 as its pods do',
      given: [...EKS_IPV6, ...dns(['fd4a:9b26::a'], {}, [ipv6Pod('coredns', IN_KUBE_SYSTEM)])],
      finds: [],
    },
    {
      name: 'says nothing of OpenShift and RKE2, whose DNS has both families',
      given: [...DUAL, onPurpose('six'), ...dns(['10.96.0.10', 'fd00:10:96::a'])],
      finds: [],
    },
    {
      name: 'fires where pods ask for the family that it lacks alone',
      given: [...DUAL, ...IPV4_DNS, onPurpose('six')],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'fires where the pods of a workload have the family that it lacks alone, though they do not ask for it',
      given: [...DUAL, ...IPV4_DNS, ...later('six', ['fd00:10:244:1::9'])],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'waits for such pods where their node has just started',
      given: [...DUAL, ...IPV4_DNS, ...onStarting({ readyChangedAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits for them no longer than the node has',
      given: [...DUAL, ...IPV4_DNS, ...onStarting({ readyChangedAt: NOW - 5 * MINUTE })],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'does not wait for them where their node has an address of the family',
      given: [...DUAL, ...IPV4_DNS, ...onStarting({ addresses: ['192.0.2.9', '2001:db8::9'], readyChangedAt: NOW })],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'does not wait for pods that ask for the one family',
      given: [...DUAL, ...IPV4_DNS, ...onStarting({ readyChangedAt: NOW }), onPurpose('asks', { nodeName: 'n' })],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'waits where all pods of the other family are on nodes that have just started',
      given: ipv6SoFar({ createdAt: NOW - 5 * MINUTE + 1 }),
      finds: [],
    },
    {
      name: 'does not wait where some of them are not',
      given: [...ipv6SoFar({ createdAt: NOW }), node({ name: 'o', addresses: ['2001:db8::8'] }), ipv6Pod('other', { nodeName: 'o' })],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'waits without a clock for nodes that their cloud provider sets up',
      given: ipv6SoFar({ uninitialized: true, createdAt: NOW }),
      finds: [],
    },
    {
      name: 'says nothing of such a workload that has the family of the DNS Service',
      given: [...DUAL, ...IPV4_DNS, ...later('four', ['10.244.1.9'])],
      finds: [],
    },
    {
      name: 'says nothing of such a workload that does not use cluster DNS',
      given: [...DUAL, ...IPV4_DNS, ...later('six', ['fd00:10:244:1::9'], { needsClusterDNS: false })],
      finds: [],
    },
    {
      name: 'fires where the pod network gives none of its families, while its servers have it',
      given: [
        ...EKS_IPV6,
        ipv6Pod('api'),
        ...dns(['10.96.0.10'], {}, [pod({ name: 'coredns', ...IN_KUBE_SYSTEM, hostNetwork: true, addresses: ['192.0.2.1'] })]),
      ],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'says nothing of pods that lack its family by a fault of their own or of their node',
      given: [...DUAL, pod({ name: 'more' }), ...dns(['fd00:10:96::a']).filter(({ kind }) => kind !== 'ServiceCIDR'), ipv4Pod('four')],
      refused: ['ServiceCIDR'],
      finds: [],
    },
    {
      name: 'says nothing of pods that do not use cluster DNS, or name a server that they reach',
      given: [...DUAL, ...IPV4_DNS, onPurpose('six', { needsClusterDNS: false })],
      finds: [],
    },
    {
      name: 'says nothing of host-network pods and of those that are done',
      given: [...DUAL, ...IPV4_DNS, onPurpose('host', { hostNetwork: true }), onPurpose('done', { state: 'Completed' })],
      finds: [],
    },
    {
      name: 'says nothing beside NodeLocal DNSCache, as of GKE and kubespray',
      given: [...DUAL, ...IPV4_DNS, onPurpose('six'), agent('node-local-dns')],
      finds: [],
    },
    {
      name: 'takes for NodeLocal DNSCache no pod of the pod network with its label, and none that is done',
      given: [
        ...DUAL,
        ...IPV4_DNS,
        onPurpose('six'),
        { ...agent('node-local-dns'), hostNetwork: false, addresses: [] },
        { ...agent('nodelocaldns'), state: 'Completed' },
      ],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    ...(['deleting', 'headless'] as const).map((state) => ({
      name: `takes no ${state} Service for the DNS of the cluster`,
      given: [...DUAL, onPurpose('six'), ...IPV4_DNS, ...dns(['fd00:10:96::a'], { name: 'kube-dns-v6', [state]: true })],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    })),
    {
      name: 'takes no ExternalName Service for the DNS of the cluster (#external-name)',
      given: [...DUAL, onPurpose('six'), ...IPV4_DNS, ...dns(['fd00:10:96::a'], { name: 'kube-dns-v6', type: 'ExternalName' })],
      finds: ['Critical Service/kube-system/kube-dns IPv6'],
    },
    ...[{ deleting: true }, { headless: true, ipFamilies: IPV4 }, { type: 'ExternalName' } as const].map((parts) => ({
      name: `says nothing of a DNS Service that has no address of its own to ask: ${Object.keys(parts).join()}`,
      given: [...DUAL, onPurpose('six'), ...dns(['10.96.0.10'], parts)],
      finds: [],
    })),
    {
      name: 'says nothing of a DNS Service without endpoints, as of GKE with Cloud DNS',
      given: [...DUAL, onPurpose('six'), ...dns(['10.96.0.10'], {}, [])],
      finds: [],
    },
    {
      name: 'says nothing of any other Service',
      given: [...DUAL, onPurpose('six'), ...dns(['10.96.0.10'], { isClusterDNS: false })],
      finds: [],
    },
    {
      name: 'says nothing where another DNS Service has the family, as of Talos before 0.11',
      given: [...DUAL, onPurpose('six'), ...IPV4_DNS, ...dns(['fd00:10:96::a'], { name: 'kube-dns-v6' })],
      finds: [],
    },
    {
      name: 'is Info where its only family is not the primary one (k0sproject/k0s#7294, rancher/rke2#4772, k3s-io/k3s#8503)',
      given: [...IPV6_FIRST, ...IPV4_DNS],
      finds: ['Info Service/kube-system/kube-dns IPv6'],
    },
    {
      name: 'waits for a change of it to settle',
      given: [...IPV6_FIRST, ...dns(['10.96.0.10'], { changedAt: NOW - 30 * SECOND })],
      finds: [],
    },
    {
      name: 'says nothing of the primary family where Services can have one only',
      given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer(), ...dualNodes('a'), pod(), ...IPV4_DNS],
      finds: [],
    },
    { name: 'waits for the pods to be listed', given: [...DUAL, ...IPV4_DNS, onPurpose('six')], pending: ['Pod'], finds: [] },
  ],
  [
    {
      of: 'pods of the other family alone',
      given: [...DUAL, ...IPV4_DNS, onPurpose('six'), onPurpose('sex')],
      message: 'DNS Service kube-system/kube-dns has IPv4 only, and 2 pods that use cluster DNS have IPv6 only',
      summary: 'Give the DNS Service IPv6, and add its new address to clusterDNS of the kubelets.',
      steps: ['None: Give the DNS Service IPv6. It keeps the address that it has.', KUBELETS],
      commands: [PATCH_COMMAND],
    },
    {
      of: 'workloads of one family, of which one pod has no other and uses cluster DNS',
      given: [
        ...DUAL,
        ...IPV4_DNS,
        ...later('four', ['10.244.1.9']),
        ...later('six', ['fd00:10:244:1::9']),
        ipv6Pod('six-2', { owner: 'Deployment/six', startedAt: NOW - 10 * MINUTE, needsClusterDNS: false }),
      ],
      message: 'DNS Service kube-system/kube-dns has IPv4 only, and 1 pod that uses cluster DNS has IPv6 only',
      summary: 'Give the DNS Service IPv6, and add its new address to clusterDNS of the kubelets.',
      steps: ['None: Give the DNS Service IPv6. It keeps the address that it has.', KUBELETS],
      commands: [PATCH_COMMAND],
    },
    {
      of: 'a Service whose cluster cannot be known to have both families',
      given: [...DUAL, ...IPV4_DNS, onPurpose('six')],
      refused: ['ServiceCIDR'],
      message: 'DNS Service kube-system/kube-dns has IPv4 only, and 1 pod that uses cluster DNS has IPv6 only',
      summary: 'Give the DNS Service IPv6, and add its new address to clusterDNS of the kubelets.',
      steps: [
        "None: Services of this cluster may not have both families. Give the API server's --service-cluster-ip-range a range of each family, the present one first. The API server restarts.",
        'None: Give the DNS Service IPv6. It keeps the address that it has.',
        KUBELETS,
      ],
      commands: [PATCH_COMMAND],
    },
    {
      of: 'the primary family',
      given: [...IPV6_FIRST, ...dns(['10.96.0.10'], { owner: 'Helm', ownerName: 'rke2-coredns' })],
      message: 'DNS Service kube-system/kube-dns has IPv4 only, while IPv6 is the primary family of Services',
      summary: 'Give the DNS Service IPv6, and add its new address to clusterDNS of the kubelets.',
      steps: [
        'None: Give the DNS Service IPv6. It keeps the address that it has. Make this change in the values of Helm release rke2-coredns: it reverts a patch of the Service.',
        KUBELETS,
      ],
    },
  ],
);
