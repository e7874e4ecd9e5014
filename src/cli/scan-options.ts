import type { LabelSelector } from '../core/kinds/label-selector.ts';
import type { CheckSettings, IPFamily } from '../core/report/types.ts';

export const OUTPUTS = ['text', 'json', 'yaml'] as const;
export const FAIL_ON = ['never', 'critical', 'warning', 'info', 'unknown'] as const;
export const FAMILIES = ['IPv4', 'IPv6', 'IPv4,IPv6', 'IPv6,IPv4'] as const;

/** The flags of `scan`; durations are in milliseconds. */
export interface ScanOptions {
  readonly filename?: readonly string[];
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly timeout: number;
  readonly output: (typeof OUTPUTS)[number];
  readonly failOn: (typeof FAIL_ON)[number];
  readonly expectedFamilies?: (typeof FAMILIES)[number];
  /** What is set of checks. */
  readonly checkParameter?: readonly CheckSettings[];
  readonly graceScale: number;
  readonly virtualNodeSelector?: LabelSelector;
  readonly maxFindings: number;
}

/** The families that are expected, the preferred one first; none where they are to be detected. */
export function familiesOf({ expectedFamilies }: ScanOptions): readonly IPFamily[] {
  return (expectedFamilies?.split(',') ?? []) as readonly IPFamily[];
}
