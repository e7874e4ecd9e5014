import { expect } from 'chai';
import fc from 'fast-check';
import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY } from '../../src/core/net/addresses.ts';
import { CHECKS } from '../../src/core/checks/registry.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import type { DirtySets } from '../../src/core/store/store.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { parametersOf } from '../../src/core/report/check-settings.ts';
import { NOW } from './build.ts';
import { history, play, Survivors, type Step } from './universe.ts';

const EXPECTED = [NO_FAMILY, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6];

/** As a report may set them: every parameter that there is, so that random clusters are on both sides of each. */
const PARAMETERS = parametersOf({
  checks: [
    { name: 'NodePodNetworkFamilyMissing', parameters: { minimumPods: 3 } },
    { name: 'EndpointsUnbalanced', parameters: { tolerancePercent: 50 } },
    { name: 'LoadBalancerPending', parameters: { graceSeconds: 60 } },
  ],
});

/** All that readers can see of an store, in an order of its own. */
function storeState(store: ClusterStore): unknown {
  const tallies = [
    store.nodeTally,
    store.nodeFirstFamilies,
    store.podCIDRFirstFamilies,
    store.nodesSkipped,
    store.podTally,
    store.podsSkipped,
    store.serviceTally,
    store.servicesSkipped,
    store.clusterIPTally,
    store.podCIDRUse,
    store.podFamiliesOnPodCIDRs,
  ];
  return {
    tallies: tallies.map((tally) => [...tally.entries()].sort()),
    pods: [...store.nodes.keys()].sort().map((name) => [name, store.podNetworkOf(name), store.podsOn(name).size]),
    conflicts: [...store.nodes.keys()].sort().map((name) => store.podCIDRs.conflictsOf(name)),
    slices: [...store.services.values()].map((service) => [`${service.namespace}/${service.name}`, store.slicesOf(service).size]).sort(),
  };
}

/** All that readers can see of a evaluation, in an order of its own. */
function evaluationState(evaluation: Evaluation): unknown {
  const findings = [...evaluation.findings.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  return {
    findings: findings.map(({ id, object, families, severity, causedBy }) => ({ id, object, families, severity, causedBy })),
    words: findings.map((finding) => evaluation.describe(finding)),
    effects: findings.map(({ id }) => [...evaluation.effectsOf(id)].sort()),
    behind: findings.map((finding) => [...evaluation.keysBehind(finding)].sort()),
    endpoints: [...evaluation.tallyOf('Service').entries()].sort(),
    stack: evaluation.view.stack,
    conversion: evaluation.view.conversion.fingerprint,
    nextDue: evaluation.nextDue,
  };
}

/** What happened in all histories together: a property of histories in which nothing happens holds too. */
export interface Seen {
  readonly checks: Set<string>;
  rolledUp: number;
  caused: number;
  due: number;
}

/** An store and its evaluations, played through a history and compared with new ones at each look. */
export class Comparison {
  readonly #store = new ClusterStore();
  readonly #evaluations = [
    ...EXPECTED.map((expected) => new Evaluation(this.#store, expected, graceOf(1))),
    new Evaluation(this.#store, NO_FAMILY, graceOf(1), PARAMETERS),
  ];
  readonly #left = new Survivors();
  readonly #seen: Seen;
  #now = NOW;

  constructor(seen: Seen) {
    expect([...PARAMETERS.values.keys()]).to.have.members(CHECKS.flatMap(({ parameters = [] }) => parameters));
    this.#seen = seen;
  }

  get store(): ClusterStore {
    return this.#store;
  }

  /** One for each list of families that a report may expect, then one with parameters; the first detects the families. */
  get evaluations(): readonly Evaluation[] {
    return this.#evaluations;
  }

  get now(): number {
    return this.#now;
  }

  play(step: Step): void {
    if (step.do === 'pass') this.#now += step.ms;
    else if (step.do !== 'evaluate') play(step, this.#store, this.#left, this.#now);
    else if (step.at === 'now') this.#look();
    else this.#lookAtNextDue(step.at);
  }

  #look(): void {
    this.#evaluate(this.#store.takeDirtySets());
    const scratch = this.#left.toStore();
    expect(storeState(this.#store)).to.deep.equal(storeState(scratch));
    const dirtySets = scratch.takeDirtySets();
    for (const evaluation of this.#evaluations) {
      const fresh = new Evaluation(scratch, evaluation.expected, graceOf(1), evaluation.parameters);
      Array.from(fresh.evaluate(dirtySets, this.#now));
      expect(evaluationState(evaluation)).to.deep.equal(evaluationState(fresh));
      this.#note(evaluation);
    }
  }

  /** Nothing changes before the time that the evaluations name, and at that time they are right. */
  #lookAtNextDue(at: 'nextDue' | 'justBeforeNextDue'): void {
    this.#look();
    const next = Math.min(...this.#evaluations.map(({ nextDue }) => nextDue ?? Infinity));
    if (next === Infinity) return;
    this.#seen.due += 1;
    expect(next).to.be.above(this.#now);
    const before = this.#evaluations.map(evaluationState);
    this.#now = next - 1;
    this.#look();
    expect(this.#evaluations.map(evaluationState)).to.deep.equal(before);
    if (at === 'justBeforeNextDue') return;
    this.#now = next;
    this.#look();
  }

  #evaluate(dirtySets: DirtySets): void {
    for (const evaluation of this.#evaluations) Array.from(evaluation.evaluate(dirtySets, this.#now));
  }

  #note(evaluation: Evaluation): void {
    for (const finding of evaluation.findings.values()) {
      this.#seen.checks.add(finding.check.name);
      if (finding.object.kind === 'Cluster') this.#seen.rolledUp += 1;
      if (finding.causedBy === undefined) continue;
      expect(evaluation.findings.get(finding.causedBy), `the cause of ${finding.id}`).to.exist;
      this.#seen.caused += 1;
    }
  }
}

export function newSeen(): Seen {
  return { checks: new Set(), rolledUp: 0, caused: 0, due: 0 };
}

/**
 * Plays random histories of a cluster, and compares after each step what is found with what a new evaluation finds.
 * @returns what was seen in all of them
 */
export function playHistories(numRuns: number): Seen {
  const seen = newSeen();
  fc.assert(
    fc.property(history, (steps) => {
      const comparison = new Comparison(seen);
      for (const step of steps) comparison.play(step);
    }),
    { numRuns },
  );
  return seen;
}
