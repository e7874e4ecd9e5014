import { fields, text } from './shapes.ts';
import type { Metadata } from './metadata.ts';

/** What shows the platform of a node: its name, and what it is determined by. */
interface Marker {
  readonly platform: string;
  readonly label?: string;
  readonly annotation?: string;
  /** Part of the kubelet's version. */
  readonly version?: string;
  /** The beginning of `spec.providerID`. */
  readonly providerID?: string;
  /** The beginning of the name of its operating system. */
  readonly osImage?: string;
}

/** The first one counts: what others are built on comes last. A cloud's providerID alone shows where machines are, and not who runs the cluster. */
const MARKERS: readonly Marker[] = [
  { platform: 'vcluster', label: 'vcluster.loft.sh/fake-node' },
  { platform: 'OpenShift', label: 'node.openshift.io/os_id' },
  { platform: 'EKS', label: 'eks.amazonaws.com/nodegroup' },
  { platform: 'EKS', label: 'eks.amazonaws.com/compute-type' },
  { platform: 'EKS', version: '-eks-' },
  { platform: 'GKE', label: 'cloud.google.com/gke-nodepool' },
  { platform: 'GKE', version: '-gke.' },
  { platform: 'AKS', label: 'kubernetes.azure.com/cluster' },
  { platform: 'DigitalOcean', label: 'doks.digitalocean.com/node-id' },
  { platform: 'Linode', label: 'lke.linode.com/pool-id' },
  { platform: 'OKE', label: 'oci.oraclecloud.com/node.info.managed' },
  { platform: 'Scaleway', label: 'k8s.scaleway.com/kapsule' },
  { platform: 'OVHcloud', label: 'node.k8s.ovh/type' },
  { platform: 'ACK', version: '-aliyun.' },
  { platform: 'TKE', version: '-tke.' },
  { platform: 'Gardener', label: 'worker.gardener.cloud/pool' },
  { platform: 'kOps', label: 'kops.k8s.io/instancegroup' },
  { platform: 'Harvester', label: 'harvesterhci.io/managed' },
  { platform: 'RKE2', version: '+rke2' },
  { platform: 'k3s', version: '+k3s' },
  { platform: 'k0s', version: '+k0s' },
  { platform: 'MicroK8s', label: 'microk8s.io/cluster' },
  { platform: 'Talos', osImage: 'Talos ' },
  { platform: 'kind', providerID: 'kind://' },
  { platform: 'minikube', label: 'minikube.k8s.io/name' },
  { platform: 'Magnum', label: 'magnum.openstack.org/role' },
  { platform: 'Cluster API', annotation: 'cluster.x-k8s.io/machine' },
  { platform: 'kubeadm', annotation: 'kubeadm.alpha.kubernetes.io/cri-socket' },
];

/** The labels of nodes that Karpenter made, the second one before its version 0.32. */
const KARPENTER = ['karpenter.sh/nodepool', 'karpenter.sh/provisioner-name'] as const;

/** Whether Karpenter made the machine of a node, on whatever platform. */
export function isOfKarpenter({ labels }: Metadata): boolean {
  return KARPENTER.some((label) => label in labels);
}

/** What flannel writes on the nodes that it makes a network of, also where it runs as a part of k3s. */
const FLANNEL = 'flannel.alpha.coreos.com/backend-type';

/** What shows the CNI plugin of a node, in the same form; empty where nothing does. */
export function networkHintOf({ annotations }: Metadata): string {
  return FLANNEL in annotations ? `flannel: the annotation ${FLANNEL}` : '';
}

/**
 * What shows the platform of a node, as `EKS: the label eks.amazonaws.com/nodegroup`; of few different texts, whatever the number of nodes.
 * @returns the empty text where nothing shows it
 */
export function platformHintOf({ labels, annotations }: Metadata, spec: unknown, nodeInfo: unknown): string {
  const { kubeletVersion, osImage } = fields(nodeInfo);
  const { providerID } = fields(spec);
  for (const marker of MARKERS) {
    if (marker.label !== undefined && marker.label in labels) return `${marker.platform}: the label ${marker.label}`;
    if (marker.annotation !== undefined && marker.annotation in annotations)
      return `${marker.platform}: the annotation ${marker.annotation}`;
    if (marker.version !== undefined && text(kubeletVersion).includes(marker.version))
      return `${marker.platform}: a kubelet version with ${marker.version}`;
    if (marker.providerID !== undefined && text(providerID).startsWith(marker.providerID))
      return `${marker.platform}: a providerID that begins with ${marker.providerID}`;
    if (marker.osImage !== undefined && text(osImage).startsWith(marker.osImage))
      return `${marker.platform}: an operating system that is ${marker.osImage.trim()}`;
  }
  return '';
}
