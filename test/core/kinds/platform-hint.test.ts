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
    'shows a virtual cluster, whatever its host is',
    { metadata: { labels: { 'vcluster.loft.sh/fake-node': 'true', 'eks.amazonaws.com/nodegroup': 'a' } } },
    { platformHint: 'vcluster: the label vcluster.loft.sh/fake-node' },
  ],
];

describe('a node', () => {
  for (const [what, { metadata, ...parts }, { platformHint }] of ROWS) {
    it(what, () => {
      expect(node.facts({ metadata: { name: 'a', ...metadata }, ...parts }, new Interner())?.platformHint).to.equal(platformHint);
    });
  }
});
