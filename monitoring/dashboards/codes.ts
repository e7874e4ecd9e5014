import { MappingType, type ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard';
import { OLDEST_EVALUATION_S } from '../settings.ts';
import type { Steps } from './panels.ts';
import type { Code } from './queries.ts';

/** The colours of families, severities and verdicts, in all dashboards. */
export const COLOURS = {
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

/** From which age of an evaluation on, in seconds, which colour counts: it is told every five minutes. */
export const EVALUATION_AGE: Steps = [COLOURS.good, [600, COLOURS.warning], [OLDEST_EVALUATION_S, COLOURS.critical]];

/** What a layer of the cluster has. */
export const STACKS: readonly Code[] = [
  { value: 'Unknown', number: 0, text: 'Unknown', colour: COLOURS.unknown },
  { value: 'IPv4', number: 1, text: 'IPv4 only', colour: COLOURS.ipv4 },
  { value: 'IPv6', number: 2, text: 'IPv6 only', colour: COLOURS.ipv6 },
  { value: 'DualStack', number: 3, text: 'Dual-stack', colour: COLOURS.dual },
  { value: 'Mixed', number: 4, text: 'Mixed', colour: COLOURS.warning },
];

/** The statuses of a condition that is good when True. */
export const VERDICTS: readonly Code[] = [
  { value: 'False', number: 0, text: 'No', colour: COLOURS.critical },
  { value: 'Unknown', number: 1, text: 'Unknown', colour: COLOURS.unknown },
  { value: 'True', number: 2, text: 'Yes', colour: COLOURS.good },
];

/** The stages of a migration, in their order. */
export const STAGES: readonly Code[] = [
  { value: 'NodeAddresses', number: 1, text: '1 Node addresses', colour: 'dark-orange' },
  { value: 'PodNetwork', number: 2, text: '2 Pod network', colour: 'orange' },
  { value: 'ServiceRange', number: 3, text: '3 Service range', colour: 'yellow' },
  { value: 'Services', number: 4, text: '4 Services', colour: 'light-blue' },
  { value: 'Complete', number: 5, text: 'Complete', colour: COLOURS.good },
];

/** What a reflector is doing. */
export const REFLECTOR_STATES: readonly Code[] = [
  { value: 'stopped', number: 4, text: 'stopped', colour: 'dark-red' },
  { value: 'refused', number: 3, text: 'refused', colour: 'red' },
  { value: 'waiting', number: 2, text: 'waits to try again', colour: 'orange' },
  { value: 'listing', number: 1, text: 'lists', colour: 'blue' },
  { value: 'watching', number: 0, text: 'watches', colour: COLOURS.good },
];

/** Whether a replica leads. */
export const LEADERSHIP: readonly Code[] = [
  { value: '0', number: 0, text: 'stands by', colour: COLOURS.info },
  { value: '1', number: 1, text: 'leads', colour: COLOURS.good },
];

/** The severities of findings, the worst first. */
export const SEVERITIES: readonly Code[] = [
  { value: 'Critical', number: 1, text: 'Critical', colour: COLOURS.critical },
  { value: 'Warning', number: 2, text: 'Warning', colour: COLOURS.warning },
  { value: 'Info', number: 3, text: 'Info', colour: COLOURS.info },
];

/** Sets of families, as labels name them. */
export const FAMILIES: readonly Code[] = [
  { value: 'dual', number: 0, text: 'dual-stack', colour: COLOURS.dual },
  { value: 'ipv4', number: 1, text: 'IPv4 only', colour: COLOURS.ipv4 },
  { value: 'ipv6', number: 2, text: 'IPv6 only', colour: COLOURS.ipv6 },
  { value: 'none', number: 3, text: 'none', colour: COLOURS.none },
];

/** The same of what a node may well be without: podCIDRs where the pod network has no use for them, and pods. */
export const FAMILIES_IF_ANY: readonly Code[] = FAMILIES.map((code) =>
  code.value === 'none' ? { ...code, colour: COLOURS.unknown } : code,
);

/** Shows the number of each code as its text, in its colour. */
export function numbersAsText(codes: readonly Code[]): ValueMapping {
  return mapping(codes.map((code) => [String(code.number), code]));
}

/** Shows the value of a label as the text of its code, in its colour. */
export function valuesAsText(codes: readonly Code[]): ValueMapping {
  return mapping(codes.map((code) => [code.value, code]));
}

function mapping(codes: readonly (readonly [key: string, code: Code])[]): ValueMapping {
  const options = codes.map(([key, { text, colour }], index) => [key, { text, color: colour, index }] as const);
  return { type: MappingType.ValueToText, options: Object.fromEntries(options) };
}
