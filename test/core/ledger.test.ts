import { expect } from 'chai';
import fc from 'fast-check';
import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY } from '../../src/core/addresses.ts';
import { CHECKS } from '../../src/core/checks/index.ts';
import { Inventory, type Dirt } from '../../src/core/inventory.ts';
import { Ledger } from '../../src/core/ledger.ts';
import type { Facts } from '../../src/core/facts.ts';
import { graceOf } from '../../src/core/view.ts';
import { dualNodes, dualService, evaluateAll, inventoryOf, NOW, pod, runEvaluation, service, serviceCIDR, slice } from './build.ts';
import { history, play, Survivors, type Step } from './universe.ts';

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
    nodesBehind: findings.map((finding) => [...ledger.nodesBehind(finding)].sort()),
    endpoints: [...ledger.endpointTally.entries()].sort(),
    stack: ledger.view.stack,
    nextDue: ledger.nextDue,
  };
}

/** What happened in all histories together: a property of histories in which nothing happens holds too. */
interface Seen {
  readonly checks: Set<string>;
  rolledUp: number;
  caused: number;
  due: number;
}

/** An inventory and its ledgers, played through a history and compared with new ones at each look. */
class Comparison {
  readonly #inventory = new Inventory();
  readonly #ledgers = EXPECTED.map((expected) => new Ledger(this.#inventory, expected, graceOf(1)));
  readonly #left = new Survivors();
  readonly #seen: Seen;
  #now = NOW;

  constructor(seen: Seen) {
    this.#seen = seen;
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

describe('the ledger', () => {
  it('equals an evaluation from scratch after any history, and knows when the next verdict falls due', () => {
    const seen: Seen = { checks: new Set(), rolledUp: 0, caused: 0, due: 0 };
    fc.assert(
      fc.property(history, (steps) => {
        const comparison = new Comparison(seen);
        for (const step of steps) comparison.play(step);
      }),
      { numRuns: 300 },
    );
    expect([...seen.checks].sort()).to.deep.equal(CHECKS.map(({ name }) => name).sort());
    expect(seen.rolledUp).to.be.above(100);
    expect(seen.caused).to.be.above(100);
    expect(seen.due).to.be.above(100);
  });

  it('looks again only at what a change touches, unless it changes the whole cluster', () => {
    const pods = Array.from({ length: 50 }, (_, index) => pod({ name: `web-${index}`, nodeName: index % 2 === 0 ? 'a' : 'b' }));
    const api = service({ name: 'api', selector: { app: 'api' } });
    const { ledger, inventory } = evaluateAll([...dualNodes('a', 'b'), serviceCIDR(), dualService(), api, ...pods]);
    const evaluatedBy = (...facts: readonly Facts[]): number => {
      const before = ledger.evaluated;
      for (const one of facts) inventory.apply({ type: 'upsert', facts: one });
      runEvaluation(ledger, inventory, NOW);
      return ledger.evaluated - before;
    };
    expect(ledger.evaluated).to.equal(54);
    expect(evaluatedBy()).to.equal(0);
    // The pod, its node and the Service that selects it.
    expect(evaluatedBy(pod({ name: 'web-0', ready: false }))).to.equal(3);
    expect(evaluatedBy(slice({ serviceName: 'api' }))).to.equal(1);
    expect(evaluatedBy(serviceCIDR({ ready: false }))).to.equal(54);
    expect(ledger.version).to.equal(5);
  });

  it('lets others run while it evaluates much', () => {
    const pods = Array.from({ length: 1000 }, (_, index) => pod({ name: `web-${index}` }));
    const inventory = inventoryOf([...dualNodes('a'), ...pods]);
    const ledger = new Ledger(inventory, NO_FAMILY, graceOf(1));
    expect(Array.from(ledger.evaluate(inventory.takeDirt(), NOW))).to.have.length(5);
    expect(ledger.version).to.equal(1);
  });

  it('has nothing due where nothing is under grace', () => {
    expect(evaluateAll([...dualNodes('a'), pod()]).ledger.nextDue).to.equal(undefined);
  });
});
