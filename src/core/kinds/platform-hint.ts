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
  /** The same, where nodes of other platforms have the mark too: it does not count on a machine of another provider. */
  readonly onlyOn?: string;
  /** The beginning of the name of its operating system. */
  readonly osImage?: string;
}

/** The first one counts: what others are built on comes last. A cloud's providerID alone shows where machines are, and not who runs the cluster. */
const MARKERS: readonly Marker[] = [
  { platform: 'vcluster', label: 'vcluster.loft.sh/fake-node' },
  { platform: 'OpenShift', label: 'node.openshift.io/os_id' },
  { platform: 'EKS', label: 'eks.amazonaws.com/nodegroup' },
  { platform: 'EKS', label: 'eks.amazonaws.com/compute-type' },
  { platform: 'EKS', version: '-eks-', onlyOn: 'aws://' },
  { platform: 'Google Distributed Cloud', label: 'baremetal.cluster.gke.io/node-pool' },
  { platform: 'Google Distributed Cloud', annotation: 'baremetal.cluster.gke.io/provider' },
  { platform: 'GKE', label: 'cloud.google.com/gke-nodepool', onlyOn: 'gce://' },
  { platform: 'GKE', version: '-gke.', onlyOn: 'gce://' },
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
  const providerID = text(fields(spec)['providerID']);
  const marks: Marks = { labels, annotations, version: text(kubeletVersion), osImage: text(osImage), providerID };
  for (const marker of MARKERS) {
    if (marker.onlyOn !== undefined && providerID !== '' && !providerID.startsWith(marker.onlyOn)) continue;
    const words = wordsOf(marker, marks);
    if (words !== undefined) return `${marker.platform}: ${words}`;
  }
  return '';
}

/** What a node has of all that markers name. */
interface Marks extends Pick<Metadata, 'labels' | 'annotations'> {
  readonly version: string;
  readonly osImage: string;
  readonly providerID: string;
}

function wordsOf({ label, annotation, version, providerID, osImage }: Marker, node: Marks): string | undefined {
  if (label !== undefined && label in node.labels) return `the label ${label}`;
  if (annotation !== undefined && annotation in node.annotations) return `the annotation ${annotation}`;
  if (version !== undefined && node.version.includes(version)) return `a kubelet version with ${version}`;
  if (providerID !== undefined && node.providerID.startsWith(providerID)) return `a providerID that begins with ${providerID}`;
  if (osImage !== undefined && node.osImage.startsWith(osImage)) return `an operating system that is ${osImage.trim()}`;
  return undefined;
}
