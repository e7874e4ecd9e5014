import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { OLDEST_EVALUATION_S } from '../settings.ts';
import type { Steps } from './panels.ts';
import type { Code } from './queries.ts';

/** The colors of families, severities and verdicts, in all dashboards. */
export const COLORS = {
  dual: 'green',
  ipv4: 'blue',
  ipv6: 'purple',
  none: 'red',
  critical: 'red',
  warning: 'orange',
  info: 'blue',
  good: 'green',
  unknown: '#808080',
} as const;

/** From which age of an evaluation on, in seconds, which color counts: it is reported every five minutes. */
export const EVALUATION_AGE: Steps = [COLORS.good, [600, COLORS.warning], [OLDEST_EVALUATION_S, COLORS.critical]];

/** What a layer of the cluster has. */
export const STACKS: readonly Code[] = [
  { value: 'Unknown', number: 0, text: 'Unknown', color: COLORS.unknown },
  { value: 'IPv4', number: 1, text: 'IPv4 only', color: COLORS.ipv4 },
  { value: 'IPv6', number: 2, text: 'IPv6 only', color: COLORS.ipv6 },
  { value: 'DualStack', number: 3, text: 'Dual-stack', color: COLORS.dual },
  { value: 'Mixed', number: 4, text: 'Mixed', color: COLORS.warning },
];

/** The statuses of a condition that is good when True. */
export const HEADLINES: readonly Code[] = [
  { value: 'False', number: 0, text: 'No', color: COLORS.critical },
  { value: 'Unknown', number: 1, text: 'Unknown', color: COLORS.unknown },
  { value: 'True', number: 2, text: 'Yes', color: COLORS.good },
];

/** The stages of a migration, in their order. */
export const STAGES: readonly Code[] = [
  { value: 'NodeAddresses', number: 1, text: '1 Node addresses', color: 'dark-orange' },
  { value: 'PodNetwork', number: 2, text: '2 Pod network', color: 'orange' },
  { value: 'ServiceRange', number: 3, text: '3 Service range', color: 'yellow' },
  { value: 'Services', number: 4, text: '4 Services', color: 'light-blue' },
  { value: 'Complete', number: 5, text: 'Complete', color: COLORS.good },
];

/** What a reflector is doing. */
export const REFLECTOR_STATES: readonly Code[] = [
  { value: 'stopped', number: 4, text: 'stopped', color: 'dark-red' },
  { value: 'unavailable', number: 3, text: 'unavailable', color: 'red' },
  { value: 'waiting', number: 2, text: 'waits to try again', color: 'orange' },
  { value: 'listing', number: 1, text: 'lists', color: 'blue' },
  { value: 'watching', number: 0, text: 'watches', color: COLORS.good },
];

/** Whether a replica leads. */
export const LEADERSHIP: readonly Code[] = [
  { value: '0', number: 0, text: 'standby', color: COLORS.info },
  { value: '1', number: 1, text: 'leads', color: COLORS.good },
];

/** The severities of findings, the worst first. */
export const SEVERITIES: readonly Code[] = [
  { value: 'Critical', number: 1, text: 'Critical', color: COLORS.critical },
  { value: 'Warning', number: 2, text: 'Warning', color: COLORS.warning },
  { value: 'Info', number: 3, text: 'Info', color: COLORS.info },
];

/** Sets of families, as labels name them. */
export const FAMILIES: readonly Code[] = [
  { value: 'dual', number: 0, text: 'dual-stack', color: COLORS.dual },
  { value: 'ipv4', number: 1, text: 'IPv4 only', color: COLORS.ipv4 },
  { value: 'ipv6', number: 2, text: 'IPv6 only', color: COLORS.ipv6 },
  { value: 'none', number: 3, text: 'none', color: COLORS.none },
];

/** The same of what a node may well be without: podCIDRs where the pod network has no use for them, and pods. */
export const FAMILIES_IF_ANY: readonly Code[] = FAMILIES.map((code) => (code.value === 'none' ? { ...code, color: COLORS.unknown } : code));

/** Shows the number of each code as its text, in its color. */
export function numbersAsText(codes: readonly Code[]): ValueMapping {
  return mapping(codes.map((code) => [String(code.number), code]));
}

/** Shows the value of a label as the text of its code, in its color. */
export function valuesAsText(codes: readonly Code[]): ValueMapping {
  return mapping(codes.map((code) => [code.value, code]));
}

function mapping(codes: readonly (readonly [key: string, code: Code])[]): ValueMapping {
  const options = codes.map(([key, { text, color }], index) => [key, { text, color: color, index }] as const);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) };
}
