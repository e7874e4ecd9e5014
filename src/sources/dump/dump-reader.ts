import { minorOf } from '../../core/kinds/kubelet-version.ts';
import type { Change, Facts, FactsKind } from '../../core/kinds/facts.ts';
import { keyOf } from '../../core/kinds/facts.ts';
import { clip, firstOf, printable } from '../../core/words.ts';
import type { FactSettings } from '../../core/kinds/kind.ts';
import { Interner } from '../../core/kinds/interner.ts';
import { KINDS, type KindOf } from '../../core/kinds/registry.ts';
import { fields, items, text } from '../../core/kinds/shapes.ts';
import { isCovered } from '../../core/kinds/source.ts';
import { isBefore } from '../../client/transport/resource-version.ts';
import type { DocumentSink } from './documents.ts';
import { commandFor } from './dump-command.ts';
import { DumpClock } from './dump-clock.ts';
import { DumpError } from './dump-error.ts';
import { nameOf, shapeFault } from './shape-fault.ts';

/** Six times as many as a cluster of 5,000 nodes and 150,000 pods has; a million pods take a gigabyte. */
export const MOST_OBJECTS = 1_000_000;
/** A list of lists may be what somebody has put together; more is nonsense. */
const MOST_LEVELS = 4;
/** Of elements that come before it is known of what kind their list is: of one that somebody has sorted by key. */
const MOST_BYTES_WAITING = 32 * 1024 * 1024;
const MOST_OTHER_KINDS = 100;
const MOST_NAMESPACES = 3;
const LONGEST_KIND = 64;
const LONGEST_NAME = 300;

export interface DumpReaderOptions {
  readonly settings?: FactSettings;
  readonly onChange: (change: Change) => void;
  /** Called for each object that is passed over, with one line. */
  readonly onProblem: (words: string) => void;
}

/** The state of an object that has been read. */
interface Known {
  readonly name: string;
  readonly resourceVersion: string;
}

/** The kind of the elements of a list. */
interface ItemKind {
  readonly kind: string;
  readonly apiVersion: string;
}

/** A kind as a reader of dumps sees it. */
type SomeKind = KindOf<FactsKind>;

const ALL_KINDS: readonly SomeKind[] = KINDS;

/** By what the API server calls them: of one resource there may be several kinds, each narrowed to some of its objects. */
const BY_API_KIND: ReadonlyMap<string, readonly SomeKind[]> = Map.groupBy(ALL_KINDS, ({ resource }) => resource.kind);

const ANY_KIND: ItemKind = { kind: '', apiVersion: '' };

/** Reads the objects of a dump, which may be in several files, as the changes that list them. */
export class DumpReader {
  readonly #options: DumpReaderOptions;
  readonly #interner = new Interner();
  readonly #known = new Map<string, Known>();
  readonly #kinds = new Set<FactsKind>();
  /** Those that pods are in, by name. */
  readonly #podNamespaces = new Set<string>();
  readonly #others = new Map<string, number>();
  readonly #clock = new DumpClock();
  /** The newest minor version of the kubelets; 0 where none is known. */
  #newestMinor = 0;
  #otherObjects = 0;
  #notObjects = 0;
  #problems = 0;

  constructor(options: DumpReaderOptions) {
    this.#options = options;
  }

  /** How many objects have been read, of all kinds that matter. */
  get objects(): number {
    return this.#known.size;
  }

  /** How many objects were passed over since something is wrong with them. */
  get problems(): number {
    return this.#problems;
  }

  /** How many values were ignored since they are no Kubernetes objects: other files may lie beside a dump. */
  get notObjects(): number {
    return this.#notObjects;
  }

  /** When the dump was written, in milliseconds since the epoch; undefined where no object says so. */
  get time(): number | undefined {
    return this.#clock.time;
  }

  /** How many objects of other kinds there were, and of which kinds, those with the most first. */
  get others(): { readonly objects: number; readonly kinds: readonly string[] } {
    return { objects: this.#otherObjects, kinds: [...this.#others].sort(([, a], [, b]) => b - a).map(([kind]) => kind) };
  }

  /**
   * What is to be given the documents of a file.
   * @param file its name, for what is reported of its objects
   */
  file(file: string): DocumentSink {
    let documents = 0;
    let waiting: { readonly value: unknown; readonly index: number }[] = [];
    let waitingBytes = 0;
    const place = (): string => (documents > 0 ? `${file}, document ${documents + 1}` : file);
    return {
      item: (value, head, index, bytes) => {
        const kind = itemKindOf(head);
        if (head === undefined || kind !== undefined || text(fields(value)['kind']) !== '') {
          this.#visit(value, kind ?? ANY_KIND, () => elementOf(head, index, place), 1);
          return;
        }
        waitingBytes += bytes;
        if (waitingBytes > MOST_BYTES_WAITING) throw new DumpError('`kind` must come before `items`: the items have no kind of their own');
        waiting.push({ value, index });
      },
      document: (value, elements) => {
        const kind = itemKindOf(value);
        if (elements === undefined || (kind === undefined && !Array.isArray(value))) this.#visit(value, ANY_KIND, place, 0);
        else {
          for (const one of waiting) this.#visit(one.value, kind ?? ANY_KIND, () => elementOf(value, one.index, place), 1);
          this.#noteList(value, place);
        }
        waiting = [];
        waitingBytes = 0;
        documents += 1;
      },
    };
  }

  /**
   * To be called at the end: the kinds of which there was anything are all listed then, and the others are not known.
   * @throws DumpError where there was nothing that matters
   */
  end(): void {
    if (this.#kinds.size === 0) throw new DumpError(`there is nothing of any of these kinds: ${[...BY_API_KIND.keys()].join(', ')}`);
    for (const kind of ALL_KINDS) {
      const { name } = kind;
      if (this.#kinds.has(name)) this.#options.onChange({ type: 'listed', kind: name, ...this.#gapIn(kind) });
      else
        this.#options.onChange({
          type: 'unavailable',
          kind: name,
          reason: { reason: 'NotFound', message: missingWords(kind, this.#newestMinor) },
        });
    }
  }

  /** A dump may have some Namespaces and not those of all pods: what these request is not known then. */
  #gapIn(kind: SomeKind): { readonly gap?: string } {
    if (kind.name !== 'Namespace') return {};
    const missing = [...this.#podNamespaces].filter((name) => !this.#known.has(`Namespace/${name}`)).sort();
    return missing.length === 0 ? {} : { gap: addWords(kind, firstOf(missing, MOST_NAMESPACES)) };
  }

  /** @param place where it is, in words; called only where something is wrong */
  #visit(value: unknown, inherited: ItemKind, place: () => string, level: number): void {
    const elements = elementsOf(value);
    if (!elements) {
      // Between documents of YAML there may be nothing.
      if (level > 0 || value !== null) this.#take(value, inherited, place);
      return;
    }
    if (level > MOST_LEVELS) {
      this.#reportProblem(place, 'it is a list within too many lists');
      return;
    }
    const kind = itemKindOf(value) ?? ANY_KIND;
    for (const [index, element] of elements.entries()) this.#visit(element, kind, () => elementOf(value, index, place), level + 1);
    this.#noteList(value, place);
  }

  /** An empty list says that there is nothing of its kind; a page of a longer one is worse than none. */
  #noteList(list: unknown, place: () => string): void {
    const itemKind = itemKindOf(list);
    if (!itemKind) return;
    const kinds = kindsOf(itemKind.kind, itemKind.apiVersion);
    for (const { name } of kinds) this.#kinds.add(name);
    // A list of any kind may be of those that are read.
    if (kinds.length === 0 && itemKind.kind !== '') return;
    const token = text(fields(fields(list)['metadata'])['continue']);
    // Harvester writes "null" where there is no rest.
    if (token !== '' && token !== 'null') this.#reportProblem(place, 'the rest of a list, of which this is a page (metadata.continue)');
  }

  #take(value: unknown, inherited: ItemKind, place: () => string): void {
    const own = { kind: text(fields(value)['kind']), apiVersion: text(fields(value)['apiVersion']) };
    const { kind, apiVersion } = own.kind === '' ? { ...inherited, apiVersion: own.apiVersion || inherited.apiVersion } : own;
    if (kind === '' || nameOf(value) !== 'an object') {
      this.#notObjects += 1;
      return;
    }
    if (kind === 'Node') this.#newestMinor = Math.max(this.#newestMinor, kubeletMinorOf(value));
    this.#clock.see(own.kind === '' ? { ...fields(value), kind } : value);
    const kinds = kindsOf(kind, apiVersion);
    // One that no kind is narrowed to says all the same that its resource was listed.
    for (const { name } of kinds) this.#kinds.add(name);
    const readers = kinds.filter(({ resource }) => isCovered(value, resource));
    if (readers.length === 0) this.#countOther(kind);
    for (const reader of readers) {
      const fault = this.#put(reader, value);
      if (fault !== undefined) this.#reportProblem(place, `${named(value, kind)}: ${fault}`);
    }
  }

  /** @returns what is wrong with the object */
  #put(kind: SomeKind, value: unknown): string | undefined {
    const fault = shapeFault(kind, value);
    if (fault !== undefined) return fault;
    const facts = kind.facts(value, this.#interner, this.#options.settings);
    if (!facts) return 'its name or namespace is none that an API server would take';
    this.#kinds.add(kind.name);
    return this.#add(facts, text(fields(fields(value)['metadata'])['resourceVersion']));
  }

  /** Of an object that is there more than once its latest state counts. */
  #add(facts: Facts, resourceVersion: string): string | undefined {
    const key = `${facts.kind}/${keyOf(facts)}`;
    const name = 'namespace' in facts ? `${facts.namespace}/${facts.name}` : facts.name;
    const known = this.#known.get(key);
    if (known && known.name !== name) return `${known.name} has the same uid`;
    if (known && !isBefore(known.resourceVersion, resourceVersion)) {
      const isReported =
        known.resourceVersion === resourceVersion ? resourceVersion !== '' : isBefore(resourceVersion, known.resourceVersion);
      return isReported ? undefined : 'it is there a second time, and no resourceVersion shows which state is the later one';
    }
    if (this.#known.size >= MOST_OBJECTS && !known) throw new DumpError(`there are more than ${MOST_OBJECTS} objects`);
    this.#known.set(key, { name, resourceVersion });
    if (facts.kind === 'Pod') this.#podNamespaces.add(facts.namespace);
    this.#options.onChange({ type: 'upsert', facts });
    return undefined;
  }

  #countOther(name: string): void {
    this.#otherObjects += 1;
    const kind = clip(name, LONGEST_KIND);
    const known = this.#others.get(kind);
    if (known !== undefined || this.#others.size < MOST_OTHER_KINDS) this.#others.set(kind, (known ?? 0) + 1);
  }

  #reportProblem(place: () => string, words: string): void {
    this.#problems += 1;
    this.#options.onProblem(printable(`${place()}: ${words}`));
  }
}

/** The elements of a list that has come as a whole; undefined where it is none. */
function elementsOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return items(value);
  const { items: elements } = fields(value);
  // Go writes null for a list without elements.
  const isList = itemKindOf(value) !== undefined && (Array.isArray(elements) || elements === null);
  return isList ? items(elements) : undefined;
}

/** Of what kind the elements of a list are, where they do not say so; undefined where it is no list. */
function itemKindOf(list: unknown): ItemKind | undefined {
  const { kind, apiVersion } = fields(list);
  if (!text(kind).endsWith('List')) return undefined;
  return { kind: text(kind).slice(0, -'List'.length), apiVersion: text(apiVersion) };
}

/** Other groups have kinds of the same names, such as Knative's Service. An object of a hand-made dump may have none. */
function kindsOf(apiKind: string, apiVersion: string): readonly SomeKind[] {
  const kinds = BY_API_KIND.get(apiKind) ?? [];
  if (apiVersion === '') return kinds;
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return kinds.filter(({ resource }) => resource.group === group);
}

/** Where an element of a list is, in words. */
function elementOf(list: unknown, index: number, place: () => string): string {
  return `${place()}, ${list === undefined || Array.isArray(list) ? '' : 'items'}[${index}]`;
}

/** An object in words, as far as it says what it is called. */
function named(value: unknown, kind: string): string {
  const { name, namespace } = fields(fields(value)['metadata']);
  const names = [text(namespace), text(name)].filter((one) => one !== '').join('/');
  return clip(names === '' ? kind : `${kind} ${names}`, LONGEST_NAME);
}

/** The minor version of a node's kubelet; 0 where it cannot be read. */
function kubeletMinorOf(node: unknown): number {
  return minorOf(text(fields(fields(fields(node)['status'])['nodeInfo'])['kubeletVersion'])) ?? 0;
}

/** @param newestMinor that of the kubelets: an API server of that version may not serve what it takes a newer one for */
function missingWords(kind: SomeKind, newestMinor: number): string {
  const { resource } = kind;
  const isTooOld = newestMinor > 0 && newestMinor < (resource.since ?? 0);
  if (isTooOld) return `There is no ${resource.kind} in the files. ${resource.servedBy} The newest kubelet is of 1.${newestMinor}.`;
  const words = addWords(kind);
  // The core group has always been there.
  return resource.group === '' ? words : `${words} ${resource.servedBy}`;
}

/** @param names of the objects that are missing, where others are there */
function addWords({ resource }: SomeKind, names = ''): string {
  return `There is no ${resource.kind}${names === '' ? '' : ` ${names}`} in the files: add what "${commandFor(resource)}" writes.`;
}
