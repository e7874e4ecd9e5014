import { podFamilyOrder } from '../../../src/core/checks/pod-family-order.ts';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { addressesOn, ipv4Pod, node, NOW, pod, serviceCIDR, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const [IPV4, IPV6] = addressesOn('a');

/** A pod whose addresses begin with IPv6. */
function flipped(parts: PodSketch = {}): PodFacts {
  return pod({ addresses: [IPV6, IPV4], ...parts });
}

const IPV6_FIRST = node({ addresses: ['2001:db8::1', '192.0.2.1'] });
const FOUND = ['Info Pod/shop/web-1 IPv6'];

describeCheck(
  podFamilyOrder,
  [
    {
      name: 'fires on a pod that begins with IPv6 on a node that begins with IPv4 (#order-of-pod-addresses)',
      given: [node(), flipped()],
      finds: FOUND,
    },
    {
      name: 'fires on a pod that begins with IPv4 on a node that begins with IPv6',
      given: [IPV6_FIRST, pod()],
      finds: ['Info Pod/shop/web-1 IPv4'],
    },
    { name: 'says nothing of a pod that follows its node', given: [node(), pod()], finds: [] },
    { name: 'says nothing of one that follows an IPv6-first node', given: [IPV6_FIRST, flipped()], finds: [] },
    {
      name: 'goes by the hostIPs, not by what the node has by now',
      given: [node(), flipped({ hostIPs: ['2001:db8::1', '192.0.2.1'] })],
      finds: [],
    },
    {
      name: 'goes by the hostIPs, of which older clusters report one',
      given: [IPV6_FIRST, flipped({ hostIPs: ['192.0.2.1'] })],
      finds: FOUND,
    },
    { name: 'goes by the node where there are no hostIPs', given: [IPV6_FIRST, flipped({ hostIPs: [] })], finds: [] },
    {
      name: 'compares a pod with its own node, not with the cluster',
      given: [serviceCIDR(), IPV6_FIRST, node({ name: 'b' }), node({ name: 'c' }), flipped(), pod({ name: 'web-2', nodeName: 'b' })],
      finds: [],
    },
    {
      name: 'goes by the addresses of the node and not by its podCIDRs (#order-of-pod-addresses)',
      given: [node({ podCIDRs: ['fd00:10:244:1::/64', '10.244.1.0/24'] }), pod()],
      finds: [],
    },
    { name: 'fires on a node of one family', given: [node({ addresses: ['192.0.2.1'] }), flipped()], finds: FOUND },
    { name: 'asks no order of a pod of one family', given: [IPV6_FIRST, ipv4Pod('web-1')], finds: [] },
    { name: 'asks none of a node without addresses', given: [node({ addresses: [] }), flipped()], finds: [] },
    { name: 'does not evaluate host-network pods (#host-network-pods)', given: [node(), flipped({ hostNetwork: true })], finds: [] },
    {
      name: 'does not evaluate completed, terminating and pending pods (#skipped-pods)',
      given: [
        node(),
        flipped({ name: 'done', state: 'Completed' }),
        flipped({ name: 'going', state: 'Terminating' }),
        flipped({ name: 'coming', state: 'Pending' }),
      ],
      finds: [],
    },
    {
      name: 'does not evaluate pods on virtual nodes (#skipped-nodes)',
      given: [node({ virtual: true }), flipped({ hostIPs: ['192.0.2.1'] })],
      finds: [],
    },
    {
      name: 'does not evaluate pods on a node that is being deleted (#skipped-nodes)',
      given: [node({ deleting: true }), flipped({ hostIPs: ['192.0.2.1'] })],
      finds: [],
    },
    {
      name: 'does not evaluate pods on a node that is not known',
      given: [node({ name: 'b' }), flipped({ hostIPs: ['192.0.2.1'] })],
      finds: [],
    },
    { name: 'does not wait: the order never changes', given: [node(), flipped({ createdAt: NOW, readySince: NOW })], finds: FOUND },
    { name: 'says nothing of a family that is not expected', given: [node(), flipped()], expected: ['IPv4'], finds: [] },
    { name: 'fires where both are expected', given: [node(), flipped()], expected: ['IPv6', 'IPv4'], finds: FOUND },
    { name: 'waits for the nodes to be listed', given: [node(), flipped()], pending: ['Node'], finds: [] },
    { name: 'waits for the pods to be listed', given: [node(), flipped()], pending: ['Pod'], finds: [] },
    { name: 'says nothing without the nodes', given: [node(), flipped({ hostIPs: ['192.0.2.1'] })], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a pod of a controller',
      given: [node(), flipped()],
      message: `The addresses of pod shop/web-1 begin with IPv6 (${IPV6}, ${IPV4}), those of its node a with the other family`,
      summary: 'Delete the pod, so that its controller makes a new one.',
      steps: ['RestartsPods: Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.'],
      commands: ['kubectl delete pod web-1 --namespace shop'],
    },
    {
      of: 'a bare pod',
      given: [node(), flipped({ controlled: false })],
      message: `The addresses of pod shop/web-1 begin with IPv6 (${IPV6}, ${IPV4}), those of its node a with the other family`,
      summary: 'Replace the pod with an equal one, since no controller would make a new one.',
      steps: [
        'None: Save its manifest, and remove from web-1.yaml the annotations that the CNI plugin wrote, such as those of ovn.kubernetes.io and k8s.ovn.org: with them, the new pod can get the old addresses.',
        'RestartsPods: Delete the pod and create it again from this manifest. It loses what it works on and its emptyDir volumes, gets other addresses, and serves nothing until it runs again.',
      ],
      commands: ['kubectl get pod web-1 --namespace shop --output yaml > web-1.yaml', 'kubectl replace --force --filename web-1.yaml'],
    },
    {
      of: 'a pod that begins with IPv4 though its node does not: its kubelet has no --node-ip',
      given: [IPV6_FIRST, pod()],
      message: `The addresses of pod shop/web-1 begin with IPv4 (${IPV4}, ${IPV6}), those of its node a with the other family`,
      summary: 'Give the kubelet of its node --node-ip with the preferred family first, then replace the pod.',
      steps: [
        "None: Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on. Then give the kubelet --node-ip with an address of each family, the preferred one first, and restart it. Pods keep running; host-network pods get the new address when they restart.",
        'RestartsPods: Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.',
      ],
      commands: ['kubectl delete pod web-1 --namespace shop'],
    },
    {
      of: 'such a pod where the kubelet takes one address (#node-ip-of-both-families)',
      given: [{ ...IPV6_FIRST, takesDualNodeIP: false }, pod()],
      message: `The addresses of pod shop/web-1 begin with IPv4 (${IPV4}, ${IPV6}), those of its node a with the other family`,
      summary: 'Give the kubelet of its node --node-ip with the preferred family first, then replace the pod.',
      steps: [
        'None: Set --node-ip of the kubelet to ::, and restart it: the cloud provider still lists all addresses, and new pods begin with IPv6. Beside a cloud provider, the kubelet does not start with two addresses before Kubernetes 1.29. Pods keep running; host-network pods get the new address when they restart.',
        'RestartsPods: Delete the pod: its controller makes a new one. The pod loses its emptyDir volumes and gets other addresses.',
      ],
      commands: ['kubectl delete pod web-1 --namespace shop'],
    },
    {
      of: 'a static pod, which no command restarts',
      given: [node(), flipped({ mirror: true })],
      message: `The addresses of pod shop/web-1 begin with IPv6 (${IPV6}, ${IPV4}), those of its node a with the other family`,
      summary: 'Restart the static pod.',
      steps: [
        'RestartsPods: Move its manifest out of the manifest folder of node a, wait until the pod is gone, and move it back. What the pod serves is away until then: restart static pods on one node at a time, once those of all other nodes are Ready, since etcd needs most of its members.',
      ],
    },
  ],
);
