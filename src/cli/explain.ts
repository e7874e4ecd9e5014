import { CHECKS, checkNamed } from '../core/checks/registry.ts';
import type { Check } from '../core/checks/check.ts';
import type { Parameter } from '../core/cluster/parameters.ts';
import type { ExitCode } from './exit-code.ts';

/** Prints one check, or the list of all. */
export function explain(name: string | undefined): ExitCode {
  if (name === undefined) {
    process.stdout.write(listOfChecks());
    return 0;
  }
  const check = checkNamed(name);
  if (!check) {
    process.stderr.write(`error: there is no check named ${name}; they are ${CHECKS.map((each) => each.name).join(', ')}\n`);
    return 2;
  }
  process.stdout.write(explanation(check));
  return 0;
}

function listOfChecks(): string {
  const width = Math.max(...CHECKS.map(({ name }) => name.length));
  return CHECKS.map(({ name, severity, description }) => `${name.padEnd(width)}  ${severity.padEnd(8)}  ${description}\n`).join('');
}

function explanation({ name, severity, kind, description, rationale, remediation, parameters = [] }: Check): string {
  const set = parameters.map((parameter) => `  ${parameterWords(parameter)}\n`).join('');
  return `${name} (${severity}, on a ${kind})\n\n${description}\n\nWhy: ${rationale}\n\nFix: ${remediation}\n${set && `\nParameters:\n${set}`}`;
}

function parameterWords({ name, type, default: byDefault, minimum, maximum, description }: Parameter): string {
  return `${name} (${type}, ${minimum} to ${maximum}, default ${byDefault}): ${description}`;
}
