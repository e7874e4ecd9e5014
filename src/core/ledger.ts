import { isDual, NO_FAMILY, overlap, type FamilyLabel, type FamilyList } from './addresses.ts';
import { causeOfEndpoints, causeOfLayer, mostFrequent } from './causes.ts';
import type { Check, Description, NodeCheck, PodCheck, ServiceCheck, Severity, Share, Verdict } from './checks/check.ts';
import { clusterStackInconsistent } from './checks/cluster-stack-inconsistent.ts';
import { CLUSTER_CHECKS, NODE_CHECKS, POD_CHECKS, SERVICE_CHECKS } from './checks/index.ts';
import { describeFinding } from './describe.ts';
import type { DueQueue } from './due.ts';
import { keyOf, type Facts, type FactsKind, type NodeFacts, type PodFacts, type ServiceFacts } from './facts.ts';
import { CLUSTER, findingId, type Finding, type FindingId, type ObjectRef } from './finding.ts';
import type { Dirt, Inventory } from './inventory.ts';
import { nodeLeftOut } from './judged.ts';
import { NodeJudgements, sameJudgements, type Judgement, type NodeVerdicts } from './rollups.ts';
import { newShelf, type Shelf } from './shelf.ts';
import { addTo, removeFrom, setAt, Tally } from './tally.ts';
import { ClusterView, expectedOf, type Grace } from './view.ts';

/** A check, as far as it is asked for a verdict on facts of one kind. */
interface Answering<F> {
  readonly needs: readonly FactsKind[];
  readonly evaluate: (facts: F, view: ClusterView) => Verdict | undefined;
}

/** After so many objects an evaluation lets others run. */
const OBJECTS_PER_STEP = 200;

const KINDS: readonly FactsKind[] = ['Node', 'Pod', 'Service', 'EndpointSlice', 'ServiceCIDR', 'Namespace'];

const NO_SHARE: Share = { nodes: 0, of: 0 };

const SHELVES: readonly (keyof Dirt)[] = ['nodes', 'pods', 'services'];

const NOTHING: readonly never[] = [];

const CHECKS_OF_OBJECTS: readonly Check[] = [...NODE_CHECKS, ...POD_CHECKS, ...SERVICE_CHECKS];

/**
 * The verdicts on the cluster for one list of expected families, kept up to date as facts change. After any changes they
 * equal those of a new ledger on the same inventory at the same time.
 */
export class Ledger {
  readonly expected: FamilyList;
  /** Ready targets of dual-stack Services with a selector, by `namespace/families`. */
  readonly endpointTally = new Tally();
  readonly #inventory: Inventory;
  readonly #grace: Grace;
  readonly #shelves: Readonly<Record<keyof Dirt, Shelf>> = { nodes: newShelf(), pods: newShelf(), services: newShelf() };
  #ofCluster: readonly FindingId[] = [];
  /** The checks on objects that can be answered now. */
  #answerable: ReadonlySet<Check> = new Set();
  readonly #nodes = new NodeJudgements();
  readonly #nodeProfiles = new Map<string, string>();
  readonly #podJudgements = new Map<string, readonly Judgement<PodCheck>[]>();
  readonly #endpoints = new Map<string, readonly (readonly [string, number])[]>();
  readonly #findings = new Map<FindingId, Finding>();
  readonly #effects = new Map<FindingId, Set<FindingId>>();
  #view: ClusterView;
  #fingerprint = '';
  #version = 0;
  #evaluated = 0;

  constructor(inventory: Inventory, expected: FamilyList, grace: Grace) {
    this.#inventory = inventory;
    this.expected = expected;
    this.#grace = grace;
    this.#view = new ClusterView(inventory, expected, grace, 0);
  }

  /** The findings as of the last completed evaluation. */
  get findings(): ReadonlyMap<FindingId, Finding> {
    return this.#findings;
  }

  /** The cluster as of the last completed evaluation. */
  get view(): ClusterView {
    return this.#view;
  }

  /** Rises with each evaluation. */
  get version(): number {
    return this.#version;
  }

  /** How many objects have been evaluated since the start. */
  get evaluated(): number {
    return this.#evaluated;
  }

  /** When the next finding falls due though nothing changes, in milliseconds since the epoch. */
  get nextDue(): number | undefined {
    const next = Math.min(...SHELVES.map((kind) => this.#shelves[kind].due.next ?? Infinity));
    return next === Infinity ? undefined : next;
  }

  /** Whether an evaluation at this time, in milliseconds since the epoch, may find something else though nothing changed. */
  isDueAt(now: number): boolean {
    return (this.nextDue ?? Infinity) <= now || this.#view.isAheadOf(now);
  }

  /** The findings that a finding explains. */
  effectsOf(id: FindingId): ReadonlySet<FindingId> {
    return setAt(this.#effects, id);
  }

  /** The nodes on which a check found something, rolled up or not. */
  *nodesFoundBy(check: NodeCheck): Generator<{ readonly name: string; readonly families: FamilyList; readonly severity: Severity }> {
    for (const name of this.#nodes.names()) {
      const found = this.#nodes.of(name).find((judgement) => judgement.check === check);
      if (found) yield { name, families: found.verdict.families, severity: found.verdict.severity ?? check.severity };
    }
  }

  /** The names of the nodes that a finding on the cluster stands for. */
  nodesBehind(finding: Finding): readonly string[] {
    if (finding.object.kind !== 'Cluster' || finding.check.kind !== 'Node') return [];
    return this.#nodes.nodesWith(finding.check, finding.families);
  }

  #shareOf({ object, check, families }: Finding): Share {
    if (object.kind !== 'Cluster' || check.kind !== 'Node') return NO_SHARE;
    return this.#nodes.shareWith(check, families);
  }

  /**
   * Evaluates what is dirty, what has fallen due and what depends on it. Yields now and then: until the generator is done the
   * ledger must not be read and the inventory not be changed.
   * @param now milliseconds since the epoch
   */
  *evaluate(dirt: Dirt, now: number): Generator<void, void> {
    const dirty: Dirt = { nodes: new Set(dirt.nodes), pods: new Set(dirt.pods), services: new Set(dirt.services) };
    const wasAhead = this.#view.isAheadOf(now);
    this.#view = new ClusterView(this.#inventory, this.expected, this.#grace, now);
    this.#answerable = new Set(CHECKS_OF_OBJECTS.filter(({ needs }) => this.#isAnswerable(needs)));
    this.#addDue(dirty, now);
    const { nodes, pods, services } = this.#inventory;
    const all = this.#clusterChanged() || wasAhead;
    yield* this.#inSteps(all ? allOf(nodes, dirty.nodes) : dirty.nodes, (name) => {
      this.#evaluateNode(name, dirty);
    });
    this.#rollUp(dirty);
    yield* this.#inSteps(all ? allOf(pods, dirty.pods) : dirty.pods, (uid) => {
      this.#evaluatePod(uid, dirty);
    });
    yield* this.#inSteps(all ? allOf(services, dirty.services) : dirty.services, (key) => {
      this.#evaluateService(key);
    });
    this.#version += 1;
  }

  *#inSteps(keys: Iterable<string>, evaluate: (key: string) => void): Generator<void, void> {
    let count = 0;
    for (const key of keys) {
      evaluate(key);
      this.#evaluated += 1;
      count += 1;
      if (count % OBJECTS_PER_STEP === 0) yield;
    }
  }

  #addDue(dirty: Dirt, now: number): void {
    for (const kind of SHELVES) for (const key of this.#shelves[kind].due.take(now)) dirty[kind].add(key);
  }

  /** Whether something cluster-wide changed that all verdicts depend on. */
  #clusterChanged(): boolean {
    const availability = KINDS.map((kind) => this.#inventory.availability(kind));
    const fingerprint = `${this.#view.fingerprint}${JSON.stringify(availability)}`;
    if (fingerprint === this.#fingerprint) return false;
    this.#fingerprint = fingerprint;
    return true;
  }

  #evaluateNode(name: string, dirty: Dirt): void {
    const node = this.#inventory.nodes.get(name);
    const leftOut = !node || nodeLeftOut(node) !== undefined;
    const profile = node ? this.#profileOf(name) : '';
    if (profile !== (this.#nodeProfiles.get(name) ?? '')) for (const pod of this.#inventory.podsOn(name)) dirty.pods.add(pod.uid);
    if (node) this.#nodeProfiles.set(name, profile);
    else this.#nodeProfiles.delete(name);
    if (leftOut) this.#shelves.nodes.due.cancel(name);
    if (this.#nodes.set(name, leftOut ? undefined : this.#nodeVerdicts(node))) this.#refreshNode(name, dirty);
  }

  #nodeVerdicts(node: NodeFacts): NodeVerdicts {
    const waiting: Judgement<NodeCheck>[] = [];
    const found = this.#judge(NODE_CHECKS, node, this.#shelves.nodes.due, node.name, waiting);
    return { found, waiting, windows: node.windows };
  }

  /** What the verdicts on a node's pods depend on. */
  #profileOf(name: string): string {
    const node = this.#inventory.nodes.get(name);
    if (!node) return '';
    const { having } = this.#view.podsOn(node);
    return [
      this.#view.familiesGivenBy(node)?.join() ?? '?',
      having.IPv4 > 0,
      having.IPv6 > 0,
      node.addressFamilies.join(),
      nodeLeftOut(node),
    ].join('/');
  }

  #refreshNode(name: string, dirty: Dirt): void {
    const object: ObjectRef = { kind: 'Node', namespace: '', name };
    const findings = this.#nodes
      .of(name)
      .map((judgement) => ({ judgement, families: this.#nodes.ownFamilies(judgement) }))
      .filter(({ families }) => families.length > 0)
      .map(({ judgement: { check, verdict }, families }) => findingOf(check, object, name, families, verdict.severity));
    this.#setFindings('nodes', name, findings);
    for (const pod of this.#inventory.podsOn(name)) this.#addServicesOf(pod, dirty);
  }

  #rollUp(dirty: Dirt): void {
    if (this.#nodes.update()) for (const name of this.#nodes.names()) this.#refreshNode(name, dirty);
    const findings = NODE_CHECKS.map((check) => ({ check, families: this.#nodes.rolledUp(check) }))
      .filter(({ families }) => families.length > 0)
      .map(({ check, families }) => findingOf(check, CLUSTER, CLUSTER.name, families, check.rollUp?.severity));
    this.#ofCluster = this.#exchange(this.#ofCluster, [...this.#clusterFindings(findings), ...findings]);
  }

  #clusterFindings(ofNodes: readonly Finding[]): Finding[] {
    return CLUSTER_CHECKS.flatMap((check) => {
      const verdict = this.#isAnswerable(check.needs) ? check.evaluate(this.#view) : undefined;
      const families = verdict ? expectedOf(verdict.families, this.expected) : [];
      if (families.length === 0) return [];
      const causedBy = causeOfLayer(families, ofNodes) ?? this.#nodeBehindAllPods(families);
      return [findingOf(check, CLUSTER, CLUSTER.name, families, verdict?.severity, causedBy)];
    });
  }

  /** Where all pods of the pod network are on nodes that keep a family from them: of these nodes the one with the most pods. */
  #nodeBehindAllPods(families: FamilyList): FindingId | undefined {
    const pods = new Tally();
    for (const name of this.#nodes.names()) {
      const found = this.#nodes
        .of(name)
        .find(({ check, verdict }) => check.explains === 'podNetwork' && overlap(verdict.families, families));
      if (found) pods.add(findingId(found.check, 'Node', name), this.#inventory.podNetworkOf(name).total);
    }
    return pods.total > 0 && pods.total === this.#inventory.podFamilies.total ? mostFrequent(pods) : undefined;
  }

  #evaluatePod(uid: string, dirty: Dirt): void {
    const pod = this.#inventory.pods.get(uid);
    const known = this.#podJudgements.get(uid) ?? NOTHING;
    const judgements = pod ? this.#judge(POD_CHECKS, pod, this.#shelves.pods.due, uid) : NOTHING;
    if (!pod) this.#shelves.pods.due.cancel(uid);
    if (known.length + judgements.length === 0) return;
    // In a dump one uid may be of two pods, one after the other: the same verdict is then on another object.
    this.#setFindings('pods', uid, pod ? judgements.map((judgement) => podFinding(judgement, pod)) : []);
    if (sameJudgements(known, judgements)) return;
    if (judgements.length > 0) this.#podJudgements.set(uid, judgements);
    else this.#podJudgements.delete(uid);
    if (pod) this.#addServicesOf(pod, dirty);
  }

  #addServicesOf(pod: PodFacts, dirty: Dirt): void {
    for (const service of this.#inventory.workloads.servicesOf(pod)) dirty.services.add(keyOf(service));
  }

  #evaluateService(key: string): void {
    const service = this.#inventory.services.get(key);
    this.#countEndpoints(key, service);
    if (!service) this.#shelves.services.due.cancel(key);
    const judgements = service ? this.#judge(SERVICE_CHECKS, service, this.#shelves.services.due, key) : [];
    this.#setFindings(
      'services',
      key,
      judgements.map((judgement) => this.#serviceFinding(judgement, service)),
    );
  }

  #serviceFinding({ check, verdict }: Judgement<ServiceCheck>, service: ServiceFacts | undefined): Finding {
    const object: ObjectRef = { kind: 'Service', namespace: service?.namespace ?? '', name: service?.name ?? '' };
    const aboutPods = check.needs.includes('Pod');
    const causedBy =
      service && aboutPods
        ? causeOfEndpoints(service, verdict.families, this.#view, (pod, families) => this.#causeOfPod(pod, families))
        : undefined;
    return findingOf(check, object, service ? keyOf(service) : '', verdict.families, verdict.severity, causedBy);
  }

  #causeOfPod(pod: PodFacts, families: FamilyList): FindingId | undefined {
    const overlaps = (those: FamilyList): boolean => overlap(those, families);
    const own = this.#podJudgements.get(pod.uid)?.find(({ verdict }) => overlaps(verdict.families));
    if (own) return findingId(own.check, 'Pod', pod.uid);
    const network = pod.hostNetwork ? 'hostNetwork' : 'podNetwork';
    const ofNode = this.#nodes.of(pod.nodeName).find(({ check, verdict }) => check.explains === network && overlaps(verdict.families));
    if (!ofNode) return pod.hostNetwork ? undefined : this.#causeInCluster(families);
    const onNode = overlaps(this.#nodes.ownFamilies(ofNode));
    return onNode ? findingId(ofNode.check, 'Node', pod.nodeName) : findingId(ofNode.check, 'Cluster', CLUSTER.name);
  }

  /** A pod network without the family is nobody's fault in particular. */
  #causeInCluster(families: FamilyList): FindingId | undefined {
    const id = findingId(clusterStackInconsistent, 'Cluster', CLUSTER.name);
    return overlap(this.#findings.get(id)?.families ?? NO_FAMILY, families) ? id : undefined;
  }

  /** The verdicts that count now; the object is scheduled for when the next of the others does, and these are added to `waiting`. */
  #judge<F, C extends Check & Answering<F>>(
    checks: readonly C[],
    facts: F,
    due: DueQueue<string>,
    key: string,
    waiting: Judgement<C>[] = [],
  ): Judgement<C>[] {
    const judgements: Judgement<C>[] = [];
    let next = Infinity;
    for (const check of checks) {
      const verdict = this.#answerable.has(check) ? check.evaluate(facts, this.#view) : undefined;
      const families = verdict && (verdict.whateverExpected ? verdict.families : expectedOf(verdict.families, this.expected));
      if (!verdict || !families?.length) continue;
      const later = verdict.due > this.#view.now;
      if (later) next = Math.min(next, verdict.due);
      (later ? waiting : judgements).push({ check, verdict: { ...verdict, families } });
    }
    if (next < Infinity) due.schedule(key, next);
    else due.cancel(key);
    return judgements;
  }

  /** Without ServiceCIDRs the stack is told otherwise (C2); every other kind has to be known. */
  #isAnswerable(needs: readonly FactsKind[]): boolean {
    return needs.every((kind) => {
      const availability = this.#inventory.availability(kind);
      return availability === 'Synced' || (kind === 'ServiceCIDR' && availability !== 'Pending');
    });
  }

  #countEndpoints(key: string, service: ServiceFacts | undefined): void {
    for (const [label, count] of this.#endpoints.get(key) ?? []) this.endpointTally.add(label, -count);
    this.#endpoints.delete(key);
    if (!service || service.deleting || service.selector.length === 0 || !isDual(service.ipFamilies)) return;
    const ipv4 = this.#view.readyTargets(service, 'IPv4');
    const ipv6 = this.#view.readyTargets(service, 'IPv6');
    const both = ipv4.intersection(ipv6).size;
    const counts: readonly (readonly [FamilyLabel, number])[] = [
      ['dual', both],
      ['ipv4', ipv4.size - both],
      ['ipv6', ipv6.size - both],
    ];
    const labelled = counts.filter(([, count]) => count > 0).map(([label, count]) => [`${service.namespace}/${label}`, count] as const);
    for (const [label, count] of labelled) this.endpointTally.add(label, count);
    if (labelled.length > 0) this.#endpoints.set(key, labelled);
  }

  #setFindings(kind: keyof Dirt, key: string, findings: readonly Finding[]): void {
    const { findings: shelf } = this.#shelves[kind];
    const ids = this.#exchange(shelf.get(key) ?? NOTHING, findings);
    if (ids.length > 0) shelf.set(key, ids);
    else shelf.delete(key);
  }

  /** Puts findings in the place of others, and returns their ids. */
  #exchange(known: readonly FindingId[], findings: readonly Finding[]): readonly FindingId[] {
    for (const id of known) this.#drop(id);
    for (const finding of findings) this.#put(finding);
    return findings.map(({ id }) => id);
  }

  #put(finding: Finding): void {
    this.#findings.set(finding.id, finding);
    if (finding.causedBy) addTo(this.#effects, finding.causedBy, finding.id);
  }

  #drop(id: FindingId): void {
    const finding = this.#findings.get(id);
    this.#findings.delete(id);
    if (finding?.causedBy) removeFrom(this.#effects, finding.causedBy, id);
  }

  /** A finding in words, from the facts as they are now. */
  describe(finding: Finding): Description {
    return describeFinding(finding, this.#inventory, this.#view, this.#shareOf(finding));
  }
}

/** The keys of all objects there are, and those of the dirty ones that are gone. */
function* allOf(objects: ReadonlyMap<string, Facts>, dirty: ReadonlySet<string>): Generator<string> {
  yield* objects.keys();
  for (const key of dirty) if (!objects.has(key)) yield key;
}

function podFinding({ check, verdict }: Judgement<PodCheck>, { uid, namespace, name }: PodFacts): Finding {
  return findingOf(check, { kind: 'Pod', namespace, name }, uid, verdict.families, verdict.severity);
}

function findingOf(
  check: Check,
  object: ObjectRef,
  key: string,
  families: FamilyList,
  severity: Severity = check.severity,
  causedBy?: FindingId,
): Finding {
  return { id: findingId(check, object.kind, key), check, object, key, families, severity, causedBy };
}
