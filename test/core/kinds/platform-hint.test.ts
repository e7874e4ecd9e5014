import { expect } from 'chai';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { node } from '../../../src/core/kinds/node.ts';

interface Recorded {
  readonly metadata?: object;
  readonly spec?: object;
  readonly status?: object;
}

const ROWS: readonly (readonly [what: string, parts: Recorded, expected: { readonly platformHint: string }])[] = [
  [
    'shows EKS by a label',
    { metadata: { labels: { 'eks.amazonaws.com/nodegroup': 'a' } } },
    { platformHint: 'EKS: the label eks.amazonaws.com/nodegroup' },
  ],
  [
    'shows EKS by the version of its kubelet',
    { status: { nodeInfo: { kubeletVersion: 'v1.33.1-eks-5e0fdde' } } },
    { platformHint: 'EKS: a kubelet version with -eks-' },
  ],
  [
    'shows EKS by the version of its kubelet on a machine of AWS',
    { spec: { providerID: 'aws:///eu-west-1a/i-0123' }, status: { nodeInfo: { kubeletVersion: 'v1.33.1-eks-5e0fdde' } } },
    { platformHint: 'EKS: a kubelet version with -eks-' },
  ],
  [
    'shows Cluster API where EKS Anywhere made a machine of vSphere, with the versions of EKS',
    {
      metadata: { annotations: { 'cluster.x-k8s.io/machine': 'a' } },
      spec: { providerID: 'vsphere://4237ab10' },
      status: { nodeInfo: { kubeletVersion: 'v1.31.6-eks-d91a302' } },
    },
    { platformHint: 'Cluster API: the annotation cluster.x-k8s.io/machine' },
  ],
  [
    'shows GKE by the version of its kubelet on a machine of Google',
    { spec: { providerID: 'gce://p/europe-west1-b/a' }, status: { nodeInfo: { kubeletVersion: 'v1.34.1-gke.3355000' } } },
    { platformHint: 'GKE: a kubelet version with -gke.' },
  ],
  [
    'does not show GKE where its version runs on machines of AWS',
    { spec: { providerID: 'aws:///us-east-1a/i-0123' }, status: { nodeInfo: { kubeletVersion: 'v1.31.6-gke.200' } } },
    { platformHint: '' },
  ],
  [
    'shows Google Distributed Cloud, with the versions and the node pools of GKE, by a label',
    {
      metadata: {
        labels: { 'baremetal.cluster.gke.io/node-pool': 'np', 'cloud.google.com/gke-nodepool': 'np' },
        annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'x' },
      },
      status: { nodeInfo: { kubeletVersion: 'v1.34.1-gke.4700' } },
    },
    { platformHint: 'Google Distributed Cloud: the label baremetal.cluster.gke.io/node-pool' },
  ],
  [
    'shows Google Distributed Cloud by an annotation',
    {
      metadata: { annotations: { 'baremetal.cluster.gke.io/provider': 'baremetal' } },
      status: { nodeInfo: { kubeletVersion: 'v1.28.9-gke.100' } },
    },
    { platformHint: 'Google Distributed Cloud: the annotation baremetal.cluster.gke.io/provider' },
  ],
  ['does not show EKS by being a machine of AWS', { spec: { providerID: 'aws:///eu-west-1a/i-0123' } }, { platformHint: '' }],
  ['shows k3s', { status: { nodeInfo: { kubeletVersion: 'v1.33.1+k3s1' } } }, { platformHint: 'k3s: a kubelet version with +k3s' }],
  [
    'shows RKE2, also on AWS',
    { spec: { providerID: 'aws:///a/i-1' }, status: { nodeInfo: { kubeletVersion: 'v1.33.1+rke2r1' } } },
    { platformHint: 'RKE2: a kubelet version with +rke2' },
  ],
  ['shows Talos', { status: { nodeInfo: { osImage: 'Talos (v1.10.0)' } } }, { platformHint: 'Talos: an operating system that is Talos' }],
  [
    'shows kind, whose nodes kubeadm joins too',
    {
      metadata: { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd' } },
      spec: { providerID: 'kind://docker/kind/a' },
    },
    { platformHint: 'kind: a providerID that begins with kind://' },
  ],
  [
    'shows kubeadm',
    { metadata: { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'unix:///run/containerd' } } },
    { platformHint: 'kubeadm: the annotation kubeadm.alpha.kubernetes.io/cri-socket' },
  ],
  [
    'shows Cluster API, whose machines kubeadm joins',
    { metadata: { annotations: { 'kubeadm.alpha.kubernetes.io/cri-socket': 'x', 'cluster.x-k8s.io/machine': 'a' } } },
    { platformHint: 'Cluster API: the annotation cluster.x-k8s.io/machine' },
  ],
  [
    'shows RKE2 where Rancher made the machine by Cluster API',
    { metadata: { annotations: { 'cluster.x-k8s.io/machine': 'a' } }, status: { nodeInfo: { kubeletVersion: 'v1.34.1+rke2r1' } } },
    { platformHint: 'RKE2: a kubelet version with +rke2' },
  ],
  [
    'shows Harvester, which is built on RKE2',
    { metadata: { labels: { 'harvesterhci.io/managed': 'true' } }, status: { nodeInfo: { kubeletVersion: 'v1.32.4+rke2r1' } } },
    { platformHint: 'Harvester: the label harvesterhci.io/managed' },
  ],
  [
    'shows Magnum',
    { metadata: { labels: { 'magnum.openstack.org/role': 'worker' } }, spec: { providerID: 'openstack:///a' } },
    { platformHint: 'Magnum: the label magnum.openstack.org/role' },
  ],
  [
    'shows a virtual cluster, whatever its host is',
    { metadata: { labels: { 'vcluster.loft.sh/fake-node': 'true', 'eks.amazonaws.com/nodegroup': 'a' } } },
    { platformHint: 'vcluster: the label vcluster.loft.sh/fake-node' },
  ],
  ...(
    [
      ['OKE', 'oci.oraclecloud.com/node.info.managed'],
      ['Scaleway', 'k8s.scaleway.com/kapsule'],
      ['OVHcloud', 'node.k8s.ovh/type'],
      ['Gardener', 'worker.gardener.cloud/pool'],
      ['kOps', 'kops.k8s.io/instancegroup'],
    ] as const
  ).map(
    ([platform, label]) =>
      [`shows ${platform}`, { metadata: { labels: { [label]: '' } } }, { platformHint: `${platform}: the label ${label}` }] as const,
  ),
  ...(
    [
      ['ACK', 'v1.33.3-aliyun.1', '-aliyun.'],
      ['TKE', 'v1.32.2-tke.6', '-tke.'],
    ] as const
  ).map(
    ([platform, kubeletVersion, part]) =>
      [
        `shows ${platform}`,
        { status: { nodeInfo: { kubeletVersion } } },
        { platformHint: `${platform}: a kubelet version with ${part}` },
      ] as const,
  ),
];

describe('the CNI plugin of a node', () => {
  it('is flannel where that says so, and unknown elsewhere', () => {
    const annotations = { 'flannel.alpha.coreos.com/backend-type': 'vxlan' };
    expect(node.facts({ metadata: { name: 'a', annotations } }, new Interner())?.networkHint).to.equal(
      'flannel: the annotation flannel.alpha.coreos.com/backend-type',
    );
    expect(node.facts({ metadata: { name: 'a' } }, new Interner())?.networkHint).to.equal('');
  });
});

describe('the owner of a machine', () => {
  const rows: readonly (readonly [what: string, annotations: object, is: boolean])[] = [
    ['is a MachineSet', { 'cluster.x-k8s.io/machine': 'a', 'cluster.x-k8s.io/owner-kind': 'MachineSet' }, true],
    ['is a control plane', { 'cluster.x-k8s.io/machine': 'a', 'cluster.x-k8s.io/owner-kind': 'RKE2ControlPlane' }, true],
    ['is not there for a host that registered itself', { 'cluster.x-k8s.io/machine': 'a' }, false],
    ['is no machine pool, whose nodes name no Machine', { 'cluster.x-k8s.io/owner-kind': 'MachinePool' }, false],
    ['is none that is unknown', { 'cluster.x-k8s.io/machine': 'a', 'cluster.x-k8s.io/owner-kind': 'Other' }, false],
  ];
  for (const [what, annotations, is] of rows) {
    it(what, () => {
      expect(node.facts({ metadata: { name: 'a', annotations } }, new Interner())?.hasMachineOwner).to.equal(is);
    });
  }
});

describe('a node', () => {
  for (const [what, { metadata, ...parts }, { platformHint }] of ROWS) {
    it(what, () => {
      expect(node.facts({ metadata: { name: 'a', ...metadata }, ...parts }, new Interner())?.platformHint).to.equal(platformHint);
    });
  }
});

describe('a node of Karpenter', () => {
  const rows: readonly (readonly [what: string, labels: object, isOne: boolean])[] = [
    ['is none without its label', { agentpool: 'a' }, false],
    ['has the label of its NodePool', { 'karpenter.sh/nodepool': 'default' }, true],
    ['has the label of its Provisioner before version 0.32', { 'karpenter.sh/provisioner-name': 'default' }, true],
  ];
  for (const [what, labels, isOne] of rows) {
    it(what, () => {
      expect(node.facts({ metadata: { name: 'a', labels } }, new Interner())?.ofKarpenter).to.equal(isOne);
    });
  }
});
