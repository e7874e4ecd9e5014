import { expect } from 'chai';
import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY } from '../../src/core/net/addresses.ts';
import { Inventory } from '../../src/core/cluster/cluster-store.ts';
import { Ledger } from '../../src/core/engine/evaluation.ts';
import type { Dirt } from '../../src/core/store/store.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { NOW } from './build.ts';
import { play, Survivors, type Step } from './universe.ts';

const EXPECTED = [NO_FAMILY, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6];

/** All that readers can see of an inventory, in an order of its own. */
function inventoryState(inventory: Inventory): unknown {
  const tallies = [
    inventory.nodeTally,
    inventory.nodeFirstFamilies,
    inventory.podCIDRFirstFamilies,
    inventory.nodesLeftOut,
    inventory.podTally,
    inventory.podsLeftOut,
    inventory.serviceTally,
    inventory.servicesLeftOut,
    inventory.clusterIPTally,
    inventory.podCIDRUse,
    inventory.podFamiliesOnPodCIDRs,
  ];
  return {
    tallies: tallies.map((tally) => [...tally.entries()].sort()),
    pods: [...inventory.nodes.keys()].sort().map((name) => [name, inventory.podNetworkOf(name), inventory.podsOn(name).size]),
    conflicts: [...inventory.nodes.keys()].sort().map((name) => inventory.podCIDRs.conflictsOf(name)),
    slices: [...inventory.services.values()]
      .map((service) => [`${service.namespace}/${service.name}`, inventory.slicesOf(service).size])
      .sort(),
  };
}

/** All that readers can see of a ledger, in an order of its own. */
function ledgerState(ledger: Ledger): unknown {
  const findings = [...ledger.findings.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    findings: findings.map(({ id, object, families, severity, causedBy }) => ({ id, object, families, severity, causedBy })),
    words: findings.map((finding) => ledger.describe(finding)),
    effects: findings.map(({ id }) => [...ledger.effectsOf(id)].sort()),
    behind: findings.map((finding) => [...ledger.keysBehind(finding)].sort()),
    endpoints: [...ledger.tallyOf('Service').entries()].sort(),
    stack: ledger.view.stack,
    nextDue: ledger.nextDue,
  };
}

/** What happened in all histories together: a property of histories in which nothing happens holds too. */
export interface Seen {
  readonly checks: Set<string>;
  rolledUp: number;
  caused: number;
  due: number;
}

/** An inventory and its ledgers, played through a history and compared with new ones at each look. */
export class Comparison {
  readonly #inventory = new Inventory();
  readonly #ledgers = EXPECTED.map((expected) => new Ledger(this.#inventory, expected, graceOf(1)));
  readonly #left = new Survivors();
  readonly #seen: Seen;
  #now = NOW;

  constructor(seen: Seen) {
    this.#seen = seen;
  }

  get inventory(): Inventory {
    return this.#inventory;
  }

  /** One for each list of families that a report may expect; the first detects them. */
  get ledgers(): readonly Ledger[] {
    return this.#ledgers;
  }

  get now(): number {
    return this.#now;
  }

  play(step: Step): void {
    if (step.do === 'pass') this.#now += step.ms;
    else if (step.do !== 'evaluate') play(step, this.#inventory, this.#left, this.#now);
    else if (step.at === 'now') this.#look();
    else this.#lookAtNextDue(step.at);
  }

  #look(): void {
    this.#evaluate(this.#inventory.takeDirt());
    const scratch = this.#left.toInventory();
    expect(inventoryState(this.#inventory)).to.deep.equal(inventoryState(scratch));
    const dirt = scratch.takeDirt();
    for (const ledger of this.#ledgers) {
      const fresh = new Ledger(scratch, ledger.expected, graceOf(1));
      Array.from(fresh.evaluate(dirt, this.#now));
      expect(ledgerState(ledger)).to.deep.equal(ledgerState(fresh));
      this.#note(ledger);
    }
  }

  /** Nothing changes before the time that the ledgers name, and at that time they are right. */
  #lookAtNextDue(at: 'nextDue' | 'justBeforeNextDue'): void {
    this.#look();
    const next = Math.min(...this.#ledgers.map(({ nextDue }) => nextDue ?? Infinity));
    if (next === Infinity) return;
    this.#seen.due += 1;
    expect(next).to.be.above(this.#now);
    const before = this.#ledgers.map(ledgerState);
    this.#now = next - 1;
    this.#look();
    expect(this.#ledgers.map(ledgerState)).to.deep.equal(before);
    if (at === 'justBeforeNextDue') return;
    this.#now = next;
    this.#look();
  }

  #evaluate(dirt: Dirt): void {
    for (const ledger of this.#ledgers) Array.from(ledger.evaluate(dirt, this.#now));
  }

  #note(ledger: Ledger): void {
    for (const finding of ledger.findings.values()) {
      this.#seen.checks.add(finding.check.name);
      if (finding.object.kind === 'Cluster') this.#seen.rolledUp += 1;
      if (finding.causedBy === undefined) continue;
      expect(ledger.findings.get(finding.causedBy), `the cause of ${finding.id}`).to.exist;
      this.#seen.caused += 1;
    }
  }
}

export function newSeen(): Seen {
  return { checks: new Set(), rolledUp: 0, caused: 0, due: 0 };
}
