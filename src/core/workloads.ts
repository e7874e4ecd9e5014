import type { PodFacts, ServiceFacts } from './facts.ts';
import { selects, type LabelSet } from './labels.ts';
import { addTo, removeFrom, setAt } from './tally.ts';

/** The pods of one namespace that share all their labels, and the Services whose selectors match these labels. */
interface Workload {
  readonly namespace: string;
  readonly labels: LabelSet;
  readonly pods: Set<PodFacts>;
  readonly services: Set<ServiceFacts>;
}

/**
 * Which Services select which pods. A workload's pods share their labels, so selectors are matched once for each
 * distinct label set of a namespace and not for each pod.
 */
export class Workloads {
  readonly #byLabels = new Map<string, Map<LabelSet, Workload>>();
  readonly #services = new Map<string, Set<ServiceFacts>>();
  readonly #ofService = new Map<ServiceFacts, Set<Workload>>();

  addPod(pod: PodFacts): void {
    this.#workload(pod.namespace, pod.labels).pods.add(pod);
  }

  removePod(pod: PodFacts): void {
    const workload = this.#byLabels.get(pod.namespace)?.get(pod.labels);
    if (!workload?.pods.delete(pod) || workload.pods.size > 0) return;
    for (const service of workload.services) removeFrom(this.#ofService, service, workload);
    const ofNamespace = this.#byLabels.get(pod.namespace);
    ofNamespace?.delete(pod.labels);
    if (ofNamespace?.size === 0) this.#byLabels.delete(pod.namespace);
  }

  addService(service: ServiceFacts): void {
    if (service.selector.length === 0) return;
    addTo(this.#services, service.namespace, service);
    for (const workload of this.#byLabels.get(service.namespace)?.values() ?? []) this.#match(workload, service);
  }

  removeService(service: ServiceFacts): void {
    removeFrom(this.#services, service.namespace, service);
    for (const workload of setAt(this.#ofService, service)) workload.services.delete(service);
    this.#ofService.delete(service);
  }

  /** The pods that a Service's selector matches, in whatever state they are. */
  *podsOf(service: ServiceFacts): Generator<PodFacts> {
    for (const workload of setAt(this.#ofService, service)) yield* workload.pods;
  }

  /** The Services whose selectors match a pod. */
  servicesOf(pod: PodFacts): ReadonlySet<ServiceFacts> {
    return this.#byLabels.get(pod.namespace)?.get(pod.labels)?.services ?? new Set();
  }

  #workload(namespace: string, labels: LabelSet): Workload {
    const ofNamespace = this.#byLabels.get(namespace) ?? new Map<LabelSet, Workload>();
    this.#byLabels.set(namespace, ofNamespace);
    const known = ofNamespace.get(labels);
    if (known) return known;
    const workload: Workload = { namespace, labels, pods: new Set(), services: new Set() };
    ofNamespace.set(labels, workload);
    for (const service of setAt(this.#services, namespace)) this.#match(workload, service);
    return workload;
  }

  #match(workload: Workload, service: ServiceFacts): void {
    if (!selects(service.selector, workload.labels)) return;
    workload.services.add(service);
    addTo(this.#ofService, service, workload);
  }
}
