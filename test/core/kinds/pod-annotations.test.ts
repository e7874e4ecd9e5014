import { expect } from 'chai';
import { declaredByPod } from '../../../src/core/kinds/pod-annotations.ts';
import { IPV4, IPV6, NO_FAMILY, type FamilyList } from '../../../src/core/net/addresses.ts';

const ROWS: readonly (readonly [what: string, annotations: Readonly<Record<string, string>>, families: FamilyList])[] = [
  ['asks Calico for a family', { 'cni.projectcalico.org/ipFamilies': '["IPv6"]' }, IPV6],
  ['asks Calico for an address', { 'cni.projectcalico.org/ipAddrs': '["10.1.0.7"]' }, IPV4],
  ['asks Kube-OVN for IPv4', { 'ovn.kubernetes.io/ip_family': 'ipv4' }, IPV4],
  ['asks Kube-OVN for IPv6', { 'ovn.kubernetes.io/ip_family': 'ipv6', 'ovn.kubernetes.io/logical_switch': 'ovn-default' }, IPV6],
  ['asks for no family that is none', { 'ovn.kubernetes.io/ip_family': 'both' }, NO_FAMILY],
  ['asks for none by a pool, which has no say in the other family', { 'cni.projectcalico.org/ipv4pools': '["a"]' }, NO_FAMILY],
  ['asks for IPv4 by a pool of Antrea, which has no other', { 'ipam.antrea.io/ippools': 'pool1,pool2' }, IPV4],
  ['asks for none by no pool of Antrea', { 'ipam.antrea.io/ippools': '' }, NO_FAMILY],
  ['asks for none by a pool of Cilium, which has both or fails', { 'ipam.cilium.io/ip-pool': 'mars' }, NO_FAMILY],
];

describe('a pod', () => {
  for (const [what, annotations, families] of ROWS) {
    it(what, () => {
      expect(declaredByPod(annotations)).to.equal(families);
    });
  }
});
