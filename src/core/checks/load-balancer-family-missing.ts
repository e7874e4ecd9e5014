import { familiesOfAddresses, joinWithOr, familyWords, missingFrom, overlap, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NODE_ADDRESSES } from '../cluster/reach.ts';
import { isHalfBalancer } from '../cluster/service-addresses.ts';
import type { NodeFacts, ServiceFacts } from '../kinds/facts.ts';
import { IN_SPEC } from '../kinds/service-balancer.ts';
import { missingAddresses } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type Remediation, type RemediationStep, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#load-balancer-addresses. */
export const loadBalancerFamilyMissing: ServiceCheck = {
  name: 'LoadBalancerFamilyMissing',
  kind: 'Service',
  severity: 'Warning',
  description: "The load balancer of a dual-stack Service has no address of one of the Service's families.",
  rationale:
    'Clients outside the cluster can reach the Service by one family only (kubernetes/cloud-provider-aws#243, ' +
    'metallb/metallb#2482). A provider may omit the second family, so the finding is Info if the Service only prefers both. A load ' +
    'balancer with a hostname may have any address behind it, so it is not evaluated. A load balancer that publishes the addresses of ' +
    'nodes, like ServiceLB of k3s, has no family that no node has an address of.',
  remediation:
    'Configure the load balancer implementation for both families (an annotation, or an address pool of the family), and read the ' +
    'Events of the Service.',
  needs: ['Service'],
  evaluate,
  describe,
  // One that publishes addresses of nodes gets others with theirs.
  causedThrough: {
    kind: 'Node',
    objects: (service, view) => (awaitsNodes(service, missingFrom(service.ingressFamilies, service.ipFamilies), view) ? view.nodes() : []),
    missing: ({ addressFamilies }: NodeFacts, families) => missingFrom(addressFamilies, families),
    explaining: PODS_OF_NODE_ADDRESSES,
    explained: (store) => store.servicesByNodeAddresses,
    counts: () => true,
  },
};

/** Whether a load balancer has addresses of nodes alone, and lacks families of which no node has an address. */
function awaitsNodes({ nodeLoadBalancer, ingressAddresses }: ServiceFacts, families: FamilyList, view: ClusterView): boolean {
  if (nodeLoadBalancer !== '' && nodeLoadBalancer !== 'ServiceLB') return false;
  const isOfNodes = ingressAddresses.length > 0 && ingressAddresses.every((address) => view.isNodeAddress(address));
  return isOfNodes && !overlap(view.nodeAddressFamilies, families);
}

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  // One without any address is LoadBalancerPending.
  if (!isHalfBalancer(service)) return undefined;
  const severity = service.policy === 'PreferDualStack' ? 'Info' : undefined;
  return violation(missingFrom(service.ingressFamilies, service.ipFamilies), service.changedAt + view.grace.loadBalancer, severity);
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const isOfNodes = awaitsNodes(service, families, view);
  const has = `it has ${isOfNodes ? 'addresses of nodes, which are ' : ''}${familyWords(service.ingressFamilies)} only`;
  return {
    message: `The load balancer of Service ${service.namespace}/${service.name} has no ${joinWithOr(families)} address: ${has}`,
    remediation: isOfNodes
      ? {
          summary: `Give the nodes ${familyWords(families)} addresses: the load balancer publishes those of nodes.`,
          steps: [readEvents(service)],
        }
      : remediationOf(service, families),
  };
}

function remediationOf(service: ServiceFacts, families: FamilyList): Remediation {
  const requested = familiesOfAddresses(service.requestedAddresses);
  const { requestPlace } = service;
  // The field takes one address, and says nothing of the other family.
  if (requested.length > 0 && requestPlace !== IN_SPEC && missingFrom(requested, families).length > 0) {
    return {
      summary: `Request ${missingAddresses(families)} too: annotation ${requestPlace} requests ${familyWords(requested)} only.`,
      steps: [readEvents(service), configure(`Add ${missingAddresses(families)} of a pool to annotation ${requestPlace}.`, families)],
    };
  }
  const words = familyWords(families);
  return {
    summary: `Make the load balancer's implementation give it ${missingAddresses(families)}.`,
    steps: [
      readEvents(service),
      configure(
        `Configure the implementation for ${words}: an annotation of the Service, an address pool of the family, or dual-stack subnets. Some implementations make a new load balancer then.`,
        families,
      ),
    ],
  };
}

function readEvents({ namespace, name }: ServiceFacts): RemediationStep {
  return {
    description: "Read the Service's annotations and Events: the implementation may say there why it gives no such address.",
    command: `kubectl describe service ${name} --namespace ${namespace}`,
    disruption: 'None',
  };
}

function configure(description: string, families: FamilyList): RemediationStep {
  return {
    description,
    disruption: 'ChangesAddress',
    exposes: `The Service, to clients of ${familyWords(families)}: source ranges of the other family do not restrict these.`,
  };
}
