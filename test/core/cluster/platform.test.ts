import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { clusterOf } from '../../../src/core/cluster/platform.ts';
import type { ReportedCluster } from '../../../src/core/report/types.ts';
import { FORBIDDEN, storeOf, namespace, node, pod, type Labels, type PodSketch } from '../build.ts';
import { statusOf } from '../report/report.ts';

const EKS = 'EKS: the label eks.amazonaws.com/nodegroup';
const KUBEADM = 'kubeadm: the annotation kubeadm.alpha.kubernetes.io/cri-socket';
const K3S = 'k3s: a kubelet version with +k3s';

function agent(name: string, labels: Labels, parts: PodSketch = {}): Facts {
  return pod({ name, namespace: 'kube-system', hostNetwork: true, addresses: ['192.0.2.1'], labels, ...parts });
}

function cluster(...facts: readonly Facts[]): ReturnType<typeof clusterOf> {
  return clusterOf(storeOf(facts), {});
}

const cilium = agent('cilium-a', { 'k8s-app': 'cilium' });
const kubeProxy = agent('kube-proxy-a', { 'k8s-app': 'kube-proxy' });

describe('the platform of a cluster', () => {
  const rows: readonly (readonly [what: string, hints: readonly string[], platform: ReportedCluster['platform']])[] = [
    ['of no nodes is Unknown', [], { name: 'Unknown', evidence: 'No node has a label, an annotation or a version that shows it.' }],
    [
      'of nodes that show nothing is Unknown',
      ['', ''],
      { name: 'Unknown', evidence: 'No node has a label, an annotation or a version that shows it.' },
    ],
    [
      'is determined from the nodes that show it',
      [EKS, EKS, ''],
      { name: 'EKS', managed: true, evidence: '2 of 3 nodes have the label eks.amazonaws.com/nodegroup.' },
    ],
    [
      'may show in several ways',
      [EKS, 'EKS: a kubelet version with -eks-'],
      {
        name: 'EKS',
        managed: true,
        evidence: '1 of 2 nodes has a kubelet version with -eks-; 1 of 2 nodes has the label eks.amazonaws.com/nodegroup.',
      },
    ],
    [
      'that nobody else runs is not managed',
      [K3S],
      { name: 'k3s', managed: false, evidence: '1 of 1 node has a kubelet version with +k3s.' },
    ],
    [
      'of which that is not known says nothing about it',
      [KUBEADM],
      { name: 'kubeadm', evidence: '1 of 1 node has the annotation kubeadm.alpha.kubernetes.io/cri-socket.' },
    ],
    [
      'of nodes that disagree is Unknown',
      [EKS, K3S],
      {
        name: 'Unknown',
        evidence:
          'The nodes disagree: 1 of 2 nodes has the label eks.amazonaws.com/nodegroup; 1 of 2 nodes has a kubelet version with +k3s.',
      },
    ],
  ];
  for (const [what, hints, platform] of rows) {
    it(what, () => {
      const nodes = hints.map((platformHint, index) => node({ name: `n${index}`, platformHint }));
      expect(cluster(...nodes).platform).to.deep.equal(platform);
    });
  }

  it('is not determined from virtual nodes', () => {
    expect(cluster(node({ virtual: true, platformHint: EKS })).platform.name).to.equal('Unknown');
  });

  it('is Unknown where nodes may not be read, with what it takes', () => {
    expect(clusterOf(storeOf([], { refused: ['Node'] }), {}).platform).to.deep.equal({ name: 'Unknown', evidence: FORBIDDEN.message });
  });
});

describe('the network plugin of a cluster', () => {
  const lookAlikes: readonly (readonly [what: string, facts: Facts])[] = [
    ['an application of that name', agent('app', { 'k8s-app': 'cilium' }, { namespace: 'shop' })],
    ['a pod of the pod network, such as an operator of the plugin', agent('operator', { 'k8s-app': 'cilium' }, { hostNetwork: false })],
    ['an agent that has ended', agent('old', { 'k8s-app': 'cilium' }, { state: 'Completed' })],
    ['another system pod', agent('etcd', { component: 'etcd', tier: 'control-plane' })],
    ['kube-proxy', kubeProxy],
  ];
  for (const [what, facts] of lookAlikes) {
    it(`is not shown by ${what}`, () => {
      expect(cluster(facts).networkPlugin.name).to.equal('Unknown');
    });
  }

  const agents: readonly (readonly [plugin: string, facts: Facts])[] = [
    ['Cilium', cilium],
    ['Calico', agent('calico-node-a', { 'k8s-app': 'calico-node' }, { namespace: 'calico-system' })],
    ['Canal', agent('canal-a', { 'k8s-app': 'canal' })],
    ['Amazon VPC CNI', agent('aws-node-a', { 'k8s-app': 'aws-node', 'app.kubernetes.io/name': 'aws-node' })],
    ['flannel', agent('flannel-a', { app: 'flannel', tier: 'node' }, { namespace: 'kube-flannel' })],
    ['OVN-Kubernetes', agent('ovnkube-node-a', { app: 'ovnkube-node' }, { namespace: 'openshift-ovn-kubernetes' })],
    ['Kube-OVN', agent('kube-ovn-cni-a', { app: 'kube-ovn-cni', component: 'network' })],
    ['kube-router', agent('kube-router-a', { 'k8s-app': 'kube-router' })],
    ['Antrea', agent('antrea-agent-a', { app: 'antrea', component: 'antrea-agent' })],
    ['kindnet', agent('kindnet-a', { app: 'kindnet', 'k8s-app': 'kindnet' })],
    ['Weave Net', agent('weave-net-a', { name: 'weave-net' })],
    ['Terway', agent('terway-eniip-a', { app: 'terway-eniip' })],
    ['OCI VCN-native', agent('vcn-native-ip-cni-a', { app: 'vcn-native-ip-cni' })],
    ['TKE GlobalRouter', agent('tke-bridge-agent-a', { 'k8s-app': 'tke-bridge-agent' })],
  ];
  for (const [plugin, facts] of agents) {
    it(`is ${plugin} where its agent runs, beside kube-proxy`, () => {
      expect(cluster(facts, kubeProxy).networkPlugin).to.deep.equal({ name: plugin, evidence: `1 pod of ${plugin} exists.` });
    });
  }

  it('is what nodes show where no agent is a pod, as on k3s', () => {
    const networkHint = 'flannel: the annotation a';
    expect(cluster(node({ networkHint })).networkPlugin).to.deep.equal({ name: 'flannel', evidence: '1 of 1 node has the annotation a.' });
    expect(cluster(node({ networkHint }), cilium).networkPlugin.name).to.equal('Cilium');
  });

  it('is Unknown where two run, of which one may only enforce policies', () => {
    const aws = agent('aws-node-a', { 'k8s-app': 'aws-node' });
    const calico = [1, 2].map((number) => agent(`calico-node-${number}`, { 'k8s-app': 'calico-node' }));
    expect(cluster(aws, ...calico).networkPlugin).to.deep.equal({
      name: 'Unknown',
      evidence:
        'Agents of several plugins run: 1 pod of Amazon VPC CNI exists, 2 pods of Calico exist. Which of them gives pods their addresses is not visible in these.',
    });
  });

  const azure = agent('azure-cns-a', { 'k8s-app': 'azure-cns' });
  const calico = agent('calico-node-a', { 'k8s-app': 'calico-node' });
  const combinations: readonly (readonly [what: string, facts: readonly Facts[], name: string, evidence: string])[] = [
    [
      'Azure CNI powered by Cilium',
      [azure, cilium],
      'Azure CNI powered by Cilium',
      '1 pod of Azure CNI exists, 1 pod of Cilium exists; Azure CNI gives pods their addresses.',
    ],
    [
      'Azure CNI with policies of Calico',
      [azure, calico],
      'Azure CNI',
      '1 pod of Azure CNI exists, 1 pod of Calico exists; Calico enforces policies only.',
    ],
    [
      'GKE with policies of Calico',
      [calico, node({ platformHint: 'GKE: the label cloud.google.com/gke-nodepool' })],
      'GKE',
      '1 pod of Calico exists; Calico enforces policies only.',
    ],
    ['Calico anywhere else', [calico], 'Calico', '1 pod of Calico exists.'],
  ];
  for (const [what, facts, name, evidence] of combinations) {
    it(`is known of ${what}`, () => {
      expect(cluster(...facts).networkPlugin).to.deep.equal({ name, evidence });
    });
  }

  it('is forgotten with its last pod', () => {
    const store = storeOf([cilium]);
    store.apply({ type: 'delete', kind: 'Pod', key: 'uid-cilium-a' });
    expect(clusterOf(store, {}).networkPlugin.name).to.equal('Unknown');
  });
});

describe('the proxy of Services', () => {
  it('is Unknown with what runs, since the mode is in no object that is read', () => {
    expect(cluster(kubeProxy, cilium).serviceProxy).to.deep.equal({
      mode: 'Unknown',
      evidence: '1 pod of kube-proxy exists. The mode is in its configuration, which is not read.',
    });
    expect(cluster(cilium).serviceProxy.evidence).to.match(/^No pod is kube-proxy, and Cilium runs: it may serve/);
    expect(cluster().serviceProxy.evidence).to.match(/^No pod is kube-proxy or a known CNI plugin;/);
  });

  const ovn = agent('ovnkube-node-a', { app: 'ovnkube-node' }, { namespace: 'openshift-ovn-kubernetes' });
  const gke = node({ platformHint: 'GKE: the label cloud.google.com/gke-nodepool' });
  const modes: readonly (readonly [what: string, facts: readonly Facts[], mode: string])[] = [
    ['eBPF on GKE with Cilium and without kube-proxy', [gke, cilium], 'eBPF'],
    ['Unknown on GKE with both', [gke, cilium, kubeProxy], 'Unknown'],
    ['OVN where OVN-Kubernetes runs without kube-proxy', [ovn], 'OVN'],
  ];
  for (const [what, facts, mode] of modes) {
    it(`is ${what}`, () => {
      expect(cluster(...facts).serviceProxy.mode).to.equal(mode);
    });
  }

  const platforms: readonly (readonly [hint: string, mode: string, evidence: RegExp])[] = [
    ['Talos: x', 'eBPF', /^No pod is kube-proxy, and Cilium runs, which serves Services itself\.$/],
    ['RKE2: x', 'eBPF', /^No pod is kube-proxy, and Cilium runs, which/],
    ['k3s: x', 'Unknown', /^k3s has kube-proxy built in, unless it is switched off\./],
    ['EKS: x', 'Unknown', /^No pod is kube-proxy, and Cilium runs: it may serve/],
  ];
  for (const [platformHint, mode, evidence] of platforms) {
    it(`follows from the plugin and the platform ${platformHint.slice(0, -3)}`, () => {
      const { serviceProxy } = cluster(cilium, node({ platformHint }));
      expect(serviceProxy.mode).to.equal(mode);
      expect(serviceProxy.evidence).to.match(evidence);
    });
  }

  it('is not the plugin where that cannot serve Services, or kube-proxy runs', () => {
    const flannel = agent('flannel-a', { app: 'flannel', tier: 'node' }, { namespace: 'kube-flannel' });
    expect(cluster(flannel, node({ platformHint: 'kubeadm: x' })).serviceProxy.mode).to.equal('Unknown');
    expect(cluster(cilium, kubeProxy, node({ platformHint: 'kubeadm: x' })).serviceProxy.mode).to.equal('Unknown');
  });

  it('is known by the labels of GKE, AKS and ACK, too', () => {
    const worker = agent('kube-proxy-worker-a', { 'k8s-app': 'kube-proxy-worker' });
    expect(cluster(worker).serviceProxy.evidence).to.match(/^1 pod of kube-proxy exists\./);
    const labelled = agent('kube-proxy-gke-a', { component: 'kube-proxy', tier: 'node' });
    expect(cluster(labelled).serviceProxy.evidence).to.match(/^1 pod of kube-proxy exists\./);
  });
});

describe('the identity of a cluster', () => {
  it('is the uid of kube-system, with the name and the version that are known', () => {
    const store = storeOf([namespace('kube-system'), namespace('shop')]);
    expect(clusterOf(store, { name: 'blue', version: 'v1.36.3' })).to.deep.include({
      name: 'blue',
      uid: 'uid-kube-system',
      version: 'v1.36.3',
    });
  });

  it('is skipped of a report as far as it is not known', () => {
    expect(statusOf([]).cluster).to.have.keys('platform', 'networkPlugin', 'serviceProxy');
  });

  it('holds nothing that a terminal would act on, and no more than the definition allows', () => {
    const { name = '', version = '' } = clusterOf(storeOf([]), { name: `\u001b[2J${'x'.repeat(300)}`, version: 'v'.repeat(300) });
    expect(name)
      .to.match(/^\ufffd\[2Jx+…$/)
      .and.to.have.length(253);
    expect(version).to.have.length(128);
  });
});
