import { expect } from 'chai';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { NO_FAMILY } from '../../../src/core/net/addresses.ts';
import type { Facts, FactsKind } from '../../../src/core/kinds/facts.ts';
import type { ClusterStore } from '../../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../../src/core/engine/evaluation.ts';
import { buildStatus } from '../../../src/core/report/status.ts';
import { GRACE_ELAPSED } from '../../core/build.ts';
import { storeOf, KINDS, NOW, runEvaluation } from '../../core/build.ts';
import { report } from '../../core/report/report.ts';
import { anyCluster } from '../../core/universe.ts';
import type { Raw } from '../../client/support/objects.ts';
import { kindNamed } from '../../../src/core/kinds/registry.ts';
import { fileReader } from '../../client/support/read.ts';
import { propertyRuns } from '../../support/property-runs.ts';
import { objectOf } from './objects-of.ts';
import { listOfObjects, readDump } from './read.ts';

/** All that a report says of a store. */
function violationOn(store: ClusterStore): unknown {
  const evaluation = new Evaluation(store, NO_FAMILY, GRACE_ELAPSED);
  runEvaluation(evaluation, store, NOW);
  const words = [...evaluation.findings.values()].map((finding) => evaluation.describe(finding).message).sort();
  return { words, status: buildStatus({ report: report(), evaluation, store, now: NOW, writerEpoch: 0 }) };
}

/** Of objects of one name, which an API server has once, the last, under names that it takes. */
function present(facts: readonly Facts[]): Facts[] {
  const named = facts.map((one) => ({ ...one, name: one.name.toLowerCase() }));
  return [...new Map(named.map((one) => [JSON.stringify([one.kind, 'namespace' in one && one.namespace, one.name]), one])).values()];
}

/** The same objects as they are projected one by one. */
function live(facts: readonly Facts[]): Facts[] {
  const read = fileReader();
  return facts.map((one) => read(one.kind, objectOf(one)) ?? expect.fail(`${one.kind} ${one.name} is none`));
}

/** Lists of single kinds, which need no kind in their items. */
function typedLists(objects: readonly Raw[]): object[] {
  return [...new Set(KINDS.map(apiKindOf))].map((kind) => ({
    kind: `${kind}List`,
    apiVersion: objects.find((object) => object.kind === kind)?.['apiVersion'],
    metadata: {},
    items: objects.filter((object) => object.kind === kind).map((object) => ({ ...object, kind: undefined, apiVersion: undefined })),
  }));
}

/** What the API server calls a kind: several kinds may be narrowed to some objects of one resource. */
function apiKindOf(kind: FactsKind): string {
  return kindNamed(kind).resource.kind;
}

/** The cluster itself, of which these kinds are not known, for the reason that the dump gives. */
function storeLike(dump: ClusterStore, facts: readonly Facts[], unknown: readonly FactsKind[]): ClusterStore {
  const store = storeOf(facts, { pending: unknown });
  for (const kind of unknown) {
    const reason = dump.availability(kind);
    if (typeof reason === 'object') store.apply({ type: 'unavailable', kind, reason });
  }
  for (const kind of KINDS) {
    const gap = dump.gapIn(kind);
    if (gap !== undefined) store.apply({ type: 'listed', kind, gap });
  }
  return store;
}

type Form = (objects: readonly Raw[]) => string[];

const json = (value: unknown): string => JSON.stringify(value);
/** The ways in which a dump may be written. */
const FORMS: Readonly<Record<string, Form>> = {
  'a list in JSON': (objects) => [json(listOfObjects(objects))],
  'an indented list in JSON': (objects) => [JSON.stringify(listOfObjects(objects), null, 4)],
  'JSON objects, one after the other': (objects) => [objects.map(json).join('\n')],
  'an array': (objects) => [json(objects)],
  'lists of single kinds in files': (objects) => typedLists(objects).map(json),
  'lists of single kinds in a file': (objects) => [typedLists(objects).map(json).join('')],
  'lists of single kinds in an array': (objects) => [json(typedLists(objects))],
  'lists of single kinds, sorted by key': (objects) =>
    typedLists(objects).map((list) => json(Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1))))),
  'a list in YAML': (objects) => [stringify(listOfObjects(objects))],
  'documents of YAML': (objects) => [objects.map((object) => `---\n${stringify(object)}`).join('')],
  'each object twice': (objects) => [json(listOfObjects(objects)), json(listOfObjects(objects))],
};

describe('a dump', function () {
  const numRuns = propertyRuns(60);
  this.timeout(60_000 + numRuns * 1000);

  for (const [form, write] of Object.entries(FORMS)) {
    it(`of any cluster as ${form} gives the verdict of the cluster, whatever the order`, () => {
      let evaluated = 0;
      const seen = new Set<FactsKind>();
      const property = fc.property(
        anyCluster.chain((facts) =>
          fc.tuple(fc.constant(present(facts)), fc.shuffledSubarray(present(facts), { minLength: present(facts).length })),
        ),
        fc.integer({ min: 1, max: 5000 }),
        ([facts, shuffled], chunkBytes) => {
          fc.pre(facts.length > 0);
          const { store, problems } = readDump(write(shuffled.map(objectOf)), chunkBytes);
          expect(problems.join()).to.equal('');
          const isTyped = form.startsWith('lists of single kinds');
          const apiKinds = new Set(facts.map((one) => apiKindOf(one.kind)));
          const missing = KINDS.filter((kind) => !isTyped && !apiKinds.has(apiKindOf(kind)));
          for (const one of facts) seen.add(one.kind);
          const expected = storeLike(store, live(facts), missing);
          evaluated += missing.length === 0 ? 1 : 0;
          expect(violationOn(store)).to.deep.equal(violationOn(expected));
        },
      );
      fc.assert(property, { numRuns });
      const unseen = KINDS.filter((kind) => !seen.has(kind));
      expect(unseen, 'no random cluster has these kinds: add them to anyFacts in test/core/universe.ts').to.deep.equal([]);
      expect(evaluated, 'no random cluster has all kinds at once: give those in test/core/universe.ts more weight').to.be.above(0);
    });
  }

  it('has the facts of its objects', () => {
    fc.assert(
      fc.property(anyCluster, (facts) => {
        fc.pre(facts.length > 0);
        const { changes } = readDump([json(listOfObjects(present(facts).map(objectOf)))]);
        const read = changes.flatMap((change) => (change.type === 'upsert' ? [change.facts] : []));
        expect(read).to.deep.equal(live(present(facts)));
      }),
      { numRuns: 100 },
    );
  });

  it('says of a kind that is not in it that it is not known, and of an empty list that there is nothing', () => {
    const { store } = readDump(['{"kind":"PodList","apiVersion":"v1","items":null}', '{"kind":"NodeList","apiVersion":"v1","items":[]}']);
    const known = KINDS.filter((kind) => store.availability(kind) === 'Synced');
    expect(known).to.have.members(['Pod', 'Node'] satisfies FactsKind[]);
    expect(store.availability('Service')).to.deep.equal({
      reason: 'NotFound',
      message: 'There is no Service in the files: add what "kubectl get services --all-namespaces --output json" writes.',
    });
  });

  const minors: readonly (readonly [what: string, versions: readonly string[], end: string])[] = [
    ['to add what kubectl writes', ['v1.32.1', 'v1.33.0'], ' It is served by Kubernetes 1.33 and newer.'],
    ['not to add what no API server of its version serves', ['v1.24.0', 'v1.32.1-eks-1'], ' The newest kubelet is of 1.32.'],
    ['to add it where no version can be read', ['unknown'], ' It is served by Kubernetes 1.33 and newer.'],
  ];
  for (const [what, versions, end] of minors) {
    it(`says of missing ServiceCIDRs ${what}`, () => {
      const nodes = versions.map((kubeletVersion, at) => ({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name: `n${at}` },
        status: { nodeInfo: { kubeletVersion } },
      }));
      const availability = readDump([json(listOfObjects(nodes))]).store.availability('ServiceCIDR');
      const { message } = availability as { readonly message: string };
      expect(message.endsWith(end)).to.equal(true);
      expect(message.includes('kubectl')).to.equal(!end.includes('newest kubelet'));
    });
  }
});
