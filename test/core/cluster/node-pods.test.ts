import { nodePodCIDRMissing } from '../../../src/core/checks/node-pod-cidr-missing.ts';
import { MINUTE, NOW, dualNodes, dualService, ipv4Node, ipv4Pod, pod } from '../build.ts';
import { describeCheck } from '../checks/table.ts';

const peers = [...dualNodes('a', 'b', 'c'), dualService()];
const onlyIPv4 = ipv4Node('old');
/** Pods that have both families from the podCIDRs of their nodes. */
const used = ['a', 'b', 'c'].map((name) => pod({ name: `on-${name}`, nodeName: name }));
const REGISTERED = NOW - 60 * MINUTE;
const registeredAgain = ipv4Node('old', { createdAt: REGISTERED });
/** One with addresses that are in no podCIDR of node `old`, from before that was registered again. */
const outlived = pod({ name: 'outlived', nodeName: 'old', addresses: ['10.244.30.9', 'fd00:10:244:30::9'] });

/** Which pods show that a family comes from elsewhere than from podCIDRs. */
describeCheck(
  nodePodCIDRMissing,
  [
    {
      name: 'leaves it alone where newer pods too have it from elsewhere, after the node was registered again',
      given: [...peers, ...used, registeredAgain, outlived, { ...outlived, uid: 'new', startedAt: REGISTERED + MINUTE }],
      finds: [],
    },
    {
      name: 'leaves it alone where no podCIDR is used for the family, as with a pool of its own, though all pods are older than the node',
      given: [...peers, ...used.map((one) => ({ ...one, addresses: [one.addresses[0] ?? '', 'fd00:99::7'] })), registeredAgain, outlived],
      finds: [],
    },
    {
      name: 'takes a pod that started with its node for one of it, whatever the clocks say',
      given: [...peers, ...used, registeredAgain, { ...outlived, startedAt: REGISTERED - 10 * MINUTE }],
      finds: [],
    },
    {
      name: 'takes a pod of which nothing says when it started for one of its node',
      given: [...peers, ...used, registeredAgain, { ...outlived, startedAt: 0 }],
      finds: [],
    },
    {
      name: 'takes no pod for a proof that outlived the previous Node object (#pod-cidrs-in-use)',
      given: [...peers, ...used, registeredAgain, { ...outlived, startedAt: REGISTERED - 10 * MINUTE - 1 }],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'takes no pod beside the podCIDR of the node for a proof where another one lies in it',
      given: [...peers, ...used, onlyIPv4, outlived, ipv4Pod('new', { nodeName: 'old' })],
      finds: ['Critical Node/old IPv6'],
    },
    {
      name: 'takes pods for a proof that all lie beside the podCIDR of the node',
      given: [...peers, ...used, onlyIPv4, outlived],
      finds: [],
    },
    {
      name: 'takes a pod in the podCIDR of the node for a proof, whatever others have',
      given: [...peers, ...used, onlyIPv4, outlived, pod({ name: 'new', nodeName: 'old' })],
      finds: [],
    },
  ],
  [],
);
