import { listOf, NO_FAMILY } from '../../src/core/net/addresses.ts';
import type { Facts } from '../../src/core/kinds/facts.ts';
import { keyOf } from '../../src/core/kinds/facts.ts';
import { Inventory } from '../../src/core/cluster/cluster-store.ts';
import { Ledger } from '../../src/core/engine/evaluation.ts';
import { selectionFor } from '../../src/core/report/selection.ts';
import { buildStatus } from '../../src/core/report/status.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { chunksOf } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { refusalOf } from '../../src/sources/list/unavailable.ts';
import type { BuiltInResource } from '../../src/sources/resources.ts';
import { builtInResources } from '../../src/sources/resources.ts';
import { jsonCodec } from '../../src/client/wire/codec.ts';

const RESOURCES = builtInResources(new Interner());

/** No grace, so that what is true now stays true. */
export const GRACE = graceOf(0);

/** What the API server has: each kind read in one piece, in JSON, past all caches; and that some kinds are forbidden. */
export async function inventoryOf(connection: Connection, forbidden: readonly string[] = []): Promise<Inventory> {
  const inventory = new Inventory();
  for (const resource of RESOURCES) {
    if (forbidden.includes(resource.kind)) {
      inventory.apply({ type: 'refused', kind: resource.kind, reason: refusalOf(resource, new ApiError(403, 'Forbidden', '')) });
      continue;
    }
    for (const facts of await factsOf(connection, resource)) inventory.apply({ type: 'upsert', facts });
    inventory.apply({ type: 'listed', kind: resource.kind });
  }
  return inventory;
}

async function factsOf(connection: Connection, resource: BuiltInResource): Promise<Facts[]> {
  const { body } = await connection.request(resource.path, { headers: { Accept: jsonCodec.acceptList } });
  const page = jsonCodec.decodePage(Buffer.concat(await Array.fromAsync(chunksOf(body))));
  return page.items.map((item) => resource.parse(item)).filter((facts) => facts !== undefined);
}

/** All facts of an inventory, by kind and key. */
export function factsIn(inventory: Inventory): Readonly<Record<string, Facts>> {
  const { nodes, pods, services, slices, serviceCIDRs, namespaces } = inventory;
  const all = [nodes, pods, services, slices, serviceCIDRs, namespaces].flatMap((store): Facts[] => [...store.values()]);
  return Object.fromEntries(all.map((facts) => [`${facts.kind} ${keyOf(facts)}`, facts]));
}

/** The verdicts on an inventory, made from scratch. */
export function ledgerOf(inventory: Inventory, now: number, expected = NO_FAMILY): Ledger {
  const ledger = new Ledger(inventory, expected, GRACE);
  Array.from(ledger.evaluate(inventory.takeDirt(), now));
  return ledger;
}

/** The findings of a ledger, in an order of their own, with what explains each. */
export function findingsIn(ledger: Ledger): readonly unknown[] {
  const findings = [...ledger.findings.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return findings.map(({ id, object, families, severity, causedBy }) => ({ id, object, families, severity, causedBy }));
}

/** The verdicts that a report asks for. */
export function ledgerFor({ spec }: DualStackReport, inventory: Inventory, now: number): Ledger {
  return ledgerOf(inventory, now, listOf(spec?.expectedFamilies ?? []));
}

/** What a report ought to say of an inventory, without its times. */
export function statusOf(report: DualStackReport, inventory: Inventory, now: number): unknown {
  const ledger = ledgerFor(report, inventory, now);
  return timeless(buildStatus({ report, ledger, inventory, now, writerEpoch: 0 }, selectionFor(report, ledger, inventory, now)));
}

const TIMES = ['lastEvaluationTime', 'lastTransitionTime', 'since', 'writerEpoch', 'version'];

/** A status without its times, and without who wrote it. */
export function timeless(status: unknown): unknown {
  return JSON.parse(JSON.stringify(status ?? null, (key, value: unknown) => (TIMES.includes(key) ? undefined : value)));
}
