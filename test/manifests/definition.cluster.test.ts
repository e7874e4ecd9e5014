import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import type { V1CustomResourceDefinition, V1JSONSchemaProps } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { CRD_PATH } from '../../scripts/report-types.ts';
import { fromRoot } from '../../scripts/root.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { KubectlError } from '../control-plane/kubectl.ts';
import { waitFor } from '../support/waiting.ts';

const DEFINITION = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/dualstackreports.dualstack.dev';

interface BadSpec {
  readonly what: string;
  readonly spec: unknown;
  readonly message: string;
}

const VALUES = 'In and NotIn need values, Exists and DoesNotExist take none';
const SELECTOR = 'an exclusion needs at least one of group, kind, namespace, name and check';

const BAD: readonly BadSpec[] = [
  { what: 'a family twice', spec: { expectedFamilies: ['IPv6', 'IPv6'] }, message: 'expectedFamilies names a family twice' },
  { what: 'an unknown family', spec: { expectedFamilies: ['IPv5'] }, message: 'Unsupported value: "IPv5"' },
  { what: 'three families', spec: { expectedFamilies: ['IPv4', 'IPv6', 'IPv4'] }, message: 'must have at most 2 items' },
  { what: 'an exclusion without a reason', spec: { exclusions: [{ kind: 'Pod' }] }, message: 'reason: Required value' },
  {
    what: 'an exclusion with an empty reason',
    spec: { exclusions: [{ kind: 'Pod', reason: '' }] },
    message: 'should be at least 1 chars long',
  },
  {
    what: 'an exclusion of what cannot be the name of a check',
    spec: { exclusions: [{ check: 'pod-family-missing', reason: 'x' }] },
    message: "should match '^[A-Z][A-Za-z0-9]{2,62}$'",
  },
  {
    what: 'an exclusion that expires at no time',
    spec: { exclusions: [{ kind: 'Pod', reason: 'x', expirationTime: 'tomorrow' }] },
    message: 'must be of type date-time',
  },
  { what: 'an exclusion of everything', spec: { exclusions: [{ reason: 'noise' }] }, message: SELECTOR },
  {
    what: 'an exclusion of what cannot be a kind',
    spec: { exclusions: [{ kind: 'pods', reason: 'x' }] },
    message: "should match '^[A-Z][A-Za-z0-9]{0,62}$'",
  },
  {
    what: 'an exclusion of what cannot be a group',
    spec: { exclusions: [{ group: 'Example', kind: 'Network', reason: 'x' }] },
    message: 'spec.exclusions[0].group in body should match',
  },
  {
    what: 'a check twice',
    spec: { checks: ['Info', 'Ignore'].map((severity) => ({ name: 'PodFamilyMissing', severity })) },
    message: 'Duplicate value',
  },
  {
    what: 'what cannot be the name of a check',
    spec: { checks: [{ name: 'NP', severity: 'Info' }] },
    message: "should match '^[A-Z][A-Za-z0-9]{2,62}$'",
  },
  { what: 'more checks than there is room for', spec: { checks: checks(257) }, message: 'must have at most 256 items' },
  {
    what: 'an unknown severity',
    spec: { checks: [{ name: 'PodFamilyMissing', severity: 'Fatal' }] },
    message: 'Unsupported value: "Fatal"',
  },
  {
    what: 'more parameters than there is room for',
    spec: { checks: [withParameters(Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`p${index}`, 1])))] },
    message: 'must have at most 16 items',
  },
  { what: 'a list of parameters', spec: { checks: [withParameters(['most'])] }, message: 'must be of type object' },
  { what: 'maxFindings 0', spec: { maxFindings: 0 }, message: 'should be greater than or equal to 1' },
  { what: 'maxFindings 1001', spec: { maxFindings: 1001 }, message: 'should be less than or equal to 1000' },
  { what: 'In without values', spec: selecting({ key: 'team', operator: 'In' }), message: VALUES },
  { what: 'NotIn with no values', spec: selecting({ key: 'team', operator: 'NotIn', values: [] }), message: VALUES },
  { what: 'Exists with values', spec: selecting({ key: 'team', operator: 'Exists', values: ['a'] }), message: VALUES },
  { what: 'DoesNotExist with values', spec: selecting({ key: 'team', operator: 'DoesNotExist', values: ['a'] }), message: VALUES },
  { what: 'an unknown operator', spec: selecting({ key: 'team', operator: 'Gt', values: ['1'] }), message: 'Unsupported value: "Gt"' },
  { what: 'an unknown field', spec: { expectedFamily: 'IPv4' }, message: 'unknown field "spec.expectedFamily"' },
];

const GOOD: Readonly<Record<string, unknown>> = {
  'an empty spec': {},
  'no families': { expectedFamilies: [] },
  'one family': { expectedFamilies: ['IPv6'] },
  'both families': { expectedFamilies: ['IPv6', 'IPv4'] },
  'exclusions by each field': {
    exclusions: [
      { kind: 'Pod' },
      { group: '' },
      { group: 'example.org' },
      { namespace: 'shop' },
      { name: 'old-*' },
      { check: 'PodFamilyMissing' },
    ].map((one) => ({
      ...one,
      expirationTime: '2026-06-01T12:00:00Z',
      reason: 'known',
    })),
  },
  'severities of checks': {
    checks: [
      { name: 'PodHostNetworkStale', severity: 'Ignore' },
      { name: 'ServiceSingleStack', severity: 'Critical' },
    ],
  },
  'checks that this operator does not know, as many as there is room for': {
    checks: checks(256),
    exclusions: [{ check: 'NoSuchCheck', reason: 'known' }],
  },
  'parameters alone, with values of any type': {
    checks: [withParameters({ count: 1, share: 0.5, text: 'x', yes: true, list: ['a', { b: 1 }], map: { a: 1 } })],
  },
  'the bounds of maxFindings': { maxFindings: 1000 },
  'a selector of namespaces': {
    namespaceSelector: {
      matchLabels: { team: 'a' },
      matchExpressions: [
        { key: 'team', operator: 'In', values: ['a', 'b'] },
        { key: 'stage', operator: 'Exists' },
        { key: 'old', operator: 'DoesNotExist', values: [] },
      ],
    },
  },
  'a suspended report': { suspend: true },
};

describe('the definition of DualStackReport', function () {
  this.timeout(60_000);
  let controlPlane: ControlPlane;

  before(async () => {
    controlPlane = await startControlPlane({ controllerManager: false, scheduler: false, kwok: false });
    await controlPlane.kubectl(['apply', '--warnings-as-errors', '--kustomize', fromRoot('crds')]);
    await waitFor('the definition to be established', async () => (await conditions())['Established'] === 'True');
  });

  after(async () => {
    await controlPlane.stop();
  });

  async function conditions(): Promise<Readonly<Record<string, string>>> {
    const { status } = (await controlPlane.get(DEFINITION)) as V1CustomResourceDefinition;
    return Object.fromEntries((status?.conditions ?? []).map(({ type, status: value }) => [type, value]));
  }

  async function create(name: string, spec: unknown, ...args: readonly string[]): Promise<void> {
    await controlPlane.kubectl(['create', '--filename=-', ...args], { input: JSON.stringify(report(name, spec)) });
  }

  async function patchStatus(name: string, status: unknown): Promise<void> {
    const patch = JSON.stringify({ status });
    await controlPlane.kubectl(['patch', 'dsr', name, '--subresource=status', '--type=merge', `--patch=${patch}`]);
  }

  it('has a structural schema', async () => {
    expect(await conditions()).to.deep.equal({ NamesAccepted: 'True', Established: 'True' });
  });

  it('describes every field', async () => {
    const { spec } = parse(await readFile(fromRoot(CRD_PATH), 'utf8')) as V1CustomResourceDefinition;
    const undescribed = spec.versions.flatMap(({ name, schema }) => undescribedFields(schema!.openAPIV3Schema!, name));
    expect(undescribed).to.deep.equal(['v1alpha1.metadata']);
  });

  for (const { what, spec, message } of BAD) {
    it(`refuses ${what}`, async () => {
      const failure = await create('bad', spec, '--dry-run=server').catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(KubectlError);
      expect((failure as KubectlError).stderr).to.include(message);
    });
  }

  for (const [what, spec] of Object.entries(GOOD)) {
    it(`takes ${what}`, async () => {
      await create('good', spec, '--dry-run=server');
    });
  }

  it('fills in the defaults', async () => {
    const args = ['create', '--filename=-', '--dry-run=server', '--output=jsonpath={.spec}'];
    const spec = await controlPlane.kubectl(args, { input: JSON.stringify(report('defaults', {})) });
    expect(JSON.parse(spec)).to.deep.equal({ maxFindings: 100, suspend: false });
  });

  it('prints the columns that answer the question', async () => {
    await create('cluster', {});
    await patchStatus('cluster', STATUS);
    const [head, row] = (await controlPlane.kubectl(['get', 'dsr'])).trim().split('\n');
    expect(words(head)).to.deep.equal(words('NAME STACK READY HEALTHY NODES PODS SERVICES CRITICAL WARNING EVALUATED AGE'));
    expect(words(row).slice(0, 9)).to.deep.equal(words('cluster DualStack True False 5/6 118/121 17/57 1 4'));
  });

  it('never lets the epoch of the writer go down', async () => {
    await create('fenced', {});
    for (const writerEpoch of [0, 7, 7]) await patchStatus('fenced', { writerEpoch });
    const failure = await patchStatus('fenced', { writerEpoch: 6 }).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(KubectlError);
    expect((failure as KubectlError).stderr).to.include('a newer operator has taken over this report');
    await patchStatus('fenced', { writerEpoch: 8 });
  });

  it('takes no epoch that is not exact in JSON', async () => {
    const failure = await patchStatus('fenced', { writerEpoch: 2 ** 53 }).catch((error: unknown) => error);
    expect((failure as KubectlError).stderr).to.match(/status\.writerEpoch.*less than or equal to/);
    await patchStatus('fenced', { writerEpoch: 8 });
  });

  it('lets a spec be replaced by one that comes without the status', async () => {
    const report = {
      apiVersion: 'dualstack.dev/v1alpha1',
      kind: 'DualStackReport',
      metadata: { name: 'fenced' },
      spec: { maxFindings: 5 },
    };
    await controlPlane.kubectl(['replace', '--filename=-'], { input: JSON.stringify(report) });
    const stored = (await controlPlane.get('/apis/dualstack.dev/v1alpha1/dualstackreports/fenced')) as DualStackReport;
    expect([stored.spec?.maxFindings, stored.status?.writerEpoch]).to.deep.equal([5, 8]);
  });

  for (const path of ['/status', '/status/writerEpoch']) {
    it(`never lets ${path} be taken away, which would let it go down`, async () => {
      const patch = ['--subresource=status', '--type=json', `--patch=${JSON.stringify([{ op: 'remove', path }])}`];
      const failure = await controlPlane.kubectl(['patch', 'dsr', 'fenced', ...patch]).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(KubectlError);
      expect((failure as KubectlError).stderr).to.include('cannot be taken away');
    });
  }
});

const LAYER = { families: 'DualStack', primary: 'IPv4', evidence: 'seen' };
const COUNTS = { total: 6, dualStack: 5, ipv4Only: 1, ipv6Only: 0, none: 0 };
const STATUS = {
  lastEvaluationTime: '2026-01-01T00:00:00Z',
  conditions: [condition('Ready', 'True'), condition('Healthy', 'False')],
  stack: { overall: 'DualStack', nodes: LAYER, pods: LAYER, services: LAYER },
  nodes: { ...COUNTS, ratio: '5/6' },
  pods: { ...COUNTS, ratio: '118/121' },
  services: { ...COUNTS, ratio: '17/57' },
  summary: { critical: 1, warning: 4, info: 0, rootCauses: 2, excluded: 0, ignored: 0, expiredExclusions: 0 },
};

function withParameters(parameters: unknown): unknown {
  return { name: 'EndpointsUnbalanced', parameters };
}

function checks(count: number): readonly object[] {
  return Array.from({ length: count }, (_, index) => ({ name: `Check${index}`, severity: 'Info' }));
}

function condition(type: string, status: string): object {
  return { type, status, reason: 'Seen', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' };
}

function report(name: string, spec: unknown): object {
  return { apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name }, spec };
}

function selecting(expression: object): object {
  return { namespaceSelector: { matchExpressions: [expression] } };
}

function words(line = ''): readonly string[] {
  return line.trim().split(/\s+/);
}

/** Fields without a description. The values of lists and maps need one only where they have fields of their own. */
function undescribedFields(schema: V1JSONSchemaProps, path: string): readonly string[] {
  const fields = Object.entries(schema.properties ?? {}).map(([name, field]) => [`${path}.${name}`, field] as const);
  const values = [schema.items, schema.additionalProperties]
    .filter((value): value is V1JSONSchemaProps => typeof value === 'object')
    .filter(({ properties }) => properties !== undefined)
    .map((value) => [`${path}[]`, value] as const);
  return [...fields, ...values].flatMap(([at, part]) => [...(part.description ? [] : [at]), ...undescribedFields(part, at)]);
}
