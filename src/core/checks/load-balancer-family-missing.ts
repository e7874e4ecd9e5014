import { joinWithOr, familiesOfAddresses, familyWords, missingFrom, overlap, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NODE_ADDRESSES } from '../cluster/reach.ts';
import { isHalfBalancer } from '../cluster/service-addresses.ts';
import type { NodeFacts, ServiceFacts } from '../kinds/facts.ts';
import { IN_SPEC } from '../kinds/service-balancer.ts';
import { missingAddresses } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type Remediation, type RemediationStep, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#load-balancer-addresses, #requested-addresses. */
export const loadBalancerFamilyMissing: ServiceCheck = {
  name: 'LoadBalancerFamilyMissing',
  kind: 'Service',
  severity: 'Warning',
  description: "The load balancer of a dual-stack Service has no address of one of the Service's families.",
  rationale:
    'Clients outside the cluster can reach the Service by one family only (kubernetes/cloud-provider-aws#243, ' +
    'metallb/metallb#2482). A provider may omit the second family, so the finding is Info if the Service only prefers both. A load ' +
    'balancer with a hostname may have any address behind it, so it is not evaluated. A load balancer that publishes the addresses of ' +
    'nodes, like ServiceLB of k3s, has no family that no node has an address of. It has as long as nodes have after their creation and ' +
    'after a change of their Ready condition. One that gets a request for particular addresses gives no others.',
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

/** Whether a load balancer has addresses of nodes alone. */
function isOfNodes({ nodeLoadBalancer, ingressAddresses }: ServiceFacts, view: ClusterView): boolean {
  if (nodeLoadBalancer !== '' && nodeLoadBalancer !== 'ServiceLB') return false;
  return ingressAddresses.length > 0 && ingressAddresses.every((address) => view.isNodeAddress(address));
}

/** Whether such a one lacks families of which no node has an address. */
function awaitsNodes(service: ServiceFacts, families: FamilyList, view: ClusterView): boolean {
  return isOfNodes(service, view) && !overlap(view.nodeAddressFamilies, families);
}

/** Whether it is ServiceLB of k3s and RKE2, which says so in few Services. */
function isServiceLB(service: ServiceFacts, view: ClusterView): boolean {
  const isOfPlatform = view.platform.name === 'k3s' || view.platform.name === 'RKE2';
  return isOfNodes(service, view) && (service.nodeLoadBalancer === 'ServiceLB' || isOfPlatform);
}

/** Whether a Service asks for particular addresses, and for none of these families. Clouds may add others to the one in the spec. */
function asksForOthers({ requestedAddresses, requestPlace, nodeLoadBalancer }: ServiceFacts, families: FamilyList): boolean {
  const isTakenAlone = nodeLoadBalancer !== '' || (requestPlace !== '' && requestPlace !== IN_SPEC);
  return isTakenAlone && requestedAddresses.length > 0 && !overlap(familiesOfAddresses(requestedAddresses), families);
}

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  // One without any address is LoadBalancerPending.
  if (!isHalfBalancer(service)) return undefined;
  const severity = service.policy === 'PreferDualStack' ? 'Info' : undefined;
  const settledAt = isOfNodes(service, view) ? view.nodesSettledAt : 0;
  const due = Math.max(service.changedAt + view.grace.loadBalancer, settledAt);
  return violation(missingFrom(service.ingressFamilies, service.ipFamilies), due, severity);
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const awaited = awaitsNodes(service, families, view);
  const { requestedAddresses, requestPlace } = service;
  const requests = !awaited && asksForOthers(service, families) ? `, and asks for ${requestedAddresses.join(', ')} in ${requestPlace}` : '';
  const has = `it has ${awaited ? 'addresses of nodes, which are ' : ''}${familyWords(service.ingressFamilies)} only${requests}`;
  return {
    message: `The load balancer of Service ${service.namespace}/${service.name} has no ${joinWithOr(families)} address: ${has}`,
    remediation: awaited
      ? {
          summary: `Give the nodes ${familyWords(families)} addresses: the load balancer publishes those of nodes.`,
          steps: [readEvents(service)],
        }
      : remedyOf(service, families, view),
  };
}

function remedyOf(service: ServiceFacts, families: FamilyList, view: ClusterView): Remediation {
  if (asksForOthers(service, families)) {
    return {
      summary: `Ask for ${missingAddresses(families)} too: the load balancer gives the addresses that the Service asks for, and no others.`,
      steps: [askFor(service, families)],
    };
  }
  if (isServiceLB(service, view)) {
    return {
      summary: `Give the nodes ${familyWords(families)} addresses that ServiceLB publishes.`,
      steps: [SEE_NODE_ADDRESSES, publish(families, view)],
    };
  }
  return {
    summary: `Make the load balancer's implementation give it ${missingAddresses(families)}.`,
    steps: [readEvents(service), configure(families)],
  };
}

function askFor({ requestPlace }: ServiceFacts, families: FamilyList): RemediationStep {
  const words = joinWithOr(families);
  const where =
    requestPlace === IN_SPEC
      ? `Move the request from ${IN_SPEC}, which takes one address, to an annotation of the load balancer implementation, with an address of each family.`
      : `Add an ${words} address to annotation ${requestPlace}, where the Service is defined.`;
  return {
    description: `${where} It has to be in an address pool of the implementation. The present address stays.`,
    disruption: 'None',
    exposes: exposureOf(families),
  };
}

const SEE_NODE_ADDRESSES: RemediationStep = {
  description: 'See which addresses the nodes have. ServiceLB publishes ExternalIPs alone as soon as one node of the Service has any.',
  command:
    "kubectl get nodes -o custom-columns='NAME:.metadata.name,TYPES:.status.addresses[*].type,ADDRESSES:.status.addresses[*].address'",
  disruption: 'None',
};

/** ServiceLB takes the ExternalIPs of all nodes of a Service, or else their InternalIPs, then those of the families of the Service (k3s-io/k3s#8901). */
function publish(families: FamilyList, { platform }: ClusterView): RemediationStep {
  const folder = platform.name === 'RKE2' ? 'rke2' : 'k3s';
  return {
    description: `Where nodes have ExternalIPs, set node-external-ip in /etc/rancher/${folder}/config.yaml of each of them to an address of each family, or remove it, so that the InternalIPs count. Otherwise, give node-ip there an address of each family. Restart the service of ${folder} on the node. Pods keep running; clients of an address that goes lose it.`,
    disruption: 'ChangesAddress',
    exposes: exposureOf(families),
  };
}

function readEvents({ namespace, name }: ServiceFacts): RemediationStep {
  return {
    description: "Read the Service's annotations and Events: the implementation may say there why it gives no such address.",
    command: `kubectl describe service ${name} --namespace ${namespace}`,
    disruption: 'None',
  };
}

function configure(families: FamilyList): RemediationStep {
  return {
    description: `Configure the implementation for ${familyWords(families)}: an annotation of the Service, an address pool of the family, or dual-stack subnets. Some implementations make a new load balancer then.`,
    disruption: 'ChangesAddress',
    exposes: exposureOf(families),
  };
}

function exposureOf(families: FamilyList): string {
  return `The Service, to clients of ${familyWords(families)}: source ranges of the other family do not restrict these.`;
}
