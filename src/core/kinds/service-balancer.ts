import { familyOfAddress } from '../net/addresses.ts';
import { annotation, hasKeyOf, readable } from './metadata.ts';
import { fields, items, text, texts, type Shape } from './shapes.ts';

/** How a Service is reached from outside the cluster. */
export interface BalancerFacts {
  /** The addresses in `status.loadBalancer.ingress` that the nodes themselves may answer for: not those of a proxy. */
  readonly ingressAddresses: readonly string[];
  /** `spec.externalIPs`. */
  readonly externalIPs: readonly string[];
  /** `spec.loadBalancerSourceRanges`, else the annotation that cloud providers read. */
  readonly sourceRanges: readonly string[];
  /** The key of the annotation that the source ranges are from; empty where they are from the spec or there are none. */
  readonly rangesAnnotation: string;
  /** The load balancer addresses that the Service asks for, in its spec or in an annotation. */
  readonly requestedAddresses: readonly string[];
  /** Where it asks for them: the key of an annotation, or `spec.loadBalancerIP`; empty where it asks for none. */
  readonly requestPlace: string;
  /** Which load balancer implementation serves it, where an annotation or the class says so and nodes answer for its addresses. */
  readonly nodeLoadBalancer: string;
  /** Whether the Service opens a port on each node. */
  readonly nodePorts: boolean;
}

const NOTHING: readonly string[] = Object.freeze([]);

/** Cloud providers read it where the spec names no ranges; kube-proxy does not. */
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges';

/** cloud-provider-azure reads it beside the other, and no other implementation does. */
export const AZURE_RANGES = 'service.beta.kubernetes.io/azure-allowed-ip-ranges';

/** What cloud-provider-azure lets in over all families of the Service, whatever the ranges. */
const AZURE_TAGS = 'service.beta.kubernetes.io/azure-allowed-service-tags';

/** An internal load balancer of Azure lets in the whole virtual network, whatever the ranges, unless the other one is there. */
const AZURE_INTERNAL = 'service.beta.kubernetes.io/azure-load-balancer-internal';
const AZURE_DENY = 'service.beta.kubernetes.io/azure-deny-all-except-load-balancer-source-ranges';

const REQUESTED = [
  'metallb.io/loadBalancerIPs',
  'metallb.universe.tf/loadBalancerIPs',
  'lbipam.cilium.io/ips',
  'io.cilium/lb-ipam-ips',
  'kube-vip.io/loadbalancerIPs',
  'projectcalico.org/loadBalancerIPs',
] as const;

/** The field of the spec with the same meaning, which has room for one address. */
export const IN_SPEC = 'spec.loadBalancerIP';

/**
 * Implementations whose addresses arrive at the nodes, where the service proxy answers for them, by what the keys of annotations or the
 * loadBalancerClass of a Service of theirs begin with.
 */
const NODE_LOAD_BALANCERS: readonly { readonly name: string; readonly prefixes: readonly string[] }[] = [
  { name: 'MetalLB', prefixes: ['metallb.io/', 'metallb.universe.tf/'] },
  { name: 'kube-vip', prefixes: ['kube-vip.io/'] },
  // Other annotations under io.cilium are about Services of any load balancer.
  { name: 'Cilium', prefixes: ['lbipam.cilium.io/', 'io.cilium/lb-ipam', 'io.cilium/node', 'io.cilium/bgp', 'io.cilium/l2'] },
  // Other annotations under projectcalico.org are about Services of any load balancer.
  {
    name: 'Calico',
    prefixes: ['projectcalico.org/loadBalancerIPs', 'projectcalico.org/ipv4pools', 'projectcalico.org/ipv6pools', 'calico'],
  },
  { name: 'ServiceLB', prefixes: ['svccontroller.k3s.cattle.io/'] },
  { name: 'PureLB', prefixes: ['purelb.io/'] },
  { name: 'OpenELB', prefixes: ['openelb.io/', 'lb.kubesphere.io/'] },
];

/**
 * Load balancers of clouds that end connections and make others to the nodes, whatever families the two have, by what the keys of annotations of their
 * Services begin with.
 */
const PROXIES = ['load-balancer.hetzner.cloud/', 'service.beta.kubernetes.io/scw-', 'service.beta.kubernetes.io/linode-loadbalancer-'];

/** The addresses that are not known to be those of a proxy, which `ipMode` says too; its default says nothing. */
function addressesAtNodes(annotations: Shape, ingress: readonly Shape[]): readonly string[] {
  if (PROXIES.some((prefix) => hasKeyOf(annotations, prefix))) return NOTHING;
  return shared(ingress.filter(({ ipMode }) => ipMode !== 'Proxy').map(({ ip }) => text(ip)));
}

/** What a Service says of its load balancer and of other addresses from outside the cluster. */
export function balancerFacts(annotations: Shape, spec: Shape, ingress: readonly Shape[]): BalancerFacts {
  return {
    ingressAddresses: addressesAtNodes(annotations, ingress),
    externalIPs: shared(readable(texts(spec['externalIPs']))),
    ...sourceRangesOf(annotations, spec),
    ...requestedBy(annotations, spec),
    nodeLoadBalancer: spec['type'] === 'LoadBalancer' ? nodeLoadBalancerOf(annotations, text(spec['loadBalancerClass'])) : '',
    nodePorts: spec['type'] === 'NodePort' || (spec['type'] === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false),
  };
}

/** The entries of `status.loadBalancer.ingress`. */
export function ingressOf(status: unknown): readonly Shape[] {
  return readable(items(fields(fields(status)['loadBalancer'])['ingress'])).map(fields);
}

function sourceRangesOf(annotations: Shape, spec: Shape): Pick<BalancerFacts, 'sourceRanges' | 'rangesAnnotation'> {
  const inSpec = trimmed(texts(spec['loadBalancerSourceRanges']));
  if (inSpec.length > 0) return { sourceRanges: inSpec, rangesAnnotation: '' };
  const keys = azureGoesByRanges(annotations) ? [SOURCE_RANGES, AZURE_RANGES] : [SOURCE_RANGES];
  const rangesAnnotation = keys.find((key) => annotation(annotations, key) !== '') ?? '';
  return { sourceRanges: trimmed(keys.flatMap((key) => annotation(annotations, key).split(','))), rangesAnnotation };
}

function azureGoesByRanges(annotations: Shape): boolean {
  const isTrue = (key: string): boolean => annotation(annotations, key).toLowerCase() === 'true';
  return annotation(annotations, AZURE_TAGS) === '' && (!isTrue(AZURE_INTERNAL) || isTrue(AZURE_DENY));
}

function trimmed(ranges: readonly string[]): readonly string[] {
  return shared(readable(ranges).map((range) => range.trim()));
}

function requestedBy(annotations: Shape, spec: Shape): Pick<BalancerFacts, 'requestedAddresses' | 'requestPlace'> {
  const inAnnotations = REQUESTED.map((key) => ({ place: key, addresses: requestedIn(annotation(annotations, key)) }));
  const all = [{ place: IN_SPEC, addresses: requestedIn(text(spec['loadBalancerIP'])) }, ...inAnnotations];
  // An annotation takes several addresses, and the field one.
  const place = inAnnotations.find(({ addresses }) => addresses.length > 0)?.place;
  const requestedAddresses = shared(all.flatMap(({ addresses }) => addresses));
  return { requestedAddresses, requestPlace: place ?? (requestedAddresses.length > 0 ? IN_SPEC : '') };
}

/** Calico takes a list in JSON, the others take addresses with commas between them. */
function requestedIn(addresses: string): readonly string[] {
  const all = readable(addresses.replaceAll(/["[\]]/g, '').split(',')).map((address) => address.trim());
  // kube-vip takes 0.0.0.0 for "by DHCP".
  return all.filter((address) => familyOfAddress(address) !== undefined && !/^[0.:]+$/.test(address));
}

function nodeLoadBalancerOf(annotations: Shape, loadBalancerClass: string): string {
  const found = NODE_LOAD_BALANCERS.find(({ prefixes }) =>
    prefixes.some((prefix) => loadBalancerClass.startsWith(prefix) || hasKeyOf(annotations, prefix)),
  );
  return found?.name ?? '';
}

/** Most Services have none of it. */
function shared(list: readonly string[]): readonly string[] {
  const some = list.filter((one) => one !== '');
  return some.length === 0 ? NOTHING : some;
}
