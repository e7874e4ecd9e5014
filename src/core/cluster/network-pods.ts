import type { PodFacts } from '../kinds/facts.ts';
import type { Tally } from '../store/tally.ts';
import type { AddressUse } from './address-use.ts';
import type { PodHistory } from './pod-history.ts';
import type { KnownNamespaces } from './unknown-requests.ts';

/** What the patterns of pods of one family read of the cluster. */
export interface NetworkPods {
  /** Pods that name the subnet that they are in, by `subnet/families`. */
  readonly subnetTally: Pick<Tally, 'keys' | 'get'>;
  /** Whether some node has podCIDRs of both families. */
  readonly somePodCIDRsAreDual: boolean;
  readonly addressUse: Pick<AddressUse, 'withheld' | 'isWithheldFrom'>;
  /** The names of the Namespaces of which it is known what they request for their pods. */
  readonly knownNamespaces: KnownNamespaces;
  podHistoryOf(nodeName: string): PodHistory;
  /** The pods on a node that are evidence. */
  networkPodsOn(nodeName: string): readonly PodFacts[];
  /** Whether a pod has its address from a node that has podCIDRs of one family only: a new pod there would get no more. */
  hasAllThatItsNodeGives(pod: PodFacts): boolean;
}
