import { expect } from 'chai';
import { familyOfAddress, IPV6 } from '../../../src/core/net/addresses.ts';
import type { Description } from '../../../src/core/checks/check.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import {
  apiServer,
  dualNodes,
  dualService,
  evaluate,
  ipv4Node,
  ipv4Pod,
  node,
  pod,
  podCIDRsOf,
  service,
  serviceCIDR,
  slice,
  slicesFor,
  type Asked,
} from '../build.ts';
import { podsOn } from './range-shapes.ts';

const HINTS: Readonly<Record<string, string>> = {
  EKS: 'EKS: the label eks.amazonaws.com/nodegroup',
  GKE: 'GKE: the label cloud.google.com/gke-nodepool',
  AKS: 'AKS: the label kubernetes.azure.com/cluster',
  Gardener: 'Gardener: the label worker.gardener.cloud/pool',
  OpenShift: 'OpenShift: the label node.openshift.io/os_id',
  OKE: 'OKE: the label oci.oraclecloud.com/node.info.managed',
  'Google Distributed Cloud': 'Google Distributed Cloud: the label baremetal.cluster.gke.io/node-pool',
};

/** Flags, files and settings of machines that are not the user's where a platform configures them. */
const OF_MACHINES =
  /--(?:node-ip|cluster-cidr|service-cluster-ip-range|advertise-address)|clusterDNS|nodePortAddresses|\/etc\/|sysctl|Give the CNI plugin/;

const IPV4_ADDRESS = ['192.0.2.1'];
const overlay = ['a', 'b'].map((name) => node({ name }));
const onIPv4Nodes = ['a', 'b'].map((name) => node({ name, addresses: IPV4_ADDRESS, podCIDRs: podCIDRsOf(name) }));
const ipv4Pods = (nodeName: string): Facts[] => ['1', '2'].map((each) => ipv4Pod(`${nodeName}-${each}`, { nodeName, labels: {} }));
const dualPods = (nodeName: string): Facts[] => ['1', '2'].map((each) => pod({ name: `${nodeName}-${each}`, nodeName, labels: {} }));
const ipv4Range = serviceCIDR({ cidrs: ['10.96.0.0/16'] });

const dnsServer = pod({ name: 'coredns', namespace: 'kube-system', labels: { 'k8s-app': 'kube-dns' } });
const dnsService = service({
  namespace: 'kube-system',
  name: 'kube-dns',
  clusterIPs: ['10.96.0.10'],
  selector: { 'k8s-app': 'kube-dns' },
  isClusterDNS: true,
});
const IPV4_DNS = [dnsService, dnsServer, ...slicesFor(dnsService, [dnsServer])];
/** It uses the DNS of the cluster, and has IPv6 alone on purpose. */
const ipv6Pod = pod({ name: 'six', addresses: ['fd00:10:244:1::9'], declaredFamilies: IPV6 });

/** A cluster for each fix that names a flag where flags are the user's. */
const FAULTS: Readonly<Record<string, Asked & { readonly given: readonly Facts[] }>> = {
  'NodeAddressMissing on a node': {
    given: [...dualNodes('a', 'b'), node({ name: 'c', podCIDRs: podCIDRsOf('c'), addresses: IPV4_ADDRESS })],
  },
  'NodeAddressMissing on the cluster': {
    given: ['a', 'b'].map((name) => node({ name, addresses: IPV4_ADDRESS })),
    expected: ['IPv4', 'IPv6'],
  },
  'NodeAddressMissing on the cluster, of what pods have': { given: onIPv4Nodes },
  'NodePodCIDRMissing on a node': { given: [...dualNodes('a', 'b'), ipv4Node('c'), dualService()] },
  'NodePodCIDRMissing on a node without any': { given: [...dualNodes('a', 'b'), node({ name: 'c' }), dualService()] },
  'NodePodCIDRMissing on the cluster': { given: [...dualNodes('a'), ipv4Node('b'), ipv4Node('c')] },
  'NodePodNetworkFamilyMissing on a node': { given: [...overlay, ...dualPods('a'), ...ipv4Pods('b'), serviceCIDR()] },
  'NodePodNetworkFamilyMissing on the cluster': { given: [...dualNodes('a', 'b'), ...ipv4Pods('a'), ...ipv4Pods('b')] },
  ClusterStackInconsistent: { given: [...overlay, ...ipv4Pods('a'), serviceCIDR()] },
  ServiceRequirementUnmet: { given: [ipv4Range, apiServer(), dualService({ policy: 'RequireDualStack' })] },
  ServiceAddressUnserved: { given: [ipv4Range, apiServer(), service({ externalIPs: ['2001:db8::9'] })] },
  EndpointFamilyForeign: {
    given: [
      apiServer(),
      slice({ namespace: 'default', serviceName: 'kubernetes', addressType: 'IPv6', managed: false, readyTargets: ['2001:db8::1'] }),
    ],
  },
  ServiceRangeOverlap: {
    given: [serviceCIDR({ cidrs: ['10.244.2.0/24'] }), apiServer('10.244.2.1'), ...dualNodes('a', 'b'), ...podsOn('a', 'b')],
  },
  ClusterFamilyOrder: {
    given: [
      serviceCIDR(),
      apiServer(),
      ...['a', 'b'].map((name) => node({ name, addresses: ['2001:db8::1', '192.0.2.1'], podCIDRs: podCIDRsOf(name) })),
      pod({ addresses: ['fd00:10:244:1::7', '10.244.1.7'] }),
    ],
  },
  NodePodCIDRUnused: {
    given: [
      ...dualNodes('a', 'b', 'c'),
      ...podsOn('a', 'b'),
      ...['1', '2'].map((each) => pod({ name: `c-${each}`, nodeName: 'c', addresses: [`10.99.0.${each}`, `fd00:b00::${each}`] })),
    ],
  },
  DNSFamilyMissing: { given: [...dualNodes('a', 'b'), ipv4Range, apiServer(), ...IPV4_DNS, ipv6Pod] },
  PodFamilyOrder: {
    given: [
      node({ name: 'a', addresses: ['2001:db8::1', '192.0.2.1'], podCIDRs: podCIDRsOf('a') }),
      pod({ hostIPs: ['2001:db8::1', '192.0.2.1'] }),
    ],
  },
};

/** What is said of the findings of a check in a cluster on a platform. */
function descriptions(fault: string, platformHint: string): readonly Description[] {
  const { given = [], ...asked } = FAULTS[fault] ?? {};
  const facts = [
    ...given.map((each) => (each.kind === 'Node' ? { ...each, platformHint } : each)),
    ...(given.some(({ kind }) => kind === 'Node') ? [] : [node({ platformHint })]),
  ];
  const evaluation = evaluate(facts, asked);
  const [check] = fault.split(' ');
  const found = [...evaluation.findings.values()].filter((one) => one.check.name === check);
  return found.map((finding) => evaluation.describe(finding));
}

function words({ remediation: { summary, steps } }: Description): string {
  return [summary, ...steps.flatMap(({ description, command = '' }) => [description, command])].join('\n');
}

describe('a fix on a platform that configures its machines', () => {
  for (const fault of Object.keys(FAULTS)) {
    it(`names a flag or a file only elsewhere: ${fault}`, () => {
      const elsewhere = descriptions(fault, '');
      expect(elsewhere).to.have.lengthOf(1);
      expect(elsewhere.map(words).join()).to.match(OF_MACHINES);
      for (const hint of Object.values(HINTS)) {
        const there = descriptions(fault, hint);
        expect(there).to.have.lengthOf(1);
        expect(there.map(words).join(), hint).not.to.match(OF_MACHINES);
      }
    });

    it(`keeps within the limits of the definition: ${fault}`, () => {
      for (const { remediation } of Object.values(HINTS).flatMap((hint) => descriptions(fault, hint))) {
        expect(remediation.summary).to.have.length.at.most(256);
        for (const { description, exposes = '' } of remediation.steps) {
          expect(description).to.have.length.at.most(512);
          expect(exposes).to.have.length.at.most(256);
        }
      }
    });
  }

  it('says where the DNS servers of pods are set, where users set them', () => {
    const places = ['kubeadm', 'k3s', 'RKE2', 'MicroK8s', 'Talos', 'k0s'].map((platform) => {
      const [described] = descriptions('DNSFamilyMissing', `${platform}: x`);
      return /new address to (.*?), restart/.exec(described?.remediation.steps.at(-1)?.description ?? '')?.[1];
    });
    expect(places).to.deep.equal([
      'clusterDNS in /var/lib/kubelet/config.yaml on each node and in ConfigMap kube-system/kubelet-config',
      'cluster-dns in /etc/rancher/k3s/config.yaml on each server',
      'cluster-dns in /etc/rancher/rke2/config.yaml on each server',
      '--cluster-dns in /var/snap/microk8s/current/args/kubelet on each node',
      'clusterDNS of machine.kubelet in the machine configuration of each node',
      "clusterDNS in the kubelet's configuration on each node",
    ]);
  });

  const ways: readonly (readonly [platform: string, words: RegExp])[] = [
    ['EKS', /^Create another cluster/],
    ['GKE', /gcloud container clusters update CLUSTER --stack-type=ipv4-ipv6/],
    ['AKS', /az aks update --resource-group GROUP --name CLUSTER --ip-families ipv4,ipv6/],
    ['Gardener', /spec\.networking\.ipFamilies/],
    ['OpenShift', /network\.config\.openshift\.io\/cluster/],
    ['OKE', /at the provider/],
    ['Google Distributed Cloud', /^Create another cluster/],
  ];
  for (const [platform, expected] of ways) {
    it(`says how a cluster gets IPv6 on ${platform}`, () => {
      const [described] = descriptions('NodeAddressMissing on the cluster', HINTS[platform] ?? '');
      expect(described?.remediation.steps[0]?.description).to.match(expected);
    });
  }

  it('replaces nodes from before only where the platform leaves that to its users', () => {
    const steps = Object.entries(HINTS).map(([platform, hint]) => {
      const [described] = descriptions('NodeAddressMissing on the cluster', hint);
      return `${platform}: ${described?.remediation.steps.length ?? 0}`;
    });
    expect(steps).to.deep.equal(['EKS: 1', 'GKE: 2', 'AKS: 1', 'Gardener: 2', 'OpenShift: 1', 'OKE: 2', 'Google Distributed Cloud: 1']);
  });

  it('leaves the settings of the platform where pods have the family, and renews the nodes', () => {
    const steps = Object.entries(HINTS).map(([platform, hint]) => {
      const [described] = descriptions('NodeAddressMissing on the cluster, of what pods have', hint);
      return `${platform}: ${described?.remediation.steps.map(({ description }) => description.split(' ', 2).join(' ')).join() ?? ''}`;
    });
    const others: Readonly<Record<string, string>> = { EKS: 'Add node', OpenShift: 'Give the', 'Google Distributed Cloud': 'Give the' };
    const expected = Object.keys(HINTS).map((platform) => `${platform}: ${others[platform] ?? 'Replace the'}`);
    expect(steps).to.deep.equal(expected);
  });

  it('has Google Distributed Cloud set up a machine again by its NodePool, and deletes none', () => {
    for (const fault of ['NodeAddressMissing on a node', 'NodePodCIDRMissing on a node', 'NodePodCIDRMissing on the cluster']) {
      const [described] = descriptions(fault, HINTS['Google Distributed Cloud'] ?? '');
      const text = described ? words(described) : '';
      expect(text)
        .to.contain('spec.nodes of its NodePool in the admin cluster')
        .and.not.to.match(/kubectl drain|at the provider|gcloud/);
    }
  });

  it('replaces one node where others have the family, and changes nothing else', () => {
    const [described] = descriptions('NodePodCIDRMissing on a node', HINTS['GKE'] ?? '');
    expect(described?.remediation.steps.map(({ disruption, description }) => `${disruption}: ${description}`)).to.deep.equal([
      'RestartsPods: Drain the node. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.',
      'RecreatesNode: Delete its machine at the provider, so that the node pool makes another one with what the pool has today. On Autopilot, which has no machines of yours, the autoscaler removes the drained node.',
    ]);
  });

  it('replaces the nodes of a pool of AKS by an upgrade of their image, and drains none itself', () => {
    for (const fault of ['NodeAddressMissing on a node', 'NodePodCIDRMissing on a node']) {
      const [described] = descriptions(fault, HINTS['AKS'] ?? '');
      expect(described?.remediation.steps.at(-1)?.description).to.contain('az aks nodepool upgrade').and.to.contain('--node-image-only');
      expect(described?.remediation.steps.some(({ command = '' }) => command.startsWith('kubectl drain'))).to.equal(false);
    }
  });

  it('lets Gardener replace the machine of a node, and drains none itself', () => {
    for (const fault of ['NodeAddressMissing on a node', 'NodePodCIDRMissing on a node']) {
      const [described] = descriptions(fault, HINTS['Gardener'] ?? '');
      expect(described?.remediation.steps.at(-1)?.description).to.contain('node.machine.sapcloud.io/trigger-deletion-by-mcm=true');
      expect(described?.remediation.steps.some(({ command = '' }) => command.startsWith('kubectl drain'))).to.equal(false);
    }
  });

  it('gives a node of OpenShift an address, and another machine where the address is not at fault', () => {
    const last = ['NodeAddressMissing on a node', 'NodePodCIDRMissing on a node'].map(
      (fault) => descriptions(fault, HINTS['OpenShift'] ?? '')[0]?.remediation.steps.at(-1)?.description ?? '',
    );
    expect(last[0]).to.match(/^Give its interface an address/);
    expect(last[1]).to.match(/^Delete the Machine that annotation machine\.openshift\.io\/machine/);
  });

  it('says what replaces the nodes of Autopilot, which has no pools', () => {
    const [described] = descriptions('NodeAddressMissing on the cluster, of what pods have', HINTS['GKE'] ?? '');
    expect(described?.remediation.steps.at(-1)?.description).to.contain('Autopilot has no pools');
  });

  it('makes no machine again on an IPv4 cluster of EKS, of which some nodes have IPv6', () => {
    const ipv4 = node({ name: 'c', addresses: IPV4_ADDRESS });
    const given = [node({ name: 'a' }), node({ name: 'b' }), ipv4, ...ipv4Pods('a'), ipv4Range].map((each) =>
      each.kind === 'Node' ? { ...each, platformHint: HINTS['EKS'] ?? '' } : each,
    );
    const evaluation = evaluate(given, { expected: ['IPv4', 'IPv6'] });
    const [finding] = [...evaluation.findings.values()].filter((one) => one.check.name === 'NodeAddressMissing');
    const described = finding && evaluation.describe(finding);
    expect(described?.remediation.steps.map(({ description }) => description.split(' ', 3).join(' '))).to.deep.equal([
      'Create another cluster',
    ]);
  });

  it('has the platform make another machine where two nodes share a range', () => {
    const sharing = ['b', 'c'].map((name) => node({ name, podCIDRs: podCIDRsOf('b') }));
    const given = [...dualNodes('a'), ...sharing, ...podsOn('a', 'b')];
    const machines = ['', HINTS['GKE'] ?? '', HINTS['OKE'] ?? ''].map((platformHint) => {
      const evaluation = evaluate(given.map((each) => ({ ...each, platformHint })));
      const [finding] = [...evaluation.findings.values()].filter((one) => one.check.name === 'NodePodCIDRConflict');
      return finding ? evaluation.describe(finding).remediation.steps.at(-1)?.description.split(' ', 3).join(' ') : undefined;
    });
    expect(machines).to.deep.equal(['Restart the machine,', 'Delete its machine', 'Delete its machine']);
  });

  it('gives no command for IPv4, which those for IPv6 do not give', () => {
    const given = ['a', 'b'].map((name) => ({ ...node({ name, addresses: ['2001:db8::1'] }), platformHint: HINTS['GKE'] ?? '' }));
    const evaluation = evaluate(given, { expected: ['IPv4', 'IPv6'] });
    const [finding] = [...evaluation.findings.values()].filter((one) => one.check.name === 'NodeAddressMissing');
    const steps = finding && evaluation.describe(finding).remediation.steps;
    expect(familyOfAddress('192.0.2.1')).to.equal(finding?.families[0]);
    expect(steps?.[0]?.description).to.match(/^Set both IP families of the cluster/);
  });
});
