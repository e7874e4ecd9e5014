import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fromRoot } from '../../../scripts/root.ts';

/** As much of a structural schema as the status of a report is verified against. */
interface Schema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'boolean';
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly maxProperties?: number;
  readonly items?: Schema;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
}

interface Definition {
  readonly spec: { readonly versions: readonly [{ readonly schema: { readonly openAPIV3Schema: Schema } }] };
}

const definition = parse(readFileSync(fromRoot('crds/dualstackreports.yaml'), 'utf8')) as Definition;
const { properties } = definition.spec.versions[0].schema.openAPIV3Schema;

/** What the API server would find wrong with a status, each with its place. */
export function faultsOfStatus(status: unknown): string[] {
  const schema = properties?.['status'];
  return schema ? faultsOf(schema, status, 'status') : ['there is no schema of the status'];
}

function faultsOf(schema: Schema, value: unknown, place: string): string[] {
  if (schema.enum && !schema.enum.includes(value)) return [`${place} is ${JSON.stringify(value)}`];
  switch (schema.type) {
    case 'string':
      return faultsOfText(schema, value, place);
    case 'integer':
      return Number.isInteger(value) && Number(value) >= (schema.minimum ?? 0) ? [] : [`${place} is no count`];
    case 'array':
      return faultsOfList(schema, value, place);
    case 'object':
      return faultsOfObject(schema, value, place);
    default:
      return [`${place} has no type`];
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

function faultsOfText({ minLength = 0, maxLength = Infinity, format }: Schema, value: unknown, place: string): string[] {
  if (typeof value !== 'string') return [`${place} is no text`];
  if (format === 'date-time' && !TIME.test(value)) return [`${place} is no time`];
  return value.length < minLength || value.length > maxLength ? [`${place} has ${value.length} characters`] : [];
}

function faultsOfList({ items = {}, maxItems = Infinity }: Schema, value: unknown, place: string): string[] {
  if (!Array.isArray(value)) return [`${place} is no list`];
  if (value.length > maxItems) return [`${place} has ${value.length} items`];
  return value.flatMap((item, index) => faultsOf(items, item, `${place}[${index}]`));
}

function faultsOfObject(schema: Schema, value: unknown, place: string): string[] {
  if (typeof value !== 'object' || value === null) return [`${place} is no object`];
  const entries = Object.entries(value);
  if (entries.length > (schema.maxProperties ?? Infinity)) return [`${place} has ${entries.length} fields`];
  const missing = (schema.required ?? []).filter((name) => !(name in value)).map((name) => `${place}.${name} is missing`);
  const faults = entries.flatMap(([name, field]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    return known ? faultsOf(known, field, `${place}.${name}`) : [`${place}.${name} is not known`];
  });
  return [...missing, ...faults];
}
