import { expect } from 'chai';
import { DUAL_IPV4_FIRST, IPV4, NO_FAMILY, type FamilyList } from '../../../src/core/net/addresses.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { apiServer, dualNodes, evaluate, ipv4Pod, serviceCIDR } from '../build.ts';

/** A cluster whose pods all have IPv4 only, as their annotations say or not. */
function cluster(runtime: string, pluginFamilies: FamilyList = DUAL_IPV4_FIRST): Facts[] {
  const nodes = dualNodes('a', 'b').map((each) => ({ ...each, runtime }));
  const pods = ['a', 'b'].flatMap((nodeName) => [1, 2].map((n) => ipv4Pod(`web-${nodeName}${n}`, { nodeName, pluginFamilies })));
  return [...nodes, ...pods, serviceCIDR(), apiServer()];
}

function fixOf(facts: readonly Facts[]): string {
  const evaluation = evaluate(facts);
  const found = [...evaluation.findings.values()].find(({ check }) => check.name === 'NodePodNetworkFamilyMissing');
  if (!found) return '';
  const { summary, steps } = evaluation.describe(found).remediation;
  return [summary, ...steps.map(({ description }) => description)].join(' ');
}

describe('the fix of pods to which the CNI plugin gave a family that they lack', () => {
  it('is a flag of cri-dockerd where that is the runtime (cri-dockerd#504)', () => {
    expect(fixOf(cluster('docker'))).to.contain('--ipv6-dual-stack');
  });

  it('is at the runtime or the kubelet where it is another', () => {
    expect(fixOf(cluster('containerd')))
      .to.contain('the container runtime and the kubelet')
      .and.not.to.contain('cri-dockerd');
  });

  it('is at the CNI plugin where its annotation names one family, or there is none', () => {
    expect(fixOf(cluster('docker', IPV4))).to.contain('Configure the CNI plugin');
    expect(fixOf(cluster('docker', NO_FAMILY))).to.contain('Configure the CNI plugin');
  });
});
