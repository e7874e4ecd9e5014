import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { clusterOf, evaluateCluster, nodeOf, podOf, SMALL } from '../../bench/micro/cluster.ts';
import type { Facts } from '../../src/core/kinds/facts.ts';
import { NOW, runEvaluation, serviceCIDR } from '../core/build.ts';

/** Room for all that is allocated, so that nothing is collected before it is counted. */
const ROOM = ['--expose-gc', '--min-semi-space-size=256', '--max-semi-space-size=256'];
/** Some more than was measured: what V8 optimizes, and so does not allocate, varies a little from one version to the next. */
const MOST_BYTES = { decode: 4_200, project: 3_100, evaluate: 66_000, nothingNew: 1_000 } as const;

describe('what does not depend on the machine', () => {
  const { store, evaluation } = evaluateCluster(clusterOf(SMALL));

  /** How many objects are evaluated for changes. */
  function evaluatedFor(...changes: readonly Facts[]): number {
    const before = evaluation.evaluated;
    for (const facts of changes) store.apply({ type: 'upsert', facts });
    runEvaluation(evaluation, store, NOW);
    return evaluation.evaluated - before;
  }

  it('a pod that says nothing new is not evaluated', () => {
    expect(evaluatedFor(podOf(1, 1, SMALL))).to.equal(0);
  });

  it('a pod that loses a family is evaluated with its node and its Service', () => {
    expect(evaluatedFor(podOf(1, 1, SMALL, 1))).to.equal(3);
    expect(evaluatedFor(podOf(1, 1, SMALL, 2))).to.equal(3);
  });

  it('a node that loses a podCIDR is evaluated with its pods', () => {
    expect(evaluatedFor(nodeOf(2, 1))).to.equal(1 + store.podsOn('worker-2').size);
  });

  it('a cluster whose stack flips is evaluated once', () => {
    const objects = store.nodes.size + store.pods.size + store.services.size;
    expect(evaluatedFor(serviceCIDR({ cidrs: ['10.96.0.0/16'], createdAt: NOW }))).to.equal(objects);
  });

  it('a change allocates no more than it did', async function () {
    this.timeout(60_000);
    const program = join(import.meta.dirname, 'allocations.ts');
    const { stdout } = await promisify(execFile)(process.execPath, [...ROOM, program]);
    const { bytes, collections } = JSON.parse(stdout) as { bytes: Record<keyof typeof MOST_BYTES, number>; collections: number };
    expect(collections, 'collections while bytes were counted').to.equal(0);
    for (const [part, most] of Object.entries(MOST_BYTES)) {
      expect(bytes[part as keyof typeof MOST_BYTES], part).to.be.within(most / 2, most);
    }
  });
});
