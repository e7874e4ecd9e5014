import type { Shape } from './shapes.ts';

/** A condition on one label. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist';
  /** Of `In` and `NotIn`. */
  readonly values?: readonly string[];
}

/** Conditions that labels meet all together. */
export type LabelSelector = readonly LabelRequirement[];

/** The text is not a label selector; the message says what to write. */
export class LabelSelectorError extends Error {
  override readonly name = 'LabelSelectorError';
}

const SYNTAX = 'Use key=value, key!=value, key in (a,b), key notin (a,b), key or !key, joined by commas.';
/** A comma that is not between the values of a set. */
const SEPARATOR = /,(?![^()]*\))/;
const ABSENT = /^!\s*(\S+)$/;
const EQUAL = /^([^\s=!]+)\s*(==?|!=)\s*([^\s=!]*)$/;
const IN_SET = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
/** The name of a label, and its value. */
const NAME = /^[A-Za-z\d](?:[-\w.]{0,61}[A-Za-z\d])?$/;
const PREFIX = /^[a-z\d](?:[-a-z\d.]{0,251}[a-z\d])?$/;

/**
 * Reads a label selector as kubectl takes it.
 * @throws LabelSelectorError
 */
export function parseLabelSelector(text: string): LabelSelector {
  if (text.trim() === '') throw new LabelSelectorError(`It has no label. ${SYNTAX}`);
  return text.split(SEPARATOR).map((part) => checked(requirementOf(part.trim())));
}

/** Whether labels meet all conditions of a selector. */
export function matchesLabels(selector: LabelSelector, labels: Shape): boolean {
  return selector.every((requirement) => {
    const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
    return meets(requirement, typeof value === 'string' ? value : undefined);
  });
}

/** Whether a label of this value meets a condition; undefined where the label is not there. */
export function meets({ operator, values = [] }: LabelRequirement, value: string | undefined): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
  }
}

function requirementOf(part: string): LabelRequirement {
  const absent = ABSENT.exec(part)?.[1];
  if (absent !== undefined) return { key: absent, operator: 'DoesNotExist' };
  return equalityOf(part) ?? membershipOf(part) ?? { key: part, operator: 'Exists' };
}

function equalityOf(part: string): LabelRequirement | undefined {
  const [, key = '', sign, value = ''] = EQUAL.exec(part) ?? [];
  return sign === undefined ? undefined : { key, operator: sign === '!=' ? 'NotIn' : 'In', values: [value] };
}

function membershipOf(part: string): LabelRequirement | undefined {
  const [, key = '', operator, list = ''] = IN_SET.exec(part) ?? [];
  if (operator === undefined) return undefined;
  return { key, operator: operator === 'in' ? 'In' : 'NotIn', values: list.split(',').map((each) => each.trim()) };
}

function checked(requirement: LabelRequirement): LabelRequirement {
  const { key, values = [] } = requirement;
  if (!isKey(key)) throw new LabelSelectorError(`${JSON.stringify(key)} is not the key of a label. ${SYNTAX}`);
  const wrong = values.find((value) => value !== '' && !NAME.test(value));
  if (wrong !== undefined) throw new LabelSelectorError(`${JSON.stringify(wrong)} is not the value of a label. ${SYNTAX}`);
  return requirement;
}

function isKey(key: string): boolean {
  const [name = '', prefix, ...more] = key.split('/').reverse();
  return more.length === 0 && NAME.test(name) && (prefix === undefined || PREFIX.test(prefix));
}
