import { nodePodCIDRMissing } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import {
  LONG_AGO,
  MINUTE,
  NOW,
  SECOND,
  dualNodes,
  dualService,
  service,
  ipv4Node,
  ipv4Pod,
  node,
  pod,
  podCIDRsOf,
  serviceCIDR,
  slice,
  slicesFor,
} from '../build.ts';
import { ON_PLATFORMS } from './node-pod-cidr-platforms.ts';
import { DRAIN, NEW_PODS, REPLACE_NODES, RESTART_MACHINE } from './register-again-words.ts';
import { describeCheck } from './table.ts';

const NAME_BOTH =
  "None: Make kube-controller-manager's --cluster-cidr name a range of each family, the present one first, with room for all nodes and with all present podCIDRs in it: otherwise kube-controller-manager does not start. kube-controller-manager restarts; pods keep running.";

/** A Service that has both families: somebody relies on them. */
const promise = dualService();
const peers = [...dualNodes('a', 'b', 'c'), promise];
const migrating = [promise, ...dualNodes('a'), ...['b', 'c', 'd'].map((name) => ipv4Node(name))];
const onlyIPv4 = ipv4Node('old');
const none = (parts = {}): ReturnType<typeof node> => node({ name: 'new', podCIDRs: [], ...parts });

/** When nodes join that are newer than others. */
const LATER = LONG_AGO + 12 * MINUTE;

describeCheck(
  nodePodCIDRMissing,
  [
    { name: 'fires on a node with the IPv4 podCIDR only among dual ones', given: [...peers, onlyIPv4], finds: ['Critical Node/old IPv6'] },
    {
      name: 'fires on a node with the IPv6 podCIDR only among dual ones',
      given: [...peers, node({ name: 'odd', podCIDRs: podCIDRsOf('odd').slice(1) })],
      finds: ['Critical Node/odd IPv4'],
    },
    { name: 'fires on a node without any podCIDR among dual ones', given: [...peers, none()], finds: ['Critical Node/new IPv4+IPv6'] },
    {
      name: 'is a Warning on a node that is not ready and has no pods, so that nobody is affected',
      given: [...peers, { ...onlyIPv4, notReady: true }],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'fires on a node that is not ready, and on which pods lack the family',
      given: [...peers, { ...onlyIPv4, notReady: true }, ipv4Pod('web', { nodeName: 'old' })],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'fires alike where only EndpointSlices show what Services promise',
      given: [...dualNodes('a', 'b', 'c'), ...slicesFor(promise, []), ipv4Node('old'), ipv4Node('older')],
      refused: ['Service'],
      finds: ['Critical Node/old IPv6', 'Critical Node/older IPv6'],
    },
    {
      name: 'is the rest of a migration where EndpointSlices show that Services have the other family alone',
      given: [...dualNodes('a', 'b', 'c'), ...slicesFor(service(), []), ipv4Node('old'), ipv4Node('older')],
      refused: ['Service'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'takes no EndpointSlice for a promise that the controller did not make',
      given: [...dualNodes('a', 'b', 'c'), slice({ addressType: 'IPv6', managed: false }), ipv4Node('old')],
      refused: ['Service'],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'takes no node for the rest of a migration where nothing shows what Services promise',
      given: [...dualNodes('a', 'b', 'c'), ipv4Node('old'), ipv4Node('older')],
      refused: ['Service', 'EndpointSlice'],
      finds: ['Warning Node/old IPv6', 'Warning Node/older IPv6'],
    },
    {
      name: 'waits for the podCIDR of a new node',
      given: [...peers, none({ createdAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'waits no longer than five minutes',
      given: [...peers, none({ createdAt: NOW - 5 * MINUTE })],
      finds: ['Critical Node/new IPv4+IPv6'],
    },
    {
      name: 'does not wait where grace is switched off',
      given: [...peers, none({ createdAt: NOW - SECOND })],
      graceScale: 0,
      finds: ['Critical Node/new IPv4+IPv6'],
    },
    {
      name: 'waits twice as long where grace is doubled',
      given: [...peers, none({ createdAt: NOW - 9 * MINUTE })],
      graceScale: 2,
      finds: [],
    },
    {
      name: 'does not wait where one podCIDR is there: it will never be joined by another (#pod-cidrs-are-immutable)',
      given: [...peers, ipv4Node('old', { createdAt: NOW })],
      finds: ['Critical Node/old IPv6'],
    },
    { name: 'says nothing where no node has a podCIDR (fact 2)', given: [node({ name: 'a' }), node({ name: 'b' })], finds: [] },
    {
      name: 'says nothing where no node has a podCIDR, though both families are expected (fact 2)',
      given: [node({ name: 'a' }), node({ name: 'b' })],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    {
      name: 'says nothing on a cluster of one family',
      given: [ipv4Node('a'), ipv4Node('b')],
      finds: [],
    },
    {
      name: 'says nothing where no node has both, only one this and one that',
      given: [ipv4Node('a'), node({ name: 'b', podCIDRs: podCIDRsOf('b').slice(1) })],
      finds: [],
    },
    {
      name: 'fires on all nodes of an IPv4 cluster at once where both families are expected',
      given: [ipv4Node('a'), ipv4Node('b')],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'says the same half way through a migration if its end is expected',
      given: [...dualNodes('a', 'b', 'c'), ipv4Node('d'), ipv4Node('e'), serviceCIDR()],
      expected: ['IPv4', 'IPv6'],
      finds: ['Warning Cluster IPv6'],
    },
    { name: 'says nothing of a family that is not expected', given: [...peers, onlyIPv4], expected: ['IPv4'], finds: [] },
    {
      name: 'fires on a family that is expected alone',
      given: [...peers, onlyIPv4],
      expected: ['IPv6'],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'leaves a node alone whose pods have the family all the same',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old' })],
      finds: [],
    },
    {
      name: 'asks no podCIDR of a family that pods have without any, though it is expected (#families-a-node-gives)',
      given: [ipv4Node('a'), ipv4Node('b'), pod({ nodeName: 'a' })],
      expected: ['IPv4', 'IPv6'],
      finds: [],
    },
    {
      name: 'takes no host-network pod for a proof',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old', hostNetwork: true, addresses: ['192.0.2.1', '2001:db8::1'] })],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'takes no completed pod for a proof (#skipped-pods)',
      given: [...peers, onlyIPv4, pod({ nodeName: 'old', state: 'Completed' })],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'says nothing where the pod network does not use podCIDRs (#families-a-node-gives)',
      given: [...peers, none(), pod({ nodeName: 'a', addresses: ['172.16.0.7', '2001:db8:7::7'] })],
      finds: [],
    },
    { name: 'does not evaluate a virtual node (#skipped-nodes)', given: [...peers, none({ virtual: true })], finds: [] },
    { name: 'does not evaluate a node that is being deleted (#skipped-nodes)', given: [...peers, none({ deleting: true })], finds: [] },
    {
      name: 'asks no second family of a Windows node (#windows-overlay)',
      given: [...peers, ipv4Node('win', { windows: true })],
      finds: [],
    },
    {
      name: 'takes for a family of a Windows node only what is one',
      given: [...peers, none({ windows: true, podCIDRs: ['soon'] })],
      finds: ['Critical Node/new IPv4'],
    },
    {
      name: 'asks no particular family of a Windows node (#windows-overlay)',
      given: [...peers, node({ name: 'win', podCIDRs: podCIDRsOf('win').slice(1), windows: true })],
      finds: [],
    },
    {
      name: 'asks one family of a Windows node (#windows-overlay)',
      given: [...peers, none({ windows: true })],
      finds: ['Critical Node/new IPv4'],
    },
    {
      name: 'stays with the nodes where half of them lack it',
      given: [promise, ...dualNodes('a', 'b'), ipv4Node('c'), ipv4Node('d')],
      finds: ['Critical Node/c IPv6', 'Critical Node/d IPv6'],
    },
    {
      name: 'is one warning on the cluster until a Service has the family, however few nodes are left',
      given: [...dualNodes('a', 'b', 'c'), ipv4Node('d'), ipv4Node('e'), service()],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is a warning on the last node that is left until a Service has the family',
      given: [...dualNodes('a', 'b', 'c'), ipv4Node('d'), service()],
      finds: ['Warning Node/d IPv6'],
    },
    {
      name: 'is critical on each node without any podCIDR where Services have one of the families',
      given: [...dualNodes('a', 'b', 'c'), service(), none()],
      finds: ['Critical Node/new IPv4+IPv6'],
    },
    {
      name: 'is critical where a Service of one family has the very one',
      given: [...dualNodes('a', 'b', 'c'), ipv4Node('d'), service({ clusterIPs: ['fd00:10:96::10'] })],
      finds: ['Critical Node/d IPv6'],
    },
    {
      name: 'says nothing of a node that its cloud provider is setting up',
      given: [...peers, none({ uninitialized: true, createdAt: NOW - 5 * MINUTE + 1 })],
      finds: [],
    },
    {
      name: 'is one warning on the cluster while most nodes lack it',
      given: [...dualNodes('a'), ipv4Node('b'), ipv4Node('c')],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'counts no node that is not evaluated among most nodes',
      given: [
        ...dualNodes('a'),
        ipv4Node('b'),
        ipv4Node('c'),
        none({ virtual: true }),
        node({ name: 'gone', podCIDRs: podCIDRsOf('gone'), deleting: true }),
      ],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'counts no Windows node among most nodes, which can do without (#windows-overlay)',
      given: [...migrating, ipv4Node('w', { windows: true }), ipv4Node('x', { windows: true })],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'counts no node in grace among most nodes',
      given: [...migrating, none({ createdAt: NOW }), none({ name: 'newer', createdAt: NOW })],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'counts a Windows node that lacks any family among most nodes',
      given: [promise, ...dualNodes('a'), none(), none({ name: 'win', windows: true })],
      finds: ['Critical Node/new IPv6', 'Warning Cluster IPv4'],
    },
    {
      name: 'is critical on the cluster where most nodes have no podCIDR at all (siderolabs/talos#7270)',
      given: [promise, ...dualNodes('a'), none(), none({ name: 'newer' })],
      finds: ['Critical Cluster IPv4+IPv6'],
    },
    {
      name: 'keeps on the node what the cluster does not lack',
      given: [promise, ...dualNodes('a'), ipv4Node('b'), ipv4Node('c'), none()],
      finds: ['Warning Cluster IPv6', 'Critical Node/new IPv4'],
    },
    { name: 'stays with a node that is the only one', given: [onlyIPv4], expected: ['IPv4', 'IPv6'], finds: ['Critical Node/old IPv6'] },
    { name: 'waits for the pods to be listed', given: [...peers, onlyIPv4], pending: ['Pod'], finds: [] },
    { name: 'says nothing without the pods', given: [...peers, onlyIPv4], refused: ['Pod'], finds: [] },
    { name: 'says nothing before the nodes are listed', given: [...peers, onlyIPv4], pending: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a node with one podCIDR',
      given: [...peers, onlyIPv4, ipv4Pod('web', { nodeName: 'old' })],
      message: 'Node old has no IPv6 podCIDR (it has only 10.244.15.0/24)',
      summary: 'Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be changed once set.',
      steps: [NAME_BOTH, DRAIN, RESTART_MACHINE],
      commands: ['kubectl drain old --ignore-daemonsets --delete-emptydir-data && kubectl delete node old'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a node with two podCIDRs of one family',
      given: [...peers, node({ name: 'old', podCIDRs: ['10.244.15.0/24', '10.9.0.0/24'] })],
      message: 'Node old has no IPv6 podCIDR (it has only 10.244.15.0/24, 10.9.0.0/24)',
      summary: 'Register the node again, so that it gets an IPv6 podCIDR: podCIDRs cannot be changed once set.',
      steps: [NAME_BOTH, DRAIN, RESTART_MACHINE],
      commands: ['kubectl drain old --ignore-daemonsets --delete-emptydir-data && kubectl delete node old'],
      exposes: [NEW_PODS],
    },
    {
      of: 'a node without podCIDRs',
      given: [...peers, none()],
      message: 'Node new has no IPv4 or IPv6 podCIDR (it has no podCIDR at all)',
      summary: 'Let kube-controller-manager fill the empty podCIDRs: it does so by itself once it has a free range.',
      steps: ['None: Look for the Event CIDRNotAvailable: the range may be used up.', NAME_BOTH],
      commands: ['kubectl get events --all-namespaces --field-selector involvedObject.kind=Node,involvedObject.name=new'],
    },
    {
      of: 'a few nodes without podCIDRs, which are one fault',
      given: [...peers, none(), none({ name: 'newer' })],
      message: '2 of 5 nodes lack podCIDRs of both families',
      summary: 'Let kube-controller-manager fill the empty podCIDRs: it does so by itself once it has a free range.',
      steps: ['None: See which nodes have none, and look for Events CIDRNotAvailable: the range may be used up.', NAME_BOTH],
      commands: ['kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs'],
    },
    {
      of: 'most nodes without podCIDRs',
      given: [promise, ...dualNodes('a'), none(), none({ name: 'newer' })],
      message: '2 of 3 nodes lack podCIDRs of both families',
      summary: 'Let kube-controller-manager fill the empty podCIDRs: it does so by itself once it has a free range.',
      steps: ['None: See which nodes have none, and look for Events CIDRNotAvailable: the range may be used up.', NAME_BOTH],
      commands: ['kubectl get nodes -o custom-columns=NAME:.metadata.name,PODCIDRS:.spec.podCIDRs'],
    },
    {
      of: 'nodes each of which has one family',
      given: [ipv4Node('a'), ipv4Node('b'), node({ name: 'c', podCIDRs: podCIDRsOf('c').slice(1) })],
      expected: ['IPv4', 'IPv6'],
      message: '3 of 3 nodes have no podCIDRs of both families and are still to be replaced',
      summary: 'Register these nodes again, one by one, so that they get podCIDRs of both families: podCIDRs cannot be changed once set.',
      steps: [NAME_BOTH, REPLACE_NODES],
      exposes: [NEW_PODS.replace('IPv6', 'IPv4 and IPv6')],
    },
    {
      of: 'a migration beside Windows nodes and a node in grace',
      given: [...migrating, ipv4Node('w', { windows: true }), ipv4Node('x', { windows: true }), none({ createdAt: NOW })],
      message: '3 of 4 nodes have no IPv6 podCIDR and are still to be replaced',
      summary: 'Register these nodes again, one by one, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
      steps: [NAME_BOTH, REPLACE_NODES],
      exposes: [NEW_PODS],
    },
    {
      of: 'a migration that has started',
      given: [...dualNodes('a'), ipv4Node('b'), ipv4Node('c')],
      message: '2 of 3 nodes have no IPv6 podCIDR and are still to be replaced',
      summary: 'Register these nodes again, one by one, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
      steps: [NAME_BOTH, REPLACE_NODES],
      exposes: [NEW_PODS],
    },
    ...ON_PLATFORMS,
    {
      of: 'nodes that joined after all nodes with the family: others that join get no more',
      given: [...dualNodes('a', 'b', 'c'), ...['d', 'e'].map((name) => ipv4Node(name, { createdAt: LATER }))],
      message: '2 of 5 nodes have no IPv6 podCIDR and are the newest ones (d, e): IPv6 is being removed, or new nodes do not get it',
      summary:
        'Find out whether IPv6 is to be removed from the cluster. If it is to stay, let new nodes get a podCIDR of it, then register these nodes again.',
      steps: [
        'None: Find out whether somebody is taking IPv6 out of the cluster. If IPv6 is to go, leave these nodes as they are. Take the next steps only if it is to stay.',
        NAME_BOTH,
        REPLACE_NODES,
      ],
      exposes: [NEW_PODS],
    },
    {
      of: 'nodes from before a migration and nodes that joined after it',
      given: [
        ...dualNodes('a', 'b').map((one) => ({ ...one, createdAt: LONG_AGO + MINUTE })),
        ipv4Node('c'),
        ipv4Node('d', { platformHint: 'GKE: the label cloud.google.com/gke-nodepool', createdAt: LATER }),
      ],
      message: '2 of 4 nodes have no IPv6 podCIDR, among them the newest ones (d): IPv6 is being removed, or new nodes do not get it',
      summary:
        'Find out whether IPv6 is to be removed from the cluster. If it is to stay, let new nodes get a podCIDR of it, then replace these nodes.',
      steps: [
        'None: Find out whether somebody is taking IPv6 out of the cluster. If IPv6 is to go, leave these nodes as they are. Take the next steps only if it is to stay.',
        'None: Make the subnet dual-stack (gcloud compute networks subnets update SUBNET --stack-type=IPV4_IPV6 --ipv6-access-type=INTERNAL), then the cluster: gcloud container clusters update CLUSTER --stack-type=ipv4-ipv6.',
        'RecreatesNode: Replace the nodes, pool by pool, as an upgrade of the pool does. That evicts their pods, which start on other nodes, and loses their emptyDir volumes. Autopilot has no pools of yours: it replaces its nodes after an upgrade of the control plane.',
      ],
      exposes: [NEW_PODS],
    },
    {
      of: 'nodes of which none is newer than the last node with the family',
      given: [...dualNodes('a', 'b').map((one) => ({ ...one, createdAt: LATER })), ipv4Node('c'), ipv4Node('d', { createdAt: LATER })],
      message: '2 of 4 nodes have no IPv6 podCIDR and are still to be replaced',
      summary: 'Register these nodes again, one by one, so that they get an IPv6 podCIDR: podCIDRs cannot be changed once set.',
      steps: [NAME_BOTH, REPLACE_NODES],
      exposes: [NEW_PODS],
    },
  ],
);
