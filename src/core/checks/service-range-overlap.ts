import { familyWords, listOf, type FamilyList } from '../net/addresses.ts';
import type { RangeOverlap } from '../cluster/service-ranges.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import type { ClusterCheck, Description, RemediationStep, Severity, Violation } from './check.ts';
import { setsNoFlags } from './platform-fixes.ts';
import { namesOf } from './remedies.ts';
import { removeServiceCIDR } from './remove-service-cidr.ts';

/** rules.md#ranges-are-disjoint, #pod-cidrs-in-use. */
export const serviceRangeOverlap: ClusterCheck = {
  name: 'ServiceRangeOverlap',
  kind: 'Cluster',
  severity: 'Critical',
  description: 'A range of Services overlaps podCIDRs, or pods or nodes have addresses in it.',
  rationale:
    'An address can then belong to a Service and to a pod, and it depends on the node which of the two responds ' +
    '(kubernetes/website#30646, k3s-io/k3s#8911, cilium/cilium#31504). The finding is Critical if pods have addresses in the ' +
    'range of Services, or if podCIDRs that the pod network uses overlap it. It is Info if nothing shows that podCIDRs are used, ' +
    'and if the range lies between the podCIDRs: kube-controller-manager then omits it, but kube-proxy with the same ' +
    '--cluster-cidr treats Services as pods and does not masquerade. It is Info too while no Service has an address of the ' +
    'ServiceCIDR: either no Service has one yet, or Services get their addresses from elsewhere, as in a virtual cluster. Nodes with ' +
    'addresses in a ServiceCIDR that was added are a Warning as soon as a Service has an address of it: one of the two can hide the ' +
    'other. ServiceCIDRs may overlap each other (`pkg/registry/core/service/ipallocator`). Pods of ' +
    'nodes that are not there, and of subnets of Kube-OVN that may be in a VPC of their own, do not count. Before Kubernetes ' +
    '1.33, the clusterIPs of Services show the range. Virtual clusters, which show nodes of another cluster, are not evaluated.',
  remediation:
    'Remove a ServiceCIDR that was added and overlaps. Otherwise give pods or Services another range; both are set when the cluster is ' +
    'created.',
  needs: ['Node', 'Pod', 'Service', 'ServiceCIDR'],
  evaluate,
  describe,
  layer: 'services',
};

function evaluate(view: ClusterView): Violation | undefined {
  const overlaps = view.rangeOverlaps();
  const severity = SEVERITIES.find((one) => overlaps.some((overlap) => severityOf(overlap, view) === one));
  if (!severity) return undefined;
  const shown = overlaps.filter((overlap) => severityOf(overlap, view) === severity);
  const found: Violation = { families: listOf(shown.map(({ family }) => family)), due: 0, ignoresExpectedFamilies: true };
  return severity === serviceRangeOverlap.severity ? found : { ...found, severity };
}

/** The worst first. */
const SEVERITIES: readonly Severity[] = ['Critical', 'Warning', 'Info'];

function severityOf(overlap: RangeOverlap, { stack }: ClusterView): Severity {
  const { family, how } = overlap;
  if (isUnused(overlap) || how === 'between') return 'Info';
  if (how === 'pods') return 'Critical';
  if (how === 'nodes') return 'Warning';
  return stack.podCIDRs.used.includes(family) && !stack.podCIDRs.mayCoincide ? 'Critical' : 'Info';
}

/** Whether no clusterIP shows that Services get addresses of the range. */
function isUnused(overlap: RangeOverlap): boolean {
  return overlap.how !== 'clusterIPs' && overlap.users.length === 0;
}

/** The worst overlap of these families, the first of those that are alike. */
function worstOf(families: FamilyList, view: ClusterView): RangeOverlap | undefined {
  const overlaps = view.rangeOverlaps().filter(({ family }) => families.includes(family));
  const [first] = SEVERITIES.flatMap((severity) => overlaps.filter((overlap) => severityOf(overlap, view) === severity));
  return first;
}

function describe({ families }: Violation, view: ClusterView): Description {
  const worst = worstOf(families, view);
  const added = worst && addedOf(worst);
  return {
    message: worst ? `${messageOf(worst)}${isUnused(worst) ? UNUSED : ''}` : serviceRangeOverlap.description.replace(/\.$/, ''),
    remediation: {
      summary:
        added === undefined
          ? `Give pods or Services another ${familyWords(families)} range, so that no address belongs to both.`
          : `Remove ServiceCIDR ${added}, which was added to the ranges of the API server, so that no address belongs to both.`,
      steps: [
        {
          description: 'Compare the ranges of Services with the podCIDRs and addresses of nodes.',
          command:
            'kubectl get servicecidrs; kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs,ADDRESSES:.status.addresses[*].address',
          disruption: 'None',
        },
        ...stepsFor(worst, view),
      ],
    },
  };
}

/** The ServiceCIDR that an overlap is of, where it was added and so can go. */
function addedOf(overlap: RangeOverlap): string | undefined {
  return overlap.how === 'clusterIPs' ? undefined : overlap.added;
}

function stepsFor(overlap: RangeOverlap | undefined, view: ClusterView): readonly RemediationStep[] {
  const added = overlap && addedOf(overlap);
  if (overlap && overlap.how !== 'clusterIPs' && added !== undefined) return removeServiceCIDR(added, overlap.users);
  if (overlap && isUnused(overlap)) return [UNUSED_RANGE];
  if (setsNoFlags(view)) return [rangesAtPlatform(view)];
  return [overlap?.how === 'between' ? MASQUERADE : OTHER_RANGE];
}

const UNUSED = ', but no Service has an address of this ServiceCIDR';

const UNUSED_RANGE: RemediationStep = {
  description:
    'Compare the ranges with the clusterIPs of Services too. In a virtual cluster, whose Services get addresses of another cluster, the ServiceCIDR has no effect. Otherwise compare it with --service-cluster-ip-range of the API server, which made ServiceCIDR kubernetes of that when it started for the first time.',
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

/** Where the platform sets the ranges. */
function rangesAtPlatform({ platform }: ClusterView): RemediationStep {
  return {
    description: `Choose ranges that do not overlap where ${platform.name === 'Unknown' ? 'the provider' : platform.name} sets them: mostly that is possible only when a cluster is created. If you installed the CNI plugin yourself, give its pool another range instead, and restart all pods: each pod gets another address.`,
    disruption: 'RestartsPods',
  };
}

function messageOf(overlap: RangeOverlap): string {
  if (overlap.how === 'clusterIPs') {
    const [first, ...others] = overlap.clusterIPs;
    const more = others.length > 0 ? ` and ${counted(others.length, 'more clusterIP lies', 'more clusterIPs lie')} in podCIDRs` : '';
    return `clusterIP ${first?.address} of Service ${first?.service} lies in a podCIDR of node ${first?.node}${more}`;
  }
  const { added } = overlap;
  const name = added === undefined ? `range of Services ${overlap.range}` : `range ${overlap.range} of ServiceCIDR ${added}`;
  if (overlap.how === 'pods') return `${counted(overlap.pods, 'pod')} ${haveAddresses(overlap.pods)} in the ${name}`;
  if (overlap.how === 'between') return `The ${name} lies between the podCIDRs of nodes, so --cluster-cidr has it in it`;
  if (overlap.how === 'podCIDRs') return `The ${name} overlaps podCIDRs of ${namesOf('node', overlap.nodes)}`;
  return `${namesOf('Node', overlap.nodes)} ${haveAddresses(overlap.nodes.length)} in the ${name}`;
}

function haveAddresses(count: number): string {
  return count === 1 ? 'has an address' : 'have addresses';
}
