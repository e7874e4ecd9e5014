import { joinWithOr, familyWords, isDual, missingFrom } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { missingAddresses } from './remedies.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type Description, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#load-balancer-addresses. */
export const loadBalancerFamilyMissing: ServiceCheck = {
  name: 'LoadBalancerFamilyMissing',
  kind: 'Service',
  severity: 'Warning',
  description: "The load balancer of a dual-stack Service has no address of one of the Service's families.",
  rationale:
    'Clients outside the cluster can reach the Service by one family only (kubernetes/cloud-provider-aws#243, ' +
    'metallb/metallb#2482). A provider may omit the second family, so the finding is Info if the Service only prefers both. A load ' +
    'balancer with a hostname may have any address behind it, so it is not evaluated.',
  remediation:
    'Configure the load balancer implementation for both families (an annotation, or an address pool of the family), and read the ' +
    'Events of the Service.',
  needs: ['Service'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (service.type !== 'LoadBalancer' || service.deleting || service.ingressHostname || !isDual(service.ipFamilies)) return undefined;
  // One without any address is LoadBalancerPending; one that cannot be read may be of the family.
  if (service.ingressFamilies.length === 0 || service.unreadable) return undefined;
  const severity = service.policy === 'PreferDualStack' ? 'Info' : undefined;
  return violation(missingFrom(service.ingressFamilies, service.ipFamilies), service.changedAt + view.grace.loadBalancer, severity);
}

function describe(service: ServiceFacts, { families }: Violation): Description {
  return {
    message: `The load balancer of Service ${service.namespace}/${service.name} has no ${joinWithOr(families)} address: it has ${familyWords(service.ingressFamilies)} only`,
    remediation: {
      summary: `Make the load balancer's implementation give it ${missingAddresses(families)}.`,
      steps: [
        {
          description: "Read the Service's annotations and Events: the implementation may say there why it gives no such address.",
          command: `kubectl describe service ${service.name} --namespace ${service.namespace}`,
          disruption: 'None',
        },
        {
          description: `Configure the implementation for ${familyWords(families)}: an annotation of the Service, an address pool of the family, or dual-stack subnets. Some implementations make a new load balancer then.`,
          disruption: 'ChangesAddress',
          exposes: `The Service, to clients of ${familyWords(families)}: source ranges of the other family do not restrict these.`,
        },
      ],
    },
  };
}
