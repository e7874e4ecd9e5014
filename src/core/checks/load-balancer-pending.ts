import { joinWithOr, familiesOfAddresses, familyWords, listOf, missingFrom, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NODE_ADDRESSES } from '../cluster/reach.ts';
import type { NodeFacts, ServiceFacts } from '../kinds/facts.ts';
import { isPendingBalancer } from '../cluster/service-addresses.ts';
import type { Parameter } from '../cluster/parameters.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { Description, ServiceCheck, Violation } from './check.ts';

const GRACE_SECONDS: Parameter = {
  name: 'graceSeconds',
  type: 'integer',
  default: 300,
  minimum: 0,
  maximum: 86_400,
  description: 'How long after a change of its Service a load balancer may have no address, in seconds; --grace-scale multiplies it.',
};

export const loadBalancerPending: ServiceCheck = {
  name: 'LoadBalancerPending',
  kind: 'Service',
  severity: 'Warning',
  description: 'A load balancer has no address at all, long after its Service was changed.',
  rationale:
    'A load balancer stays pending, without an error, if neither the nodes nor the address pools have its family ' +
    '(MoJo2600/pihole-kubernetes#334). The finding is a Warning if the families explain it: the Service requests an address of a ' +
    'family that it does not have, no node has an address of any of its families, or the Service has both families and requests an ' +
    'address of only one of them from MetalLB (MoJo2600/pihole-kubernetes#228). Otherwise it is Info, because an exhausted quota, ' +
    'a port conflict and a missing controller look the same. While nodes that have just started may still get such an address, ' +
    'nothing is reported.',
  remediation: 'Read the Events of the Service, and check the address pools of its families.',
  needs: ['Service', 'Node'],
  parameters: [GRACE_SECONDS],
  evaluate,
  describe,
  // Nodes without an address of the family explain it, and nothing else that is found on them.
  causedThrough: {
    kind: 'Node',
    objects: (service, view) => (nodesLack(service, view).length > 0 ? view.nodes() : []),
    missing: ({ addressFamilies }: NodeFacts, families) => missingFrom(addressFamilies, families),
    explaining: PODS_OF_NODE_ADDRESSES,
    explained: (store) => store.servicesByNodeAddresses,
    counts: () => true,
  },
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (!isPendingBalancer(service)) return undefined;
  const requested = requestedInVain(service);
  const isExplained = requested.length > 0 || notRequested(service).length > 0;
  const isOfNodes = !isExplained && nodesLack(service, view).length > 0;
  const grace = view.grace.loadBalancer * (view.valueOf(GRACE_SECONDS) / GRACE_SECONDS.default);
  // Nodes that start may get such addresses yet.
  const due = Math.max(service.changedAt + grace, isOfNodes ? view.nodesSettledAt : 0);
  const found: Violation = { families: service.ipFamilies, due, ignoresExpectedFamilies: true };
  return isExplained || isOfNodes ? found : { ...found, severity: 'Info' };
}

/** The families of requested addresses that the Service does not have. */
function requestedInVain({ requestedAddresses, ipFamilies }: ServiceFacts): FamilyList {
  return missingFrom(ipFamilies, familiesOfAddresses(requestedAddresses));
}

/** The families of the Service that it asks no address of, though it asks for another: MetalLB then gives it nothing (MoJo2600/pihole-kubernetes#228). */
function notRequested({ requestedAddresses, nodeLoadBalancer, ipFamilies }: ServiceFacts): FamilyList {
  const requested = familiesOfAddresses(requestedAddresses);
  return nodeLoadBalancer === 'MetalLB' && requested.length > 0 ? missingFrom(requested, ipFamilies) : NO_FAMILY;
}

/** The families of the Service where no node has an address of any of them; implementations that use node addresses have none to give. */
function nodesLack({ ipFamilies }: ServiceFacts, { nodeAddressFamilies }: ClusterView): FamilyList {
  const missing = missingFrom(nodeAddressFamilies, ipFamilies);
  return nodeAddressFamilies.length > 0 && missing.length === ipFamilies.length ? missing : listOf([]);
}

function describe(service: ServiceFacts, _verdict: Violation, view: ClusterView): Description {
  const { reason, fix } = explanation(service, view);
  return {
    message: `The load balancer of Service ${service.namespace}/${service.name} has no address at all${reason}`,
    remediation: {
      summary: fix,
      steps: [
        {
          description: 'See what the Events of the Service say.',
          command: `kubectl describe service ${service.name} --namespace ${service.namespace}`,
          disruption: 'None',
        },
      ],
    },
  };
}

function explanation(service: ServiceFacts, view: ClusterView): { readonly reason: string; readonly fix: string } {
  const requested = requestedInVain(service);
  if (requested.length > 0) {
    return {
      reason: `: it asks for an ${joinWithOr(requested)} address (${service.requestedAddresses.join(', ')}) and is ${familyWords(service.ipFamilies)} only`,
      fix: `Ask for an address of ${familyWords(service.ipFamilies)}, or give the Service ${familyWords(requested)} too.`,
    };
  }
  if (notRequested(service).length > 0) {
    return {
      reason: `: it is ${familyWords(service.ipFamilies)}, and asks MetalLB for ${service.requestedAddresses.join(', ')} alone`,
      fix: 'Ask for an address of each family in the annotation metallb.io/loadBalancerIPs, and for none in spec.loadBalancerIP; or leave the Service the one family.',
    };
  }
  const lacked = nodesLack(service, view);
  if (lacked.length > 0) {
    return {
      reason: `: it is ${familyWords(service.ipFamilies)} only, and no node has an ${joinWithOr(lacked)} address`,
      fix: `Give the nodes ${familyWords(lacked)} addresses, or have the Service use a family that they have.`,
    };
  }
  return {
    reason: '',
    fix: "Look at the Service's events: no controller for it, an exhausted quota, a port in use and an empty address pool of a family all look like this.",
  };
}
