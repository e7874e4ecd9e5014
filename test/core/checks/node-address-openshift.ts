import { dualNodes, node } from '../build.ts';
import type { Wording } from './table.ts';

const UPGRADE_OPENSHIFT =
  'Upgrade to OpenShift 4.14 or newer: on vSphere, older versions pass no address to the kubelets, so nodes list one family by design.';
const IPV4 = ['192.0.2.1'];

/** What NodeAddressMissing says where OpenShift is older than 4.14, on vSphere. */
export const ON_OLD_OPENSHIFT: readonly Wording[] = [
  {
    of: 'a node of OpenShift before 4.14 on vSphere',
    given: [...dualNodes('a', 'b'), node({ name: 'old', addresses: IPV4, isOldOpenShift: true })],
    message: 'Node old has no IPv6 address (it has addresses of IPv4 only)',
    summary: UPGRADE_OPENSHIFT,
    steps: [],
  },
  {
    of: 'all nodes, of which one is of OpenShift before 4.14 on vSphere',
    given: [...['a', 'b', 'c'].map((name) => node({ name, addresses: IPV4 })), node({ name: 'd', addresses: IPV4, isOldOpenShift: true })],
    expected: ['IPv4', 'IPv6'],
    message: 'None of the 4 nodes has an IPv6 address',
    summary: UPGRADE_OPENSHIFT,
    steps: [],
  },
];
