import { expect } from 'chai';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { historyOf } from '../../../src/core/cluster/pod-history.ts';
import { PodPatterns } from '../../../src/core/cluster/pod-patterns.ts';
import { NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { Tally } from '../../../src/core/store/tally.ts';
import { ipv4Pod, pod } from '../build.ts';

const NODES = 50;
const DAEMON_SETS = 20;
const LATER = 7_200_000;

/** Pods on many nodes, with a count of how many of them were looked at. */
class Network {
  readonly subnetTally = new Tally();
  readonly touched: string[] = [];
  readonly patterns = new PodPatterns(this, ({ name }) => this.touched.push(name));
  readonly #pods = new Map<string, Set<PodFacts>>();
  readonly somePodCIDRsAreDual = false;
  readonly addressUse = { withheld: NO_FAMILY, isWithheldFrom: () => false };
  looks = 0;

  add(facts: PodFacts): void {
    const onNode = this.#pods.get(facts.nodeName) ?? new Set();
    this.#pods.set(facts.nodeName, onNode.add(facts));
    this.patterns.add(facts);
  }

  remove(facts: PodFacts): void {
    this.#pods.get(facts.nodeName)?.delete(facts);
    this.patterns.remove(facts);
  }

  networkPodsOn(nodeName: string): PodFacts[] {
    const pods = [...(this.#pods.get(nodeName) ?? [])];
    this.looks += pods.length;
    return pods;
  }

  podHistoryOf(nodeName: string): ReturnType<typeof historyOf> {
    return historyOf(this.networkPodsOn(nodeName));
  }

  hasAllThatItsNodeGives(): boolean {
    return false;
  }
}

/** Half of the DaemonSets have pods with both families, which came later than those of the other half. */
function halfOld(): Network {
  const network = new Network();
  for (let node = 0; node < NODES; node += 1) {
    for (let set = 0; set < DAEMON_SETS; set += 1) {
      const parts = { nodeName: `node-${node}`, owner: `DaemonSet/set-${set}`, startedAt: set % 2 === 0 ? 0 : LATER };
      network.add(set % 2 === 0 ? ipv4Pod(`old-${set}-${node}`, parts) : pod({ name: `new-${set}-${node}`, ...parts }));
    }
  }
  network.patterns.update();
  return network;
}

describe('the patterns of pods of one family', () => {
  it('are found at once where all pods come', () => {
    const { patterns } = halfOld();
    expect(patterns.oldPods.size).to.equal((NODES * DAEMON_SETS) / 2);
    expect(patterns.lackedByOld).to.deep.equal(['IPv6']);
    expect(patterns.firstDual).to.equal(LATER);
  });

  it('are kept up to date by a look at the pods of the node of one that changed', () => {
    const network = halfOld();
    const [gone] = network.patterns.oldPods;
    network.touched.length = 0;
    network.looks = 0;
    network.remove(gone!);
    network.add({ ...gone!, ready: false });
    network.patterns.update();
    expect(network.looks).to.be.within(1, 3 * DAEMON_SETS);
    expect(network.touched).to.deep.equal([]);
    expect(network.patterns.oldPods.size).to.equal((NODES * DAEMON_SETS) / 2);
  });

  it('touch the other pods of one family on a node whose first pod with both is another', () => {
    const network = halfOld();
    network.add(pod({ name: 'first', nodeName: 'node-3', owner: 'Deployment/first', startedAt: -LATER }));
    network.touched.length = 0;
    network.patterns.update();
    expect(network.touched).to.include.members(Array.from({ length: DAEMON_SETS / 2 }, (_, half) => `old-${2 * half}-3`));
  });

  it('forget what is gone', () => {
    const network = halfOld();
    for (const gone of network.patterns.oldPods) network.remove(gone);
    network.patterns.update();
    expect(network.patterns.oldPods.size).to.equal(0);
    expect(network.patterns.hasSingles).to.be.false;
    expect(network.patterns.lackedByOld).to.deep.equal([]);
  });
});
