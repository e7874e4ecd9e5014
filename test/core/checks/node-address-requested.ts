import { dualNodes, ipv4Pod, node, serviceCIDR } from '../build.ts';
import type { Wording } from './table.ts';

const IPV4 = ['192.0.2.1'];
const BOTH = '192.0.2.1,2001:db8::1';
const SUMMARY = 'Have the cloud provider list an IPv6 address: --node-ip of the kubelet names both families already.';
const LIST =
  'None: The kubelet names its addresses in annotation alpha.kubernetes.io/provided-node-ip, and leaves it to the cloud provider to list them. Check that its cloud-controller-manager runs and supports both families, and that the machine has the address.';
const NODES_IPV6 = 'Node ports, host-network pods and whatever else listens on all addresses of the nodes, at their IPv6 addresses.';
const SET_NODE_IP =
  "None: Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on. Then give the kubelet --node-ip with an address of each family, the present one first, and restart it. Pods keep running; host-network pods get the new address when they restart.";

const allInVain = ['a', 'b', 'c'].map((name) =>
  node({ name, addresses: IPV4, providedNodeIP: BOTH, platformHint: 'k3s: the version v1.34.1+k3s1' }),
);

/** What NodeAddressMissing says where kubelets ask for both families already, and where the pods lack them too. */
export const BEYOND_NODE_IP: readonly Wording[] = [
  {
    of: 'a node whose --node-ip asked for both families in vain',
    given: [...dualNodes('a', 'b'), node({ name: 'old', addresses: IPV4, providedNodeIP: BOTH })],
    message: `Node old has no IPv6 address (it has addresses of IPv4 only, though its kubelet's --node-ip is ${BOTH})`,
    summary: SUMMARY,
    steps: ['None: See which addresses the node has.', LIST],
    commands: ["kubectl get node old -o jsonpath='{.status.addresses}'"],
    exposes: [NODES_IPV6],
  },
  {
    of: 'all nodes, whose --node-ip asked for both families in vain (k3s#12060)',
    given: allInVain,
    expected: ['IPv4', 'IPv6'],
    message: 'None of the 3 nodes has an IPv6 address',
    summary: SUMMARY,
    steps: [`${LIST} That of k3s runs in its servers, unless disable-cloud-controller in /etc/rancher/k3s/config.yaml switches it off.`],
    exposes: [NODES_IPV6],
  },
  {
    of: 'all nodes, where Services have a family that pods lack too',
    given: [...['a', 'b', 'c'].map((name) => node({ name, addresses: IPV4 })), ipv4Pod('web', { nodeName: 'a' }), serviceCIDR()],
    message: 'None of the 3 nodes has an IPv6 address',
    summary: "Give each node an IPv6 address, and name both families in its kubelet's --node-ip.",
    steps: [
      SET_NODE_IP,
      "None: Configure the CNI plugin for IPv6 too; where pods get their addresses from podCIDRs, kube-controller-manager's --cluster-cidr and the nodes as well.",
      'RestartsPods: Restart the pods of the pod network, workload by workload. A pod gets its addresses when it starts.',
    ],
    exposes: [
      NODES_IPV6,
      'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.',
    ],
  },
];
