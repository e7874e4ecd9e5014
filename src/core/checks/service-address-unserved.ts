import { familyOfAddress, familyWords, isDual, listOf, union, type FamilyList } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { familiesAtPlatform } from './platform-fixes.ts';
import { patchService } from './service-fixes.ts';
import { foreignAddresses } from '../cluster/service-addresses.ts';
import { SERVICE_ITSELF } from '../cluster/reach.ts';
import { layerFamilies } from '../cluster/stack.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { Description, Remediation, ServiceCheck, Violation } from './check.ts';

export const serviceAddressUnserved: ServiceCheck = {
  name: 'ServiceAddressUnserved',
  kind: 'Service',
  severity: 'Warning',
  description: 'A load balancer address or an external IP of a Service has a family that the Service does not have.',
  rationale:
    'The service proxy of a family ignores a Service without a clusterIP of that family, so this address does not work ' +
    '(k3s-io/k3s#6978, metallb/metallb#2724, cilium/cilium#30450). The finding is Info if the address may belong to a load ' +
    'balancer that translates between families: it is not an address of a node, and the implementation that assigned it does not ' +
    'leave its addresses to the nodes. An entry with ipMode Proxy is never reported, and neither is a load balancer of Hetzner, ' +
    'Scaleway or Linode, which are proxies (hetznercloud/hcloud-cloud-controller-manager#137). An address of a node in the ' +
    'status is not reported while nodes that have just started may still get others.',
  remediation: 'Give the Service the family, or remove the address from it.',
  needs: ['Service'],
  evaluate,
  describe,
  causedThrough: SERVICE_ITSELF,
};

/** Whether nobody serves an address of a Service because it lacks one of these families: packets to the address arrive at the nodes. */
export function isUnserved(service: ServiceFacts, families: FamilyList, view: ClusterView): boolean {
  return foreignAddresses(service).some(
    (address) => families.some((family) => family === familyOfAddress(address)) && isAtNodes(address, service, view),
  );
}

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  const addresses = foreignAddresses(service);
  if (addresses.length === 0) return undefined;
  const atNodes = addresses.some((address) => isAtNodes(address, service, view));
  const isOfNodes = service.ingressAddresses.some((address) => addresses.includes(address) && view.isNodeAddress(address));
  // A load balancer that publishes addresses of nodes has others once a node that starts has its own.
  const due = Math.max(service.changedAt + view.grace.loadBalancer, isOfNodes ? view.nodesSettledAt : 0);
  const found: Violation = { families: familiesOf(addresses), due, ignoresExpectedFamilies: true };
  return atNodes ? found : { ...found, severity: 'Info' };
}

function familiesOf(addresses: readonly string[]): FamilyList {
  return listOf(addresses.map(familyOfAddress));
}

/** Whether packets to an address arrive at the nodes as they are, so that only the service proxy can answer. */
function isAtNodes(address: string, service: ServiceFacts, view: ClusterView): boolean {
  if (view.isNodeAddress(address)) return true;
  return service.nodeLoadBalancer !== '' && service.ingressAddresses.includes(address);
}

function describe(service: ServiceFacts, { families }: Violation, view: ClusterView): Description {
  const all = foreignAddresses(service).filter((address) => families.some((family) => family === familyOfAddress(address)));
  const unserved = all.filter((address) => !mayBeTranslated(address, service, view));
  const addresses = unserved.length > 0 ? unserved : all;
  const shown = addresses.slice(0, 2).join(', ');
  const more = addresses.length > 2 ? ` and ${addresses.length - 2} more` : '';
  const which = `${familyWords(families)} ${addresses.length === 1 ? 'address' : 'addresses'} ${shown}${more}`;
  const has = `Service ${service.namespace}/${service.name} is ${familyWords(service.ipFamilies)} only`;
  const fix = remediation(service, families, view);
  if (unserved.length === 0) {
    return {
      message: `${has}: its load balancer answers at the ${which} only if it translates between families`,
      remediation: {
        ...fix,
        summary: `Nothing, if the load balancer translates between families, as a proxy does. Otherwise: ${fix.summary}`,
      },
    };
  }
  return { message: `${has}, so nobody serves its ${which}${whose(service, addresses, view)}`, remediation: fix };
}

/** Whether an address is that of a load balancer of which nobody knows how it works. */
function mayBeTranslated(address: string, service: ServiceFacts, view: ClusterView): boolean {
  return !isAtNodes(address, service, view) && !service.externalIPs.includes(address);
}

/** Where the addresses come from, as far as all of them have that in common. */
function whose(service: ServiceFacts, addresses: readonly string[], view: ClusterView): string {
  const one = addresses.length === 1;
  if (addresses.every((address) => view.isNodeAddress(address))) return one ? ', which is an address of a node' : ' (addresses of nodes)';
  const external = addresses.filter((address) => service.externalIPs.includes(address)).length;
  if (external === addresses.length) return one ? ', one of its externalIPs' : ' (externalIPs)';
  if (external > 0) return ` (${external} of them from externalIPs)`;
  return service.nodeLoadBalancer === '' ? '' : `, which ${service.nodeLoadBalancer} gave it`;
}

function remediation(service: ServiceFacts, families: FamilyList, view: ClusterView): Remediation {
  const words = familyWords(families);
  const possible = layerFamilies(view.stack.services);
  if (possible.length > 0 && !isDual(possible)) {
    const atPlatform = familiesAtPlatform(families, view);
    const giveBoth = atPlatform ? 'the cluster both families' : 'the API server a --service-cluster-ip-range of both families';
    return {
      summary: `Take the ${words} addresses from it, or give ${giveBoth}: Services of this cluster cannot have ${words}.`,
      steps: [
        {
          description: 'See where the addresses come from: externalIPs in the spec, or the status that a load balancer writes.',
          command: `kubectl get service ${service.name} --namespace ${service.namespace} --output yaml`,
          disruption: 'None',
        },
        ...(atPlatform ? [atPlatform] : []),
      ],
    };
  }
  const ipFamilies = union(service.ipFamilies, families);
  return {
    summary: `Take the ${words} addresses from the load balancer or the externalIPs, or give the Service ${words} if Services of this cluster can have it.`,
    steps: [
      patchService(
        service,
        {
          description: `Give the Service ${words}.`,
          spec: { ipFamilyPolicy: 'PreferDualStack', ipFamilies },
          disruption: 'None',
          gains: families,
        },
        view,
      ),
    ],
  };
}
