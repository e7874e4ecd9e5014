import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { scanText } from '../../src/outputs/text.ts';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import type { Change } from '../../src/core/kinds/facts.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import { rootCauses } from '../../src/core/report/root-causes.ts';
import { selectionFor } from '../../src/core/report/selection.ts';
import { buildStatus } from '../../src/core/report/status.ts';
import { GRACE_ELAPSED } from '../core/build.ts';
import { DumpError } from '../../src/sources/dump/dump-error.ts';
import { Documents } from '../../src/sources/dump/dump-files.ts';
import { DumpReader } from '../../src/sources/dump/dump-reader.ts';
import { NOW } from '../core/build.ts';
import { report } from '../core/report/report.ts';
import { rawNode, rawPod, soundObjects, type Raw } from '../client/support/objects.ts';
import { checkFacts } from './checked.ts';
import { mutate, someMutations, type Mutation } from './mutations.ts';
import { target, type Target } from './target.ts';

const OBJECTS: readonly Raw[] = [...soundObjects(), rawNode('e', { podCIDRs: [] }), rawPod('old', { podIPs: ['10.244.1.9'] })];
/** Reading YAML takes a thousand times longer. */
const FEW: readonly Raw[] = soundObjects().filter((_, index) => index % 4 === 0);

const JSON_VALUES = [
  null,
  true,
  5,
  -1e300,
  '',
  'None',
  'IPv6',
  '10.0.0.1',
  [],
  {},
  [[]],
  [null],
  { ip: 5 },
  { items: [1] },
  '__proto__',
] as const;
const JSON_KEYS = ['items', 'kind', 'metadata', 'name', 'namespace', '__proto__', 'constructor', 'status', 'continue'] as const;

type Edit = readonly [nth: number, key: string | undefined, value: unknown];

/** Values in place of others, and under other keys. */
const edits = fc.array(
  fc.tuple(
    fc.nat(),
    fc.option(fc.constantFrom(...JSON_KEYS), { nil: undefined, freq: 3 }),
    fc.oneof({ arbitrary: fc.constantFrom(...JSON_VALUES), weight: 4 }, { arbitrary: fc.jsonValue({ maxDepth: 3 }), weight: 1 }),
  ),
  { maxLength: 4 },
);

/** A copy with the nth value in it replaced, or with a field added beside it. */
function edited(value: unknown, [nth, key, replacement]: Edit): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  const places = [...placesIn(copy)];
  const place = places[nth % Math.max(1, places.length)];
  if (place) place.holder[key !== undefined && !Array.isArray(place.holder) ? key : place.key] = replacement;
  return copy;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function* placesIn(value: unknown): Generator<Place> {
  if (typeof value !== 'object' || value === null) return;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    yield { holder, key };
    yield* placesIn(holder[key]);
  }
}

function list(objects: readonly unknown[]): object {
  return { apiVersion: 'v1', items: objects, kind: 'List', metadata: { resourceVersion: '' } };
}

function typedList(objects: readonly Raw[]): object {
  const ofNodes = objects.filter(({ kind }) => kind === 'Node').map((node) => ({ ...node, kind: undefined }));
  return { kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: ofNodes };
}

interface DumpCase {
  readonly text: string;
  readonly mutations: readonly Mutation[];
  readonly chunkBytes: number;
}

const jsonCase: fc.Arbitrary<DumpCase> = fc.record({
  text: fc
    .record({
      base: fc.constantFrom<(readonly object[])[]>(
        [list(OBJECTS)],
        [typedList(OBJECTS)],
        [OBJECTS],
        [list([list(OBJECTS)])],
        OBJECTS.slice(0, 3),
      ),
      edits,
      indent: fc.constantFrom(0, 4),
    })
    .map(({ base, edits: changes, indent }) =>
      base.map((one) => JSON.stringify(changes.reduce<unknown>(edited, one), null, indent)).join('\n'),
    ),
  mutations: someMutations(),
  chunkBytes: fc.integer({ min: 1, max: 3000 }),
});

const LEGACY = readFileSync(fromRoot('test/sources/legacy/v1.19.yaml'), 'utf8').slice(0, 3000);

/** What is YAML and no dump, or hardly. */
const ODD = [
  'a: &a {kind: Pod}\nb: *a\n',
  '- &a [*a]',
  'kind: !!binary Pod\nmetadata: !name {name: a}',
  '%YAML 1.1\n---\n? [a]\n: {<<: 1}',
  '"\\ud800": |\n  a\n...\n--- >-\n',
] as const;

const yamlCase: fc.Arbitrary<DumpCase> = fc.record({
  text: fc.oneof(
    { arbitrary: fc.constant(LEGACY), weight: 4 },
    { arbitrary: fc.constantFrom(...ODD), weight: 1 },
    {
      arbitrary: edits.map((changes) => stringify(changes.reduce<unknown>(edited, list(FEW)))),
      weight: 8,
    },
    { arbitrary: edits.map((changes) => FEW.map((one) => `---\n${stringify(changes.reduce<unknown>(edited, one))}`).join('')), weight: 4 },
  ),
  mutations: someMutations(1000),
  chunkBytes: fc.integer({ min: 1, max: 3000 }),
});

interface Outcome {
  /** What is wrong with the dump as a whole. */
  readonly refused: string | undefined;
  readonly problems: readonly string[];
  readonly store: ClusterStore;
}

function read(bytes: Buffer, chunkBytes: number): Outcome {
  const store = new ClusterStore();
  const problems: string[] = [];
  const onChange = (change: Change): void => {
    if (change.type === 'upsert') checkFacts(change.facts, change.facts.kind);
    store.apply(change);
  };
  const reader = new DumpReader({ onChange, onProblem: (words) => problems.push(words) });
  try {
    const documents = new Documents(reader.file('dump'));
    for (let at = 0; at < bytes.length; at += chunkBytes) documents.push(bytes.subarray(at, at + chunkBytes));
    documents.end();
    reader.end();
    return { refused: undefined, problems, store };
  } catch (error) {
    if (!(error instanceof DumpError)) throw error;
    return { refused: error.message, problems, store };
  }
}

const LONGEST_LINE = 1000;

function checkWords(words: readonly string[]): void {
  for (const line of words)
    if (/\p{C}/u.test(line) || line.length > LONGEST_LINE) throw new Error(`no line for a terminal: ${JSON.stringify(line)}`);
}

/** Evaluates and puts into words, as `scan` does. */
function evaluateChecks(store: ClusterStore): void {
  const evaluation = new Evaluation(store, NO_FAMILY, GRACE_ELAPSED);
  Array.from(evaluation.evaluate(store.takeDirtySets(), NOW));
  const selection = selectionFor(report(), evaluation, store, NOW);
  const causes = [...rootCauses(selection, evaluation, store).byId.values()].map(({ message }) => message);
  const status = buildStatus({ report: report(), evaluation, store, now: NOW, writerEpoch: 0 }, selection);
  const text = scanText(status, causes, { width: 80, paint: (_style, words) => words });
  if (/[^\P{C}\n]/u.test(text)) throw new Error(`no text for a terminal: ${JSON.stringify(text)}`);
}

function run(bytes: Buffer, chunkBytes: number): string {
  const outcome = read(bytes, chunkBytes);
  const whole = read(bytes, Math.max(1, bytes.length));
  if (outcome.refused !== whole.refused || outcome.problems.join('\n') !== whole.problems.join('\n'))
    throw new Error('it depends on the chunks');
  checkWords([...outcome.problems, ...(outcome.refused === undefined ? [] : [outcome.refused])]);
  if (outcome.refused !== undefined) return 'refused';
  evaluateChecks(outcome.store);
  return outcome.problems.length > 0 ? 'passed over' : 'read';
}

/** Of a single document, JSON.parse has to be of the same opinion. */
function runJson({ text, mutations, chunkBytes }: DumpCase): string {
  const bytes = mutate(Buffer.from(text), mutations, Buffer.from(text));
  const outcome = run(bytes, chunkBytes);
  if (isJson(bytes) && read(bytes, bytes.length).refused?.includes('JSON')) throw new Error('it is JSON, and was refused');
  return outcome;
}

function isJson(bytes: Buffer): boolean {
  try {
    return typeof JSON.parse(bytes.toString('utf8')) === 'object';
  } catch {
    return false;
  }
}

function runYaml({ text, mutations, chunkBytes }: DumpCase): string {
  return run(mutate(Buffer.from(text), mutations, Buffer.from(text)), chunkBytes);
}

const OUTCOMES = ['read', 'passed over', 'refused'] as const;

export const DUMPS: readonly Target[] = [
  target({ name: 'dump in JSON', weight: 20, outcomes: OUTCOMES, arbitrary: jsonCase, run: runJson }),
  target({ name: 'dump in YAML', weight: 4, outcomes: OUTCOMES, arbitrary: yamlCase, run: runYaml }),
];
