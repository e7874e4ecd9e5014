import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { FindingCause, ListedFinding } from '../src/core/report/types.ts';
import { fromRoot } from '../scripts/root.ts';

/** What a report has to say of one fault. */
export type ExpectedFinding = Pick<ListedFinding, 'check' | 'severity' | 'object' | 'families' | 'causedBy'>;

/** The faults of the demo's cluster and their direct effects, all of them. */
export async function expectedFindings(): Promise<readonly ExpectedFinding[]> {
  return parse(await readFile(fromRoot('demo', 'expected-findings.yaml'), 'utf8')) as readonly ExpectedFinding[];
}

/** What is left when a node is fixed: its own faults and what they explain are gone. */
export function withoutNode(findings: readonly ExpectedFinding[], node: string): readonly ExpectedFinding[] {
  const isNode = ({ object }: Pick<FindingCause, 'object'>): boolean => object.kind === 'Node' && object.name === node;
  return findings.filter((finding) => !isNode(finding) && !(finding.causedBy && isNode(finding.causedBy)));
}

/** What a list of findings lacks and what it has too much, a line each; empty where it is exactly what is expected. */
export function differences(expected: readonly ExpectedFinding[], found: readonly ListedFinding[]): readonly string[] {
  const wanted = new Set(expected.map(wordsFor));
  const present = new Set(found.map(wordsFor));
  return [
    ...[...wanted.difference(present)].map((line) => `missing: ${line}`),
    ...[...present.difference(wanted)].map((line) => `too much: ${line}`),
  ];
}

function wordsFor({ check, severity, object, families, causedBy }: ExpectedFinding): string {
  const cause = causedBy ? ` because of ${causedBy.check} on ${nameOf(causedBy)}` : '';
  return `${severity} ${check} on ${nameOf({ object })} for ${families.join(', ')}${cause}`;
}

function nameOf({ object: { kind, namespace, name } }: Pick<FindingCause, 'object'>): string {
  return `${kind} ${namespace ? `${namespace}/` : ''}${name}`;
}
