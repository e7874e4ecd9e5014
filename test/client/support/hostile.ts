import fc from 'fast-check';
import type { Field, Type } from 'protobufjs/light.js';
import protobuf from 'protobufjs/light.js';
import { messageType } from '../../../src/client/wire/schema.ts';
import type { Encoding } from './read.ts';

const pick = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values);

const ADDRESSES = [
  '10.244.1.7',
  '10.244.2.7',
  'fd00:10:244:1::7',
  'fd00:10:244:2::7',
  '192.0.2.1',
  '2001:db8::1',
  '10.96.0.10',
  'fd00:10:96::10',
];
const CIDRS = ['10.244.1.0/24', '10.244.2.0/24', 'fd00:10:244:1::/64', 'fd00:10:244:2::/64', '10.96.0.0/16', 'fd00:10:96::/112'];
const FAMILIES = ['IPv4', 'IPv6', 'IPv4', 'IPv6', 'FQDN', 'IP'];

/** What texts may be where something else should be. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  'None',
  'none',
  'soon',
  '010.000.001.008',
  '::ffff:1.2.3.4',
  '::ffff:01.2.3.4',
  '::1.2.3.4',
  'fe80::1%eth0',
  'fe80::1%br-lan',
  '10.0.0.1/24',
  '10.244.1.99/24',
  '0.0.0.0/0',
  '::/0',
  '::ffff:10.244.0.0/104',
  '10.0.0.256',
  '10.0.0.1,fd00::1',
  '[::1]',
  ':',
  '/',
  'a/b',
  '__proto__',
  'constructor',
  '$(reboot)',
  '"\n\\',
  '\u001b[2J',
  '\ud83d',
  '🦊'.repeat(300),
  '1:'.repeat(5000),
  'a'.repeat(5000),
];

/** What a text usually is, by the name of its field; with that of its message, or of the kind, where one name is for several things. */
const USUAL_TEXTS: Readonly<Record<string, readonly string[]>> = {
  'Node.name': ['a', 'b', 'c', 'd'],
  'Pod.name': ['pod-0', 'pod-1', 'pod-2'],
  'Service.name': ['web', 'web', 'front', 'kubernetes'],
  'EndpointSlice.name': ['web-IPv4', 'web-IPv6', 'e1'],
  'ServiceCIDR.name': ['kubernetes', 'kubernetes', 'extra'],
  'Namespace.name': ['shop', 'default'],
  namespace: ['shop', 'shop', 'shop', 'default', ''],
  uid: ['uid-0', 'uid-1', 'uid-2', 'uid-3', 'uid-4', 'uid-5', 'uid-6', 'uid-7'],
  nodeName: ['a', 'a', 'b', 'c', 'd', ''],
  phase: ['Running', 'Running', 'Running', 'Pending', 'Succeeded', 'Failed'],
  status: ['True', 'True', 'False', 'Unknown'],
  kind: ['Pod', 'Pod', 'VirtualMachine'],
  key: ['virtual-kubelet.io/provider', 'node.kubernetes.io/not-ready', 'node.kubernetes.io/not-ready', 'other', 'other'],
  operatingSystem: ['linux', 'linux', 'linux', 'windows'],
  subresource: ['', 'status'],
  hostname: ['', '', 'lb.example'],
  type: ['Ready', 'Ready', 'PodScheduled'],
  'NodeAddress.type': ['InternalIP', 'InternalIP', 'ExternalIP', 'Hostname'],
  'ServiceSpec.type': ['ClusterIP', 'ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'],
  addressType: FAMILIES,
  ipFamily: FAMILIES,
  ipFamilies: FAMILIES,
  ipFamilyPolicy: ['SingleStack', 'PreferDualStack', 'RequireDualStack'],
  clusterIP: ['None', ...ADDRESSES],
  podCIDR: CIDRS,
  podCIDRs: CIDRS,
  cidrs: CIDRS,
  raw: ['{"f:spec":{}}', '{"f:metadata":{}}'],
};

const USUAL_KEYS = [
  'app',
  'app',
  'app',
  'kubernetes.io/service-name',
  'kubernetes.io/service-name',
  'endpointslice.kubernetes.io/managed-by',
  'endpointslice.kubernetes.io/managed-by',
  'kubernetes.io/os',
  'type',
  'alpha.kubernetes.io/provided-node-ip',
  'kubernetes.io/config.mirror',
];
/** One for all keys but those of which only one value means anything. */
const USUAL_VALUES: ReadonlyMap<string, readonly string[]> = new Map([
  ['endpointslice.kubernetes.io/managed-by', ['endpointslice-controller.k8s.io']],
  ['kubernetes.io/os', ['linux', 'windows']],
  ['alpha.kubernetes.io/provided-node-ip', ['192.0.2.1', '10.0.0.1,\u001b[2J', '192.0.2.1,🦊']],
  ['type', ['virtual-kubelet', 'other']],
]);

/** In seconds: before and after a grace ends, and in the future. */
const AROUND_NOW = [-86_400, -300, -60, -30, 30, 300];
const NUMBERS = [0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 999_999_999];

/** How often a field is there and how often not, where that is not mostly. */
const PRESENCE: Readonly<Record<string, readonly [there: number, absent: number]>> = {
  metadata: [60, 1],
  name: [60, 1],
  uid: [60, 1],
  deletionTimestamp: [1, 9],
  annotations: [1, 2],
  taints: [1, 4],
  hostNetwork: [1, 2],
};

/**
 * Any objects of a kind: with the fields that the wire schema has, and anything in them. They are made by walking the schema, so that a
 * field that is added there is in them too. Mostly a field has what such a field may have, and few names and addresses are in use, so
 * that objects meet.
 * @param now what times are around, in milliseconds since the epoch
 */
export function anyObject(kind: string, encoding: Encoding, now: number): fc.Arbitrary<Readonly<Record<string, unknown>>> {
  const walk = new Walk(kind, encoding, now);
  const whole = walk.message(messageType(kind));
  if (encoding === 'protobuf') return whole;
  // Half of them have values of the wrong type here and there.
  return fc.oneof(
    whole,
    whole.chain((object) => fc.array(fc.tuple(fc.nat(60), anyJSON), { maxLength: 4 }).map((spoils) => spoiled(object, spoils))),
  );
}

/** All fields that objects of a kind have in the schema: `Pod.metadata`, `PodMeta.name`, … */
export function fieldsOf(kind: string): ReadonlySet<string> {
  const names = new Set<string>();
  const visit = (type: Type): void => {
    for (const field of type.fieldsArray) {
      names.add(nameOf(field));
      const inner = field.resolve().resolvedType;
      if (inner instanceof protobuf.Type) visit(inner);
    }
  };
  visit(messageType(kind));
  return names;
}

/** The fields of a decoded object of a kind that hold something. */
export function fieldsIn(object: unknown, type: Type): string[] {
  if (typeof object !== 'object' || object === null) return [];
  return type.fieldsArray.flatMap((field) => {
    const value = (object as Record<string, unknown>)[field.name];
    if (isEmpty(value)) return [];
    const inner = field.resolve().resolvedType;
    if (!(inner instanceof protobuf.Type)) return [nameOf(field)];
    const all = Array.isArray(value) ? value : [value];
    return [nameOf(field), ...all.flatMap((one) => fieldsIn(one, inner))];
  });
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === undefined || value === null || value === '' || value === 0;
}

function nameOf(field: Field): string {
  return `${field.parent?.name ?? ''}.${field.name}`;
}

const anyJSON: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  pick<unknown>(null, [], {}, '', 0, true, [null], [[]], { length: 3 }),
);

/** The object with the values at some of its places replaced, named by their number in a walk through all of them. */
function spoiled(
  object: Readonly<Record<string, unknown>>,
  spoils: readonly (readonly [place: number, value: unknown])[],
): Record<string, unknown> {
  const values = new Map(spoils);
  let place = -1;
  const visit = (value: unknown): unknown => {
    place += 1;
    if (place > 0 && values.has(place)) return values.get(place);
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, visit(one)]));
  };
  return visit(object) as Record<string, unknown>;
}

class Walk {
  readonly #kind: string;
  readonly #encoding: Encoding;
  readonly #seconds: fc.Arbitrary<number>;

  constructor(kind: string, encoding: Encoding, now: number) {
    this.#kind = kind;
    this.#encoding = encoding;
    this.#seconds = pick(0, 1, 2 ** 32 - 1, ...AROUND_NOW.map((from) => now / 1000 + from));
  }

  message(type: Type): fc.Arbitrary<Record<string, unknown>> {
    const fields: Record<string, fc.Arbitrary<unknown>> = {};
    for (const field of type.fieldsArray) fields[field.name] = this.#perhaps(field.name, this.#field(field));
    // Of 1.16 to 1.19, and so in files only.
    if (type.name === 'ServiceSpec' && this.#encoding === 'json') fields['ipFamily'] = this.#perhaps('ipFamily', this.#text('ipFamily'));
    return fc.record(fields).map((message) => Object.fromEntries(Object.entries(message).filter(([, value]) => value !== undefined)));
  }

  #perhaps(field: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
    const [there, absent] = PRESENCE[field] ?? [9, 1];
    return fc.oneof({ arbitrary: value, weight: there }, { arbitrary: fc.constant(undefined), weight: absent });
  }

  #field(field: Field): fc.Arbitrary<unknown> {
    const one = field.map ? undefined : this.#value(field);
    if (!one) return this.#map(field);
    return field.repeated ? fc.array(one, { maxLength: 3 }) : one;
  }

  #map(field: Field): fc.Arbitrary<unknown> {
    const pair = often(pick(...USUAL_KEYS)).chain((key) => fc.tuple(fc.constant(key), often(pick(...(USUAL_VALUES.get(key) ?? ['web'])))));
    const toValue = (text: string): unknown => (field.type === 'bytes' && this.#encoding === 'protobuf' ? Buffer.from(text) : text);
    return fc.array(pair, { maxLength: 4 }).map((pairs) => Object.fromEntries(pairs.map(([key, text]) => [key, toValue(text)])));
  }

  #value(field: Field): fc.Arbitrary<unknown> {
    const type = field.resolve().resolvedType;
    if (type instanceof protobuf.Type) return this.#inner(type);
    switch (field.type) {
      case 'string':
        return this.#text(field.name, field.parent?.name);
      case 'bytes':
        return this.#text(field.name).map((text) => (this.#encoding === 'protobuf' ? Buffer.from(text) : text));
      case 'bool':
        return fc.boolean();
      case 'int32':
        return pick(...NUMBERS);
      case 'uint32':
        return this.#seconds;
      default:
        throw new Error(`there is no value for ${field.name}, a ${field.type}`);
    }
  }

  #text(field: string, message = ''): fc.Arbitrary<string> {
    const ofKind = message.endsWith('Meta') ? USUAL_TEXTS[`${this.#kind}.${field}`] : undefined;
    return often(pick(...(ofKind ?? USUAL_TEXTS[`${message}.${field}`] ?? USUAL_TEXTS[field] ?? ADDRESSES)));
  }

  #inner(type: Type): fc.Arbitrary<unknown> {
    if (this.#encoding === 'protobuf') return this.message(type);
    if (type.name === 'FieldsV1') return pick({ 'f:spec': {} }, { 'f:metadata': {} });
    if (type.name !== 'Time') return this.message(type);
    return fc.oneof(
      { arbitrary: this.#seconds.map((seconds) => new Date(seconds * 1000).toISOString()), weight: 8 },
      { arbitrary: pick<unknown>('9999-12-31T23:59:59Z', '1969-12-31T23:59:59Z', '2026-02-30T25:61:61Z', 'soon', '', null, 7), weight: 1 },
      { arbitrary: this.message(type), weight: 1 },
    );
  }
}

/** Mostly what is usual, else what is hostile, else any text. */
function often(usual: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { arbitrary: usual, weight: 18 },
    { arbitrary: pick(...HOSTILE_TEXTS), weight: 2 },
    { arbitrary: fc.string(), weight: 1 },
  );
}
