import type { Family } from '../../../src/core/net/addresses.ts';
import type { EndpointSliceFacts, Facts, NodeFacts, PodFacts, ServiceCIDRFacts, ServiceFacts } from '../../../src/core/kinds/facts.ts';
import type { LabelSet } from '../../../src/core/kinds/labels.ts';
import type { Raw } from '../../client/support/objects.ts';

const ADDRESSES: Readonly<Record<Family, string>> = { IPv4: '192.0.2.1', IPv6: '2001:db8::1' };
const CIDRS: Readonly<Record<Family, string>> = { IPv4: '10.96.0.0/16', IPv6: 'fd00:10:96::/112' };

/** An object of the API, as kubectl writes it, of which these are the facts, as far as there can be one. */
export function objectOf(facts: Facts): Raw {
  switch (facts.kind) {
    case 'Node':
      return nodeOf(facts);
    case 'Pod':
      return podOf(facts);
    case 'Service':
      return serviceOf(facts);
    case 'EndpointSlice':
      return sliceOf(facts);
    case 'ServiceCIDR':
      return serviceCIDROf(facts);
    case 'Namespace':
      return {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: facts.name, uid: facts.uid, resourceVersion: '7', labels: labelsOf(facts.labels) },
      };
    default:
      return noObjectOf(facts);
  }
}

/** The types exclude this: `npx tsc` names the facts of a kind that has no case. */
function noObjectOf(facts: never): never {
  const { kind } = facts as Facts;
  throw new Error(`objectOf in test/sources/dump/objects-of.ts has no case for the kind ${kind}`);
}

function timeOf(ms: number): string | null {
  return ms > 0 ? new Date(ms).toISOString() : null;
}

function labelsOf(labels: LabelSet): Record<string, string> {
  return Object.fromEntries(labels);
}

interface Dated {
  readonly name: string;
  readonly namespace?: string;
  readonly createdAt: number;
  readonly deleting?: boolean;
}

function metadataOf({ name, namespace, createdAt, deleting = false }: Dated): Record<string, unknown> {
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    resourceVersion: '7',
    creationTimestamp: timeOf(createdAt),
    ...(deleting ? { deletionTimestamp: '2026-06-01T11:00:00Z' } : {}),
  };
}

/** What says when a spec was changed. */
function managedFieldsOf(changedAt: number | undefined): unknown[] {
  const time = changedAt === undefined ? undefined : timeOf(changedAt);
  return time === undefined ? [] : [{ manager: 'kubectl', operation: 'Update', time, fieldsType: 'FieldsV1', fieldsV1: { 'f:spec': {} } }];
}

function nodeLabelsOf({ virtual, simulated, madeUp }: NodeFacts): Record<string, string> {
  return {
    ...(virtual ? { type: simulated ? 'kwok' : 'virtual-kubelet' } : {}),
    ...(madeUp ? { 'vcluster.loft.sh/fake-node': 'true' } : {}),
  };
}

function nodeOf(node: NodeFacts): Raw {
  const addresses = node.addressFamilies.map((family) => ({ type: 'InternalIP', address: ADDRESSES[family] }));
  const annotations = node.providedNodeIP ? { 'alpha.kubernetes.io/provided-node-ip': node.providedNodeIP } : {};
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadataOf(node), annotations, labels: nodeLabelsOf(node) },
    spec: { podCIDR: node.podCIDRs[0], podCIDRs: node.podCIDRs },
    status: {
      addresses,
      conditions: [{ type: 'Ready', status: node.notReady ? 'False' : 'True', lastTransitionTime: timeOf(node.readyChangedAt) }],
      nodeInfo: { operatingSystem: node.windows ? 'windows' : 'linux' },
    },
  };
}

const PHASES: Readonly<Record<PodFacts['state'], string>> = {
  Running: 'Running',
  Pending: 'Pending',
  Completed: 'Succeeded',
  Terminating: 'Running',
  Unaddressed: 'Running',
  Unreadable: 'Running',
};

function podOf(pod: PodFacts): Raw {
  const hostIPs = pod.hostFamilies.map((family) => ({ ip: ADDRESSES[family] }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadataOf({ ...pod, deleting: pod.state === 'Terminating' }),
      uid: pod.uid,
      labels: labelsOf(pod.labels),
      annotations: pod.mirror ? { 'kubernetes.io/config.mirror': 'x' } : {},
      ownerReferences: pod.controlled ? [{ kind: 'ReplicaSet', name: 'x', controller: true }] : null,
    },
    spec: { nodeName: pod.nodeName, ...(pod.hostNetwork ? { hostNetwork: true } : {}), containers: [] },
    status: {
      phase: PHASES[pod.state],
      startTime: timeOf(pod.startedAt),
      conditions: [{ type: 'Ready', status: pod.ready ? 'True' : 'False', lastTransitionTime: timeOf(pod.readySince) }],
      hostIP: hostIPs[0]?.ip ?? '',
      hostIPs,
      podIP: pod.addresses[0] ?? '',
      podIPs: pod.addresses.map((ip) => ({ ip })),
    },
  };
}

function serviceOf(service: ServiceFacts): Raw {
  const more = service.ipFamilyCount - service.ipFamilies.length;
  const ipFamilies = [...service.ipFamilies, ...Array<string>(Math.max(0, more)).fill(service.ipFamilies[0] ?? 'IPvX')];
  const ingress = [
    ...service.ingressFamilies.map((family) => ({ ip: ADDRESSES[family] })),
    ...(service.ingressHostname ? [{ hostname: 'lb.example.com' }] : []),
  ];
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadataOf(service), uid: service.uid, managedFields: managedFieldsOf(service.changedAt) },
    spec: {
      type: service.type,
      ipFamilyPolicy: service.policy,
      ipFamilies,
      clusterIP: service.clusterIP,
      clusterIPs: service.clusterIPs,
      selector: labelsOf(service.selector),
    },
    status: { loadBalancer: { ingress } },
  };
}

function sliceOf(slice: EndpointSliceFacts): Raw {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      ...metadataOf(slice),
      labels: {
        ...(slice.serviceName === '' ? {} : { 'kubernetes.io/service-name': slice.serviceName }),
        ...(slice.managed ? { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' } : {}),
        ...(slice.foreign ? { 'endpointslice.kubernetes.io/managed-by': 'mesh.example.com' } : {}),
      },
    },
    addressType: slice.addressType ?? 'FQDN',
    endpoints: slice.readyTargets.map((target) => endpointOf(target)),
  };
}

/** A target is the uid of a pod, or an address. */
function endpointOf(target: string): object {
  const isAddress = target.includes('.') || target.includes(':');
  const conditions = { ready: true };
  return isAddress ? { addresses: [target], conditions } : { addresses: ['10.0.0.1'], conditions, targetRef: { kind: 'Pod', uid: target } };
}

function serviceCIDROf(cidr: ServiceCIDRFacts): Raw {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'ServiceCIDR',
    metadata: { ...metadataOf(cidr), managedFields: managedFieldsOf(cidr.changedAt) },
    spec: { cidrs: cidr.families.map((family) => CIDRS[family]) },
    status: { conditions: [{ type: 'Ready', status: cidr.ready ? 'True' : 'False' }] },
  };
}
