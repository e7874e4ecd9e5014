import { clusterFamilyOrder } from '../../../src/core/checks/cluster-family-order.ts';
import { addressesOn, apiServer, node, pod, podCIDRsOf, serviceCIDR } from '../build.ts';
import { describeCheck } from './table.ts';

const IPV6_NODES = ['a', 'b'].map((name) => node({ name, addresses: ['2001:db8::1', '192.0.2.1'], podCIDRs: podCIDRsOf(name) }));
const ipv6First = (name: string) => pod({ name, nodeName: name, addresses: addressesOn(name).toReversed() });
const ipv4First = (name: string) => pod({ name, nodeName: name });
const SERVICES = [serviceCIDR(), apiServer()];
const FAULT = [...SERVICES, ...IPV6_NODES, ipv6First('a'), ipv6First('b')];

describeCheck(
  clusterFamilyOrder,
  [
    {
      name: 'is Info where nodes and pods have IPv6 first and Services IPv4 (k3s-io/k3s#6063)',
      given: FAULT,
      finds: ['Info Cluster IPv6'],
    },
    {
      name: 'says nothing where all have IPv6 first',
      given: [serviceCIDR({ cidrs: ['fd00:10:96::/112', '10.96.0.0/16'] }), apiServer('fd00:10:96::1'), ...IPV6_NODES, ipv6First('a')],
      finds: [],
    },
    {
      name: 'says nothing where a cloud lists IPv6 first and pods have IPv4 first (PodFamilyOrder)',
      given: [...SERVICES, ...IPV6_NODES, ipv4First('a'), ipv4First('b')],
      finds: [],
    },
    {
      name: 'says nothing where as many pods have either first',
      given: [...SERVICES, ...IPV6_NODES, ipv6First('a'), ipv4First('b')],
      finds: [],
    },
    {
      name: 'says nothing of EKS with IPv6, whose Services have one family',
      given: [serviceCIDR({ cidrs: ['fd4a:9b26::/108'] }), apiServer('fd4a:9b26::1'), node(), pod({ addresses: ['2600::7'] })],
      finds: [],
    },
    {
      name: 'says nothing where Services have IPv4 only',
      given: [serviceCIDR({ cidrs: ['10.96.0.0/16'] }), apiServer(), ...IPV6_NODES, ipv6First('a')],
      finds: [],
    },
    { name: 'waits for the nodes to be listed', given: FAULT, pending: ['Node'], finds: [] },
  ],
  [
    {
      of: 'nodes with IPv6 first',
      given: FAULT,
      message: 'Most nodes and pods have IPv6 first, and Services have IPv4 first',
      summary: 'Give nodes the order of Services, where software relies on the first address.',
      steps: [
        'None: Give the kubelets --node-ip with an address of each family in the order of Services, and restart them. New pods get that order; restart pods that need it. The order of Services cannot be changed while there are Services.',
      ],
    },
  ],
);
