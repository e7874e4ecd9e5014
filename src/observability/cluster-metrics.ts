import { Gauge, type Registry } from 'prom-client';
import { DUAL_IPV4_FIRST, familyLabel, isDual, listOf, type FamilyLabel } from '../core/addresses.ts';
import type { Check, NodeCheck } from '../core/checks/check.ts';
import { endpointFamilyMissing } from '../core/checks/endpoint-family-missing.ts';
import { endpointsUnbalanced } from '../core/checks/endpoints-unbalanced.ts';
import { nodeAddressMissing } from '../core/checks/node-address-missing.ts';
import { nodePodCIDRMissing } from '../core/checks/node-pod-cidr-missing.ts';
import { nodePodNetworkFamilyMissing } from '../core/checks/node-pod-network-family-missing.ts';
import type { FactsKind, NodeFacts } from '../core/facts.ts';
import type { Inventory } from '../core/inventory.ts';
import { nodeLeftOut } from '../core/judged.ts';
import type { Ledger } from '../core/ledger.ts';
import { countsByNamespace, countsIn, imbalance, nodeCounts, totalOf, type CountsByLabel } from '../core/report/counts.ts';
import type { LayerFamilies, LayerStack } from '../core/stack.ts';

const LABELS: readonly FamilyLabel[] = ['dual', 'ipv4', 'ipv6', 'none'];
const LAYERS = ['nodes', 'pods', 'services'] as const;
const STACKS: readonly LayerFamilies[] = ['DualStack', 'IPv4', 'IPv6', 'Unknown'];
/** The checks that find a node which lacks a family in one of its layers. */
const NODES_LACKING: readonly NodeCheck[] = [nodePodCIDRMissing, nodeAddressMissing, nodePodNetworkFamilyMissing];
/** The checks, of which a Service fails one at most, that compare its endpoints by family. */
const UNBALANCED: readonly Check[] = [endpointFamilyMissing, endpointsUnbalanced];
const EVERYWHERE = (): boolean => true;

/** What the metrics of the cluster are told from: the inventory and a ledger of detected families that agree with each other. */
export interface ClusterState {
  readonly inventory: Inventory;
  readonly ledger: Ledger;
  /** Whether a completed evaluation stands behind the ledger. */
  readonly ready: boolean;
}

/** Which series of single objects to expose beside those that are bounded by the number of namespaces. */
export interface SeriesOfObjects {
  /** For each dual-stack Service. */
  readonly perService: boolean;
  /** For each judged node, in place of those only that lack something. */
  readonly perNode: boolean;
}

/** The metrics of the cluster itself. Nothing is measured of a kind that is not known: its series are absent, never 0. */
export class ClusterMetrics {
  readonly #perNode: boolean;
  readonly #stack: Gauge;
  readonly #nodes: Gauge;
  readonly #pods: Gauge;
  readonly #services: Gauge;
  readonly #podCIDRMissing: Gauge;
  readonly #nodeFamilies: Gauge;
  readonly #drift: Gauge;
  readonly #imbalance: Gauge;
  readonly #unbalanced: Gauge;
  readonly #serviceEndpoints: Gauge | undefined;

  constructor(registry: Registry, { perService, perNode }: SeriesOfObjects) {
    this.#perNode = perNode;
    const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
      new Gauge({ name: `dualstack_${name}`, help, labelNames: [...labelNames], registers: [registry] });
    this.#stack = gauge(
      'layer_stack',
      'Which families a layer of the cluster has, as reports say: 1 for the present stack, 0 for the others.',
      ['layer', 'stack'],
    );
    this.#nodes = gauge('nodes', 'Judged nodes by the families of both their addresses and, where in use, their podCIDRs.', ['families']);
    this.#pods = gauge('pods', 'Running pods of the pod network by the families of their addresses.', ['namespace', 'families']);
    this.#services = gauge('services', 'Judged Services by their policy and families.', ['namespace', 'policy', 'families']);
    this.#podCIDRMissing = gauge('node_pod_cidr_missing', '1 for each node that lacks the podCIDR of a family that it should have.', [
      'node',
      'family',
    ]);
    this.#nodeFamilies = gauge(
      'node_families',
      '1 for each node that lacks a family, by the families of its addresses, its podCIDRs and its pods; for each judged node with --metrics-per-node=true.',
      ['node', 'addresses', 'pod_cidrs', 'pods'],
    );
    this.#drift = gauge(
      'single_family_drift',
      'Judged objects that have one family only, where their layer of the cluster is dual-stack.',
      ['kind', 'namespace', 'missing_family'],
    );
    this.#imbalance = gauge(
      'family_imbalance_ratio',
      'How far the families of a layer are from balance: 0 where as many have one as the other, 1 where all have the same one only.',
      ['layer'],
    );
    this.#unbalanced = gauge('service_endpoints_unbalanced', 'Services whose ready endpoints differ by family, or lack a family.', [
      'namespace',
    ]);
    this.#serviceEndpoints = perService
      ? gauge('service_ready_endpoints', 'Ready endpoints of each dual-stack Service with a selector.', ['namespace', 'service', 'family'])
      : undefined;
  }

  /** Sets all series anew from a state. */
  update(state: ClusterState): void {
    for (const gauge of this.#all()) gauge.reset();
    if (!state.ready) return;
    this.#updateStack(state);
    if (isKnown(state, 'Node')) this.#updateNodes(state);
    if (isKnown(state, 'Pod')) this.#updatePods(state);
    if (isKnown(state, 'Service')) this.#updateServices(state);
    if (isKnown(state, 'Service') && isKnown(state, 'EndpointSlice')) this.#updateEndpoints(state);
    if (UNBALANCED.every(({ needs }) => needs.every((kind) => isKnown(state, kind)))) this.#updateUnbalanced(state);
  }

  #all(): readonly Gauge[] {
    const ofCluster = [this.#stack, this.#nodes, this.#pods, this.#services, this.#podCIDRMissing, this.#nodeFamilies, this.#drift];
    const ofEndpoints = [this.#imbalance, this.#unbalanced, ...(this.#serviceEndpoints ? [this.#serviceEndpoints] : [])];
    return [...ofCluster, ...ofEndpoints];
  }

  /** What cannot be seen is Unknown, which is a stack like the others. */
  #updateStack({ ledger }: ClusterState): void {
    for (const layer of LAYERS) {
      const { families } = ledger.view.stack[layer];
      for (const stack of STACKS) this.#stack.set({ layer, stack }, stack === families ? 1 : 0);
    }
  }

  #updateNodes(state: ClusterState): void {
    const { inventory, ledger } = state;
    const counts = nodeCounts(inventory, ledger);
    for (const families of LABELS) this.#nodes.set({ families }, counts[families]);
    this.#setImbalance('nodes', counts);
    this.#setDrift('Node', '', counts, ledger.view.stack.nodes);
    for (const { name, families } of ledger.nodesFoundBy(nodePodCIDRMissing)) {
      for (const family of families) this.#podCIDRMissing.set({ node: name, family }, 1);
    }
    const pods = isKnown(state, 'Pod') ? (name: string) => podFamilies(inventory, name) : () => '';
    for (const { name, addressFamilies, podCIDRFamilies } of this.#perNode ? judgedNodes(inventory) : nodesLacking(state)) {
      const addresses = familyLabel(addressFamilies);
      this.#nodeFamilies.set({ node: name, addresses, pod_cidrs: familyLabel(podCIDRFamilies), pods: pods(name) }, 1);
    }
  }

  #updatePods({ inventory, ledger }: ClusterState): void {
    for (const [namespace, counts] of countsByNamespace(inventory.podTally.entries())) {
      for (const families of LABELS) this.#pods.set({ namespace, families }, counts[families]);
      this.#setDrift('Pod', namespace, counts, ledger.view.stack.pods);
    }
    this.#setImbalance('pods', countsIn(inventory.podTally.entries(), EVERYWHERE));
  }

  #updateServices({ inventory, ledger }: ClusterState): void {
    for (const [key, count] of inventory.serviceTally.entries()) {
      const [namespace = '', policy = '', families = ''] = key.split('/');
      this.#services.set({ namespace, policy, families }, count);
    }
    for (const [namespace, counts] of countsByNamespace(inventory.serviceTally.entries())) {
      this.#setDrift('Service', namespace, counts, ledger.view.stack.services);
    }
    this.#setImbalance('services', countsIn(inventory.serviceTally.entries(), EVERYWHERE));
  }

  #updateEndpoints({ inventory, ledger }: ClusterState): void {
    this.#setImbalance('endpoints', countsIn(ledger.endpointTally.entries(), EVERYWHERE));
    if (this.#serviceEndpoints) this.#updateServiceEndpoints(this.#serviceEndpoints, inventory, ledger);
  }

  #updateUnbalanced({ inventory, ledger }: ClusterState): void {
    for (const [namespace] of countsByNamespace(inventory.serviceTally.entries())) this.#unbalanced.set({ namespace }, 0);
    for (const { check, object } of ledger.findings.values()) {
      if (UNBALANCED.includes(check)) this.#unbalanced.inc({ namespace: object.namespace });
    }
  }

  #updateServiceEndpoints(gauge: Gauge, inventory: Inventory, ledger: Ledger): void {
    for (const service of inventory.services.values()) {
      if (!isDual(service.ipFamilies) || service.selector.length === 0) continue;
      for (const family of service.ipFamilies) {
        gauge.set({ namespace: service.namespace, service: service.name, family }, ledger.view.readyTargets(service, family).size);
      }
    }
  }

  /** A layer in which nothing has a family is neither balanced nor not. */
  #setImbalance(layer: string, counts: CountsByLabel): void {
    if (totalOf(counts) > counts.none) this.#imbalance.set({ layer }, imbalance(counts));
  }

  /** Only where the layer is dual-stack is a single family drift. */
  #setDrift(kind: string, namespace: string, counts: CountsByLabel, layer: LayerStack): void {
    if (layer.families !== 'DualStack') return;
    this.#drift.set({ kind, namespace, missing_family: 'IPv4' }, counts.ipv6);
    this.#drift.set({ kind, namespace, missing_family: 'IPv6' }, counts.ipv4);
  }
}

function judgedNodes(inventory: Inventory): readonly NodeFacts[] {
  return [...inventory.nodes.values()].filter((node) => nodeLeftOut(node) === undefined);
}

/** The nodes that some check finds to lack a family, those behind a finding on the cluster too. */
function nodesLacking({ inventory, ledger }: ClusterState): readonly NodeFacts[] {
  const names = new Set(NODES_LACKING.flatMap((check) => [...ledger.nodesFoundBy(check)].map(({ name }) => name)));
  return [...names].map((name) => inventory.nodes.get(name)).filter((node) => node !== undefined);
}

/** The families that the running pods of the pod network on a node have. */
function podFamilies(inventory: Inventory, node: string): FamilyLabel {
  const { having } = inventory.podNetworkOf(node);
  return familyLabel(listOf(DUAL_IPV4_FIRST.filter((family) => having[family] > 0)));
}

function isKnown({ inventory }: ClusterState, kind: FactsKind): boolean {
  return inventory.availability(kind) === 'Synced';
}
