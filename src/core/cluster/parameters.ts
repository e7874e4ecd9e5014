/** What users can set of a check. Each parameter changes what the check finds. */
export interface Parameter {
  /** In camelCase, with its unit where it has one. */
  readonly name: string;
  readonly type: 'integer';
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** What it sets, in a sentence. */
  readonly description: string;
}

/** The parameters that have another value than their default. */
export interface ParameterValues {
  /** The same for the same values, and empty where every parameter has its default. */
  readonly key: string;
  readonly values: ReadonlyMap<Parameter, number>;
}

export const DEFAULT_PARAMETERS: ParameterValues = { key: '', values: new Map() };
