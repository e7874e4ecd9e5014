import { IPV4 } from '../../../src/core/net/addresses.ts';
import { workloadSingleFamily } from '../../../src/core/checks/workload-single-family.ts';
import { dualNodes, FORBIDDEN, ipv4Pod, MINUTE, namespace, NOW, pod, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const nodes = dualNodes('a', 'b');
const START = NOW - 600 * MINUTE;

const both = (name: string, minutes: number, nodeName = 'a'): ReturnType<typeof pod> =>
  pod({ name, nodeName, startedAt: START + minutes * MINUTE, owner: `Deployment/${name}` });
const one = (name: string, minutes: number, parts: PodSketch = {}): ReturnType<typeof pod> =>
  ipv4Pod(name, { startedAt: START + minutes * MINUTE, owner: 'Deployment/erp', ...parts });

const among = [...nodes, both('first', 0), one('erp-1', 10), one('erp-2', 11, { nodeName: 'b' }), both('last', 20)];
const ofUnknownNamespace = [
  ...nodes,
  both('first', 0),
  ...['erp', 'crm'].map((name) => one(name, 30, { owner: `Deployment/${name}`, namespace: 'legacy' })),
];
const ofSubnet = (name: string, subnet: string, parts: PodSketch = {}): ReturnType<typeof pod> => ipv4Pod(name, { subnet, ...parts });
const kubeOVN = [...nodes, pod({ name: 'both', subnet: 'ovn-default' }), ofSubnet('one', 'legacy'), ofSubnet('two', 'legacy')];

const LOOK_AT_NAMESPACES = [
  `None: Evaluate the cluster with its Namespaces. They are not known: ${FORBIDDEN.message}`,
  'None: Or look at the annotations of legacy yourself. If one requests one family (cni.projectcalico.org/ipFamilies, ipam.antrea.io/ippools), these pods have what they are to have, and a restart changes nothing.',
];

describeCheck(
  workloadSingleFamily,
  [
    { name: 'fires on a workload of one family among pods with both', given: among, finds: ['Info Cluster IPv6'] },
    {
      name: 'fires on a single workload that came last, on several nodes',
      given: [...nodes, both('first', 0), both('second', 0, 'b'), one('erp-1', 30), one('erp-2', 30, { nodeName: 'b' })],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'says nothing where several workloads have one family since some time: the network broke then',
      given: [
        ...nodes,
        both('first', 0),
        ...['erp', 'crm'].flatMap((name) => [30, 31].map((at) => one(`${name}-${at}`, at, { owner: `Deployment/${name}` }))),
      ],
      finds: [],
    },
    { name: 'says nothing of one pod', given: [...nodes, both('first', 0), one('erp-1', 10), both('last', 20)], finds: [] },
    {
      name: 'says nothing where a pod of the workload has both',
      given: [...among, pod({ name: 'erp-3', owner: 'Deployment/erp' })],
      finds: [],
    },
    {
      name: 'says nothing of pods that ask for one family, or whose namespace does',
      given: [...among.map((facts) => ('labels' in facts ? { ...facts, declaredFamilies: IPV4 } : facts))],
      finds: [],
    },
    { name: 'says nothing where the namespace asks for one family', given: [...among, namespace('shop', {}, IPV4)], finds: [] },
    {
      name: 'fires on a subnet of Kube-OVN that gives one family beside one that gives both',
      given: kubeOVN,
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'fires while it is not known what the namespace of some pods requests',
      given: ofUnknownNamespace,
      refused: ['Namespace'],
      finds: ['Info Cluster IPv6'],
    },
    { name: 'says nothing of these where it is known', given: ofUnknownNamespace, finds: [] },
    {
      name: 'fires where some Namespaces are known and theirs is not',
      given: [...ofUnknownNamespace, namespace('shop')],
      partial: ['Namespace'],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'says nothing where some Namespaces are not known and theirs is',
      given: [...ofUnknownNamespace, namespace('legacy')],
      partial: ['Namespace'],
      finds: [],
    },
    {
      name: 'fires on one pod from before of such a namespace',
      given: [...nodes, both('first', 20), one('erp-1', 0, { namespace: 'legacy' })],
      refused: ['Namespace'],
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'says nothing of several from before, which PodsNotRestarted finds',
      given: [...nodes, both('first', 20), ...[1, 2].map((at) => one(`erp-${at}`, at, { namespace: 'legacy' }))],
      refused: ['Namespace'],
      finds: [],
    },
    {
      name: 'says nothing of a namespace with pods of either family, of which no annotation is the reason',
      given: [
        ...ofUnknownNamespace,
        pod({ name: 'six', namespace: 'legacy', addresses: ['fd00:10:244:1::6'], startedAt: START + 30 * MINUTE }),
      ],
      refused: ['Namespace'],
      finds: [],
    },
    {
      name: 'says nothing where no pod has both families',
      given: [...nodes, one('erp-1', 0, { namespace: 'legacy' }), one('crm-1', 0)],
      refused: ['Namespace'],
      finds: [],
    },
    { name: 'says nothing without the pods', given: among, refused: ['Pod'], finds: [] },
  ],
  [
    {
      of: 'a workload',
      given: among,
      message: 'No pod of 1 workload has IPv6, which other pods on their nodes have: shop/Deployment/erp (2 pods)',
      summary: workloadSingleFamily.remediation,
      steps: [],
    },
    {
      of: 'pods of a namespace that is not known',
      given: ofUnknownNamespace,
      refused: ['Namespace'],
      message: 'Namespaces are not known, and no pod of 2 workloads has IPv6: legacy/Deployment/crm (1 pod), legacy/Deployment/erp (1 pod)',
      summary: 'See whether an annotation of their namespaces requests one family for these pods.',
      steps: LOOK_AT_NAMESPACES,
      commands: ['kubectl get namespaces legacy --output yaml'],
    },
    {
      of: 'pods without a controller in a subnet',
      given: [...kubeOVN, ofSubnet('three', 'legacy'), ofSubnet('four', 'legacy')],
      message:
        'No pod of 4 workloads has IPv6, which other pods on their nodes have: shop/four (1 pod), shop/one (1 pod), shop/three (1 pod) and 1 more',
      summary: workloadSingleFamily.remediation,
      steps: [],
    },
  ],
);
