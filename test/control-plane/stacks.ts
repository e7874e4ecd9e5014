/** IP families of a cluster, the primary one first. */
export type Stack = 'dual' | 'dual-ipv6-first' | 'ipv4' | 'ipv6';

/** CIDRs as the flags of Kubernetes take them: one, or two with a comma between. */
export interface Ranges {
  readonly serviceRange: string;
  readonly podRange: string;
}

const SERVICES = { ipv4: '10.96.0.0/16', ipv6: 'fd00:10:96::/112' } as const;
const PODS = { ipv4: '10.244.0.0/16', ipv6: 'fd00:10:244::/48' } as const;

const FAMILIES = { dual: ['ipv4', 'ipv6'], 'dual-ipv6-first': ['ipv6', 'ipv4'], ipv4: ['ipv4'], ipv6: ['ipv6'] } as const satisfies Record<
  Stack,
  readonly ('ipv4' | 'ipv6')[]
>;

/** The Service and pod ranges of a stack. */
export function rangesOf(stack: Stack): Ranges {
  const families = FAMILIES[stack];
  return { serviceRange: families.map((family) => SERVICES[family]).join(), podRange: families.map((family) => PODS[family]).join() };
}

/** Whether the text names a stack. */
export function isStack(text: string): text is Stack {
  return Object.hasOwn(FAMILIES, text);
}
