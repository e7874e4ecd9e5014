import { InvalidArgumentError } from 'commander';
import { checkNamed } from '../core/checks/registry.ts';
import { invalidParameters, suggestedCheck, unknownParameters } from '../core/report/check-settings.ts';
import type { CheckSettings } from '../core/report/types.ts';

/**
 * Adds a parameter, as in `EndpointsUnbalanced.tolerancePercent=10`, to others that were set before.
 * @throws InvalidArgumentError where there is no such check or parameter, or it does not take the value
 */
export function withParameter(text: string, before: readonly CheckSettings[] = []): readonly CheckSettings[] {
  const [, name, parameter, value] = /^(\w+)\.(\w+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || parameter === undefined || value === undefined)
    throw new InvalidArgumentError('It has to be CHECK.PARAMETER=VALUE, such as EndpointsUnbalanced.tolerancePercent=10.');
  if (!checkNamed(name)) throw new InvalidArgumentError(`There is no check ${name}${suggestedCheck(name)}.`);
  const set: CheckSettings = { name, parameters: { [parameter]: numberIn(value) ?? value } };
  const [fault] = [...unknownParameters({ checks: [set] }), ...invalidParameters({ checks: [set] })];
  if (fault !== undefined) throw new InvalidArgumentError(`${fault}.`);
  const known = before.find((one) => one.name === name);
  return [...before.filter((one) => one !== known), { name, parameters: { ...known?.parameters, ...set.parameters } }];
}

function numberIn(text: string): number | undefined {
  return /^-?\d{1,15}(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
