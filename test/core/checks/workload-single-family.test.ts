import { IPV4 } from '../../../src/core/net/addresses.ts';
import { workloadSingleFamily } from '../../../src/core/checks/workload-single-family.ts';
import { dualNodes, ipv4Pod, MINUTE, namespace, NOW, pod, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const nodes = dualNodes('a', 'b');
const START = NOW - 600 * MINUTE;

const both = (name: string, minutes: number, nodeName = 'a'): ReturnType<typeof pod> =>
  pod({ name, nodeName, startedAt: START + minutes * MINUTE, owner: `Deployment/${name}` });
const one = (name: string, minutes: number, parts: PodSketch = {}): ReturnType<typeof pod> =>
  ipv4Pod(name, { startedAt: START + minutes * MINUTE, owner: 'Deployment/erp', ...parts });

const among = [...nodes, both('first', 0), one('erp-1', 10), one('erp-2', 11, { nodeName: 'b' }), both('last', 20)];
const ofSubnet = (name: string, subnet: string, parts: PodSketch = {}): ReturnType<typeof pod> => ipv4Pod(name, { subnet, ...parts });
const kubeOVN = [...nodes, pod({ name: 'both', subnet: 'ovn-default' }), ofSubnet('one', 'legacy'), ofSubnet('two', 'legacy')];

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
      of: 'pods without a controller in a subnet',
      given: [...kubeOVN, ofSubnet('three', 'legacy'), ofSubnet('four', 'legacy')],
      message:
        'No pod of 4 workloads has IPv6, which other pods on their nodes have: shop/four (1 pod), shop/one (1 pod), shop/three (1 pod) and 1 more',
      summary: workloadSingleFamily.remediation,
      steps: [],
    },
  ],
);
