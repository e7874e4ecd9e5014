import { nodeAddressMissing } from '../../../src/core/checks/node-address-missing.ts';
import { apiServer, dualNodes, node, pod, serviceCIDR } from '../build.ts';
import { describeCheck } from '../checks/table.ts';

const peers = dualNodes('a', 'b');
const onlyIPv4 = node({ name: 'old', addresses: ['192.0.2.1'] });

/** Nodes that show addresses of Services, as those of virtual clusters do, and nodes that look like them. */
describeCheck(
  nodeAddressMissing,
  [
    {
      name: 'expects them of a node in a range that no Service has an address of (an added ServiceCIDR)',
      given: [...peers, onlyIPv4, serviceCIDR(), serviceCIDR({ name: 'extra', cidrs: ['192.0.2.0/24'] }), apiServer()],
      finds: ['Warning Node/old IPv6'],
    },
    {
      name: 'expects nothing of a node in the range of the API server where Services are not known',
      given: [...peers, node({ name: 'made-up', addresses: ['10.96.7.7'] }), serviceCIDR()],
      refused: ['Service'],
      finds: [],
    },
    {
      name: 'expects them of a node in the range of Services whose host-network pods have its address: the networks overlap',
      given: [
        ...peers,
        node({ name: 'in-range', addresses: ['10.96.7.7'] }),
        pod({ name: 'proxy', nodeName: 'in-range', hostNetwork: true, addresses: ['10.96.7.7'] }),
        serviceCIDR(),
        apiServer(),
      ],
      finds: ['Warning Node/in-range IPv6'],
    },
    {
      name: 'expects nothing of a node in the range of Services whose host-network pods have another address (vcluster)',
      given: [
        ...peers,
        node({ name: 'made-up', addresses: ['10.96.7.7'] }),
        pod({ name: 'proxy', nodeName: 'made-up', hostNetwork: true, addresses: ['172.18.0.3'] }),
        serviceCIDR(),
        apiServer(),
      ],
      finds: [],
    },
  ],
  [],
);
