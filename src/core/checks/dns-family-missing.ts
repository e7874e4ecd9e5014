import { DUAL_IPV4_FIRST, familyWords, isDual, listOf, missingFrom, union, type FamilyList } from '../net/addresses.ts';
import type { ServiceFacts } from '../kinds/facts.ts';
import { layerFamilies } from '../cluster/stack.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { familiesAtPlatform, setsNoFlags } from './platform-fixes.ts';
import { setServiceRanges } from './self-managed-fixes.ts';
import { patchService } from './service-fixes.ts';
import { violation, type Description, type RemediationStep, type ServiceCheck, type Violation } from './check.ts';

/** rules.md#cluster-dns. */
export const dnsFamilyMissing: ServiceCheck = {
  name: 'DNSFamilyMissing',
  kind: 'Service',
  severity: 'Critical',
  description: 'The DNS Service of the cluster lacks the only family of some pods, or the primary family of Services.',
  rationale:
    'Pods reach a DNS server only over a family that they have. So pods without any family of the DNS Service cannot resolve ' +
    'names. Only pods that use cluster DNS and name no server of their own count (`dnsPolicy`, `dnsConfig`). Pods that lack a ' +
    'family by a fault of their own or of their node do not count, and neither does a pod while its node may still get the family. If ' +
    'the only family of the DNS Service is not the primary one, the finding is Info: software that uses only the first family does not ' +
    'find it (k0sproject/k0s#7294, rancher/rke2#4772, k3s-io/k3s#8503). The kubelet writes its own list of servers into pods. So ' +
    'nothing is reported while NodeLocal DNSCache runs, and without a DNS Service that has endpoints.',
  remediation: 'Give the DNS Service the family, and add its new address to clusterDNS of the kubelets.',
  needs: ['Service', 'Pod', 'EndpointSlice', 'ServiceCIDR'],
  evaluate,
  describe,
};

function evaluate(service: ServiceFacts, view: ClusterView): Violation | undefined {
  if (!isServed(service, view) || view.dns.isNodeLocal) return undefined;
  const due = service.changedAt + view.grace.pod;
  const { lacked, settledAt } = view.dns;
  if (lacked.length > 0) return violation(lacked, Math.max(due, settledAt));
  return violation(primaryLackedBy(view), due, 'Info');
}

/** Without an endpoint, it is not what pods ask, or EndpointFamilyMissing says more. */
function isServed(service: ServiceFacts, view: ClusterView): boolean {
  if (!service.isClusterDNS || service.deleting || service.headless || service.type === 'ExternalName') return false;
  return service.ipFamilies.some((family) => view.hasEndpoint(service, family));
}

function primaryLackedBy({ stack, dns }: ClusterView): FamilyList {
  const { primary } = stack.services;
  return isDual(layerFamilies(stack.services)) ? missingFrom(dns.families, listOf([primary])) : listOf([]);
}

function describe(service: ServiceFacts, { families, severity }: Violation, view: ClusterView): Description {
  const words = familyWords(families);
  const name = `DNS Service ${service.namespace}/${service.name}`;
  const has = `has ${familyWords(service.ipFamilies)} only`;
  const pods = families.reduce((sum, family) => sum + view.dnsClientsWithout(family), 0);
  return {
    message:
      severity === 'Info'
        ? `${name} ${has}, while ${words} is the primary family of Services`
        : `${name} ${has}, and ${counted(pods, 'pod')} that ${pods === 1 ? 'uses' : 'use'} cluster DNS ${pods === 1 ? 'has' : 'have'} ${words} only`,
    remediation: {
      summary: `Give the DNS Service ${words}, and add its new address to ${setsNoFlags(view) ? 'the DNS servers of pods' : 'clusterDNS of the kubelets'}.`,
      steps: isDual(layerFamilies(view.stack.services))
        ? giveFamily(service, families, view)
        : [secondRange(families, view), ...giveFamily(service, families, view)],
    },
  };
}

function secondRange(families: FamilyList, view: ClusterView): RemediationStep {
  const step = familiesAtPlatform(families, view) ?? setServiceRanges(view.platform.name);
  return { ...step, description: `Services of this cluster may not have both families. ${step.description}` };
}

const EACH_NODE = "clusterDNS in the kubelet's configuration on each node";

/** Where the DNS servers of pods are set. */
const DNS_PLACES: Readonly<Record<string, string>> = {
  kubeadm: 'clusterDNS in /var/lib/kubelet/config.yaml on each node and in ConfigMap kube-system/kubelet-config',
  k3s: 'cluster-dns in /etc/rancher/k3s/config.yaml on each server',
  RKE2: 'cluster-dns in /etc/rancher/rke2/config.yaml on each server',
  MicroK8s: '--cluster-dns in /var/snap/microk8s/current/args/kubelet on each node',
  Talos: 'clusterDNS of machine.kubelet in the machine configuration of each node',
};

function giveFamily(service: ServiceFacts, families: FamilyList, view: ClusterView): readonly RemediationStep[] {
  return [
    patchService(
      service,
      {
        description: `Give the DNS Service ${familyWords(families)}. It keeps the address that it has.`,
        spec: { ipFamilyPolicy: 'PreferDualStack', ipFamilies: union(service.ipFamilies, DUAL_IPV4_FIRST) },
        disruption: 'None',
        gains: families,
      },
      view,
    ),
    {
      description: setsNoFlags(view)
        ? `Have ${view.platform.name} add the Service's new address to the DNS servers of its kubelets, or name a server that these pods reach in their dnsConfig. Then restart the pods: a pod gets its list of DNS servers when it starts.`
        : `Add the Service's new address to ${DNS_PLACES[view.platform.name] ?? EACH_NODE}, restart the kubelets, then restart the pods that lack it: a pod gets its list of DNS servers when it starts.`,
      disruption: 'RestartsPods',
    },
  ];
}
