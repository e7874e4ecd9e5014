/** How urgent an alert is: `critical` may wake somebody, `warning` is for the next working day, `info` is info beside another one. */
export type AlertSeverity = 'critical' | 'warning' | 'info';

/** An alert. Texts are templates of Prometheus. */
export interface Alert {
  /** Also the heading of its runbook. */
  readonly name: `DualStack${string}`;
  /** What it fires on, by severity: each is a rule of its own. */
  readonly expressions: Readonly<Partial<Record<AlertSeverity, string>>>;
  /** How long the expression has to be true. */
  readonly forMinutes: number;
  /** What is the matter, with the names and the count, in a sentence without its full stop. */
  readonly summary: string;
  /** What that means, in sentences. */
  readonly description: string;
}

/** A recording rule. */
export interface Recording {
  /** `level:metric:operation`, where the level are the labels that are left. */
  readonly name: string;
  readonly expression: string;
  /** Labels beside those of the expression. */
  readonly labels?: Readonly<Record<string, string>>;
}
