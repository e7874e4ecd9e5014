import { Gauge, type Registry } from 'prom-client';
import { isDual, type FamilyLabel } from '../core/addresses.ts';
import type { Check } from '../core/checks/check.ts';
import { endpointFamilyMissing } from '../core/checks/endpoint-family-missing.ts';
import { endpointsUnbalanced } from '../core/checks/endpoints-unbalanced.ts';
import { nodePodCIDRMissing } from '../core/checks/node-pod-cidr-missing.ts';
import type { FactsKind } from '../core/facts.ts';
import type { Inventory } from '../core/inventory.ts';
import type { Ledger } from '../core/ledger.ts';
import { countsByNamespace, countsIn, imbalance, nodeCounts, totalOf, type CountsByLabel } from '../core/report/counts.ts';
import type { LayerStack } from '../core/stack.ts';

const LABELS: readonly FamilyLabel[] = ['dual', 'ipv4', 'ipv6', 'none'];
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

/** The metrics of the cluster itself. Nothing is measured of a kind that is not known: its series are absent, never 0. */
export class ClusterMetrics {
  readonly #nodes: Gauge;
  readonly #pods: Gauge;
  readonly #services: Gauge;
  readonly #podCIDRMissing: Gauge;
  readonly #drift: Gauge;
  readonly #imbalance: Gauge;
  readonly #unbalanced: Gauge;
  readonly #serviceEndpoints: Gauge | undefined;

  /** @param perService whether to expose series for each dual-stack Service */
  constructor(registry: Registry, perService: boolean) {
    const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
      new Gauge({ name: `dualstack_${name}`, help, labelNames: [...labelNames], registers: [registry] });
    this.#nodes = gauge('nodes', 'Judged nodes by the families of both their addresses and, where in use, their podCIDRs.', ['families']);
    this.#pods = gauge('pods', 'Running pods of the pod network by the families of their addresses.', ['namespace', 'families']);
    this.#services = gauge('services', 'Judged Services by their policy and families.', ['namespace', 'policy', 'families']);
    this.#podCIDRMissing = gauge('node_pod_cidr_missing', '1 for each node that lacks the podCIDR of a family that it should have.', [
      'node',
      'family',
    ]);
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
    for (const gauge of [this.#nodes, this.#pods, this.#services, this.#podCIDRMissing, this.#drift, this.#imbalance, this.#unbalanced]) {
      gauge.reset();
    }
    this.#serviceEndpoints?.reset();
    if (!state.ready) return;
    if (isKnown(state, 'Node')) this.#updateNodes(state);
    if (isKnown(state, 'Pod')) this.#updatePods(state);
    if (isKnown(state, 'Service')) this.#updateServices(state);
    if (isKnown(state, 'Service') && isKnown(state, 'EndpointSlice')) this.#updateEndpoints(state);
    if (UNBALANCED.every(({ needs }) => needs.every((kind) => isKnown(state, kind)))) this.#updateUnbalanced(state);
  }

  #updateNodes({ inventory, ledger }: ClusterState): void {
    const counts = nodeCounts(inventory, ledger);
    for (const families of LABELS) this.#nodes.set({ families }, counts[families]);
    this.#setImbalance('nodes', counts);
    this.#setDrift('Node', '', counts, ledger.view.stack.nodes);
    for (const { name, families } of ledger.nodesFoundBy(nodePodCIDRMissing)) {
      for (const family of families) this.#podCIDRMissing.set({ node: name, family }, 1);
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

function isKnown({ inventory }: ClusterState, kind: FactsKind): boolean {
  return inventory.availability(kind) === 'Synced';
}
