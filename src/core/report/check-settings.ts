import type { Check } from '../checks/check.ts';
import { checkNamed, CHECKS } from '../checks/registry.ts';
import { DEFAULT_PARAMETERS, type Parameter, type ParameterValues } from '../cluster/parameters.ts';
import { clip, printable } from '../words.ts';
import type { DualStackReportSpec, SeverityOverride } from './types.ts';

/** So much of a name or a value is shown, which may have any length. */
const LONGEST_TEXT = 64;

/** The severities that a report gives to checks, by the names of these. */
export function severitiesOf({ checks = [] }: DualStackReportSpec): ReadonlyMap<string, SeverityOverride> {
  return new Map(checks.flatMap(({ name, severity }) => (severity === undefined ? [] : [[name, severity]])));
}

/** What a spec sets of a check. */
interface Setting {
  readonly check: Check;
  readonly name: string;
  /** Absent where the check has no parameter of this name. */
  readonly parameter: Parameter | undefined;
  readonly value: unknown;
}

/** The parameters that a spec sets to something else than their defaults. Those that it sets to what they do not take keep their defaults. */
export function parametersOf(spec: DualStackReportSpec): ParameterValues {
  const keys: string[] = [];
  const values = new Map<Parameter, number>();
  for (const { check, parameter, value } of settingsOf(spec)) {
    if (!parameter || !takes(parameter, value) || value === parameter.default) continue;
    keys.push(`${check.name}.${parameter.name}=${value}`);
    values.set(parameter, value);
  }
  return values.size > 0 ? { key: keys.sort().join(), values } : DEFAULT_PARAMETERS;
}

/** The parameters in a spec that their checks do not have, each in a clause: `EndpointsUnbalanced has no parameter tolerance`. */
export function unknownParameters(spec: DualStackReportSpec): readonly string[] {
  return settingsOf(spec)
    .filter(({ parameter }) => !parameter)
    .map(({ check, name }) => {
      const known = (check.parameters ?? []).map((parameter) => parameter.name);
      return `${check.name} has no parameter ${clip(printable(name), LONGEST_TEXT)}${suggestion(name, known)}`;
    });
}

/** The parameters in a spec that have a value which they do not take, each in a clause. */
export function invalidParameters(spec: DualStackReportSpec): readonly string[] {
  return settingsOf(spec).flatMap(({ check, parameter, value }) => {
    if (!parameter || takes(parameter, value)) return [];
    const { name, type, minimum, maximum } = parameter;
    const shown = clip(printable(JSON.stringify(value)), LONGEST_TEXT);
    return `${name} of ${check.name} must be an ${type} from ${minimum} to ${maximum}, not ${shown}`;
  });
}

/** The settings of the checks that there are. */
function settingsOf({ checks = [] }: DualStackReportSpec): readonly Setting[] {
  return checks.flatMap(({ name: checkName, parameters = {} }) => {
    const check = checkNamed(checkName);
    if (!check) return [];
    return Object.entries(parameters).map(([name, value]) => {
      return { check, name, parameter: check.parameters?.find((parameter) => parameter.name === name), value };
    });
  });
}

function takes({ minimum, maximum }: Parameter, value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
}

/** The names in a spec that no check has, each with its place: `spec.checks names PodFamilyMising`. */
export function unknownChecks({ checks = [], exclusions = [] }: DualStackReportSpec): readonly string[] {
  const ofChecks = checks.map(({ name }) => ({ place: 'spec.checks', name }));
  const ofExclusions = exclusions.flatMap(({ check }, index) =>
    check === undefined ? [] : { place: `spec.exclusions[${index}]`, name: check },
  );
  return [...ofChecks, ...ofExclusions]
    .filter(({ name }) => checkNamed(name) === undefined)
    .map(({ place, name }) => `${place} names ${name}${suggestedCheck(name)}`);
}

/** The check that was probably meant, in brackets; empty where none is similar. */
export function suggestedCheck(name: string): string {
  return suggestion(
    name,
    CHECKS.map((check) => check.name),
  );
}

/** More differences than this are no slip of the finger. */
const MOST_EDITS = 3;

/** @param known the names that there are */
function suggestion(name: string, known: readonly string[]): string {
  if (name.length > LONGEST_TEXT) return '';
  const [closest] = known
    .map((each) => ({ name: each, edits: editsBetween(name.toLowerCase(), each.toLowerCase()) }))
    .filter(({ edits }) => edits <= MOST_EDITS)
    .sort((a, b) => a.edits - b.edits);
  return closest ? ` (did you mean ${closest.name}?)` : '';
}

/** How many letters have to be added, removed or replaced to make one text of the other (Levenshtein). */
function editsBetween(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let index = 0; index < one.length; index += 1) {
    const next = [index + 1];
    for (let column = 0; column < other.length; column += 1) {
      const [diagonal = 0, above = 0] = row.slice(column, column + 2);
      next.push(Math.min(above + 1, (next[column] ?? 0) + 1, diagonal + (one[index] === other[column] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
