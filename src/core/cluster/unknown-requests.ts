import {
  DUAL_IPV4_FIRST,
  familiesWhere,
  familyLabel,
  missingFrom,
  type Family,
  type FamilyLabel,
  type FamilyList,
} from '../net/addresses.ts';
import type { PodFacts } from '../kinds/facts.ts';
import { Tally } from '../store/tally.ts';

/** The names of Namespaces that are known: all that there are, or some of them. */
export type KnownNamespaces = 'all' | Pick<ReadonlySet<string>, 'has'>;

/** While Namespaces are known, nothing depends on which of them have pods of one family. */
const KNOWN = -1;

/**
 * The pods whose Namespace may request one family for them: those of a namespace that is not known, all of whose pods have the same one family. Kept up
 * to date by the pods that change.
 */
export class UnknownRequests {
  /** Pods that are evidence of what the pod network gives, by namespace and families. Each pod is counted: a text for each would take long. */
  readonly #byNamespace = new Map<string, Record<FamilyLabel, number>>();
  readonly #namespaces = new Set<string>();
  readonly #pods = new Set<PodFacts>();
  readonly #lacked = new Tally<Family>();
  /** Pods from before the pod network gave both families, by namespace. */
  readonly #old = new Tally();
  #changes = 0;
  #known: KnownNamespaces = 'all';
  #updated = KNOWN;

  /** Another number whenever the namespaces are others. */
  get version(): number {
    return this.areAllKnown ? KNOWN : this.#changes;
  }

  /** Whether all Namespaces are known. */
  get areAllKnown(): boolean {
    return this.#known === 'all';
  }

  /** Brings all up to date with which Namespaces are known; returns whether the namespaces are others than the last time. */
  update(known: KnownNamespaces): boolean {
    if (known !== this.#known) this.#changes += 1;
    this.#known = known;
    const { version } = this;
    const areOthers = version !== this.#updated;
    this.#updated = version;
    return areOthers;
  }

  /** Says that a Namespace has come or gone where only some are known. */
  changeKnown(): void {
    this.#changes += 1;
  }

  /** The families that some of these pods lack which are not from before. */
  get lacked(): FamilyList {
    return familiesWhere((family) => this.#lacked.get(family) > 0);
  }

  /** Whether all pods from before are such pods. */
  get haveAllOld(): boolean {
    return !this.areAllKnown && [...this.#old.keys()].every((namespace) => this.mayBeOf(namespace));
  }

  /** Whether the Namespace of that name is not known, and may request one family for its pods. */
  mayBeOf(namespace: string): boolean {
    return this.#known !== 'all' && this.#namespaces.has(namespace) && !this.#known.has(namespace);
  }

  /** Takes a pod in, or out. */
  count(pod: PodFacts, by: 1 | -1): void {
    const { namespace } = pod;
    const known = this.#byNamespace.get(namespace);
    const counts = known ?? { dual: 0, ipv4: 0, ipv6: 0, none: 0 };
    if (!known) this.#byNamespace.set(namespace, counts);
    counts[familyLabel(pod.families)] += by;
    if (counts.dual + counts.ipv4 + counts.ipv6 === 0) this.#byNamespace.delete(namespace);
    const isOne = counts.dual === 0 && counts.ipv4 > 0 !== counts.ipv6 > 0;
    if (isOne === this.#namespaces.has(namespace)) return;
    this.#changes += 1;
    if (isOne) this.#namespaces.add(namespace);
    else this.#namespaces.delete(namespace);
  }

  /** Takes in a pod from before, or out. */
  countOld({ namespace }: PodFacts, by: 1 | -1): void {
    this.#old.add(namespace, by);
  }

  /** Notes whether such a request may be why a pod has one family. */
  note(pod: PodFacts, mayBeWhy: boolean): void {
    if (mayBeWhy === this.#pods.has(pod)) return;
    if (mayBeWhy) this.#pods.add(pod);
    else this.#pods.delete(pod);
    for (const family of missingFrom(pod.families, DUAL_IPV4_FIRST)) this.#lacked.add(family, mayBeWhy ? 1 : -1);
  }
}
