import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import {
  containedBy,
  familiesOfAddresses,
  familyOfAddress,
  familyOfCIDR,
  networkOf,
  type Family,
  type Network,
} from '../../src/core/net/addresses.ts';
import { LabelInterner, selects, type LabelSet } from '../../src/core/kinds/labels.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { timeOf } from '../../src/core/kinds/shapes.ts';
import { mutate, someMutations } from './mutations.ts';
import { target, type Target } from './target.ts';

const ADDRESSES = [
  '10.244.1.7',
  '010.0.0.01',
  '255.255.255.255',
  'fd00:10:244::7',
  '::',
  '::ffff:1.2.3.4',
  '::1.2.3.4',
  '64:ff9b::1.2.3.4',
  'fe80::1%eth0',
  '2001:db8:1:2:3:4:5:6',
];
const CIDRS = ['10.244.0.0/16', '0.0.0.0/0', '10.0.0.1/32', 'fd00:10:244::/48', '::/0', '::1/128', '::ffff:10.0.0.0/104'];
const almost = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abfx:.%/ -')), maxLength: 24 });

/** Texts that were right before something became of them. */
function spoilt(texts: readonly string[]): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom(...texts), someMutations(), fc.constantFrom(...texts))
    .map(([text, changes, donor]) => mutate(Buffer.from(text), changes, Buffer.from(donor)).toString('utf8'));
}

const address = fc.oneof(
  { arbitrary: spoilt(ADDRESSES), weight: 6 },
  { arbitrary: fc.oneof(fc.ipV4(), fc.ipV6()), weight: 2 },
  almost,
  fc.string(),
);
const cidr = fc.oneof(
  { arbitrary: spoilt(CIDRS), weight: 6 },
  { arbitrary: fc.tuple(address, fc.nat(140)).map(([text, length]) => `${text}/${length}`), weight: 3 },
  almost,
);

function runAddress([text, other]: readonly [string, string]): string {
  const family = familyOfAddress(text);
  const expected = canonicalFamily(text);
  if (expected && family !== expected) throw new Error(`${text} is ${expected}, not ${family ?? 'nothing'}`);
  if (containedBy(other)(text) && !family) throw new Error('what is no address lies in a CIDR');
  const interner = new Interner();
  for (const list of [[text, other], [`${text},${other}`], [text], [other, text]])
    if (interner.families(list) !== familiesOfAddresses(list)) throw new Error('interned families are others');
  return family ?? 'none';
}

/** What ipaddr.js says of a text that it would write in the same way: there is only one opinion on those. */
function canonicalFamily(text: string): Family | undefined {
  if (!ipaddr.isValid(text)) return undefined;
  const parsed = ipaddr.parse(text);
  if (parsed.toString() !== text) return undefined;
  return ipaddr.process(text).kind() === 'ipv4' ? 'IPv4' : 'IPv6';
}

function runCIDR([text, one]: readonly [string, string]): string {
  const family = familyOfCIDR(text);
  const network = networkOf(text);
  if (network?.family !== family) throw new Error('a network of another family');
  checkCanonical(text, family);
  if (containedBy(text)(one) && familyOfAddress(one) !== family) throw new Error('an address of another family lies in it');
  if (network) checkNetwork(network);
  return family ?? 'none';
}

function checkNetwork({ cidr, family, prefix }: Network): void {
  if (!/^[01]*$/.test(prefix) || prefix.length > (family === 'IPv4' ? 32 : 128)) throw new Error(`a prefix ${prefix}`);
  const [base = ''] = cidr.split('/');
  if (familyOfAddress(base) === family && !containedBy(cidr)(base)) throw new Error('its own address does not lie in it');
}

function checkCanonical(text: string, family: Family | undefined): void {
  // ipaddr.js takes a zone in a CIDR, which is none.
  if (!ipaddr.isValidCIDR(text) || text.includes('%')) return;
  const [parsed, length] = ipaddr.parseCIDR(text);
  if (`${parsed.toString()}/${length}` !== text || (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress())) return;
  const expected = parsed.kind() === 'ipv4' ? 'IPv4' : 'IPv6';
  if (family !== expected) throw new Error(`${text} is ${expected}, not ${family ?? 'nothing'}`);
}

const labelValue = fc.oneof(
  { arbitrary: fc.constantFrom('web', 'api', ''), weight: 4 },
  { arbitrary: fc.anything({ maxDepth: 1 }), weight: 1 },
);
const labels = fc.dictionary(fc.constantFrom('app', 'tier', '__proto__', 'constructor', '', '\ud800', '0'), labelValue, { maxKeys: 4 });

function runLabels([one, other]: readonly [Record<string, unknown>, Record<string, unknown>]): string {
  const interner = new LabelInterner();
  const [first, second] = [interner.intern(one), interner.intern(other)];
  if (interner.intern(Object.fromEntries(Object.entries(one).reverse())) !== first) throw new Error('equal labels are not the same');
  for (const set of [first, second]) if (selects(set, set) !== set.length > 0) throw new Error('labels do not select themselves');
  if (selects(first, second) !== (first.length > 0 && includes(second, first))) throw new Error('a wrong selection');
  return selects(first, second) ? 'selected' : 'not selected';
}

function includes(labels: LabelSet, selector: LabelSet): boolean {
  const texts = new Set(labels.map((pair) => JSON.stringify(pair)));
  return selector.every((pair) => texts.has(JSON.stringify(pair)));
}

const time = fc.oneof(
  spoilt(['2026-06-01T12:00:00Z', '2026-06-01T12:00:00.123456Z', '9999-12-31T23:59:59+00:00']),
  fc.record({ seconds: fc.oneof(fc.double(), fc.integer()), nanos: fc.oneof(fc.double(), fc.integer()) }),
  fc.anything(),
);

function runTime(value: unknown): string {
  const ms = timeOf(value);
  if (Number.isNaN(new Date(ms).getTime()) || ms < 0) throw new Error(`no time: ${ms}`);
  return ms > 0 ? 'time' : 'none';
}

const FAMILIES = ['IPv4', 'IPv6', 'none'] as const;

export const TEXTS: readonly Target[] = [
  target({ name: 'address', weight: 8, outcomes: FAMILIES, arbitrary: fc.tuple(address, fc.oneof(address, cidr)), run: runAddress }),
  target({ name: 'CIDR', weight: 6, outcomes: FAMILIES, arbitrary: fc.tuple(cidr, address), run: runCIDR }),
  target({ name: 'labels', weight: 2, outcomes: ['selected', 'not selected'], arbitrary: fc.tuple(labels, labels), run: runLabels }),
  target({ name: 'time', weight: 2, outcomes: ['time', 'none'], arbitrary: time, run: runTime }),
];
