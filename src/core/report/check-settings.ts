import { checkNamed, CHECKS } from '../checks/registry.ts';
import type { CheckSettings, DualStackReportSpec, SeverityOverride } from './types.ts';

/** The severities that a report gives to checks, by the names of these. */
export function severitiesOf({ checks = [] }: DualStackReportSpec): ReadonlyMap<string, SeverityOverride> {
  return new Map(checks.map(({ name, severity }: CheckSettings) => [name, severity]));
}

/** The names in a spec that no check has, each with its place: `spec.checks names PodFamilyMising`. */
export function unknownChecks({ checks = [], exclusions = [] }: DualStackReportSpec): readonly string[] {
  const ofChecks = checks.map(({ name }) => ({ place: 'spec.checks', name }));
  const ofExclusions = exclusions.flatMap(({ check }, index) =>
    check === undefined ? [] : { place: `spec.exclusions[${index}]`, name: check },
  );
  return [...ofChecks, ...ofExclusions]
    .filter(({ name }) => checkNamed(name) === undefined)
    .map(({ place, name }) => `${place} names ${name}${suggestion(name)}`);
}

/** More differences than this are no slip of the finger. */
const MOST_EDITS = 3;

function suggestion(name: string): string {
  const [closest] = CHECKS.map((check) => ({ name: check.name, edits: editsBetween(name.toLowerCase(), check.name.toLowerCase()) }))
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
