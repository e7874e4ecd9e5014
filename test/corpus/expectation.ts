import { parse, stringify } from 'yaml';
import { DUAL_IPV4_FIRST } from '../../src/core/net/addresses.ts';

export interface ExpectedCause {
  readonly check: string;
  /** `Cluster`, `Node/NAME`, or `KIND/NAMESPACE/NAME`. */
  readonly object: string;
  readonly families: readonly string[];
}

/** What a report on a file of the corpus says. */
export interface Outcome {
  /** The first line of the report. */
  readonly headline: string;
  readonly rootCauses: readonly ExpectedCause[];
  readonly maxSeverity: string;
}

/** What is expected of a file, and the public source that it is made after. */
export interface Expectation extends Outcome {
  readonly source: string;
}

const SEVERITIES = ['None', 'Info', 'Warning', 'Critical'];
const FIELDS = ['source', 'headline', 'rootCauses', 'maxSeverity'];

/**
 * Reads the expectation of a file.
 * @throws Error where it is none
 */
export function readExpectation(text: string, name: string): Expectation {
  const value: unknown = parse(text);
  if (!isRecord(value)) throw new Error(`${name} holds no mapping`);
  const { source, headline, rootCauses, maxSeverity } = value;
  const unknown = Object.keys(value).filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0) throw new Error(`${name} has unknown fields: ${unknown.join(', ')}`);
  if (!isText(source) || !isText(headline)) throw new Error(`${name} needs a source and a headline`);
  if (!isText(maxSeverity) || !SEVERITIES.includes(maxSeverity))
    throw new Error(`maxSeverity in ${name} is one of ${SEVERITIES.join(', ')}`);
  if (!Array.isArray(rootCauses)) throw new Error(`${name} needs a list of rootCauses, which may be empty`);
  return { source, headline, rootCauses: rootCauses.map((cause) => readCause(cause, name)), maxSeverity };
}

function readCause(cause: unknown, name: string): ExpectedCause {
  const { check, object, families } = isRecord(cause) ? cause : {};
  const isList = Array.isArray(families) && families.every((family) => DUAL_IPV4_FIRST.some((known) => known === family));
  if (!isText(check) || !isText(object) || !isList) throw new Error(`a root cause in ${name} needs a check, an object and families`);
  return { check, object, families: families as readonly string[] };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** An expectation as it is written to a file. */
export function writeExpectation(expectation: Expectation): string {
  return stringify(expectation, { lineWidth: 0 });
}

/** How an outcome differs from what is expected, line by line: `-` what is expected, `+` what is there instead. */
export function differencesOf(expected: Outcome, actual: Outcome): readonly string[] {
  return [
    ...changed('headline', expected.headline, actual.headline),
    ...changed('maxSeverity', expected.maxSeverity, actual.maxSeverity),
    ...missing('-', expected.rootCauses, actual.rootCauses),
    ...missing('+', actual.rootCauses, expected.rootCauses),
  ];
}

function changed(field: string, expected: string, actual: string): readonly string[] {
  return expected === actual ? [] : [`- ${field}: ${expected}`, `+ ${field}: ${actual}`];
}

/** The causes of the first list that the second does not have, each as often as it is missing. */
function missing(sign: string, causes: readonly ExpectedCause[], others: readonly ExpectedCause[]): readonly string[] {
  const left = others.map(wordsOf);
  return causes.map(wordsOf).flatMap((words) => {
    const at = left.indexOf(words);
    if (at < 0) return [`${sign} root cause: ${words}`];
    left.splice(at, 1);
    return [];
  });
}

function wordsOf({ check, object, families }: ExpectedCause): string {
  return `${check} ${object} ${families.toSorted().join(' and ')}`;
}
