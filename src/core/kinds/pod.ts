import { isDual, isRedacted, NO_FAMILY, usableFamilies, type FamilyList } from '../net/addresses.ts';
import { needsClusterDNS } from './cluster-dns.ts';
import { bool, bytesMap, map, object, objects, string, strings, time, type Fields } from './fields.ts';
import type { Interner } from './interner.ts';
import { defineKind, names } from './kind.ts';
import { CONDITION_FIELDS, conditionOf, listOrOne, META_FIELDS, metadataOf, present } from './metadata.ts';
import { PackedPod, type PodFacts, type PodState } from './packed-pod.ts';
import { declaredByPod, hasOtherNetwork, pluginFamilies, subnetOf } from './pod-annotations.ts';
import { startOf } from './pod-start.ts';
import { fields, items, text, timeOf, type Shape } from './shapes.ts';

/** Why a pod is not evaluated (rules.md#host-network-pods, #skipped-pods). */
export type PodSkipReason = 'hostNetwork' | 'otherNetwork' | 'pending' | 'completed' | 'terminating' | 'unaddressed' | 'unreadable';

const MIRROR = 'kubernetes.io/config.mirror';

function factsOf(object: unknown, interner: Interner): PodFacts | undefined {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { metadata: raw, spec, status } = fields(object);
  const rawSpec = fields(spec);
  const { nodeName, hostNetwork } = rawSpec;
  const { phase, startTime, podIP, podIPs, hostIP, hostIPs, conditions } = fields(status);
  const addresses = listOrOne(ipsOf(podIPs), podIP);
  const families = usableFamilies(addresses);
  const hostAddresses = listOrOne(ipsOf(hostIPs), hostIP);
  const owner = fields(items(fields(raw)['ownerReferences']).find((each) => fields(each)['controller'] === true));
  const ready = conditionOf(conditions, 'Ready');
  const takenUpAt = timeOf(startTime) || metadata.createdAt;
  const { startedAt, sandbox } = startOf(takenUpAt, conditionOf(conditions, 'PodReadyToStartContainers'), ready);
  return {
    kind: 'Pod',
    // Only a dump can lack it; pods without one must not fall together.
    uid: text(fields(raw)['uid']) || `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    name: metadata.name,
    nodeName: interner.text(text(nodeName)),
    createdAt: metadata.createdAt,
    startedAt,
    state: stateOf(metadata.deleting, phase, addresses, families),
    hostNetwork: hostNetwork === true,
    mirror: present(metadata.annotations[MIRROR]),
    controlled: owner['controller'] === true,
    ready: ready['status'] === 'True',
    readySince: timeOf(ready['lastTransitionTime']),
    addresses,
    families,
    hostFamilies: interner.families(hostAddresses),
    strayFamilies: hostNetwork === true ? strayFamilies(addresses, hostAddresses) : NO_FAMILY,
    declaredFamilies: declaredByPod(metadata.annotations),
    // Reading these annotations takes long, and they only explain a family that is missing.
    pluginFamilies: isDual(families) ? NO_FAMILY : pluginFamilies(metadata.annotations),
    otherNetwork: hasOtherNetwork(metadata.annotations),
    subnet: interner.text(subnetOf(metadata.annotations)),
    owner: interner.text(ownerOf(owner, metadata.labels)),
    sandbox,
    needsClusterDNS: needsClusterDNS(rawSpec, families),
    labels: interner.labels(metadata.labels),
  };
}

const TEMPLATE_HASH = 'pod-template-hash';

/** `KIND/NAME` of a pod's controller. A Deployment has one ReplicaSet after the other, and their pods are those of one workload. */
function ownerOf({ kind, name }: Shape, labels: Shape): string {
  if (text(kind) === '' || text(name) === '') return '';
  const suffix = `-${text(labels[TEMPLATE_HASH])}`;
  const ofDeployment = kind === 'ReplicaSet' && suffix !== '-' && text(name).endsWith(suffix);
  return ofDeployment ? `Deployment/${text(name).slice(0, -suffix.length)}` : `${text(kind)}/${text(name)}`;
}

/** The families of addresses that the host has others of, or none. Without `hostIPs` there is nothing to compare. */
function strayFamilies(addresses: readonly string[], hostAddresses: readonly string[]): FamilyList {
  if (hostAddresses.length === 0) return NO_FAMILY;
  return usableFamilies(addresses.filter((address) => !hostAddresses.includes(address)));
}

function stateOf(deleting: boolean, phase: unknown, addresses: readonly string[], families: FamilyList): PodState {
  if (deleting) return 'Terminating';
  if (phase === 'Succeeded' || phase === 'Failed') return 'Completed';
  if (phase !== 'Running') return 'Pending';
  // Reading an address takes long, and mostly there is one for each family.
  if (addresses.length > families.length && addresses.some(isRedacted)) return 'Unreadable';
  return families === NO_FAMILY ? 'Unaddressed' : 'Running';
}

/** The texts of `[{ip}, …]`. */
function ipsOf(list: unknown): string[] {
  const ips = items(list).map((item) => text(fields(item)['ip']));
  return ips.includes('') ? ips.filter((ip) => ip !== '') : ips;
}

const SKIPPED_STATES = {
  Pending: 'pending',
  Completed: 'completed',
  Terminating: 'terminating',
  Unaddressed: 'unaddressed',
  Unreadable: 'unreadable',
} as const;

/** Whether a pod is no running pod of the pod network, and why. */
function skipped(pod: PodFacts): PodSkipReason | undefined {
  // The addresses of a pod on the host network are not evaluated here: whether they can be read changes nothing.
  if (pod.hostNetwork && (pod.state === 'Running' || pod.state === 'Unreadable')) return 'hostNetwork';
  if (pod.state !== 'Running') return SKIPPED_STATES[pod.state];
  return pod.otherNetwork ? 'otherNetwork' : undefined;
}

/** PodIP and HostIP alike. */
const IP_FIELDS: Fields = { ip: string(1) };

/** k8s.io/api v0.36.3, core/v1. */
export const pod = defineKind({
  name: 'Pod',
  resource: { group: '', versions: ['v1'], plural: 'pods', namespaced: true, servedBy: 'Every Kubernetes API server serves it.' },
  role: 'evaluated',
  reason: 'Which families the addresses of each pod have, and of which Services it is an endpoint.',
  fields: {
    // The annotations of pods are many and long, and few of them matter.
    metadata: object(1, {
      ...META_FIELDS,
      labels: map(11),
      annotations: bytesMap(12),
      ownerReferences: objects(13, { kind: string(1), name: string(3), controller: bool(6) }),
    }),
    spec: object(2, {
      dnsPolicy: string(6),
      nodeName: string(10),
      hostNetwork: bool(11),
      dnsConfig: object(26, { nameservers: strings(1) }),
    }),
    status: object(3, {
      phase: string(1),
      startTime: time(7),
      conditions: objects(2, CONDITION_FIELDS),
      hostIP: string(5),
      hostIPs: objects(16, IP_FIELDS),
      podIP: string(6),
      podIPs: objects(12, IP_FIELDS),
    }),
  },
  facts: factsOf,
  // Names are taken again, and EndpointSlices point at uids.
  key: ({ uid }) => uid,
  skip: skipped,
  packed: (facts) => new PackedPod(facts),
  links: [names('Node', ({ nodeName }: PodFacts) => (nodeName === '' ? [] : [nodeName]))],
});
