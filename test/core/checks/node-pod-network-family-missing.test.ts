import { nodePodNetworkFamilyMissing } from '../../../src/core/checks/node-pod-network-family-missing.ts';
import type { PodFacts } from '../../../src/core/facts.ts';
import { dualNodes, node, pod, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const IPV4_ONLY = ['10.244.1.7'];
const FROM_ELSEWHERE = ['172.16.0.7', '2001:db8:7::7'];

/** So many pods on a node. */
function podsOn(nodeName: string, count: number, told: PodSketch = {}): PodFacts[] {
  return Array.from({ length: count }, (_, index) => pod({ name: `${nodeName}-${index}`, nodeName, ...told }));
}

const nodes = dualNodes('a', 'b', 'c');
const healthy = [...podsOn('a', 2), ...podsOn('b', 2)];
const withoutPodCIDRs = ['a', 'b', 'c'].map((name) => node({ name }));

describeCheck(
  nodePodNetworkFamilyMissing,
  [
    {
      name: 'fires on a node of which all pods lack a family that its podCIDRs have',
      given: [...nodes, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'does not judge by a single pod',
      given: [...nodes, ...healthy, ...podsOn('c', 1, { addresses: IPV4_ONLY })],
      finds: [],
    },
    {
      name: 'says nothing where one pod has the family',
      given: [...nodes, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY }), pod({ nodeName: 'c', name: 'new' })],
      finds: [],
    },
    {
      name: 'takes no host-network, completed, terminating, pending or unaddressed pod for one of the pod network (P3, P5)',
      given: [
        ...nodes,
        ...healthy,
        ...podsOn('c', 1, { addresses: IPV4_ONLY }),
        pod({ nodeName: 'c', name: 'host', hostNetwork: true, addresses: ['192.0.2.1'] }),
        pod({ nodeName: 'c', name: 'done', state: 'Completed', addresses: IPV4_ONLY }),
        pod({ nodeName: 'c', name: 'going', state: 'Terminating', addresses: IPV4_ONLY }),
        pod({ nodeName: 'c', name: 'coming', state: 'Pending', addresses: [] }),
        pod({ nodeName: 'c', name: 'starting', addresses: [] }),
      ],
      finds: [],
    },
    {
      name: 'tells from the pods of its peers what a node without podCIDRs can give (N6)',
      given: [...withoutPodCIDRs, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'tells from the pods of its peers where pods do not use podCIDRs (N6)',
      given: [
        ...nodes,
        ...podsOn('a', 2, { addresses: FROM_ELSEWHERE }),
        ...podsOn('b', 2, { addresses: FROM_ELSEWHERE }),
        ...podsOn('c', 2, { addresses: ['172.16.0.7'] }),
      ],
      finds: ['Critical Node/c IPv6'],
    },
    {
      name: 'tells nothing from podCIDRs that pods do not use (N6)',
      given: [...nodes, ...podsOn('a', 2, { addresses: ['172.16.0.7'] }), ...podsOn('b', 2, { addresses: ['172.16.0.7'] })],
      finds: [],
    },
    {
      name: 'tells nothing from the addresses of nodes (N6)',
      given: [...withoutPodCIDRs, ...podsOn('a', 2, { addresses: IPV4_ONLY }), ...podsOn('b', 2, { addresses: IPV4_ONLY })],
      finds: [],
    },
    {
      name: 'leaves to NodePodCIDRMissing a node that has no podCIDR of the family',
      given: [
        ...dualNodes('a', 'b'),
        node({ name: 'c', podCIDRs: ['10.244.1.0/24'] }),
        ...healthy,
        ...podsOn('c', 2, { addresses: IPV4_ONLY }),
      ],
      finds: [],
    },
    {
      name: 'is one finding on the cluster where most nodes are so',
      given: [...nodes, ...podsOn('a', 2), ...podsOn('b', 2, { addresses: IPV4_ONLY }), ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      finds: ['Critical Cluster IPv6'],
    },
    {
      name: 'stays with the nodes where half of them are so',
      given: [
        ...dualNodes('a', 'b', 'c', 'd'),
        ...healthy,
        ...podsOn('c', 2, { addresses: IPV4_ONLY }),
        ...podsOn('d', 2, { addresses: IPV4_ONLY }),
      ],
      finds: ['Critical Node/c IPv6', 'Critical Node/d IPv6'],
    },
    {
      name: 'asks no second family of a Windows node (K3)',
      given: [...nodes, node({ name: 'win', windows: true }), ...healthy, ...podsOn('win', 2, { addresses: IPV4_ONLY })],
      finds: [],
    },
    {
      name: 'does not judge virtual nodes and those that are being deleted (N7)',
      given: [
        ...dualNodes('a', 'b'),
        node({ name: 'fargate', virtual: true }),
        node({ name: 'gone', deleting: true }),
        ...healthy,
        ...podsOn('fargate', 2, { addresses: IPV4_ONLY }),
        ...podsOn('gone', 2, { addresses: IPV4_ONLY }),
      ],
      finds: [],
    },
    {
      name: 'says nothing of a family that is not expected',
      given: [...nodes, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      expected: ['IPv4'],
      finds: [],
    },
    {
      name: 'says nothing of an expected family that the node cannot give',
      given: [...withoutPodCIDRs, ...podsOn('a', 2, { addresses: IPV4_ONLY })],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    {
      name: 'says nothing of pods on a node that is not known',
      given: [...nodes, ...healthy, ...podsOn('z', 2, { addresses: IPV4_ONLY })],
      finds: [],
    },
    {
      name: 'waits for the pods to be listed',
      given: [...nodes, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      pending: ['Pod'],
      finds: [],
    },
    {
      name: 'says nothing without the nodes',
      given: [...nodes, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      refused: ['Node'],
      finds: [],
    },
  ],
  [
    {
      of: 'one node',
      given: [...nodes, ...healthy, ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      message: 'None of the 2 pods of the pod network on node c has IPv6, which the node can give',
      remediation:
        "Check that the CNI plugin on the node is configured for both families (its configuration in /etc/cni/net.d, its agent's log, IPv6 forwarding), then restart the pods.",
      command:
        'kubectl get pods --all-namespaces --field-selector spec.nodeName=c -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip',
    },
    {
      of: 'most nodes',
      given: [...nodes, ...podsOn('a', 2), ...podsOn('b', 2, { addresses: IPV4_ONLY }), ...podsOn('c', 2, { addresses: IPV4_ONLY })],
      message: 'On 2 of 3 nodes no pod of the pod network has IPv6, which the nodes can give',
      remediation: 'Configure the CNI plugin for both families (its IP pools and its dual-stack setting), then restart the pods.',
    },
  ],
);
