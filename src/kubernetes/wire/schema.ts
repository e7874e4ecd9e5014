import protobuf from 'protobufjs/light.js';
import type { IField, IMapField, INamespace, IType, Type } from 'protobufjs/light.js';

type FieldSpec = `${'' | 'repeated '}${string} ${number}` | `map<string, ${string}> ${number}`;

/**
 * A message of only these fields: the decoder skips all the others. Names are the JSON names, so that a projection
 * reads a decoded message and a parsed JSON object alike; numbers are those of the modules' generated.proto.
 */
function message(specs: Readonly<Record<string, FieldSpec>>): IType {
  // proto2, as the API's own: `false` on the wire is then not the same as nothing.
  return { edition: 'proto2', fields: Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, field(spec)])) };
}

function field(spec: FieldSpec): IField | IMapField {
  const end = spec.lastIndexOf(' ');
  const [type, id] = [spec.slice(0, end), Number(spec.slice(end + 1))];
  if (type.startsWith('map<')) return { keyType: 'string', type: type.slice('map<string, '.length, -1), id };
  if (type.startsWith('repeated ')) return { rule: 'repeated', type: type.slice('repeated '.length), id };
  // An absent `ready` must read as null: by itself it would read as false, where it means true.
  return { type, id, ...(type === 'bool' ? { options: { proto3_optional: true } } : {}) };
}

/** A list and its items, as every kind has them. */
function listOf(kind: string): Record<string, IType> {
  return { [`${kind}List`]: message({ metadata: 'ListMeta 1', items: `repeated ${kind} 2` }) };
}

/** What is read of every object's metadata; annotations come to it, since one of them marks the end of a streaming list. */
const OBJECT_META = {
  name: 'string 1',
  namespace: 'string 3',
  uid: 'string 5',
  resourceVersion: 'string 6',
  creationTimestamp: 'Time 8',
  deletionTimestamp: 'Time 9',
} as const;

/** k8s.io/apimachinery v0.36.3, pkg/runtime and pkg/apis/meta/v1. */
const META: Record<string, IType> = {
  Unknown: message({ raw: 'bytes 2' }),
  RawExtension: message({ raw: 'bytes 1' }),
  WatchEvent: message({ type: 'string 1', object: 'RawExtension 2' }),
  ListMeta: message({ resourceVersion: 'string 2', continue: 'string 3' }),
  Status: message({ message: 'string 3', reason: 'string 4', details: 'StatusDetails 5', code: 'int32 6' }),
  StatusDetails: message({ retryAfterSeconds: 'int32 5' }),
  // An int64 on the wire. Read as 32 bits it holds until 2106, and saves an object for each time.
  Time: message({ seconds: 'uint32 1', nanos: 'int32 2' }),
  Condition: message({ type: 'string 1', status: 'string 2', lastTransitionTime: 'Time 4' }),
  ObjectMeta: message({
    ...OBJECT_META,
    labels: 'map<string, string> 11',
    annotations: 'map<string, string> 12',
  }),
  // The annotations of pods are many and long, and only their keys matter: bytes are not turned into text.
  PodMeta: message({
    ...OBJECT_META,
    labels: 'map<string, string> 11',
    annotations: 'map<string, bytes> 12',
    ownerReferences: 'repeated OwnerReference 13',
  }),
  // Of Services and ServiceCIDRs alone is it read when their fields were changed.
  ManagedMeta: message({
    ...OBJECT_META,
    // The bookmark that ends a streaming list is known by one.
    annotations: 'map<string, bytes> 12',
    managedFields: 'repeated ManagedFieldsEntry 17',
  }),
  ManagedFieldsEntry: message({ time: 'Time 4', fieldsV1: 'FieldsV1 7', subresource: 'string 8' }),
  FieldsV1: message({ raw: 'bytes 1' }),
  OwnerReference: message({ controller: 'bool 6' }),
};

/** k8s.io/api v0.36.3, core/v1. */
const CORE: Record<string, IType> = {
  Node: message({ metadata: 'ObjectMeta 1', spec: 'NodeSpec 2', status: 'NodeStatus 3' }),
  NodeSpec: message({ podCIDR: 'string 1', podCIDRs: 'repeated string 7', taints: 'repeated Taint 5' }),
  Taint: message({ key: 'string 1' }),
  NodeStatus: message({ addresses: 'repeated NodeAddress 5', nodeInfo: 'NodeSystemInfo 7' }),
  NodeAddress: message({ type: 'string 1', address: 'string 2' }),
  NodeSystemInfo: message({ operatingSystem: 'string 9' }),
  ...listOf('Node'),

  Pod: message({ metadata: 'PodMeta 1', spec: 'PodSpec 2', status: 'PodStatus 3' }),
  PodSpec: message({ nodeName: 'string 10', hostNetwork: 'bool 11' }),
  PodStatus: message({
    phase: 'string 1',
    startTime: 'Time 7',
    conditions: 'repeated PodCondition 2',
    hostIP: 'string 5',
    hostIPs: 'repeated IP 16',
    podIP: 'string 6',
    podIPs: 'repeated IP 12',
  }),
  PodCondition: message({ type: 'string 1', status: 'string 2', lastTransitionTime: 'Time 4' }),
  // PodIP and HostIP alike.
  IP: message({ ip: 'string 1' }),
  ...listOf('Pod'),

  Service: message({ metadata: 'ManagedMeta 1', spec: 'ServiceSpec 2', status: 'ServiceStatus 3' }),
  ServiceSpec: message({
    selector: 'map<string, string> 2',
    clusterIP: 'string 3',
    clusterIPs: 'repeated string 18',
    type: 'string 4',
    ipFamilyPolicy: 'string 17',
    ipFamilies: 'repeated string 19',
  }),
  ServiceStatus: message({ loadBalancer: 'LoadBalancerStatus 1' }),
  LoadBalancerStatus: message({ ingress: 'repeated LoadBalancerIngress 1' }),
  LoadBalancerIngress: message({ ip: 'string 1', hostname: 'string 2' }),
  ...listOf('Service'),

  Namespace: message({ metadata: 'ObjectMeta 1' }),
  ...listOf('Namespace'),
};

/** k8s.io/api v0.36.3, discovery/v1 and networking/v1. */
const NETWORKING: Record<string, IType> = {
  EndpointSlice: message({ metadata: 'ObjectMeta 1', endpoints: 'repeated Endpoint 2', addressType: 'string 4' }),
  Endpoint: message({ addresses: 'repeated string 1', conditions: 'EndpointConditions 2', targetRef: 'ObjectReference 4' }),
  EndpointConditions: message({ ready: 'bool 1' }),
  ObjectReference: message({ kind: 'string 1', uid: 'string 4' }),
  ...listOf('EndpointSlice'),

  ServiceCIDR: message({ metadata: 'ManagedMeta 1', spec: 'ServiceCIDRSpec 2', status: 'ServiceCIDRStatus 3' }),
  ServiceCIDRSpec: message({ cidrs: 'repeated string 1' }),
  ServiceCIDRStatus: message({ conditions: 'repeated Condition 1' }),
  ...listOf('ServiceCIDR'),
};

const SCHEMA: INamespace = { nested: { ...META, ...CORE, ...NETWORKING } };

const root = protobuf.Root.fromJSON(SCHEMA).resolveAll();

/**
 * The type of a message, `Pod` or `PodList` say.
 * @throws Error where the schema has none of that name
 */
export function messageType(name: string): Type {
  return root.lookupType(name);
}
