import { IPV6 } from '../net/addresses.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type ClusterCheck, type Description, type RemediationStep, type Violation } from './check.ts';
import { setsNoFlags } from './platform-fixes.ts';

/** rules.md#order-of-pod-addresses, #service-cidr-is-evidence. */
export const clusterFamilyOrder: ClusterCheck = {
  name: 'ClusterFamilyOrder',
  kind: 'Cluster',
  severity: 'Info',
  description: 'Nodes and pods have IPv6 first, and Services have IPv4 first.',
  rationale:
    'A Service without ipFamilies gets the primary family of Services, and software that reads only the first address of a pod or ' +
    'node gets the other one (k3s-io/k3s#6063, k3s-io/k3s#8503, k0sproject/k0s#7294). This alone breaks nothing. The finding ' +
    'needs nodes, pods and Services of both families. IPv4 first on nodes is the default, so it is not evidence of an order that ' +
    'somebody chose.',
  remediation: "Give --node-ip of the kubelets, and the API server's --service-cluster-ip-range of a new cluster, the same order.",
  needs: ['Node', 'Pod', 'Service', 'ServiceCIDR'],
  evaluate,
  describe,
  layer: 'nodes',
};

function evaluate({ stack, podPrimary }: ClusterView): Violation | undefined {
  const { nodes, services } = stack;
  if (nodes.families !== 'DualStack' || services.families !== 'DualStack') return undefined;
  return nodes.primary === 'IPv6' && podPrimary === 'IPv6' && services.primary === 'IPv4' ? violation(IPV6) : undefined;
}

function describe(_violation: Violation, view: ClusterView): Description {
  return {
    message: 'Most nodes and pods have IPv6 first, and Services have IPv4 first',
    remediation: {
      summary: 'Give nodes the order of Services, where software relies on the first address.',
      steps: [setsNoFlags(view) ? orderAtPlatform(view) : ORDER_OF_FLAGS],
    },
  };
}

const ORDER_OF_FLAGS: RemediationStep = {
  description:
    'Give the kubelets --node-ip with an address of each family in the order of Services, and restart them. New pods get that order; restart pods that need it. The order of Services cannot be changed while there are Services.',
  disruption: 'None',
};

function orderAtPlatform({ platform }: ClusterView): RemediationStep {
  return {
    description: `Have the software look for the address of the family that it needs: ${platform.name} sets up kubelets, and with them the order of the addresses of nodes and pods. The order of Services cannot be changed while there are Services.`,
    disruption: 'None',
  };
}
