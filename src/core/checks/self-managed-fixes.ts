import { missingAddresses, nodeExposure } from './remedies.ts';
import type { FamilyList } from '../net/addresses.ts';
import type { RemediationStep } from './check.ts';

type Way = Pick<RemediationStep, 'description' | 'disruption'>;

/** How a platform is set up for both families, as its documentation says. */
interface Ways {
  /** How the kubelet of a node gets an address of each family. */
  readonly nodeIP: Way;
  /** How nodes get podCIDRs of both families. */
  readonly podRanges: Way;
  /** How Services get both families. */
  readonly serviceRanges: Way;
}

const EACH = 'to an address of each family, the present one first';
const KEEP = 'Pods keep running; host-network pods get the new address when they restart.';
const ROOM =
  'a range of each family, the present one first, with room for all nodes and with all present podCIDRs in it: otherwise kube-controller-manager does not start';

/** Where no platform is known. */
const BY_FLAGS: Ways = {
  nodeIP: {
    description: `Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on. Then give the kubelet --node-ip with an address of each family, the present one first, and restart it. ${KEEP}`,
    disruption: 'None',
  },
  podRanges: {
    description: `Make kube-controller-manager's --cluster-cidr name ${ROOM}. kube-controller-manager restarts; pods keep running.`,
    disruption: 'None',
  },
  serviceRanges: {
    description: "Give the API server's --service-cluster-ip-range a range of each family, the present one first. The API server restarts.",
    disruption: 'None',
  },
};

const AGAIN = 'Its pods, their volumes and all else in it are lost.';

/** What `k3s` and `rke2` have in common: one file for all, and ranges that are set once. */
function rancher(name: string, folder: string, services: string): Ways {
  const set = `${name} takes its ranges when the cluster is created: one that started with one family cannot get the other (documentation, "Dual-stack"), but a new cluster can.`;
  return {
    nodeIP: {
      description: `Set node-ip in /etc/rancher/${folder}/config.yaml of the node ${EACH}, and restart ${services}. ${KEEP}`,
      disruption: 'None',
    },
    podRanges: {
      description: `Check that cluster-cidr in /etc/rancher/${folder}/config.yaml is the same on all servers, and has ${ROOM}. ${set}`,
      disruption: 'None',
    },
    serviceRanges: {
      description: `Check that service-cidr in /etc/rancher/${folder}/config.yaml is the same on all servers, and has a range of each family. ${set}`,
      disruption: 'None',
    },
  };
}

const BY_MACHINE_TEMPLATE: Ways = {
  nodeIP: {
    description: `In the management cluster, set node-ip of the kubelet in the templates that the node is made from (kubeletExtraArgs of kubeadm) ${EACH}, or leave it out, and roll out new machines. That evicts the pods of each old one, and loses their emptyDir volumes.`,
    disruption: 'RecreatesNode',
  },
  podRanges: {
    description: `In the management cluster, give spec.clusterNetwork.pods of the Cluster (with Rancher, cluster-cidr in its configuration), and --cluster-cidr of kube-controller-manager in its control plane, ${ROOM}. The control plane is rolled out.`,
    disruption: 'RecreatesNode',
  },
  serviceRanges: {
    description:
      'In the management cluster, give spec.clusterNetwork.services of the Cluster, and --service-cluster-ip-range of its API server, a range of each family, the present one first. The control plane is rolled out.',
    disruption: 'RecreatesNode',
  },
};

const KIND: Way = {
  description: `kind sets up nodes and ranges when it creates a cluster. Delete the cluster and the container network kind, which may be from before the host had IPv6, and create it again with networking.ipFamily: dual. ${AGAIN}`,
  disruption: 'RecreatesNode',
};

const HARVESTER: Way = {
  description:
    'Harvester takes its ranges when it is installed, and only versions with dual-stack take both families (harvester/harvester#11309). Install another cluster with both, and move the virtual machines.',
  disruption: 'None',
};

const MINIKUBE: Way = {
  description:
    'minikube has no setting for both families (kubernetes/minikube#8535). Create the cluster with a tool that has one, such as kind. Nothing moves from this cluster to the other one by itself.',
  disruption: 'None',
};

const MAGNUM: Way = {
  description:
    'Magnum starts kubelets and the control plane with what the cluster template says when it creates a cluster (labels kubelet_options, kubecontroller_options and kubeapi_options). Create another cluster from a template with both families, on a network with a subnet of each.',
  disruption: 'None',
};

const KOPS: Way = {
  description:
    'kOps gives pods one family, which nonMasqueradeCIDR of the cluster chooses; only nodes have both (documentation, "IPv6"). Leave the cluster the family that it has, or create another one.',
  disruption: 'None',
};

const WAYS: Readonly<Record<string, Ways>> = {
  kubeadm: {
    nodeIP: {
      description: `Set --node-ip in KUBELET_KUBEADM_ARGS in /var/lib/kubelet/kubeadm-flags.env of the node ${EACH}, and restart its kubelet. ${KEEP}`,
      disruption: 'None',
    },
    podRanges: {
      description: `Set --cluster-cidr in /etc/kubernetes/manifests/kube-controller-manager.yaml of each control plane node, and networking.podSubnet in ConfigMap kube-system/kubeadm-config, to ${ROOM}. kube-controller-manager restarts; pods keep running.`,
      disruption: 'None',
    },
    serviceRanges: {
      description:
        'Set --service-cluster-ip-range in the manifests of kube-apiserver and kube-controller-manager in /etc/kubernetes/manifests of each control plane node, and networking.serviceSubnet in ConfigMap kube-system/kubeadm-config, to a range of each family, the present one first. Both restart; pods keep running.',
      disruption: 'None',
    },
  },
  k3s: rancher('k3s', 'k3s', 'its service, k3s or k3s-agent'),
  RKE2: rancher('RKE2', 'rke2', 'its service, rke2-server or rke2-agent'),
  k0s: {
    nodeIP: {
      description: `Set --node-ip in --kubelet-extra-args of the node's k0s service (with k0sctl in installFlags of the host) ${EACH}, and restart the service. ${KEEP}`,
      disruption: 'None',
    },
    podRanges: {
      description: `In the configuration of each controller, enable spec.network.dualStack, with an IPv6podCIDR that has room for all nodes, and restart the controllers. Before k0s 1.36 they do not start where nodes have IPv4 podCIDRs already (k0sproject/k0s#5116).`,
      disruption: 'None',
    },
    serviceRanges: {
      description:
        'In the configuration of each controller, enable spec.network.dualStack with an IPv6serviceCIDR, and restart the controllers. Before k0s 1.36 they do not start where nodes have IPv4 podCIDRs already (k0sproject/k0s#5116).',
      disruption: 'None',
    },
  },
  MicroK8s: {
    podRanges: {
      description: `Set --cluster-cidr in kube-controller-manager and kube-proxy in /var/snap/microk8s/current/args of each node to ${ROOM}, and restart the service snap.microk8s.daemon-kubelite on one node after the other. The control plane of the node restarts; pods keep running.`,
      disruption: 'None',
    },
    serviceRanges: {
      description:
        'Set --service-cluster-ip-range in kube-apiserver and kube-controller-manager in /var/snap/microk8s/current/args of each control plane node to a range of each family, the present one first, and restart the service snap.microk8s.daemon-kubelite on one node after the other. The API server of the node restarts; pods keep running.',
      disruption: 'None',
    },
    nodeIP: {
      description: `Set --node-ip in /var/snap/microk8s/current/args/kubelet of the node ${EACH}, and restart the service snap.microk8s.daemon-kubelite. ${KEEP}`,
      disruption: 'None',
    },
  },
  Talos: {
    nodeIP: {
      description: `In the machine configuration of the node, give machine.kubelet.nodeIP.validSubnets (from Talos 1.14 on nodeIP.validSubnets of KubeNodeConfig) a subnet of each family, and apply it with talosctl. The kubelet restarts. ${KEEP}`,
      disruption: 'None',
    },
    podRanges: {
      description: `In the machine configuration of each control plane node, give cluster.network.podSubnets (from Talos 1.14 on podSubnets of KubeNetworkConfig) ${ROOM}, and apply it with talosctl. kube-controller-manager restarts; pods keep running.`,
      disruption: 'None',
    },
    serviceRanges: {
      description:
        'In the machine configuration of each control plane node, give cluster.network.serviceSubnets (from Talos 1.14 on serviceSubnets of KubeNetworkConfig) a range of each family, the present one first, and apply it with talosctl. The API server restarts.',
      disruption: 'None',
    },
  },
  kOps: {
    nodeIP: {
      description:
        'Give the network interface of the machine an address of each family at the cloud, whose controller lists it. Set no flags on the machine, which kOps makes again from its instance group: they are in spec.kubelet of the cluster or the group. "kops update cluster --yes" and "kops rolling-update cluster --yes" apply a change there, and replace one machine after the other, which evicts their pods and loses their emptyDir volumes.',
      disruption: 'RecreatesNode',
    },
    podRanges: KOPS,
    serviceRanges: KOPS,
  },
  Harvester: {
    nodeIP: {
      description:
        'Give the management network of the host an address of each family in the configuration of Harvester (/oem), since it writes all other files again when the host boots. Then enable maintenance mode, which migrates virtual machines, and reboot the host. Only versions with dual-stack list both families (harvester/harvester#11309).',
      disruption: 'RestartsPods',
    },
    podRanges: HARVESTER,
    serviceRanges: HARVESTER,
  },
  minikube: { nodeIP: MINIKUBE, podRanges: MINIKUBE, serviceRanges: MINIKUBE },
  Magnum: { nodeIP: MAGNUM, podRanges: MAGNUM, serviceRanges: MAGNUM },
  kind: { nodeIP: KIND, podRanges: KIND, serviceRanges: KIND },
  'Cluster API': BY_MACHINE_TEMPLATE,
};

function waysOf(platform: string): Ways {
  return Object.hasOwn(WAYS, platform) ? (WAYS[platform] ?? BY_FLAGS) : BY_FLAGS;
}

/** Platforms that set up nodes themselves, with the ranges that a cluster was created with. */
const SET_UP_BY_TOOL: ReadonlySet<string> = new Set(['kOps', 'Harvester', 'kind', 'minikube', 'Magnum']);

/** Whether users of a platform set the flag `--node-ip` of kubelets. */
export function takesNodeIPFlag(platform: string): boolean {
  return !SET_UP_BY_TOOL.has(platform);
}

/** Whether a cluster of a platform has the ranges for as long as it is there. */
export function hasFixedRanges(platform: string): boolean {
  return SET_UP_BY_TOOL.has(platform) || platform === 'k3s' || platform === 'RKE2';
}

/** Gives nodes addresses of families that they lack. A restart of the kubelet leaves pods as they are. */
export function setNodeIP(platform: string, families: FamilyList): RemediationStep {
  return { ...waysOf(platform).nodeIP, exposes: nodeExposure(families) };
}

/**
 * Gives nodes addresses of families that they lack, where their kubelets do not start with two of them in `--node-ip`. The kubelet takes the
 * unspecified address of a family as the preference for it.
 */
export function leaveNodeIPOut(families: FamilyList): RemediationStep {
  return {
    description: `Beside a cloud provider, a kubelet does not start with two addresses in --node-ip before Kubernetes 1.29. Give such a machine ${missingAddresses(families)}, and remove --node-ip from its kubelet, or set it to :: where IPv6 is to be first. Restart the kubelet, and remove the annotation alpha.kubernetes.io/provided-node-ip if the node keeps it. ${KEEP}`,
    disruption: 'None',
    exposes: nodeExposure(families),
  };
}

/** k3s and RKE2 have a cloud provider of their own, which sets the addresses of nodes (k3s-io/k3s#12060). */
const OWN_PROVIDER: Readonly<Record<string, string>> = { k3s: 'k3s', RKE2: 'rke2' };

/** Has the cloud provider list addresses that the kubelet names already. */
export function listNodeIP(platform: string, families: FamilyList): RemediationStep {
  const folder = Object.hasOwn(OWN_PROVIDER, platform) ? OWN_PROVIDER[platform] : undefined;
  const own = folder
    ? ` That of ${platform} runs in its servers, unless disable-cloud-controller in /etc/rancher/${folder}/config.yaml switches it off.`
    : '';
  return {
    description: `The kubelet names its addresses in annotation alpha.kubernetes.io/provided-node-ip, and leaves it to the cloud provider to list them. Check that its cloud-controller-manager runs and supports both families, and that the machine has the address.${own}`,
    disruption: 'None',
    exposes: nodeExposure(families),
  };
}

/** Puts another family first of those that a node has. The nodes of kind and minikube are those of kubeadm. */
export function setNodeIPOrder(platform: string): RemediationStep {
  if (platform === 'Magnum' || platform === 'Harvester') {
    return {
      description: `Leave the order as it is unless a client needs the other one: ${platform} sets up kubelets. On other machines, --node-ip with the preferred family first gives it.`,
      disruption: 'None',
    };
  }
  const { description, disruption } = waysOf(platform === 'kind' || platform === 'minikube' ? 'kubeadm' : platform).nodeIP;
  return { description: description.replaceAll('the present one first', 'the preferred one first'), disruption };
}

/** Puts IPv6 first of the addresses of pods, where a kubelet does not start with two addresses in `--node-ip`. */
export const PREFER_IPV6: RemediationStep = {
  description: `Set --node-ip of the kubelet to ::, and restart it: the cloud provider still lists all addresses, and new pods begin with IPv6. Beside a cloud provider, the kubelet does not start with two addresses before Kubernetes 1.29. ${KEEP}`,
  disruption: 'None',
};

/** Has nodes registered with podCIDRs of both families. */
export function setPodRanges(platform: string): RemediationStep {
  return waysOf(platform).podRanges;
}

/** The same where some node has such podCIDRs: then there is nothing to set on platforms that set ranges themselves. */
export function checkPodRanges(platform: string): readonly RemediationStep[] {
  return SET_UP_BY_TOOL.has(platform) ? [] : [setPodRanges(platform)];
}

/** Lets Services have both families. */
export function setServiceRanges(platform: string): RemediationStep {
  return waysOf(platform).serviceRanges;
}
