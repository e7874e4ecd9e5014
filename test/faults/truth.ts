import { listOf, NO_FAMILY } from '../../src/core/net/addresses.ts';
import type { Facts } from '../../src/core/kinds/facts.ts';
import { keyOf } from '../../src/core/kinds/facts.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import { selectionFor } from '../../src/core/report/selection.ts';
import { buildStatus } from '../../src/core/report/status.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { unavailabilityOf } from '../../src/sources/list/unavailable.ts';
import type { BuiltInResource } from '../../src/sources/resources.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import { jsonCodec } from '../../src/client/wire/codec.ts';
import { allOf } from '../client/support/bodies.ts';

const RESOURCES = builtInResources(new Interner());

/** No grace, so that what is true now stays true. */
export const GRACE = graceOf(0);

/** What the API server has: each kind read in one piece, in JSON, past all caches; and that some kinds are forbidden. */
export async function storeOf(connection: Connection, forbidden: readonly string[] = []): Promise<ClusterStore> {
  const store = new ClusterStore();
  for (const resource of RESOURCES) {
    if (forbidden.includes(resource.kind)) {
      store.apply({ type: 'unavailable', kind: resource.kind, reason: unavailabilityOf(resource, new ApiError(403, 'Forbidden', '')) });
      continue;
    }
    for (const facts of await factsOf(connection, resource)) store.apply({ type: 'upsert', facts });
    store.apply({ type: 'listed', kind: resource.kind });
  }
  return store;
}

async function factsOf(connection: Connection, resource: BuiltInResource): Promise<Facts[]> {
  const { body } = await connection.request(resource.path, { headers: { Accept: jsonCodec.acceptList } });
  const page = jsonCodec.decodePage(await allOf(body));
  return page.items.map((item) => resource.parse(item)).filter((facts) => facts !== undefined);
}

/** All facts of a store, by kind and key. */
export function factsIn(store: ClusterStore): Readonly<Record<string, Facts>> {
  const { nodes, pods, services, slices, serviceCIDRs, namespaces } = store;
  const all = [nodes, pods, services, slices, serviceCIDRs, namespaces].flatMap((store): Facts[] => [...store.values()]);
  return Object.fromEntries(all.map((facts) => [`${facts.kind} ${keyOf(facts)}`, facts]));
}

/** The verdicts on a store, made from scratch. */
export function evaluationOf(store: ClusterStore, now: number, expected = NO_FAMILY): Evaluation {
  const evaluation = new Evaluation(store, expected, GRACE);
  Array.from(evaluation.evaluate(store.takeDirtySets(), now));
  return evaluation;
}

/** The findings of a ledger, in an order of their own, with what explains each. */
export function findingsIn(evaluation: Evaluation): readonly unknown[] {
  const findings = [...evaluation.findings.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return findings.map(({ id, object, families, severity, causedBy }) => ({ id, object, families, severity, causedBy }));
}

/** The verdicts that a report asks for. */
export function evaluationFor({ spec }: DualStackReport, store: ClusterStore, now: number): Evaluation {
  return evaluationOf(store, now, listOf(spec?.expectedFamilies ?? []));
}

/** What a report ought to say of a store, without its times. */
export function statusOf(report: DualStackReport, store: ClusterStore, now: number): unknown {
  const evaluation = evaluationFor(report, store, now);
  return timeless(buildStatus({ report, evaluation, store, now, writerEpoch: 0 }, selectionFor(report, evaluation, store, now)));
}

const TIMES = ['lastEvaluationTime', 'lastTransitionTime', 'since', 'writerEpoch', 'version'];

/** A status without its times, and without who wrote it. */
export function timeless(status: unknown): unknown {
  return JSON.parse(JSON.stringify(status ?? null, (key, value: unknown) => (TIMES.includes(key) ? undefined : value)));
}
