import protobuf from 'protobufjs/light.js';
import type { IField, IMapField, IType, Type } from 'protobufjs/light.js';
import { int32, object, string, type Field, type Fields } from '../../core/kinds/fields.ts';
import { KINDS } from '../../core/kinds/registry.ts';

type Types = Readonly<Record<string, IType>>;

/** k8s.io/apimachinery v0.36.3, pkg/runtime and pkg/apis/meta/v1. */
const META: Types = {
  Unknown: message({ raw: { type: 'bytes', id: 2 } }),
  RawExtension: message({ raw: { type: 'bytes', id: 1 } }),
  WatchEvent: message({ type: { type: 'string', id: 1 }, object: { type: 'RawExtension', id: 2 } }),
  ListMeta: message({ resourceVersion: { type: 'string', id: 2 }, continue: { type: 'string', id: 3 } }),
  // An int64 on the wire. Read as 32 bits it holds until 2106, and saves an object for each time.
  Time: message({ seconds: { type: 'uint32', id: 1 }, nanos: { type: 'int32', id: 2 } }),
  FieldsV1: message({ raw: { type: 'bytes', id: 1 } }),
};

const STATUS: Fields = {
  message: string(3),
  reason: string(4),
  details: object(5, { retryAfterSeconds: int32(5) }),
  code: int32(6),
};

/** Only these fields: the decoder skips all the others. */
function message(fields: Record<string, IField | IMapField>): IType {
  // proto2, as the API's own: `false` on the wire is then not the same as nothing.
  return { edition: 'proto2', fields };
}

/** The messages of declared fields. Fields that several share are one message, for which the decoder is made once. */
class Messages {
  readonly types: Record<string, IType> = {};
  readonly #names = new Map<Fields, string>();

  /** @returns the name of the message */
  add(fields: Fields, name: string): string {
    const known = this.#names.get(fields);
    if (known !== undefined) return known;
    this.#names.set(fields, name);
    this.types[name] = message(
      Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, this.#field(field, `${name}_${key}`)])),
    );
    return name;
  }

  /** A list of objects, as every kind has them. */
  addList(kind: string): void {
    this.types[`${kind}List`] = message({ metadata: { type: 'ListMeta', id: 1 }, items: { rule: 'repeated', type: kind, id: 2 } });
  }

  #field(field: Field, name: string): IField | IMapField {
    const id = field.number;
    if (id <= 0) throw new Error(`${name} has no protobuf number`);
    switch (field.type) {
      case 'time':
        return { type: 'Time', id };
      case 'freeForm':
        return { type: 'FieldsV1', id };
      case 'map':
        return { keyType: 'string', type: field.values, id };
      case 'object':
        return { ...ruleOf(field), type: this.add(field.fields, name), id };
      case 'bool':
        // An absent `ready` must read as null: by itself it would read as false, where it means true.
        return { ...ruleOf(field), type: field.type, id, options: { proto3_optional: true } };
      default:
        return { ...ruleOf(field), type: field.type, id };
    }
  }
}

function ruleOf({ repeated }: { readonly repeated: boolean }): { readonly rule?: string } {
  return repeated ? { rule: 'repeated' } : {};
}

/** Names of fields are the JSON names, so that a kind reads a decoded message and a parsed JSON object alike. */
function typesOfKinds(): Types {
  const messages = new Messages();
  messages.add(STATUS, 'Status');
  for (const { name, fields, resource } of KINDS) {
    if (resource.encoding !== 'protobuf') continue;
    messages.add(fields, name);
    messages.addList(name);
  }
  return messages.types;
}

const root = protobuf.Root.fromJSON({ nested: { ...META, ...typesOfKinds() } }).resolveAll();

/**
 * The type of a message, `Pod` or `PodList` say.
 * @throws Error where the schema has none of that name
 */
export function messageType(name: string): Type {
  return root.lookupType(name);
}
