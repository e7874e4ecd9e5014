import { nodePodsInForeignRange } from '../../../src/core/checks/node-pods-in-foreign-range.ts';
import { dualNodes, MINUTE, node, NOW, pod, podCIDRsOf, type PodSketch } from '../build.ts';
import { agent, addressesIn, podsOn } from './range-shapes.ts';
import { describeCheck } from './table.ts';

const NODES = dualNodes('a', 'b', 'c');
const HEALTHY = podsOn('a', 'b', 'c');
/** A pod on node c with addresses of node a. */
const foreign = (parts: PodSketch = {}) => pod({ name: 'old', nodeName: 'c', addresses: addressesIn('a', 9), ...parts });
const FOUND = 'Critical Node/c IPv4+IPv6';

describeCheck(
  nodePodsInForeignRange,
  [
    { name: 'says nothing where all pods are in the podCIDRs of their nodes', given: [...NODES, ...HEALTHY], finds: [] },
    { name: 'fires on the node of a pod with addresses of another one', given: [...NODES, ...HEALTHY, foreign()], finds: [FOUND] },
    {
      name: 'fires in the one family in which the address is of another node',
      given: [...NODES, ...HEALTHY, foreign({ addresses: [addressesIn('c', 9)[0], addressesIn('b', 9)[1]] })],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'fires in the family of a second address',
      given: [...NODES, ...HEALTHY, foreign({ addresses: [addressesIn('c', 9)[0], addressesIn('a', 9)[0], addressesIn('c', 9)[1]] })],
      finds: ['Critical Node/c IPv4'],
    },
    {
      name: 'says nothing of addresses from elsewhere (NodePodCIDRUnused)',
      given: [...NODES, ...HEALTHY, foreign({ addresses: ['172.16.0.7', '2001:db8:7::7'] })],
      finds: [],
    },
    {
      name: 'says nothing of kubeadm with Calico, which fills podCIDRs and ignores them (projectcalico/calico#2900, #2592)',
      given: [...NODES, ...HEALTHY, foreign(), agent('calico-node')],
      finds: [],
    },
    {
      name: 'says nothing of Calico where its agent is not in the dump: its blocks are not those of nodes',
      given: [...NODES, ...['a', 'b', 'c'].flatMap((name, index) => podsOn(name).map((one) => ({ ...one, ...spread(index) }))), foreign()],
      finds: [],
    },
    {
      name: 'is Info where Cilium runs: cluster-pool of one shared range, as on Talos, can fit some podCIDRs',
      given: [...NODES, ...HEALTHY, foreign(), agent('cilium')],
      finds: ['Info Node/c IPv4+IPv6'],
    },
    ...['aws-node', 'azure-cns'].map((label) => ({
      name: `says nothing of a cloud's own addresses, as of ${label}`,
      given: [...NODES, ...HEALTHY, foreign(), agent(label)],
      finds: [],
    })),
    {
      name: 'says nothing of Kube-OVN, which writes the subnet to each pod',
      given: [...NODES, ...HEALTHY.map((one) => ({ ...one, subnet: 'ovn-default' })), foreign({ subnet: 'ovn-default' })],
      finds: [],
    },
    {
      name: 'says nothing of host-network pods, and of those with another default network',
      given: [...NODES, ...HEALTHY, foreign({ hostNetwork: true }), foreign({ name: 'multus', otherNetwork: true })],
      finds: [],
    },
    { name: 'says nothing of a pod that is about to go', given: [...NODES, ...HEALTHY, foreign({ state: 'Terminating' })], finds: [] },
    {
      name: 'says nothing of the family that pods have from a pool, whose addresses may fit some podCIDR',
      given: [
        ...NODES,
        ...HEALTHY.map((one, index) => pod({ ...one, addresses: [one.addresses[0] ?? '', `fd00:b00::${index}`], labels: {} })),
        foreign({ addresses: [addressesIn('c', 9)[0], addressesIn('a', 9)[1]] }),
      ],
      finds: [],
    },
    {
      name: 'waits while a node that was registered again is set up',
      given: [...dualNodes('a', 'b'), node({ name: 'c', podCIDRs: podCIDRsOf('c'), createdAt: NOW - MINUTE }), ...HEALTHY, foreign()],
      finds: [],
    },
    {
      name: 'fires once it should have been',
      given: [...dualNodes('a', 'b'), node({ name: 'c', podCIDRs: podCIDRsOf('c'), createdAt: NOW - 5 * MINUTE }), ...HEALTHY, foreign()],
      finds: [FOUND],
    },
    { name: 'says nothing without the pods', given: [...NODES, ...HEALTHY, foreign()], refused: ['Pod'], finds: [] },
  ],
  [
    {
      of: 'pods that outlived their Node object',
      given: [...NODES, ...HEALTHY, foreign(), foreign({ name: 'older', addresses: addressesIn('a', 10) })],
      message: `2 pods on node c have addresses in the podCIDR of another node, such as shop/old with ${addressesIn('a', 9)[0]} of node a`,
      summary: 'Restart these pods, so that they get addresses in the podCIDR of their own node.',
      steps: [
        'None: Compare the addresses of the pods on the node with the podCIDRs of the nodes.',
        'RestartsPods: Restart the pods on node c, or the machine: a pod gets its addresses when it starts. If new pods get such addresses too, the CNI plugin still has the range from before, so restart its agent first. Pods lose their emptyDir volumes.',
      ],
      commands: [
        'kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs; kubectl get pods --all-namespaces --field-selector spec.nodeName=c -o wide',
      ],
    },
    {
      of: 'most nodes',
      given: [
        ...NODES,
        ...dualNodes('d', 'e'),
        ...podsOn('a', 'b', 'c', 'd', 'e'),
        ...['a', 'b', 'c'].map((name) => pod({ name: `old-${name}`, nodeName: name, addresses: addressesIn('e', 9) })),
      ],
      message: 'On 3 of 5 nodes pods have IPv4 and IPv6 addresses in the podCIDRs of other nodes',
      summary: 'Restart these pods, so that they get addresses in the podCIDRs of their own nodes.',
      steps: [
        'RestartsPods: Restart the pods on these nodes, or the machine: a pod gets its addresses when it starts. If new pods get such addresses too, the CNI plugin still has the range from before, so restart its agent first. Pods lose their emptyDir volumes.',
      ],
    },
  ],
);

/** Addresses of one pool, most of them in no podCIDR of their own node and some in that of another one. */
function spread(index: number) {
  return { addresses: [`10.244.77.${index}`, addressesIn(['b', 'c', 'a'][index] ?? '', 5)[1]] };
}
