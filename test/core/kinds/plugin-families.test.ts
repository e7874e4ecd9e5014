import { expect } from 'chai';
import { DUAL_IPV4_FIRST, IPV4, NO_FAMILY, type FamilyList } from '../../../src/core/net/addresses.ts';
import { pluginFamilies } from '../../../src/core/kinds/pod-annotations.ts';

describe('the families that a CNI plugin says it gave a pod', () => {
  const rows: readonly (readonly [what: string, annotations: Readonly<Record<string, string>>, families: FamilyList])[] = [
    ['are those of Calico', { 'cni.projectcalico.org/podIPs': '192.0.2.7/32,2001:db8::7/128' }, DUAL_IPV4_FIRST],
    ['are those of OVN-Kubernetes', { 'k8s.ovn.org/pod-networks': '{"default":{"ip_addresses":["192.0.2.7/24"]}}' }, IPV4],
    ['are those of Kube-OVN', { 'ovn.kubernetes.io/ip_address': '192.0.2.7,2001:db8::7' }, DUAL_IPV4_FIRST],
    ['are those of the default network of Multus', { 'k8s.v1.cni.cncf.io/network-status': '[{"default":true,"ips":["192.0.2.7"]}]' }, IPV4],
    ['are none without a readable address', { 'ovn.kubernetes.io/ip_address': '***' }, NO_FAMILY],
    ['are none where no plugin says anything', {}, NO_FAMILY],
  ];
  for (const [what, annotations, families] of rows) {
    it(what, () => expect(pluginFamilies(annotations)).to.deep.equal(families));
  }
});
