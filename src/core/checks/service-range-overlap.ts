import { familyWords, listOf } from '../net/addresses.ts';
import type { RangeOverlap } from '../cluster/service-ranges.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import type { ClusterCheck, Description, RemediationStep, Violation } from './check.ts';

const MOST_NAMES = 2;

/** rules.md#ranges-are-disjoint, #pod-cidrs-in-use. */
export const serviceRangeOverlap: ClusterCheck = {
  name: 'ServiceRangeOverlap',
  kind: 'Cluster',
  severity: 'Critical',
  description: 'The range of Services overlaps podCIDRs, or pods have addresses in it.',
  rationale:
    'An address can then belong to a Service and to a pod, and it depends on the node which of the two responds ' +
    '(kubernetes/website#30646, k3s-io/k3s#8911, cilium/cilium#31504). The finding is Critical if pods have addresses in the ' +
    'range of Services, or if podCIDRs that the pod network uses overlap it. It is Info if nothing shows that podCIDRs are used, ' +
    'and if the range lies between the podCIDRs: kube-controller-manager then omits it, but kube-proxy with the same ' +
    '--cluster-cidr treats Services as pods and does not masquerade. It is Info too while no Service has an address of the ' +
    'ServiceCIDR: either no Service has one yet, or Services get their addresses from elsewhere, as in a virtual cluster. Pods of ' +
    'nodes that are not there, and of subnets of Kube-OVN that may be in a VPC of their own, do not count. Before Kubernetes ' +
    '1.33, the clusterIPs of Services show the range. Virtual clusters, which show nodes of another cluster, are not evaluated.',
  remediation: 'Give pods or Services another range; both are set when the cluster is created.',
  needs: ['Node', 'Pod', 'Service', 'ServiceCIDR'],
  evaluate,
  describe,
  layer: 'services',
};

function evaluate(view: ClusterView): Violation | undefined {
  const overlaps = view.rangeOverlaps();
  if (overlaps.length === 0) return undefined;
  const worst = overlaps.filter((overlap) => isCritical(overlap, view));
  const shown = worst.length > 0 ? worst : overlaps;
  const found: Violation = { families: listOf(shown.map(({ family }) => family)), due: 0, ignoresExpectedFamilies: true };
  return worst.length > 0 ? found : { ...found, severity: 'Info' };
}

function isCritical(overlap: RangeOverlap, { stack }: ClusterView): boolean {
  const { family, how } = overlap;
  if (isUnused(overlap)) return false;
  if (how === 'pods') return true;
  return how !== 'between' && stack.podCIDRs.used.includes(family) && !stack.podCIDRs.mayCoincide;
}

/** Whether no clusterIP shows that Services get addresses of the range. */
function isUnused(overlap: RangeOverlap): boolean {
  return overlap.how !== 'clusterIPs' && !overlap.inUse;
}

function describe({ families }: Violation, view: ClusterView): Description {
  const overlaps = view.rangeOverlaps().filter(({ family }) => families.includes(family));
  const worst = overlaps.find((overlap) => isCritical(overlap, view)) ?? overlaps[0];
  return {
    message: worst ? `${messageOf(worst)}${isUnused(worst) ? UNUSED : ''}` : serviceRangeOverlap.description.replace(/\.$/, ''),
    remediation: {
      summary: `Give pods or Services another ${familyWords(families)} range, so that no address belongs to both.`,
      steps: [
        {
          description: 'Compare the ranges of Services with the podCIDRs of nodes.',
          command: 'kubectl get servicecidrs; kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs',
          disruption: 'None',
        },
        stepFor(worst),
      ],
    },
  };
}

function stepFor(overlap: RangeOverlap | undefined): RemediationStep {
  if (overlap && isUnused(overlap)) return UNUSED_RANGE;
  return overlap?.how === 'between' ? MASQUERADE : OTHER_RANGE;
}

const UNUSED = ', but no Service has an address of this ServiceCIDR';

const UNUSED_RANGE: RemediationStep = {
  description:
    'Compare the ranges with the clusterIPs of Services too. In a virtual cluster, whose Services get addresses of another cluster, the ServiceCIDR has no effect. Otherwise delete the ServiceCIDR before Services get addresses of it, and add one with another range.',
  disruption: 'None',
};

const OTHER_RANGE: RemediationStep = {
  description:
    "Choose a pod range that does not overlap (--cluster-cidr of kube-controller-manager and kube-proxy, or the CNI plugin's pool). Then register the nodes again one by one, or restart all pods: each pod gets another address. The range of Services cannot be changed while the cluster has Services.",
  disruption: 'RecreatesNode',
};

const MASQUERADE: RemediationStep = {
  description:
    'Make --cluster-cidr of kube-proxy and kube-controller-manager name a range without that of Services in it, with the podCIDRs that nodes have. Both restart; pods keep running.',
  disruption: 'None',
};

function messageOf(overlap: RangeOverlap): string {
  if (overlap.how === 'pods') {
    const { pods, range } = overlap;
    return `${counted(pods, 'pod')} ${pods === 1 ? 'has an address' : 'have addresses'} in the range of Services ${range}`;
  }
  if (overlap.how === 'between')
    return `The range of Services ${overlap.range} lies between the podCIDRs of nodes, so --cluster-cidr has it in it`;
  if (overlap.how === 'podCIDRs') return `The range of Services ${overlap.range} overlaps podCIDRs of ${nodesOf(overlap.nodes)}`;
  const [first, ...others] = overlap.clusterIPs;
  const more = others.length > 0 ? ` and ${counted(others.length, 'more clusterIP lies', 'more clusterIPs lie')} in podCIDRs` : '';
  return `clusterIP ${first?.address} of Service ${first?.service} lies in a podCIDR of node ${first?.node}${more}`;
}

function nodesOf(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES);
  const noun = names.length === 1 ? 'node' : 'nodes';
  return more > 0 ? `${noun} ${shown.join(', ')} and ${more} more` : `${noun} ${shown.join(' and ')}`;
}
