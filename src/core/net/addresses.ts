import ipaddr from 'ipaddr.js';

/** An IP family, spelled as the Kubernetes API spells it. */
export type Family = 'IPv4' | 'IPv6';

/**
 * The distinct families of something, in the order in which it names them. There are only five such lists and each
 * is one shared array, so two lists are equal exactly when they are the same object, and keeping one costs a pointer.
 */
export type FamilyList = readonly Family[];

/** How the metrics name a set of families: their sum over all four names is the total. */
export type FamilyLabel = 'dual' | 'ipv4' | 'ipv6' | 'none';

export const NO_FAMILY: FamilyList = Object.freeze([]);
export const IPV4: FamilyList = Object.freeze<Family[]>(['IPv4']);
export const IPV6: FamilyList = Object.freeze<Family[]>(['IPv6']);
export const DUAL_IPV4_FIRST: FamilyList = Object.freeze<Family[]>(['IPv4', 'IPv6']);
export const DUAL_IPV6_FIRST: FamilyList = Object.freeze<Family[]>(['IPv6', 'IPv4']);

/**
 * The family of an address. Reads what Kubernetes' own parser reads (KEP-4858): IPv4 parts may have leading zeros, which
 * are decimal and not octal, and an IPv4-mapped address such as `::ffff:1.2.3.4` is IPv4. An IPv6 address may have a zone id,
 * which the API server refuses where it looks: nobody looks at the addresses of a node.
 * @returns undefined where the text is no address
 */
export function familyOfAddress(text: string): Family | undefined {
  return canonicalFamilyOf(text) ?? parsedFamilyOf(text);
}

function parsedFamilyOf(text: string): Family | undefined {
  const address = parseAddress(text);
  return address && familyOf(address);
}

const CANONICAL_IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
/** Up to four groups, a gap, and up to three: so many fit. Neither this nor eight groups that begin so is IPv4-mapped. */
const SHORTENED_IPV6 = /^[1-9a-f][\da-f]{0,3}(?::[\da-f]{1,4}){0,3}::(?:[\da-f]{1,4}(?::[\da-f]{1,4}){0,2})?$/;
const WHOLE_IPV6 = /^[1-9a-f][\da-f]{0,3}(?::[\da-f]{1,4}){7}$/;

/** The family of an address in a form that nearly all have, for which parsing takes ten times longer; undefined says nothing. */
function canonicalFamilyOf(text: string): Family | undefined {
  if (CANONICAL_IPV4.test(text)) return 'IPv4';
  return isCanonicalIPv6(text) ? 'IPv6' : undefined;
}

function isCanonicalIPv6(text: string): boolean {
  return SHORTENED_IPV6.test(text) || WHOLE_IPV6.test(text);
}

/**
 * The family of a CIDR such as `10.244.0.0/24`. Host bits may be set; `::ffff:10.244.0.0/120` is 10.244.0.0/24.
 * @returns undefined where the text is no CIDR
 */
export function familyOfCIDR(text: string): Family | undefined {
  const cidr = parseCIDR(text);
  return cidr && familyOf(cidr[0]);
}

/** The families of addresses in their order, each once; texts that are no address are passed over. */
export function familiesOfAddresses(texts: readonly string[]): FamilyList {
  return listOf(texts.map(familyOfAddress));
}

/** Addresses that nobody else can reach something at: unspecified, loopback, link-local and multicast ones (rule 11). */
const UNUSABLE_RANGES: ReadonlySet<string> = new Set(['unspecified', 'loopback', 'linkLocal', 'multicast', 'broadcast']);
/** What all of these begin with; reading an address takes long, and nearly none is one of them. */
const MAYBE_UNUSABLE = /^(?:0|127\.|169\.254\.|22[4-9]\.|23\d\.|255\.|:|f[ef])/i;

/** The family of an address at which others can reach something; undefined for any other, and where the text is no address. */
function usableFamilyOf(text: string): Family | undefined {
  if (!MAYBE_UNUSABLE.test(text)) return familyOfAddress(text);
  const address = parseAddress(text);
  return address && !UNUSABLE_RANGES.has(address.range()) ? familyOf(address) : undefined;
}

/** The families of the addresses at which others can reach something, in their order, each once. */
export function usableFamilies(texts: readonly string[]): FamilyList {
  return listOf(texts.map(usableFamilyOf));
}

/** The families of CIDRs in their order, each once; texts that are no CIDR are passed over. */
export function familiesOfCIDRs(texts: readonly string[]): FamilyList {
  return listOf(texts.map(familyOfCIDR));
}

/**
 * What tools and people write in place of an address or of a part of it: `***HIDDEN***`, `x-ipv4-0000000001-x` (must-gather-clean), `2001:<snip>::7`,
 * `192.0.xxx.7`, `[snip]:7`, `2001:db8:...:7`.
 */
const REDACTED = /^x-ip(?:v\d)?-|<[^>]*>|(?:^|[.:])x+(?:[.:/]|$)|\[\w*[g-z]\w*\]|\.\.\.|\u2026|\*\*|redacted|hidden|masked|obfuscated/i;

/** Whether a text replaces an address that was redacted: it may be of any family. */
export function isRedacted(text: string): boolean {
  return REDACTED.test(text);
}

/** The shared list of these families, in their order, each once; what is not a family is passed over. */
export function listOf(families: Iterable<string | undefined>): FamilyList {
  let list = NO_FAMILY;
  for (const family of families) {
    if (family === 'IPv4') list = append(list, IPV4, IPV6, DUAL_IPV6_FIRST);
    if (family === 'IPv6') list = append(list, IPV6, IPV4, DUAL_IPV4_FIRST);
  }
  return list;
}

/** The families of which something holds, IPv4 first; makes no list, since some are computed for each evaluation. */
export function familiesWhere(holds: (family: Family) => boolean): FamilyList {
  if (!holds('IPv4')) return holds('IPv6') ? IPV6 : NO_FAMILY;
  return holds('IPv6') ? DUAL_IPV4_FIRST : IPV4;
}

function append(list: FamilyList, alone: FamilyList, other: FamilyList, both: FamilyList): FamilyList {
  if (list === NO_FAMILY) return alone;
  return list === other ? both : list;
}

/** The families of `wanted` that are not in `present`, in the order of `wanted`. */
export function missingFrom(present: FamilyList, wanted: FamilyList): FamilyList {
  // Called for every pod, of which most have both.
  if (isDual(present) || present === wanted) return NO_FAMILY;
  return listOf(wanted.filter((family) => !present.includes(family)));
}

/** The families of both lists, those of `first` first. */
export function union(first: FamilyList, second: FamilyList): FamilyList {
  return listOf([...first, ...second]);
}

/** Whether two lists have a family in common. */
export function overlap(one: FamilyList, other: FamilyList): boolean {
  return one.some((family) => other.includes(family));
}

export function isDual(families: FamilyList): boolean {
  return families.length === 2;
}

/** The name of a set of families in a metric's label. */
export function familyLabel(families: FamilyList): FamilyLabel {
  if (isDual(families)) return 'dual';
  if (families === IPV4) return 'ipv4';
  return families === IPV6 ? 'ipv6' : 'none';
}

/** The families in words, for messages: `IPv4 and IPv6`, `IPv6`, `no family`. */
export function familyWords(families: FamilyList): string {
  return families.length === 0 ? 'no family' : families.join(' and ');
}

/** The same where all of them are denied: `no IPv4 or IPv6 address`. */
export function joinWithOr(families: FamilyList): string {
  return families.join(' or ');
}

/**
 * Whether addresses lie in a CIDR, which is read once, and an address in canonical notation mostly as far as it differs.
 * @returns a function that returns false where either text is malformed, or they are of different families
 */
export function containedBy(cidr: string): (address: string) => boolean {
  const range = parseCIDR(cidr);
  if (!range) return () => false;
  const quickly = range[0] instanceof ipaddr.IPv4 ? quickIPv4(range[0], range[1]) : quickIPv6(range[0], range[1]);
  return (text) => {
    const quick = quickly(text);
    if (quick !== undefined) return quick;
    const address = parseAddress(text);
    return address?.kind() === range[0].kind() && address.match(range);
  };
}

/** Whether a range has an address, as far as its text alone shows that; undefined says nothing. */
type QuickMatch = (text: string) => boolean | undefined;

const [DOT, ZERO, NINE] = [46, 48, 57];
const NO_OCTET = -1;

function quickIPv4({ octets }: ipaddr.IPv4, length: number): QuickMatch {
  const base = octets.reduce((value, octet) => value * 256 + octet, 0);
  // A shift by 32 would be none.
  const differs = (value: number): boolean => length > 0 && (value ^ base) >>> (32 - length) !== 0;
  return (text) => {
    const value = valueOfIPv4(text);
    return value === undefined ? undefined : !differs(value);
  };
}

/** An address as a number; undefined where it is not in canonical notation. */
function valueOfIPv4(text: string): number | undefined {
  let value = 0;
  let octets = 0;
  let octet = NO_OCTET;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOT && octet !== NO_OCTET) {
      value = value * 256 + octet;
      octets += 1;
      octet = NO_OCTET;
      continue;
    }
    // A leading zero is no digit of an octet.
    if (code < ZERO || code > NINE || octet === 0) return undefined;
    octet = octet === NO_OCTET ? code - ZERO : octet * 10 + code - ZERO;
    if (octet > 255) return undefined;
  }
  return octets === 3 && octet !== NO_OCTET ? value * 256 + octet : undefined;
}

/** Compares the parts before a gap, which can replace any number of them. */
function quickIPv6({ parts }: ipaddr.IPv6, length: number): QuickMatch {
  const whole = parts.slice(0, length / 16);
  return (text) => (isCanonicalIPv6(text) ? beginsWith(text, whole, length % 16 === 0) : undefined);
}

const COLON = 58;

/** @param isAll whether nothing but these parts counts */
function beginsWith(text: string, parts: readonly number[], isAll: boolean): boolean | undefined {
  let part = 0;
  let index = 0;
  for (let at = 0; at < text.length && index < parts.length; at++) {
    const code = text.charCodeAt(at);
    if (code !== COLON) {
      part = part * 16 + (code < COLON ? code - 48 : code - 87);
      continue;
    }
    if (part !== parts[index]) return false;
    index += 1;
    part = 0;
    if (text.charCodeAt(at + 1) === COLON) break;
  }
  return isAll && index === parts.length ? true : undefined;
}

/**
 * A text that addresses begin with only if they lie in a CIDR, whatever their notation: its whole parts, such as `10.244.3.` or `fd00:10:244:3:`.
 * Looking at it is several times faster than {@link containedBy}.
 * @returns undefined where the prefix ends within a part, or the text is no CIDR
 */
export function textPrefixOf(cidr: string): string | undefined {
  const range = parseCIDR(cidr);
  if (!range) return undefined;
  const [address, length] = range;
  const [parts, bits, separator] =
    address instanceof ipaddr.IPv4 ? [address.octets.map(String), 8, '.'] : [address.parts.map((part) => part.toString(16)), 16, ':'];
  const count = length / bits;
  if (!Number.isInteger(count) || count === 0 || count === parts.length) return undefined;
  return parts.slice(0, count).join(separator) + separator;
}

/** A CIDR, to be compared with others. */
export interface Network {
  readonly cidr: string;
  readonly family: Family;
  /** The bits of its prefix, each a 0 or a 1. */
  readonly prefix: string;
}

/** @returns undefined where the text is no CIDR */
export function networkOf(cidr: string): Network | undefined {
  const parsed = parseCIDR(cidr);
  if (!parsed) return undefined;
  const [address, length] = parsed;
  const bits = address
    .toByteArray()
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  return { cidr, family: familyOf(address), prefix: bits.slice(0, length) };
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function familyOf(address: Address): Family {
  return address.kind() === 'ipv4' ? 'IPv4' : 'IPv6';
}

const DOTTED_QUAD = /(?:^|:)(\d+\.\d+\.\d+\.\d+)$/;
/** The beginning of `::1.2.3.4`, which ipaddr.js reads as if it were IPv4-mapped. */
const UNMAPPED_QUAD = /^::(?=\d+\.)/;

/** Names of interfaces have more characters than ipaddr.js takes: `fe80::1%br-lan`. */
const ZONE = /^%[\w.:-]+$/;

function parseAddress(text: string): Address | undefined {
  const address = parseWithZone(text);
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() ? address.toIPv4Address() : address;
}

function parseWithZone(text: string): Address | undefined {
  const percent = text.indexOf('%');
  if (percent < 0) return parseAsWritten(text);
  const address = parseAsWritten(text.slice(0, percent));
  return address instanceof ipaddr.IPv6 && ZONE.test(text.slice(percent)) ? address : undefined;
}

/** An address without a zone; an IPv4-mapped one is IPv6 here. */
function parseAsWritten(text: string): Address | undefined {
  const decimal = text.replace(DOTTED_QUAD, withoutLeadingZeros).replace(UNMAPPED_QUAD, '0::');
  if (decimal.includes(':')) return ipaddr.IPv6.isValid(decimal) ? ipaddr.IPv6.parse(decimal) : undefined;
  // ipaddr.js would take shortened and hexadecimal forms, which Kubernetes refuses, and is slow to say no.
  return CANONICAL_IPV4.test(decimal) ? new ipaddr.IPv4(decimal.split('.').map(Number)) : undefined;
}

/** ipaddr.js reads a part with a leading zero as octal, older API servers as decimal (rules.md#address-notation). */
function withoutLeadingZeros(quad: string): string {
  return quad.replace(/\b0+(?=\d)/g, '');
}

const PREFIX_LENGTH = /^\d{1,3}$/;
/** How many bits come before the IPv4 address in an IPv4-mapped one. */
const MAPPED_BITS = 96;

function parseCIDR(text: string): [Address, number] | undefined {
  const slash = text.lastIndexOf('/');
  const address = slash < 0 || text.includes('%') ? undefined : parseAsWritten(text.slice(0, slash));
  const prefix = text.slice(slash + 1);
  if (!address || !PREFIX_LENGTH.test(prefix)) return undefined;
  const length = Number(prefix);
  if (length > (address.kind() === 'ipv4' ? 32 : 128)) return undefined;
  // The length counts the bits of the address as it is written; a shorter one takes in more than IPv4.
  const mapped = address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress() && length >= MAPPED_BITS;
  return mapped ? [address.toIPv4Address(), length - MAPPED_BITS] : [address, length];
}
