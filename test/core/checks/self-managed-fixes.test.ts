import { expect } from 'chai';
import {
  checkPodRanges,
  leaveNodeIPOut,
  PREFER_IPV6,
  setNodeIP,
  setNodeIPOrder,
  setPodRanges,
  setServiceRanges,
} from '../../../src/core/checks/self-managed-fixes.ts';
import { DUAL_IPV4_FIRST, IPV6, NO_FAMILY, type FamilyList } from '../../../src/core/net/addresses.ts';
import { dualNodes, dualService, evaluate, ipv4Node, ipv4Pod, node, podCIDRsOf, serviceCIDR } from '../build.ts';
import { podsOn } from './range-shapes.ts';
import type { Description } from '../../../src/core/checks/check.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';

/** Platforms on which a tool makes the machines again. */
const WITH_TOOL = ['Cluster API', 'kOps', 'Harvester', 'minikube', 'Magnum'];
const PLATFORMS = ['Unknown', 'kubeadm', 'k3s', 'RKE2', 'k0s', 'MicroK8s', 'Talos', 'kind', ...WITH_TOOL, 'toString'];

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

const OTHER_ORDER = [
  ...dualNodes('a', 'b'),
  node({ name: 'c', podCIDRs: [...podCIDRsOf('c')].reverse() }),
  ...podsOn('a', 'b'),
  serviceCIDR(),
];

/** Clusters in which a node, or several, have to be replaced. */
const NODES_TO_REPLACE: readonly (readonly [check: string, facts: readonly Facts[]])[] = [
  ['NodePodCIDRMissing', [...dualNodes('a', 'b'), ipv4Node('c', { role: 'ControlPlane' }), dualService()]],
  ['NodePodCIDRMissing', [...dualNodes('a', 'b'), ipv4Node('c'), dualService()]],
  ['NodePodCIDRMissing', [...dualNodes('a'), ipv4Node('b'), ipv4Node('c')]],
  ['NodePodCIDRConflict', [...dualNodes('a'), ...['b', 'c'].map((name) => node({ name, podCIDRs: podCIDRsOf('b') })), ...podsOn('a', 'b')]],
  ['NodeFamilyOrder', OTHER_ORDER],
];

/** What is said of the findings of a check where nodes show a platform. */
function describedBy(
  check: string,
  facts: readonly Facts[],
  platformHint: string,
  expected: FamilyList = NO_FAMILY,
): readonly Description[] {
  const given = facts.map((each) => (each.kind === 'Node' ? { ...each, platformHint } : each));
  const evaluation = evaluate(given, { expected });
  return [...evaluation.findings.values()].filter((one) => one.check.name === check).map((finding) => evaluation.describe(finding));
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

  it('leave machines of Cluster API to it, whatever runs on them, where their owner makes others', () => {
    for (const platform of ['RKE2', 'Talos', 'k0s', 'kubeadm']) {
      for (const [check, facts] of NODES_TO_REPLACE) {
        const owned = facts.map((each) => (each.kind === 'Node' ? { ...each, hasMachineOwner: true } : each));
        for (const { remediation } of describedBy(check, owned, `${platform}: x`)) {
          const words = remediation.steps.map(({ description, command = '' }) => `${description} ${command}`).join(' ');
          expect(words, `${platform} ${check}`)
            .to.contain('In the management cluster')
            .and.not.to.match(/kubectl delete node|server\/db|Restart the machine/);
          expect(remediation.summary).not.to.contain('Register');
        }
      }
    }
  });

  const rows: readonly (readonly [hint: string, address: string, podCIDR: string])[] = [
    ['', '--node-ip', "kube-controller-manager's --cluster-cidr"],
    ['kubeadm: x', '/var/lib/kubelet/kubeadm-flags.env', '/etc/kubernetes/manifests/kube-controller-manager.yaml'],
    ['k3s: x', '/etc/rancher/k3s/config.yaml', 'cannot get the other'],
    ['RKE2: x', '/etc/rancher/rke2/config.yaml', 'cannot get the other'],
    ['k0s: x', '--kubelet-extra-args', 'spec.network.dualStack'],
    ['MicroK8s: x', '/var/snap/microk8s/current/args/kubelet', 'kube-proxy in /var/snap/microk8s/current/args'],
    ['Talos: x', 'machine.kubelet.nodeIP.validSubnets', 'cluster.network.podSubnets'],
    ['kind: x', 'networking.ipFamily: dual', 'docker restart'],
    ['Cluster API: x', 'kubeletExtraArgs', 'delete the Machine'],
    ['kOps: x', 'kops rolling-update cluster', 'kops delete instance d --yes'],
    ['Harvester: x', '/oem', 'Deleting a Node'],
    ['minikube: x', 'kubernetes/minikube#8535', 'minikube node delete'],
    ['Magnum: x', 'kubelet_options', '--nodes-to-remove'],
  ];
  for (const [hint, address, podCIDR] of rows) {
    it(`are those of findings where nodes show ${hint.replace(/:.*/, '') || 'nothing'}`, () => {
      expect(stepsOf('NodeAddressMissing', clusterOn(hint))).to.contain(address);
      expect(stepsOf('NodePodCIDRMissing', clusterOn(hint))).to.contain(podCIDR);
    });
  }

  for (const platform of WITH_TOOL) {
    it(`never remove a node by hand on ${platform}, which makes its machines`, () => {
      for (const [check, facts] of NODES_TO_REPLACE) {
        const described = describedBy(check, facts, `${platform}: x`);
        expect(described).to.have.length.greaterThan(0);
        for (const { remediation } of described) {
          expect(remediation.summary).to.have.length.at.most(256);
          for (const { description, command = '' } of remediation.steps) {
            expect(`${description} ${command}`).not.to.match(/kubectl (?:drain|delete node)|[Rr]estart the machine/);
            expect(description).to.have.length.at.most(512);
          }
        }
      }
    });
  }

  for (const platform of ['kOps', 'Harvester', 'kind', 'minikube', 'Magnum', 'k3s', 'RKE2']) {
    it(`have no node registered again on ${platform} for a range that the cluster does not have`, () => {
      const facts = ['a', 'b'].flatMap((name) => [ipv4Node(name), ipv4Pod(name, { nodeName: name })]);
      const described = describedBy('NodePodCIDRMissing', facts, `${platform}: x`, DUAL_IPV4_FIRST);
      expect(described.map(({ remediation }) => remediation.steps)).to.deep.equal([[setPodRanges(platform)]]);
      expect(checkPodRanges(platform)).to.have.lengthOf(platform === 'k3s' || platform === 'RKE2' ? 1 : 0);
    });
  }

  it('verify on k0s which order new podCIDRs get', () => {
    const first = (platform: string): string =>
      describedBy('NodeFamilyOrder', OTHER_ORDER, `${platform}: x`)[0]?.remediation.steps[0]?.description ?? '';
    expect(first('k0s')).to.contain('k0sproject/k0s#7927');
    expect(first('kubeadm')).to.match(/^Note the labels/);
  });

  it('put the preferred family first where the order is wrong', () => {
    expect(setNodeIPOrder('RKE2').description).to.contain('the preferred one first').and.not.to.contain('the present one');
    expect(setNodeIPOrder('kind').description).to.contain('kubeadm-flags.env');
  });
});
