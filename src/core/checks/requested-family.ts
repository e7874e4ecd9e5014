import type { PodFacts } from '../kinds/facts.ts';
import { familyWords, NO_FAMILY } from '../net/addresses.ts';
import type { ClusterView } from '../cluster/view.ts';
import { firstOf } from '../words.ts';
import type { RemediationStep } from './check.ts';

/** So many namespaces are named. */
const MOST_NAMED = 3;

/**
 * What requests one family for all of some pods: `an annotation of namespace shop requests IPv4 only`; undefined where that is not so of
 * each, as a new pod may then get both.
 */
export function requestForOneFamily(pods: readonly PodFacts[], view: ClusterView): string | undefined {
  const [first] = pods;
  if (!first || !pods.every((pod) => view.isOnPurpose(pod) && pod.families === first.families)) return undefined;
  const own = pods.filter(({ declaredFamilies }) => declaredFamilies !== NO_FAMILY).length;
  const whose = own === 0 ? `an annotation of namespace ${first.namespace} requests` : 'their annotations request';
  return `${whose} ${familyWords(first.families)} only`;
}

/** What to look at where it is not known whether Namespaces request one family for their pods. */
export function lookAtNamespaces(namespaces: readonly string[], whyNotKnown: string): readonly RemediationStep[] {
  return [
    {
      description: `Evaluate the cluster with its Namespaces. They are not known: ${whyNotKnown}`,
      disruption: 'None',
    },
    {
      description: `Or look at the annotations of ${firstOf(namespaces, MOST_NAMED)} yourself. If one requests one family (cni.projectcalico.org/ipFamilies, ipam.antrea.io/ippools), these pods have what they are to have, and a restart changes nothing.`,
      command: `kubectl get namespaces ${namespaces.slice(0, MOST_NAMED).join(' ')} --output yaml`,
      disruption: 'None',
    },
  ];
}
