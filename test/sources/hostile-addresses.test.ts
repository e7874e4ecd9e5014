import { expect } from 'chai';
import type { Family } from '../../src/core/net/addresses.ts';
import { evaluated, table } from '../client/support/hostile-table.ts';
import { podCIDRsOf, rawEndpoint, rawNode, rawPod, rawService, rawServiceCIDR, rawSlice, type Raw } from '../client/support/objects.ts';

/** What a text is taken for. */
type Reading = Family | undefined;

/** Where an address can be, what the object looks like with these there, and what is found where IPv6 or IPv4 is not among them. */
interface Place {
  readonly place: string;
  readonly withAddresses: (...addresses: readonly string[]) => readonly Raw[];
  readonly withoutIPv6: readonly string[];
  readonly withoutIPv4: readonly string[];
  /** Where more addresses than families are a fault. */
  readonly withMore?: readonly string[];
}

const INCONSISTENT = ['ServiceFieldsInconsistent Warning Service/shop/odd IPv4+IPv6'];

const PLACES: readonly Place[] = [
  {
    place: 'the InternalIPs of a node',
    withAddresses: (...addresses) => [rawNode('d', { addresses })],
    withoutIPv6: ['NodeAddressMissing Warning Node/d IPv6'],
    withoutIPv4: ['NodeAddressMissing Info Node/d IPv4'],
  },
  {
    place: 'the InternalIP and ExternalIPs of a node',
    withAddresses: (...addresses) => [rawNode('d', { addresses, type: 'ExternalIP' })],
    withoutIPv6: ['NodeAddressMissing Warning Node/d IPv6'],
    withoutIPv4: ['NodeAddressMissing Info Node/d IPv4'],
  },
  {
    place: 'the podIPs of a pod',
    withAddresses: (...podIPs) => [rawPod('odd', { podIPs })],
    withoutIPv6: ['PodFamilyMissing Warning Pod/shop/odd IPv6'],
    withoutIPv4: ['PodFamilyMissing Warning Pod/shop/odd IPv4'],
  },
  {
    place: 'the podIPs of a host-network pod',
    withAddresses: (...podIPs) => [rawPod('odd', { podIPs, hostIPs: podIPs, hostNetwork: true })],
    withoutIPv6: ['PodHostNetworkStale Info Pod/shop/odd IPv6'],
    withoutIPv4: ['PodHostNetworkStale Info Pod/shop/odd IPv4'],
  },
  {
    // Only the first of them counts, for the order of the pod's own.
    place: 'the hostIPs of a pod',
    withAddresses: (...hostIPs) => [rawPod('odd', { hostIPs })],
    withoutIPv6: [],
    withoutIPv4: ['PodFamilyOrder Info Pod/shop/odd IPv4'],
  },
  {
    place: 'the clusterIPs of a Service',
    withAddresses: (...clusterIPs) => [rawService('odd', { clusterIP: clusterIPs[0], clusterIPs })],
    withoutIPv6: INCONSISTENT,
    withoutIPv4: INCONSISTENT,
    withMore: INCONSISTENT,
  },
  {
    place: 'the ingress of a load balancer',
    withAddresses: (...ips) => [rawService('odd', { type: 'LoadBalancer' }, { loadBalancer: { ingress: ips.map((ip) => ({ ip })) } })],
    withoutIPv6: ['LoadBalancerFamilyMissing Warning Service/shop/odd IPv6'],
    withoutIPv4: ['LoadBalancerFamilyMissing Warning Service/shop/odd IPv4'],
  },
  {
    // The type of a slice says its family, and the pod behind an endpoint which one it is: the addresses are not read.
    place: 'the endpoints of a slice',
    withAddresses: (...addresses) => [
      rawService('odd', { selector: { app: 'odd' } }),
      rawPod('odd'),
      rawSlice('odd', 'IPv4', [rawEndpoint('odd', ...addresses)]),
      rawSlice('odd', 'IPv6', [rawEndpoint('odd', ...addresses)]),
    ],
    withoutIPv6: [],
    withoutIPv4: [],
  },
];

/** What is where an IPv6 address should be, beside a sound IPv4 one. */
const SECOND_ADDRESSES: readonly (readonly [text: string, reads: Reading, why: string])[] = [
  ['2001:db8::d', 'IPv6', 'a plain address'],
  ['::192.0.2.9', 'IPv6', 'IPv4-compatible, which is not IPv4-mapped'],
  ['2001:db8::9%eth0', 'IPv6', 'a zone id'],
  ['2001:db8::9%br-lan.7', 'IPv6', 'a zone id that is the name of an interface'],
  ['::ffff:192.0.2.9', 'IPv4', 'IPv4-mapped'],
  ['::ffff:192.000.002.009', 'IPv4', 'IPv4-mapped with leading zeros'],
  ['192.0.2.77', 'IPv4', 'the same family again'],
  ['', undefined, 'an empty text'],
  ['soon', undefined, 'no address'],
  ['node-d.example', undefined, 'a name'],
  ['2001:db8::d/64', undefined, 'a CIDR'],
  ['192.0.2.9,2001:db8::9', undefined, 'two in one text'],
  [' 2001:db8::d', undefined, 'a space before it'],
  ['[2001:db8::d]', undefined, 'brackets'],
];

/** What is where an IPv4 address should be, before a sound IPv6 one. */
const FIRST_ADDRESSES: readonly (readonly [text: string, reads: Reading, why: string])[] = [
  ['010.244.001.008', 'IPv4', 'leading zeros'],
  ['::ffff:10.244.1.8', 'IPv4', 'IPv4-mapped'],
  ['2001:db8::9%eth0', 'IPv6', 'a zone id'],
  ['10.244.1', undefined, 'a shortened one'],
  ['0x0a.0.0.1', undefined, 'a hexadecimal one'],
  ['10.244.1.8/24', undefined, 'a CIDR'],
  ['soon', undefined, 'no address'],
  ['', undefined, 'an empty text'],
];

describe('hostile addresses', () => {
  for (const { place, withAddresses, withoutIPv6, withoutIPv4, withMore = [] } of PLACES) {
    describe(`in ${place}`, () => {
      table([
        ...SECOND_ADDRESSES.map(([text, reads, why]) => ({
          what: `${JSON.stringify(text)} as the second one (${why})`,
          objects: withAddresses('10.244.1.8', text),
          finds: reads === 'IPv6' ? [] : withoutIPv6,
        })),
        ...FIRST_ADDRESSES.map(([text, reads, why]) => ({
          what: `${JSON.stringify(text)} as the first one (${why})`,
          objects: withAddresses(text, 'fd00:10:244:1::8'),
          finds: reads === 'IPv4' ? [] : withoutIPv4,
        })),
        { what: 'three, two of IPv4', objects: withAddresses('10.244.1.8', '10.244.1.9', 'fd00:10:244:1::8'), finds: withMore },
        { what: 'three, two of IPv6', objects: withAddresses('10.244.1.8', 'fd00:10:244:1::8', 'fd00:10:244:1::9'), finds: withMore },
        { what: 'three of IPv4', objects: withAddresses('10.244.1.8', '10.244.1.9', '10.244.1.10'), finds: withoutIPv6 },
        {
          what: 'three with an empty one between',
          objects: withAddresses('10.244.1.8', '', 'fd00:10:244:1::8'),
          // Empty texts are as if they were not there.
          finds: [],
        },
      ]);
    });
  }

  describe('in what --node-ip asked for', () => {
    const node = (provided: string): Raw[] => [
      rawNode('d', { addresses: ['192.0.2.1'], annotations: { 'alpha.kubernetes.io/provided-node-ip': provided } }),
    ];
    const finds = ['NodeAddressMissing Warning Node/d IPv6'];
    table(
      ['', 'soon', '192.0.2.1', '::ffff:192.0.2.1', ','.repeat(1000)].map((text) => ({
        what: JSON.stringify(text.slice(0, 20)),
        objects: node(text),
        finds,
      })),
    );

    it('shows nothing that a terminal would act on, nor half a character', () => {
      const { evaluation } = evaluated(node('192.0.2.1,\u001b[2J\u202e,a\ud83d'), 'json');
      const [finding] = evaluation.findings.values();
      const { message, remediation } = evaluation.describe(finding!);
      expect(message).to.contain('--node-ip 192.0.2.1,\ufffd[2J\ufffd,a\ufffd asks)');
      expect(`${message}${JSON.stringify(remediation)}`).not.to.match(/\p{C}/u);
    });
  });
});

/** What is where an IPv6 CIDR should be, beside a sound IPv4 one. */
const SECOND_CIDRS: readonly (readonly [text: string, reads: Reading, why: string])[] = [
  ['fd00:10:244:4::/64', 'IPv6', 'a plain one'],
  ['fd00:10:244:4::99/64', 'IPv6', 'host bits'],
  ['fd00:10:244:4::/064', 'IPv6', 'a length with a leading zero'],
  ['::ffff:198.51.100.0/24', 'IPv6', 'what begins like IPv4-mapped and holds more'],
  ['198.51.100.0/24', 'IPv4', 'the same family again'],
  ['198.051.100.000/24', 'IPv4', 'the same family again, with leading zeros'],
  ['198.51.100.7/24', 'IPv4', 'the same family again, with host bits'],
  ['::ffff:198.51.100.0/120', 'IPv4', 'IPv4-mapped'],
  ['fe80::%eth0/64', undefined, 'a zone id'],
  ['fd00:10:244:4::', undefined, 'no length'],
  ['fd00:10:244:4::/129', undefined, 'a length too long'],
  ['fd00:10:244:4::/-1', undefined, 'a negative length'],
  ['10.0.0.0/255.0.0.0', undefined, 'a mask'],
  ['', undefined, 'an empty text'],
  ['soon', undefined, 'no CIDR'],
];

describe('hostile CIDRs', () => {
  describe('in the podCIDRs of a node', () => {
    const [ipv4, ipv6] = podCIDRsOf('d');
    const conflict = 'NodePodCIDRConflict Critical Node/d IPv4';
    const missing = 'NodePodCIDRMissing Critical Node/d IPv6';
    const findsOf = (reads: Reading): string[] => (reads === 'IPv6' ? [] : [...(reads === 'IPv4' ? [conflict] : []), missing]);
    const node = (...podCIDRs: readonly string[]): Raw[] => [rawNode('d', { podCIDRs })];
    table([
      ...SECOND_CIDRS.map(([text, reads, why]) => ({
        what: `${JSON.stringify(text)} (${why})`,
        objects: node(ipv4, text),
        finds: findsOf(reads),
      })),
      { what: 'host bits in both', objects: node('10.244.4.99/24', 'fd00:10:244:4::99/64'), finds: [] },
      { what: 'leading zeros', objects: node('010.244.004.000/24', ipv6), finds: [] },
      { what: 'the same one twice', objects: node(ipv4, ipv4, ipv6), finds: [conflict] },
      { what: 'three, two of IPv6', objects: node(ipv4, ipv6, 'fd00:10:244:99::/64'), finds: ['NodePodCIDRConflict Critical Node/d IPv6'] },
      {
        what: 'host bits of another node',
        objects: node('10.244.1.99/24', ipv6),
        finds: ['NodePodCIDRConflict Critical Cluster IPv4'],
      },
      { what: 'nothing that is one', objects: node('soon', 'later'), finds: ['NodePodCIDRMissing Critical Node/d IPv4+IPv6'] },
      { what: 'none but podCIDR', objects: [{ ...rawNode('d'), spec: { podCIDR: ipv4 } }], finds: [missing] },
    ]);
  });

  describe('in the ServiceCIDR', () => {
    // The Service requires both, and so does the one that is there already.
    const unmet = ['web', 'odd'].map((name) => `ServiceRequirementUnmet Critical Service/shop/${name} IPv6`);
    // Another range than that of pods.
    const ofServices = SECOND_CIDRS.map(([text, reads, why]) => [text.replace('fd00:10:244:', 'fd00:10:96:'), reads, why] as const);
    table(
      ofServices.map(([text, reads, why]) => ({
        what: `${JSON.stringify(text)} (${why})`,
        objects: [rawServiceCIDR('10.96.0.0/16', text), rawService('odd')],
        finds: reads === 'IPv6' ? [] : unmet,
      })),
    );
    table([
      { what: 'three, two of IPv4', objects: [rawServiceCIDR('10.96.0.0/16', '10.97.0.0/16', 'fd00:10:96::/112')], finds: [] },
      { what: 'none, which shows nothing', objects: [rawServiceCIDR(), rawService('odd')], finds: [] },
      { what: 'nothing that is one, which shows nothing', objects: [rawServiceCIDR('soon'), rawService('odd')], finds: [] },
    ]);
  });
});
