import { expect } from 'chai';
import fc from 'fast-check';
import { CHECKS } from '../../src/core/checks/registry.ts';
import type { Facts, FactsKind } from '../../src/core/kinds/facts.ts';
import { buildStatus } from '../../src/core/report/status.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { messageType } from '../../src/client/wire/schema.ts';
import { KINDS, NOW } from '../core/build.ts';
import { Comparison, newSeen, type Seen } from '../core/comparison.ts';
import { faultsOfStatus } from '../core/report/schema.ts';
import { soundCluster, spoiltCluster, type Step } from '../core/universe.ts';
import { metricsOf, reportNamed } from '../server/metrics/exposed.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { anyObject, fieldsIn, fieldsOf } from '../client/support/hostile.ts';
import { fileReader, wireReader, type Encoding, type Read } from '../client/support/read.ts';

const RUNS = propertyRuns(100);
const LARGEST_STATUS = 256 * 1024;

/** A step of a history whose objects are still to be read. */
type RawStep =
  | Exclude<Step, { readonly do: 'put' | 'list' }>
  | RawObject
  | { readonly do: 'list'; readonly kind: FactsKind; readonly objects: readonly RawObject[] };
interface RawObject {
  readonly do: 'put';
  readonly kind: FactsKind;
  readonly object: object;
}

/** How often objects of a kind come; those of all others have the weight 1. */
const WEIGHTS: Readonly<Partial<Record<FactsKind, number>>> = { Pod: 6, Node: 5, Service: 5, EndpointSlice: 5 };

function historyOf(encoding: Encoding): fc.Arbitrary<readonly RawStep[]> {
  const objectOf = (kind: FactsKind): fc.Arbitrary<RawObject> =>
    anyObject(kind, encoding, NOW).map((object) => ({ do: 'put' as const, kind, object }));
  const kind = fc.constantFrom(...KINDS);
  const step = fc.oneof<fc.WeightedArbitrary<RawStep>[]>(
    ...KINDS.map((one) => ({ arbitrary: objectOf(one), weight: 3 * (WEIGHTS[one] ?? 1) })),
    { arbitrary: fc.nat(100).map((nth) => ({ do: 'delete' as const, nth })), weight: 6 },
    {
      arbitrary: kind.chain((listed) =>
        fc.array(objectOf(listed), { maxLength: 4 }).map((objects) => ({ do: 'list' as const, kind: listed, objects })),
      ),
      weight: 3,
    },
    { arbitrary: kind.map((refused) => ({ do: 'refuse' as const, kind: refused })), weight: 1 },
    { arbitrary: fc.constantFrom(1, 30_000, 60_000, 300_000).map((ms) => ({ do: 'pass' as const, ms })), weight: 6 },
    { arbitrary: fc.constant({ do: 'evaluate' as const, at: 'now' as const }), weight: 6 },
  );
  return fc.array(step, { maxLength: 50, size: 'max' });
}

/** The histories begin with nothing, with a cluster in which all is well, or with one that lacks IPv6 in places. */
const beginning: fc.Arbitrary<readonly Facts[]> = fc.oneof(fc.constant([]), fc.constant(soundCluster()), spoiltCluster);

function* stepsOf(beginsWith: readonly Facts[], history: readonly RawStep[], read: Read): Generator<Step> {
  for (const kind of KINDS) {
    yield { do: 'list', kind, keep: 255, facts: beginsWith.filter((one) => one.kind === kind), breaksOff: false };
  }
  yield { do: 'evaluate', at: 'now' };
  for (const step of history) {
    if (step.do === 'put') {
      const facts = read(step.kind, step.object);
      if (facts) yield { do: 'put', facts };
    } else if (step.do === 'list') {
      const facts = step.objects.map(({ kind, object }) => read(kind, object)).filter((one) => one !== undefined);
      yield { do: 'list', kind: step.kind, keep: 170, facts, breaksOff: false };
    } else yield step;
  }
  yield { do: 'evaluate', at: 'now' };
}

const REPORTS: readonly DualStackReport[] = [
  reportNamed('cluster'),
  reportNamed('shop', {
    namespaceSelector: { matchLabels: { app: 'web' } },
    maxFindings: 3,
    checks: [{ name: 'ServiceSingleStack', severity: 'Critical' }],
  }),
];

/** Builds reports and metrics of a cluster, and verifies them against what the API server and Prometheus accept. */
class Readers {
  readonly #metrics = metricsOf({ perService: true });

  async read({ store, evaluations, now }: Comparison): Promise<void> {
    const views = evaluations.flatMap((evaluation) => REPORTS.map((report) => ({ report, evaluation })));
    for (const { report, evaluation } of views) {
      const status = buildStatus({ report, evaluation, store, now, writerEpoch: 1 });
      expect(faultsOfStatus(status)).to.deep.equal([]);
      expect(Buffer.byteLength(JSON.stringify(status))).to.be.below(LARGEST_STATUS);
      expect(textsIn(status).filter((one) => UNPRINTABLE.test(one))).to.deep.equal([]);
    }
    const [evaluation] = evaluations;
    const steps = this.#metrics.update({
      store,
      evaluation: evaluation!,
      ready: true,
      views: views.slice(0, REPORTS.length),
      stale: false,
      now,
      queueDepth: 0,
      leads: true,
    });
    Array.from(steps);
    const lines = (await this.#metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(lines.filter((line) => !SERIES.test(line))).to.deep.equal([]);
  }
}

/** What a terminal would act on, and what the API server would give back as something else. */
const UNPRINTABLE = /\p{C}/u;

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** A series of dualstack or of the process: label values are in quotes, and quotes in them are escaped; its value is a number. */
const SERIES = /^[a-z_\d]+(?:\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+\})? (?:[-+\d.e]+|Nan|NaN)$/;

async function hold(encoding: Encoding, read: Read): Promise<Seen> {
  const seen = newSeen();
  const readers = new Readers();
  await fc.assert(
    fc.asyncProperty(beginning, historyOf(encoding), async (beginsWith, history) => {
      const comparison = new Comparison(seen);
      for (const step of stepsOf(beginsWith, history, read)) comparison.play(step);
      await readers.read(comparison);
    }),
    { numRuns: RUNS },
  );
  return seen;
}

describe('any objects that fit the wire schema', () => {
  const fields = new Set<string>();

  it('are read, evaluated and reported without a failure, in whatever order they come and go', async function () {
    this.timeout(60_000 + RUNS * 1000);
    const read = wireReader((kind, decoded) => {
      for (const name of fieldsIn(decoded, messageType(kind))) fields.add(name);
    });
    const seen = await hold('protobuf', read);
    expect(seen.checks.size).to.be.above(CHECKS.length / 2);
    expect(seen.caused).to.be.above(0);
  });

  it('have every field of the schema in use', () => {
    const all = new Set(KINDS.flatMap((kind) => [...fieldsOf(kind)]));
    expect([...fields].sort()).to.deep.equal([...all].sort());
  });
});

describe('any objects out of a file', () => {
  it('are read, evaluated and reported without a failure, even with values of the wrong type', async function () {
    this.timeout(60_000 + RUNS * 1000);
    const seen = await hold('json', fileReader());
    expect(seen.checks.size).to.be.above(CHECKS.length / 2);
  });
});
