import { expect } from 'chai';
import type { Remediation } from '../../../src/core/checks/check.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, dualService, evaluate, ipv4Node, ipv4Pod, node, pod, podCIDRsOf, type NodeSketch } from '../build.ts';

/** What a person would do by hand on a machine, and what other tools do. */
const BY_HAND = /delete its Node object|config\.yaml|kubectl drain|-killall|talosctl|nodepool upgrade|Delete its machine|user data/;

function fixOf(check: string, given: readonly Facts[]): Remediation {
  const evaluation = evaluate(given);
  const found = [...evaluation.findings.values()].find((one) => one.check.name === check);
  if (!found) throw new Error(`no ${check}`);
  return evaluation.describe(found).remediation;
}

/** Its pod network has no IPv6, which its peers have. */
function withoutPodCIDR(parts: NodeSketch): readonly Facts[] {
  return [...dualNodes('a', 'b', 'c').map((one) => ({ ...one, ...parts })), dualService(), { ...ipv4Node('old'), ...parts }];
}

/** It has no IPv6 address, which its peers have. */
function withoutAddress(parts: NodeSketch): readonly Facts[] {
  const peers = ['a', 'b'].map((name) => node({ name, podCIDRs: podCIDRsOf(name), ...parts }));
  const odd = node({ name: 'c', podCIDRs: podCIDRsOf('c'), addresses: ['192.0.2.1'], ...parts });
  return [...peers, odd, pod({ name: 'p', nodeName: 'a' }), ipv4Pod('q', { nodeName: 'c', hostNetwork: true })];
}

const DISTRIBUTIONS = ['RKE2: a', 'k3s: a', 'k0s: a', 'Talos: a', 'MicroK8s: a', 'Cluster API: a'];

describe('the fix of a node that Cluster API made', () => {
  for (const platformHint of DISTRIBUTIONS) {
    for (const role of ['Worker', 'Etcd'] as const) {
      it(`is in the management cluster: ${platformHint.replace(': a', '')}, ${role}`, () => {
        const { summary, steps } = fixOf('NodePodCIDRMissing', withoutPodCIDR({ platformHint, role, hasMachineOwner: true }));
        const last = steps.at(-1);
        expect(summary).to.match(/^Replace the node/);
        expect(last?.description)
          .to.match(/^In the management cluster, delete the Machine that annotation cluster\.x-k8s\.io\/machine of node old names/)
          .and.to.have.length.at.most(512);
        expect(last?.description.includes('never the only one')).to.equal(role === 'Etcd');
        expect(steps.map(({ description, command = '' }) => description + command).join()).not.to.match(BY_HAND);
      });
    }

    it(`sets addresses in the management cluster: ${platformHint.replace(': a', '')}`, () => {
      const { steps } = fixOf('NodeAddressMissing', withoutAddress({ platformHint, hasMachineOwner: true }));
      expect(steps.at(-1)?.description).to.match(/^In the management cluster, set node-ip of the kubelet/);
    });
  }

  it('is that of Harvester, which has such machines as a part', () => {
    const { steps } = fixOf('NodePodCIDRMissing', withoutPodCIDR({ platformHint: 'Harvester: a', hasMachineOwner: true }));
    expect(steps.at(-1)?.description).to.contain('as the documentation of Harvester says');
  });
});

describe('the fix of a node that Karpenter made', () => {
  const classes = [
    ['EKS: a', 'spec.subnetSelectorTerms'],
    ['AKS: a', 'spec.vnetSubnetID'],
    ['OKE: the label oci.oraclecloud.com/node.info.managed', 'Have the NodeClass of its NodePool choose a subnet with the family.'],
  ] as const;
  for (const [platformHint, words] of classes) {
    it(`corrects the NodeClass, then deletes the NodeClaim: ${platformHint}`, () => {
      const { steps } = fixOf('NodeAddressMissing', withoutAddress({ platformHint, ofKarpenter: true }));
      const [, correct, , remove] = steps;
      expect(steps.map(({ disruption }) => disruption)).to.deep.equal(['None', 'RecreatesNode', 'None', 'RecreatesNode']);
      expect(correct?.description).to.contain(words).and.to.contain('Karpenter then replaces all nodes').and.to.have.length.at.most(512);
      expect(remove?.description).to.match(/^Delete this NodeClaim/);
      expect([correct?.exposes, remove?.exposes]).not.to.include(undefined);
      expect(steps.map(({ description }) => description).join()).not.to.match(/nodepool upgrade|Delete its machine/);
    });

    it(`deletes the NodeClaim for other podCIDRs: ${platformHint}`, () => {
      const { steps } = fixOf('NodePodCIDRMissing', withoutPodCIDR({ platformHint, ofKarpenter: true }));
      expect(steps.at(-1)?.description).to.match(/^Delete this NodeClaim/);
    });
  }

  it('is beside that of node pools where several nodes are to be replaced', () => {
    const old = ['x', 'y'].map((name) => ({ ...ipv4Node(name), platformHint: 'AKS: a', ofKarpenter: true }));
    const peers = dualNodes('a', 'b').map((one) => ({ ...one, platformHint: 'AKS: a' }));
    const { steps } = fixOf('NodePodCIDRMissing', [...peers, ...old]);
    expect(steps.at(-1)?.description).to.match(/delete the NodeClaims one after the other instead\.$/);
    expect(steps.at(-1)?.description).to.have.length.at.most(512);
    const without = fixOf('NodePodCIDRMissing', [...peers, ...old.map((one) => ({ ...one, ofKarpenter: false }))]);
    expect(without.steps.at(-1)?.description).not.to.contain('NodeClaim');
  });
});
