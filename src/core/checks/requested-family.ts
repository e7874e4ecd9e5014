import type { PodFacts } from '../kinds/facts.ts';
import { familyWords, NO_FAMILY } from '../net/addresses.ts';
import type { ClusterView } from '../cluster/view.ts';

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
