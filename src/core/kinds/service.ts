import { familiesOfAddresses, familyOfAddress, isRedacted, listOf, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import type { LabelSet } from './labels.ts';
import { isClusterDNS } from './cluster-dns.ts';
import { bool, map, object, objects, string, strings } from './fields.ts';
import type { Interner } from './interner.ts';
import { defineKind, selects } from './kind.ts';
import { lastChangeOf, listOrOne, MANAGED_FIELDS, metadataOf } from './metadata.ts';
import { balancerFacts, ingressOf, type BalancerFacts } from './service-balancer.ts';
import { chartOf, ownerOf, type Owner } from './service-owner.ts';
import { fields, text, texts, type Shape } from './shapes.ts';

export type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName';
export type IPFamilyPolicy = 'SingleStack' | 'PreferDualStack' | 'RequireDualStack';

export interface ServiceFacts extends BalancerFacts {
  readonly kind: 'Service';
  /** For Events, which are found by it; empty in a dump that lacks it. */
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly createdAt: number;
  /** When whoever keeps fields of its spec last changed it. */
  readonly changedAt: number;
  readonly deleting: boolean;
  readonly type: ServiceType;
  /** No policy means SingleStack (rules.md#default-family-policy). */
  readonly policy: IPFamilyPolicy;
  /** `spec.ipFamilies`; of Kubernetes 1.16 to 1.19 the one `spec.ipFamily` (rules.md#services-before-1-20). */
  readonly ipFamilies: FamilyList;
  /** The families of `spec.clusterIPs`; none where headless. */
  readonly clusterIPFamilies: FamilyList;
  /** `spec.clusterIPs`, as written; without it, `spec.clusterIP`. */
  readonly clusterIPs: readonly string[];
  /** `spec.clusterIP`, as written. */
  readonly clusterIP: string;
  /** How many entries `spec.ipFamilies` has, repeated and unknown ones included. */
  readonly ipFamilyCount: number;
  readonly headless: boolean;
  /** Empty where the Service has none: its endpoints are made by hand. */
  readonly selector: LabelSet;
  /** The families of the addresses in `status.loadBalancer.ingress`. */
  readonly ingressFamilies: FamilyList;
  /** Whether some ingress has a hostname, behind which any address may be. */
  readonly ingressHostname: boolean;
  /** Whether some cluster address or load balancer address cannot be read, as in a redacted dump. */
  readonly unreadable: boolean;
  /** Whether it is the Service of the cluster's DNS. */
  readonly isClusterDNS: boolean;
  /** What writes the Service and reverts a patch of it; undefined where nothing says so. */
  readonly owner: Owner | undefined;
  /** Which one it is, such as the name of the Helm release. */
  readonly ownerName: string;
  /** The Helm chart, without its version, from the label `helm.sh/chart`. */
  readonly chart: string;
}

/** Why a Service is not evaluated (rules.md#api-server-service, #default-family-policy, #external-name). */
export type ServiceSkipReason = 'externalName' | 'apiServer' | 'headlessWithoutSelector' | 'deleting';

const HEADLESS = 'None';

function factsOf(object: unknown, interner: Interner): ServiceFacts | undefined {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { spec: rawSpec, status } = fields(object);
  const spec = fields(rawSpec);
  const rawMetadata = fields(fields(object)['metadata']);
  const ingress = ingressOf(status);
  const clusterIPs = listOrOne(texts(spec['clusterIPs']), spec['clusterIP']);
  const ipFamilies = ipFamiliesOf(spec, clusterIPs);
  const owner = ownerOf(rawMetadata);
  return {
    kind: 'Service',
    uid: text(rawMetadata['uid']),
    namespace: metadata.namespace,
    name: metadata.name,
    createdAt: metadata.createdAt,
    changedAt: Math.max(metadata.createdAt, lastChangeOf(object) ?? 0),
    deleting: metadata.deleting,
    type: typeOf(spec['type']),
    policy: policyOf(spec['ipFamilyPolicy']),
    ipFamilies: listOf(ipFamilies),
    ipFamilyCount: ipFamilies.length,
    clusterIPFamilies: clusterIPFamiliesOf(clusterIPs, ipFamilies),
    clusterIPs,
    clusterIP: text(spec['clusterIP']),
    headless: text(spec['clusterIP']) === HEADLESS || clusterIPs[0] === HEADLESS,
    selector: interner.labels(spec['selector']),
    ingressFamilies: familiesOfAddresses(ingress.map(({ ip }) => text(ip))),
    ingressHostname: ingress.some(({ hostname }) => text(hostname) !== ''),
    ...balancerFacts(metadata.annotations, spec, ingress),
    unreadable: [...clusterIPs, ...ingress.map(({ ip }) => text(ip))].some(isRedacted),
    isClusterDNS: isClusterDNS(metadata.namespace, metadata.labels),
    owner: owner.owner,
    ownerName: interner.text(owner.ownerName),
    chart: interner.text(chartOf(rawMetadata)),
  };
}

/** A Service from before there were ipFamilies has the family of its clusterIP. */
function ipFamiliesOf(spec: Shape, clusterIPs: readonly string[]): readonly string[] {
  const named = listOrOne(texts(spec['ipFamilies']), spec['ipFamily']);
  return named.length > 0 ? named : familiesOfAddresses(clusterIPs);
}

/** Of an address that cannot be read, as in a redacted dump, ipFamilies says the family. */
function clusterIPFamiliesOf(clusterIPs: readonly string[], ipFamilies: readonly string[]): FamilyList {
  if (clusterIPs[0] === HEADLESS) return NO_FAMILY;
  return listOf(clusterIPs.map((address, index) => familyOfAddress(address) ?? (isRedacted(address) ? ipFamilies[index] : undefined)));
}

function typeOf(type: unknown): ServiceType {
  return type === 'NodePort' || type === 'LoadBalancer' || type === 'ExternalName' ? type : 'ClusterIP';
}

function policyOf(policy: unknown): IPFamilyPolicy {
  return policy === 'PreferDualStack' || policy === 'RequireDualStack' ? policy : 'SingleStack';
}

/** Whether a Service's families are never drift, and why. */
function skipped(service: ServiceFacts): ServiceSkipReason | undefined {
  if (service.deleting) return 'deleting';
  if (service.type === 'ExternalName') return 'externalName';
  if (service.namespace === 'default' && service.name === 'kubernetes') return 'apiServer';
  return service.headless && service.selector.length === 0 ? 'headlessWithoutSelector' : undefined;
}

/** k8s.io/api v0.36.3, core/v1. */
export const service = defineKind({
  name: 'Service',
  resource: { group: '', versions: ['v1'], plural: 'services', namespaced: true, servedBy: 'Every Kubernetes API server serves it.' },
  role: 'evaluated',
  reason: 'Which families each Service requests, and which it has.',
  fields: {
    // Of pods, which are many more, who owns them is not read.
    metadata: object(1, { ...MANAGED_FIELDS, labels: map(11), ownerReferences: objects(13, { kind: string(1), name: string(3) }) }),
    spec: object(2, {
      selector: map(2),
      clusterIP: string(3),
      clusterIPs: strings(18),
      type: string(4),
      externalIPs: strings(5),
      loadBalancerIP: string(8),
      loadBalancerSourceRanges: strings(9),
      ipFamilyPolicy: string(17),
      ipFamilies: strings(19),
      allocateLoadBalancerNodePorts: bool(20),
      loadBalancerClass: string(21),
    }),
    status: object(3, { loadBalancer: object(1, { ingress: objects(1, { ip: string(1), hostname: string(2), ipMode: string(3) }) }) }),
  },
  facts: factsOf,
  key: ({ namespace, name }) => `${namespace}/${name}`,
  skip: skipped,
  // A Service without a selector selects nothing: its endpoints are made by hand.
  links: [selects('Pod', ({ selector }: ServiceFacts) => (selector.length > 0 ? selector : undefined))],
});
