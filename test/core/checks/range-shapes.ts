import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { addressesOn, pod } from '../build.ts';

/** The agent of a CNI plugin by its label `k8s-app`, in kube-system. */
export function agent(label: string): PodFacts {
  return pod({ name: label, namespace: 'kube-system', hostNetwork: true, addresses: ['192.0.2.1'], labels: { 'k8s-app': label } });
}

/** The addresses of a pod by its number in the podCIDRs of a node. */
export function addressesIn(nodeName: string, number: number): readonly [ipv4: string, ipv6: string] {
  const [ipv4, ipv6] = addressesOn(nodeName);
  return [ipv4.replace(/\d+$/, `${number}`), ipv6.replace(/\d+$/, `${number}`)];
}

/** Two pods on each node with addresses of its podCIDRs. */
export function podsOn(...nodeNames: readonly string[]): PodFacts[] {
  return nodeNames.flatMap((nodeName) =>
    [1, 2].map((number) => pod({ name: `${nodeName}-${number}`, nodeName, addresses: addressesIn(nodeName, number) })),
  );
}
