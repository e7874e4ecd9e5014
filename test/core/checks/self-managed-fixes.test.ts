import { expect } from 'chai';
import {
  leaveNodeIPOut,
  PREFER_IPV6,
  setNodeIP,
  setNodeIPOrder,
  setPodRanges,
  setServiceRanges,
} from '../../../src/core/checks/self-managed-fixes.ts';
import { DUAL_IPV4_FIRST, IPV6 } from '../../../src/core/net/addresses.ts';
import { dualNodes, dualService, evaluate, ipv4Node, node, podCIDRsOf } from '../build.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';

const PLATFORMS = ['Unknown', 'kubeadm', 'k3s', 'RKE2', 'k0s', 'MicroK8s', 'Talos', 'kind', 'Cluster API', 'toString'];

/** What the steps of the finding of a check say. */
function stepsOf(check: string, facts: readonly Facts[]): string {
  const evaluation = evaluate(facts);
  const found = [...evaluation.findings.values()].find((finding) => finding.check.name === check);
  return found
    ? evaluation
        .describe(found)
        .remediation.steps.map(({ description }) => description)
        .join(' ')
    : '';
}

/** Nodes of a platform, of which one has no IPv6 address and one no IPv6 podCIDR. */
function clusterOn(platformHint: string): Facts[] {
  const nodes = [...dualNodes('a', 'b'), node({ name: 'c', podCIDRs: podCIDRsOf('c'), addresses: ['192.0.2.3'] }), ipv4Node('d')];
  return [...nodes.map((each) => ({ ...each, platformHint })), dualService()];
}

describe('the fixes of a platform', () => {
  for (const platform of PLATFORMS) {
    it(`fit into a report on ${platform}`, () => {
      for (const step of [setNodeIP(platform, IPV6), setNodeIPOrder(platform), setPodRanges(platform), setServiceRanges(platform)]) {
        expect(step.description).to.match(/^\w.*\.$/s);
        expect(step.description.length).to.be.at.most(440);
      }
      expect(setNodeIP(platform, IPV6).exposes).to.be.a('string');
    });
  }

  it('fit into a report where a kubelet takes one address in --node-ip', () => {
    for (const { description } of [leaveNodeIPOut(DUAL_IPV4_FIRST), PREFER_IPV6]) expect(description.length).to.be.at.most(440);
  });

  const rows: readonly (readonly [hint: string, address: string, podCIDR: string])[] = [
    ['', '--node-ip', "kube-controller-manager's --cluster-cidr"],
    ['kubeadm: x', '/var/lib/kubelet/kubeadm-flags.env', '/etc/kubernetes/manifests/kube-controller-manager.yaml'],
    ['k3s: x', '/etc/rancher/k3s/config.yaml', 'cannot get the other'],
    ['RKE2: x', '/etc/rancher/rke2/config.yaml', 'cannot get the other'],
    ['k0s: x', '--kubelet-extra-args', 'spec.network.dualStack'],
    ['MicroK8s: x', '/var/snap/microk8s/current/args/kubelet', "kube-controller-manager's --cluster-cidr"],
    ['Talos: x', 'machine.kubelet.nodeIP.validSubnets', 'cluster.network.podSubnets'],
    ['kind: x', 'networking.ipFamily: dual', 'networking.ipFamily: dual'],
    ['Cluster API: x', 'kubeletExtraArgs', 'delete the Machine'],
  ];
  for (const [hint, address, podCIDR] of rows) {
    it(`are those of findings where nodes show ${hint.replace(/:.*/, '') || 'nothing'}`, () => {
      expect(stepsOf('NodeAddressMissing', clusterOn(hint))).to.contain(address);
      expect(stepsOf('NodePodCIDRMissing', clusterOn(hint))).to.contain(podCIDR);
    });
  }

  it('put the preferred family first where the order is wrong', () => {
    expect(setNodeIPOrder('RKE2').description).to.contain('the preferred one first').and.not.to.contain('the present one');
    expect(setNodeIPOrder('kind').description).to.contain('kubeadm-flags.env');
  });
});
