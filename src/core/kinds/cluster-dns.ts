import { overlap, usableFamilies, type FamilyList } from '../net/addresses.ts';
import { present } from './metadata.ts';
import { fields, text, texts, type Shape } from './shapes.ts';

const CLUSTER_FIRST: ReadonlySet<string> = new Set(['', 'ClusterFirst', 'ClusterFirstWithHostNet']);

/**
 * Whether a pod of the pod network can ask no other DNS server than that of the cluster: its policy says so, and it names no server of its own that it
 * has an address for (rules.md#cluster-dns). The API server fills in ClusterFirst where a pod says nothing.
 */
export function needsClusterDNS({ dnsPolicy, dnsConfig, hostNetwork }: Shape, families: FamilyList): boolean {
  if (hostNetwork === true || !CLUSTER_FIRST.has(text(dnsPolicy))) return false;
  // Most pods have none.
  if (dnsConfig === undefined || dnsConfig === null) return true;
  return !overlap(usableFamilies(texts(fields(dnsConfig)['nameservers'])), families);
}

/** Whether a Service is that of the cluster's DNS, by the labels of kubeadm, of most distributions and of OpenShift. */
export function isClusterDNS(namespace: string, labels: Shape): boolean {
  if (present(labels['dns.operator.openshift.io/owning-dns'])) return true;
  return labels['k8s-app'] === 'kube-dns' && (namespace === 'kube-system' || labels['kubernetes.io/cluster-service'] === 'true');
}
