import { selects, type LabelSet } from '../kinds/labels.ts';
import { addTo, removeFrom, setAt } from './tally.ts';

/** What can be selected: by its labels, and within its namespace. */
export interface Selectable {
  readonly namespace: string;
  readonly labels: LabelSet;
}

export interface Selecting {
  readonly namespace: string;
}

/** The objects of one namespace that share all their labels, and those whose selectors match these labels. */
interface Workload<S, T> {
  readonly labels: LabelSet;
  readonly selected: Set<T>;
  readonly selecting: Set<S>;
}

const NONE: ReadonlySet<never> = new Set();

/**
 * Which objects select which others, as Services select pods. The pods of a workload share their labels, so selectors are matched once for
 * each distinct label set of a namespace and not for each pod.
 */
export class Selections<S extends Selecting, T extends Selectable> {
  readonly #byLabels = new Map<string, Map<LabelSet, Workload<S, T>>>();
  readonly #selectors = new Map<S, LabelSet>();
  readonly #selecting = new Map<string, Set<S>>();
  readonly #ofSelecting = new Map<S, Set<Workload<S, T>>>();

  addSelected(object: T): void {
    this.#workload(object).selected.add(object);
  }

  removeSelected(object: T): void {
    const workload = this.#byLabels.get(object.namespace)?.get(object.labels);
    if (!workload?.selected.delete(object) || workload.selected.size > 0) return;
    for (const selecting of workload.selecting) removeFrom(this.#ofSelecting, selecting, workload);
    const ofNamespace = this.#byLabels.get(object.namespace);
    ofNamespace?.delete(object.labels);
    if (ofNamespace?.size === 0) this.#byLabels.delete(object.namespace);
  }

  /** @param selector an empty one selects all of the namespace */
  addSelecting(object: S, selector: LabelSet): void {
    this.#selectors.set(object, selector);
    addTo(this.#selecting, object.namespace, object);
    for (const workload of this.#byLabels.get(object.namespace)?.values() ?? []) this.#match(workload, object, selector);
  }

  removeSelecting(object: S): void {
    if (!this.#selectors.delete(object)) return;
    removeFrom(this.#selecting, object.namespace, object);
    for (const workload of setAt(this.#ofSelecting, object)) workload.selecting.delete(object);
    this.#ofSelecting.delete(object);
  }

  /** The objects that one selects, in whatever state they are. */
  selectedBy(object: S): Iterable<T> {
    const workloads = [...setAt(this.#ofSelecting, object)];
    const [only] = workloads;
    // Mostly there is one, of which no list is made.
    return only && workloads.length === 1 ? only.selected : workloads.flatMap(({ selected }) => [...selected]);
  }

  /** Those that select an object. */
  selecting(object: T): ReadonlySet<S> {
    return this.#byLabels.get(object.namespace)?.get(object.labels)?.selecting ?? NONE;
  }

  #workload({ namespace, labels }: T): Workload<S, T> {
    const ofNamespace = this.#byLabels.get(namespace) ?? new Map<LabelSet, Workload<S, T>>();
    this.#byLabels.set(namespace, ofNamespace);
    const known = ofNamespace.get(labels);
    if (known) return known;
    const workload: Workload<S, T> = { labels, selected: new Set(), selecting: new Set() };
    ofNamespace.set(labels, workload);
    for (const object of setAt(this.#selecting, namespace)) this.#match(workload, object, this.#selectors.get(object) ?? []);
    return workload;
  }

  #match(workload: Workload<S, T>, object: S, selector: LabelSet): void {
    if (selector.length > 0 && !selects(selector, workload.labels)) return;
    workload.selecting.add(object);
    addTo(this.#ofSelecting, object, workload);
  }
}
