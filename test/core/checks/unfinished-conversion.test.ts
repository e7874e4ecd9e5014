import { expect } from 'chai';
import { nodeAddressMissing } from '../../../src/core/checks/node-address-missing.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import {
  addressesOn,
  dualService,
  evaluate,
  inShort,
  MINUTE,
  node,
  NOW,
  pod,
  service,
  serviceCIDR,
  slicesFor,
  type NodeSketch,
} from '../build.ts';
import {
  AFTER_THAT,
  AKS,
  CONVERTED,
  LET_OPENSHIFT,
  NODES_IPV6,
  OPENSHIFT,
  PODS_IPV6,
  SEE,
  SEE_COMMAND,
  SEE_NODE,
  SEE_POOLS,
  WAIT,
  WAIT_FOR_AKS,
  converted,
  ipv4Node,
  ipv4PodsOn,
  left,
  old,
  podsOn,
} from './conversion-shapes.ts';
import { describeCheck } from './table.ts';

const EKS: NodeSketch = { platformHint: 'EKS: the label eks.amazonaws.com/nodegroup' };
const configured = (config: string): NodeSketch => ({ currentConfig: config, desiredConfig: config });
/** A machine that OpenShift has updated. */
const UPDATED: NodeSketch = { ...OPENSHIFT, ...configured('rendered-worker-2') };
const REBOOT =
  'Give its interface an address of the family and reboot the machine: nodeip-configuration.service passes the addresses to the kubelet when the machine boots.';
const ADDRESS_AND_REBOOT =
  'RestartsPods: Give the interface of each machine an address of the family, then drain and reboot one machine after the other: nodeip-configuration.service passes the addresses to the kubelet when the machine boots.';

/** A Service of both families, which promises IPv6 to clients. */
const promised = dualService({ name: 'promised', selector: {} });
const NODES_LEFT = 'NodeAddressMissing Warning Cluster IPv6';

interface Row {
  readonly name: string;
  readonly given: readonly Facts[];
  /** All that is found. */
  readonly finds: readonly string[];
}

const ROWS: readonly Row[] = [
  {
    name: 'is over where each node has addresses and pods of both families, whatever OpenShift updates',
    given: [...converted('a', { machineConfig: 'Updating' }), ...converted('b')],
    finds: [],
  },
  {
    name: 'has not started where nodes and pods have one family, whatever OpenShift updates',
    given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), ...left('a', { machineConfig: 'Updating' }), ...left('b')],
    finds: [],
  },
  {
    name: 'is none where some nodes list a second family in a cluster of one',
    given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), node({ name: 'a' }), ...ipv4PodsOn('a'), ...left('b'), ...left('c')],
    finds: [],
  },
  {
    name: 'is one fault with one cause, which is all that is left of it',
    given: [serviceCIDR(), ...converted('a'), ...left('b'), ...left('c')],
    finds: [NODES_LEFT],
  },
  {
    name: 'is so where Services have the family already, as pods from before show',
    given: [serviceCIDR(), promised, ...converted('a'), ...left('b'), ...left('c')],
    finds: [NODES_LEFT],
  },
  {
    name: 'counts no pod that started since on a node without the address: it would be the same today',
    given: [
      serviceCIDR(),
      promised,
      ...converted('a'),
      ...left('b'),
      ...left('c'),
      ...ipv4PodsOn('c', { name: 'new', startedAt: NOW - 10 * MINUTE }),
    ],
    finds: [NODES_LEFT],
  },
  {
    name: 'is not counted with a fault of a node that has an address, whose pods lack the family for another reason',
    given: [
      serviceCIDR(),
      promised,
      ...['a', 'b'].flatMap((name) => converted(name)),
      ...['c', 'd'].flatMap((name) => left(name, {}, { startedAt: CONVERTED })),
      node({ name: 'e' }),
      ...ipv4PodsOn('e', { startedAt: CONVERTED }),
    ],
    finds: [NODES_LEFT, 'NodePodNetworkFamilyMissing Critical Node/e IPv6'],
  },
  {
    name: 'explains that a Service has fewer endpoints of the family',
    given: [serviceCIDR(), ...converted('a'), ...left('b'), ...left('c'), ...unbalanced()],
    finds: ['EndpointsUnbalanced Warning Service/shop/web IPv6 because NodeAddressMissing Cluster', NODES_LEFT],
  },
  {
    name: 'comes before pods from before on nodes that are converted',
    given: [serviceCIDR(), ...converted('a'), ...old('a'), ...left('b'), ...left('c')],
    finds: [NODES_LEFT, 'PodsNotRestarted Warning Cluster IPv6 because NodeAddressMissing Cluster'],
  },
  {
    name: 'comes before these pods where one node is left',
    given: [serviceCIDR(), ...converted('a'), ...old('a'), ...left('b')],
    finds: ['NodeAddressMissing Warning Node/b IPv6', 'PodsNotRestarted Warning Cluster IPv6 because NodeAddressMissing Node/b'],
  },
  {
    name: 'comes before pods from before on the only node, whose machine OpenShift is changing',
    given: [serviceCIDR(), ipv4Node('a', { machineConfig: 'Updating' }), ...podsOn('a', { startedAt: CONVERTED }), ...old('a')],
    finds: ['NodeAddressMissing Warning Node/a IPv6', 'PodsNotRestarted Warning Cluster IPv6 because NodeAddressMissing Node/a'],
  },
  {
    name: 'is not why pods were not restarted where no conversion is under way',
    given: [serviceCIDR(), promised, ...converted('a'), ...old('a'), ipv4Node('b'), ...podsOn('b', { startedAt: CONVERTED })],
    finds: ['NodeAddressMissing Warning Node/b IPv6', 'PodsNotRestarted Warning Cluster IPv6'],
  },
  {
    name: 'leaves these pods alone as the rest where all nodes are converted',
    given: [serviceCIDR(), ...converted('a'), ...old('a'), node({ name: 'b' }), ...old('b')],
    finds: ['PodsNotRestarted Warning Cluster IPv6'],
  },
  {
    name: 'comes before Services from before',
    given: [serviceCIDR(), ...converted('a'), ...left('b'), ...left('c'), service({ policy: 'PreferDualStack', selector: {} })],
    finds: [NODES_LEFT, 'ServiceNotUpgraded Info Service/shop/web IPv6'],
  },
  {
    name: 'is one of OpenShift where it updates a machine, though the pods have both families already',
    given: [
      serviceCIDR(),
      ...converted('a'),
      ...['b', 'c'].flatMap((name) => [ipv4Node(name, { machineConfig: 'Updating' }), ...podsOn(name)]),
    ],
    finds: [NODES_LEFT],
  },
  {
    name: 'is none where nothing shows one: each node without the address is a fault of its own',
    given: [serviceCIDR(), promised, ...converted('a'), ...['b', 'c'].flatMap((name) => [ipv4Node(name), ...podsOn(name)])],
    finds: ['NodeAddressMissing Warning Node/b IPv6', 'NodeAddressMissing Warning Node/c IPv6'],
  },
  {
    name: 'is none where pods on nodes without the address lost a family that Services have: that is critical, with one cause',
    given: [serviceCIDR(), promised, ...converted('a'), ...['b', 'c'].flatMap((name) => left(name, {}, { startedAt: CONVERTED + MINUTE }))],
    finds: [NODES_LEFT, 'NodePodNetworkFamilyMissing Critical Cluster IPv6 because NodeAddressMissing Cluster'],
  },
  {
    name: 'says nothing of nodes that have a podCIDR of the family: the pods on them can be restarted',
    given: [
      serviceCIDR(),
      ...converted('a', { podCIDRs: ['10.1.1.0/24', 'fd00:1:1::/64'] }),
      ...left('b', { podCIDRs: ['10.1.2.0/24', 'fd00:1:2::/64'] }),
    ],
    finds: ['NodeAddressMissing Warning Node/b IPv6', 'PodsNotRestarted Warning Cluster IPv6'],
  },
];

/** A Service with a pod on a node that is converted and a pod on one that is not. */
function unbalanced(): readonly Facts[] {
  const web = dualService();
  const pods = [
    pod({ name: 'web-a', nodeName: 'a', startedAt: CONVERTED }),
    pod({ name: 'web-b', nodeName: 'b', startedAt: CONVERTED - 20 * MINUTE, addresses: addressesOn('b').slice(0, 1) }),
  ];
  return [web, ...pods, ...slicesFor(web, pods)];
}

describe('an unfinished conversion', () => {
  for (const { name, given, finds } of ROWS) {
    it(name, () => {
      expect(inShort(evaluate(given)).sort()).to.deep.equal([...finds].sort());
    });
  }

  for (const { name, given, finds } of ROWS.filter((row) => row.finds.length > 0)) {
    it(`${name}, and the same if both families are expected`, () => {
      expect(inShort(evaluate(given, { expected: ['IPv4', 'IPv6'] })).sort()).to.deep.equal([...finds].sort());
    });
  }
});

describeCheck(
  nodeAddressMissing,
  [],
  [
    {
      of: 'nodes that OpenShift has yet to update',
      given: [
        serviceCIDR(),
        ...converted('a', OPENSHIFT),
        ...left('b', { ...OPENSHIFT, role: 'ControlPlane' }),
        ...left('c', { ...OPENSHIFT, machineConfig: 'Updating' }),
      ],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c); OpenShift is updating c',
      summary: LET_OPENSHIFT,
      steps: [SEE, SEE_POOLS, WAIT, AFTER_THAT],
      commands: [SEE_COMMAND, 'oc get mcp', 'oc wait mcp/master mcp/worker --for=condition=Updated --timeout=60m'],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'nodes that OpenShift has yet to update, beside one that is starting: that is neither counted nor named',
      given: [
        serviceCIDR(),
        ...converted('a', OPENSHIFT),
        ...left('b', OPENSHIFT),
        ...left('c', { ...OPENSHIFT, machineConfig: 'Updating', readyChangedAt: NOW - 5 * MINUTE + 1 }),
        ...left('d', { ...OPENSHIFT, readyChangedAt: NOW - 5 * MINUTE }),
      ],
      message: '2 of 4 nodes have no IPv6 address and are still to be converted (b, d)',
      summary: LET_OPENSHIFT,
      steps: [SEE, SEE_POOLS, WAIT, AFTER_THAT],
      commands: [SEE_COMMAND, 'oc get mcp', 'oc wait mcp/worker --for=condition=Updated --timeout=60m'],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'nodes of which OpenShift cannot update one',
      given: [
        serviceCIDR(),
        ...converted('a', OPENSHIFT),
        ...['b', 'c'].flatMap((name) => left(name, { ...OPENSHIFT, ...(name === 'c' ? { machineConfig: 'Degraded' as const } : {}) })),
      ],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c); OpenShift cannot update c',
      summary: LET_OPENSHIFT,
      steps: [SEE, SEE_POOLS, 'None: Fix what keeps OpenShift from updating c.', WAIT, AFTER_THAT],
      commands: [
        SEE_COMMAND,
        'oc get mcp',
        "oc get node c -o jsonpath='{.metadata.annotations.machineconfiguration\\.openshift\\.io/reason}'",
        'oc wait mcp/worker --for=condition=Updated --timeout=60m',
      ],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'the last node that OpenShift has yet to update',
      given: [serviceCIDR(), ...converted('a', OPENSHIFT), ...left('b', { ...OPENSHIFT, machineConfig: 'Updating' })],
      message: 'Node b has no IPv6 address (it has addresses of IPv4 only); OpenShift is updating b',
      summary: LET_OPENSHIFT,
      steps: ['None: See which addresses the node has.', SEE_POOLS, WAIT, AFTER_THAT],
      commands: [
        "kubectl get node b -o jsonpath='{.status.addresses}'",
        'oc get mcp',
        'oc wait mcp/worker --for=condition=Updated --timeout=60m',
      ],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'all nodes, which OpenShift begins to update',
      given: [
        serviceCIDR(),
        ...['b', 'c'].flatMap((name) => [ipv4Node(name, { ...OPENSHIFT, machineConfig: 'Updating' }), ...podsOn(name)]),
      ],
      message: 'None of the 2 nodes has an IPv6 address; OpenShift is updating b, c',
      summary: LET_OPENSHIFT,
      steps: [SEE, SEE_POOLS, WAIT, AFTER_THAT],
      commands: [SEE_COMMAND, 'oc get mcp', 'oc wait mcp/worker --for=condition=Updated --timeout=60m'],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'nodes with the configuration of one that has the address: OpenShift has nothing more to update',
      given: [serviceCIDR(), ...converted('a', UPDATED), ...left('b', UPDATED), ...left('c', UPDATED)],
      message: '2 of 3 nodes have no IPv6 address, and neither have the pods on them (b, c)',
      summary: 'Give the machines of these nodes an IPv6 address: OpenShift has nothing more to update on them.',
      steps: [SEE, ADDRESS_AND_REBOOT],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
    {
      of: 'one node with the configuration of another that has the address',
      given: [serviceCIDR(), ...converted('a', UPDATED), ...left('b', UPDATED)],
      message: 'Node b has no IPv6 address (it has addresses of IPv4 only)',
      summary: 'Give the machine of the node an IPv6 address: OpenShift configures its kubelet.',
      steps: [
        SEE_NODE,
        'RestartsPods: Drain the node. That evicts its pods, which start on other nodes, and loses their emptyDir volumes.',
        `RecreatesNode: ${REBOOT} Uncordon the node afterwards.`,
      ],
      commands: ["kubectl get node b -o jsonpath='{.status.addresses}'", 'kubectl drain b --ignore-daemonsets --delete-emptydir-data'],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes of which one has another configuration than those with the address',
      given: [serviceCIDR(), ...converted('a', UPDATED), ...left('b', UPDATED), ...left('c', { ...UPDATED, ...configured('before') })],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c)',
      summary: LET_OPENSHIFT,
      steps: [SEE, SEE_POOLS, WAIT, AFTER_THAT],
      commands: [SEE_COMMAND, 'oc get mcp', 'oc wait mcp/worker --for=condition=Updated --timeout=60m'],
      exposes: [NODES_IPV6, NODES_IPV6],
    },
    {
      of: 'the only node of OpenShift, from which nothing can be evicted',
      given: [serviceCIDR(), ipv4Node('a', OPENSHIFT), ...podsOn('a')],
      message: 'Node a has no IPv6 address (it has addresses of IPv4 only)',
      summary: 'Give the machine of the node an IPv6 address: OpenShift configures its kubelet.',
      steps: [SEE_NODE, `RestartsPods: ${REBOOT} It is the only node: all pods stop until it is back.`],
      commands: ["kubectl get node a -o jsonpath='{.status.addresses}'"],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes of which Karpenter made each, and keeps making them alike',
      given: [serviceCIDR(), ...converted('a', EKS), ...['b', 'c'].flatMap((name) => left(name, { ...EKS, ofKarpenter: true }))],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c)',
      summary: 'Replace these nodes with ones that have an IPv6 address: EKS configures their kubelets.',
      steps: [
        SEE,
        'RecreatesNode: Have the NodeClass of its NodePool choose subnets with the family (spec.subnetSelectorTerms). If the NodeClass has userData of its own, give it the range of the Services of the cluster too (cidr in the NodeConfig of nodeadm; --service-ipv6-cidr of bootstrap.sh). Karpenter then replaces all nodes that no longer match their NodeClass, within the disruption budgets of the NodePool.',
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes that AKS has yet to reimage',
      given: [serviceCIDR(), ...converted('a', AKS), ...['b', 'c', 'd', 'e'].flatMap((name) => left(name, AKS))],
      message: '4 of 5 nodes have no IPv6 address and are still to be converted (b, c, d and 1 more)',
      summary: 'Replace these nodes with ones that have an IPv6 address: AKS configures their kubelets.',
      steps: [
        SEE,
        WAIT_FOR_AKS,
        'RecreatesNode: Replace the nodes of the pool, where there is a newer node image: az aks nodepool upgrade --resource-group GROUP --cluster-name CLUSTER --name POOL --node-image-only. Otherwise add a pool and delete this one. Either way, AKS evicts the pods of one node after the other, which start on other nodes and lose their emptyDir volumes.',
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
    {
      of: 'nodes whose kubelets are yet to get both addresses, and pods from before on the others',
      given: [serviceCIDR(), ...converted('a'), ...old('a'), ...left('b'), ...left('c', { takesDualNodeIP: false })],
      message: '2 of 3 nodes have no IPv6 address and are still to be converted (b, c)',
      summary: "Give each of these nodes an IPv6 address, name both families in its kubelet's --node-ip, then restart the pods on it.",
      steps: [
        SEE,
        'None: Beside a cloud provider, a kubelet does not start with two addresses in --node-ip before Kubernetes 1.29. Give such a machine an IPv6 address, and remove --node-ip from its kubelet, or set it to :: where IPv6 is to be first. Restart the kubelet, and remove the annotation alpha.kubernetes.io/provided-node-ip if the node keeps it. Pods keep running; host-network pods get the new address when they restart.',
        "None: Where a cloud provider sets the addresses, first give the machine's network interface an address of each family; --node-ip takes two addresses there from Kubernetes 1.29 on. Then give the kubelet --node-ip with an address of each family, the present one first, and restart it. Pods keep running; host-network pods get the new address when they restart.",
        'RestartsPods: Restart the workloads of the pods on these nodes that have IPv4 only (kubectl rollout restart). A pod gets its addresses when it starts.',
        'RestartsPods: Restart the workloads of the pods from before on the other nodes that have IPv4 only (kubectl rollout restart). A pod gets its addresses when it starts.',
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6, NODES_IPV6, PODS_IPV6, PODS_IPV6],
    },
    {
      of: 'nodes that may have lost a family with their pods',
      given: [
        serviceCIDR(),
        promised,
        ...converted('a', AKS),
        ...['b', 'c'].flatMap((name) => left(name, AKS, { startedAt: CONVERTED + MINUTE })),
      ],
      message: '2 of 3 nodes have no IPv6 address, and neither have the pods on them (b, c)',
      summary: 'Replace these nodes with ones that have an IPv6 address: AKS configures their kubelets.',
      steps: [
        SEE,
        WAIT_FOR_AKS,
        'RecreatesNode: Replace the nodes of the pool, where there is a newer node image: az aks nodepool upgrade --resource-group GROUP --cluster-name CLUSTER --name POOL --node-image-only. Otherwise add a pool and delete this one. Either way, AKS evicts the pods of one node after the other, which start on other nodes and lose their emptyDir volumes.',
      ],
      commands: [SEE_COMMAND],
      exposes: [NODES_IPV6],
    },
  ],
);
