import { podAddressMissing } from '../../../src/core/checks/pod-address-missing.ts';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, ipv4Node, ipv4Pod, MINUTE, node, NOW, pod, podCIDRsOf, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const sound = [...dualNodes('a', 'b'), pod({ name: 'both' })];
const stuck = (parts: PodSketch = {}): PodFacts => pod({ name: 'stuck', state: 'Pending', addresses: [], sandbox: 'NotReady', ...parts });
const FOUND = ['Info Pod/shop/stuck IPv4+IPv6'];

describeCheck(
  podAddressMissing,
  [
    { name: 'fires on a pod that waits for its network (calico#11353)', given: [...sound, stuck()], finds: FOUND },
    { name: 'waits five minutes', given: [...sound, stuck({ startedAt: NOW - 5 * MINUTE + 1 })], finds: [] },
    { name: 'waits no longer', given: [...sound, stuck({ startedAt: NOW - 5 * MINUTE })], finds: FOUND },
    {
      name: 'says nothing where the kubelet does not say that the network is missing',
      given: [...sound, stuck({ sandbox: 'Unknown' })],
      finds: [],
    },
    { name: 'says nothing of a pod that pulls its images', given: [...sound, stuck({ sandbox: 'Ready' })], finds: [] },
    { name: 'says nothing of a pod that is not scheduled', given: [...sound, stuck({ nodeName: '' })], finds: [] },
    { name: 'says nothing of a host-network pod', given: [...sound, stuck({ hostNetwork: true })], finds: [] },
    { name: 'says nothing of a pod that is going', given: [...sound, stuck({ state: 'Terminating' })], finds: [] },
    {
      name: 'says nothing on a node that is not Ready',
      given: [...sound, node({ name: 'c', podCIDRs: podCIDRsOf('c'), notReady: true }), stuck({ nodeName: 'c' })],
      finds: [],
    },
    { name: 'says nothing on a pod network of one family', given: [ipv4Node('a'), ipv4Pod('one'), stuck()], finds: [] },
    { name: 'says nothing without the nodes', given: [...sound, stuck()], refused: ['Node'], finds: [] },
  ],
  [
    {
      of: 'a pod',
      given: [...sound, stuck()],
      message:
        'Pod shop/stuck on node a has no address: its network is not set up (an IP pool of one family may be empty), or a volume, Secret or resource claim is missing',
      summary: podAddressMissing.remediation,
      steps: ['None: See what the kubelet waits for.'],
      commands: ['kubectl get events --namespace shop --field-selector involvedObject.kind=Pod,involvedObject.name=stuck'],
    },
  ],
);
