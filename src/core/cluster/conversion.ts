import { listOf, NO_FAMILY, overlap, type Family, type FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import type { ClusterStore } from './cluster-store.ts';

/** What else is known of the cluster. */
interface Known {
  /** Whether pods get their addresses from podCIDRs, so that those decide and not the addresses of nodes. */
  readonly podCIDRsInUse: boolean;
  /** The families that node addresses should have. */
  readonly wanted: FamilyList;
  /** The families that Services have; undefined where that is not known. */
  readonly promised: FamilyList | undefined;
}

/**
 * A cluster in which some nodes and their pods have got a family and others have not, as AKS and OpenShift convert theirs: node by node. Without
 * podCIDRs, the addresses of a node say whether it is converted.
 */
export class Conversion {
  /** The families that nodes without an address of it do not give their pods. */
  readonly withheld: FamilyList;
  /** Those of them that a node with an address does not give its pods either, by a fault of its own. */
  readonly besideFault: FamilyList;
  /** Whether something shows that the others are still to come: pods from before, machines that are being changed, or Services without the family. */
  readonly isUnderWay: boolean;
  /** Whether the platform is changing machines while nodes have no address of a family. */
  readonly isRollingOut: boolean;

  constructor(store: ClusterStore, { podCIDRsInUse, wanted, promised }: Known) {
    const wantedOf = (families: FamilyList): FamilyList => listOf(families.filter((family) => wanted.includes(family)));
    this.withheld = podCIDRsInUse ? NO_FAMILY : wantedOf(store.addressUse.withheld);
    this.besideFault = podCIDRsInUse ? NO_FAMILY : wantedOf(store.addressUse.withheldBesideFault);
    this.isRollingOut = store.addressUse.areMachinesChanging && wantedOf(store.addressUse.absent) !== NO_FAMILY;
    const isUnpromised = promised !== undefined && !overlap(this.withheld, promised);
    const isFromBefore = isUnpromised || store.podPatterns.hasAwaiting;
    this.isUnderWay = this.isRollingOut || (this.withheld !== NO_FAMILY && isFromBefore);
  }

  /** Changes when something changes that verdicts depend on. */
  get fingerprint(): readonly unknown[] {
    return [this.withheld, this.besideFault, this.isUnderWay, this.isRollingOut];
  }

  /** Whether a node without these families is one of those that are left, or lacks them for the same reason as others do. */
  isLeft(families: FamilyList): boolean {
    return this.isRollingOut || overlap(families, this.withheld);
  }

  /**
   * Whether the pods on a node lack a family because the node is still to be converted, or has no address of it where pods on another node lack the family
   * for another reason.
   */
  isAwaitedOn({ addressFamilies }: NodeFacts, family: Family): boolean {
    const families = this.isUnderWay ? this.withheld : this.besideFault;
    return families.includes(family) && !addressFamilies.includes(family);
  }
}
