import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { compile, type JSONSchema } from 'json-schema-to-typescript';
import { format } from 'prettier';
import { parse } from 'yaml';
import { API_GROUP } from '../src/core/report/api.ts';
import { fromRoot } from './root.ts';

/** Where the custom resource is defined. */
export const CRD_PATH = 'crds/dualstackreports.yaml';

/** Where its types go. */
export const REPORT_TYPES_PATH = 'src/core/report/types.ts';

const VERSION = 'v1alpha1';

/** The types that get a name, by where their schema is; schemas of one name must be alike. */
const NAMES: Readonly<Record<string, string>> = {
  '': 'DualStackReport',
  spec: 'DualStackReportSpec',
  'spec.namespaceSelector': 'NamespaceSelector',
  'spec.namespaceSelector.matchExpressions[]': 'NamespaceSelectorRequirement',
  'spec.checks[]': 'CheckSettings',
  'spec.exclusions[]': 'Exclusion',
  status: 'DualStackReportStatus',
  'status.conditions[]': 'Condition',
  'status.cluster': 'ReportedCluster',
  'status.cluster.platform': 'Platform',
  'status.cluster.networkPlugin': 'NetworkPlugin',
  'status.cluster.serviceProxy': 'ServiceProxy',
  'status.sources[]': 'ReportedSource',
  'status.stack': 'ReportedStack',
  'status.stack.nodes': 'StackLayer',
  'status.stack.pods': 'StackLayer',
  'status.stack.services': 'StackLayer',
  'status.migration': 'Migration',
  'status.nodes': 'FamilyCounts',
  'status.pods': 'FamilyCounts',
  'status.services': 'FamilyCounts',
  'status.endpoints': 'FamilyCounts',
  'status.summary': 'FindingSummary',
  'status.findings[]': 'ListedFinding',
  'status.findings[].object': 'FindingObject',
  'status.findings[].remediation': 'Remediation',
  'status.findings[].remediation.steps[]': 'RemediationStep',
  'status.findings[].causedBy': 'FindingCause',
  'status.findings[].causedBy.object': 'FindingObject',
  'status.findings[].affects[]': 'AffectedObjects',
  'status.namespaces[]': 'NamespaceFindings',
};

/** The unions that get a name, by their members. */
const UNION_NAMES: Readonly<Record<string, string>> = {
  'IPv4 IPv6': 'IPFamily',
  'Info Warning Critical': 'FindingSeverity',
  'Ignore Info Warning Critical': 'SeverityOverride',
  'None RestartsPods RecreatesNode ChangesAddress': 'Disruption',
  'Synced Stale Forbidden NotFound Unsupported Malformed': 'SourceState',
};

/** The types that represent several schemas, each with a description of its own. */
const SHARED_DESCRIPTIONS: Readonly<Record<string, string>> = {
  FamilyCounts: 'Objects of one kind, counted by the families that they have.',
  StackLayer: 'Which families one layer of the cluster has, and how that is known.',
  IPFamily: 'An IP family.',
  FindingSeverity: 'How bad a finding is.',
  SeverityOverride: "The severity that a report gives a check's findings.",
  Disruption: 'The worst that a step does to what runs.',
  SourceState: 'Whether what the operator reads is known.',
};

interface Schema {
  readonly description?: string | undefined;
  readonly type?: string;
  readonly tsType?: string;
  readonly enum?: readonly string[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface CustomResourceDefinition {
  readonly spec: { readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[] };
}

/** The schemas that have a name, as they are in the definition and with their parts replaced by names. */
type NamedSchemas = Map<string, { readonly original: Schema; readonly replaced: Schema }>;

/** The text of the types file for the custom resource definition in crds/. */
export async function compileReportTypes(): Promise<string> {
  const named: NamedSchemas = new Map();
  nameParts(withTypeMeta(await readSchema()), '', named);
  const parts = [...named].reverse().map(([name, { replaced }]) => compileOne(name, replaced));
  const head = `// Generated from ${CRD_PATH} by npm run generate: change that file and run it again.

/** What the operator reads of a report's metadata. */
export interface ReportMetadata {
  readonly name: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}
`;
  const text = [head, ...(await Promise.all(parts))].join('\n');
  return format(text, { parser: 'typescript', singleQuote: true, printWidth: 140 });
}

async function readSchema(): Promise<Schema> {
  const definition = parse(await readFile(fromRoot(CRD_PATH), 'utf8')) as CustomResourceDefinition;
  const version = definition.spec.versions.find(({ name }) => name === VERSION);
  if (version === undefined) throw new Error(`${CRD_PATH} has no version ${VERSION}`);
  return version.schema.openAPIV3Schema;
}

function withTypeMeta(schema: Schema): Schema {
  const { apiVersion, kind, ...rest } = schema.properties ?? {};
  return {
    ...schema,
    required: ['apiVersion', 'kind', 'metadata', ...(schema.required ?? [])],
    properties: {
      apiVersion: { ...apiVersion, tsType: `'${API_GROUP}/${VERSION}'` },
      kind: { ...kind, tsType: "'DualStackReport'" },
      ...rest,
      metadata: { tsType: 'ReportMetadata' },
    },
  };
}

/** Collects the parts of a schema that have a name, and returns it with each of them replaced by its name. */
function nameParts(schema: Schema, path: string, named: NamedSchemas): Schema {
  if (schema.tsType !== undefined) return schema;
  if (schema['x-kubernetes-preserve-unknown-fields']) return { description: schema.description, tsType: 'unknown' };
  const name = nameOf(schema, path);
  const replaced = replaceParts(schema, path, named);
  if (name === undefined) return replaced;
  const before = named.get(name);
  if (before !== undefined && !isDeepStrictEqual(undescribed(before.original), undescribed(schema))) {
    throw new Error(`${CRD_PATH}: ${path} is not like the other schemas that scripts/report-types.ts calls ${name}`);
  }
  const description = SHARED_DESCRIPTIONS[name] ?? schema.description;
  if (before === undefined) named.set(name, { original: schema, replaced: { ...replaced, description } });
  return { description: schema.description, tsType: name };
}

function nameOf(schema: Schema, path: string): string | undefined {
  if (schema.enum !== undefined) return UNION_NAMES[schema.enum.join(' ')];
  if (schema.properties === undefined) return undefined;
  const name = NAMES[path];
  if (name === undefined) throw new Error(`${CRD_PATH}: give the type of ${path} a name in scripts/report-types.ts`);
  return name;
}

function replaceParts(schema: Schema, path: string, named: NamedSchemas): Schema {
  const { properties, items, additionalProperties } = schema;
  const parent = path === '' ? '' : `${path}.`;
  const replaceProperty = ([key, part]: [string, Schema]) => [key, nameParts(part, parent + key, named)] as const;
  return {
    ...schema,
    ...(properties && { properties: Object.fromEntries(Object.entries(properties).map(replaceProperty)) }),
    ...(items && { items: nameParts(items, `${path}[]`, named) }),
    ...(typeof additionalProperties === 'object' && { additionalProperties: nameParts(additionalProperties, `${path}{}`, named) }),
  };
}

function undescribed(schema: Schema): Schema {
  return { ...schema, description: undefined };
}

async function compileOne(name: string, schema: Schema): Promise<string> {
  const text = await compile(schema as JSONSchema, name, {
    additionalProperties: false,
    bannerComment: '',
    format: false,
    // Without this, maxItems: 100 becomes a union of a hundred tuples.
    ignoreMinAndMaxItems: true,
  });
  return withShortComments(withReadonlyMembers(text));
}

/** Makes fields and lists readonly, which json-schema-to-typescript cannot. Each nested object has a name, so each member is on its own line. */
function withReadonlyMembers(text: string): string {
  return text.replaceAll(/^(\w+\??|\[k: string\]): /gm, 'readonly $1: ').replaceAll(/: (\w+\[\])$/gm, ': readonly $1');
}

function withShortComments(text: string): string {
  return text.replaceAll(/\/\*\*\n \* (.*)\n \*\//g, '/** $1 */');
}
