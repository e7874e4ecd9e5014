import { expect } from 'chai';
import { CHECKS } from '../../../src/core/checks/registry.ts';
import type { Check } from '../../../src/core/checks/check.ts';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { parametersOf } from '../../../src/core/report/check-settings.ts';
import { evaluate, inShort, type Asked } from '../build.ts';

/** One cluster and what a check finds in it, in the form of {@link inShort}. */
export interface Row extends Omit<Asked, 'parameters'> {
  readonly name: string;
  /** Those of the check that are set. */
  readonly parameters?: Readonly<Record<string, number>>;
  readonly given: readonly Facts[];
  readonly finds: readonly string[];
}

/** One cluster in which a check finds something, and the words of the first by name. */
export interface Wording extends Asked {
  readonly of: string;
  readonly given: readonly Facts[];
  readonly message: string;
  readonly summary: string;
  /** Each with its disruption: `RestartsPods: Delete the pod.` */
  readonly steps: readonly string[];
  /** Those that the steps give, in their order. */
  readonly commands?: readonly string[];
  /** What the steps expose, in their order. */
  readonly exposes?: readonly string[];
}

/** The tests of one check: what it finds, and in what words it says so. */
export function describeCheck(check: Check, rows: readonly Row[], wordings: readonly Wording[]): void {
  describe(check.name, () => {
    it('is in the list of checks', () => {
      expect(CHECKS).to.include(check);
    });

    for (const { name, given, finds, parameters = {}, ...asked } of rows) {
      it(name, () => {
        const values = parametersOf({ checks: [{ name: check.name, parameters }] });
        expect(values.values.size, 'parameters that are no defaults').to.equal(Object.keys(parameters).length);
        expect(inShort(evaluate(given, { ...asked, parameters: values }), check.name)).to.deep.equal([...finds].sort());
      });
    }

    for (const { of, given, message, summary, steps, commands = [], exposes = [], ...asked } of wordings) {
      it(`describes ${of} and how to fix it`, () => {
        const evaluation = evaluate(given, asked);
        const found = [...evaluation.findings.values()].filter((one) => one.check === check);
        const [finding] = found.sort((a, b) => (a.id < b.id ? -1 : 1));
        const described = finding && evaluation.describe(finding);
        const printed = described?.remediation.steps ?? [];
        expect(described?.message).to.equal(message);
        expect(described?.remediation.summary).to.equal(summary);
        expect(printed.map(({ disruption, description }) => `${disruption}: ${description}`)).to.deep.equal(steps);
        expect(printed.flatMap(({ command }) => command ?? [])).to.deep.equal(commands);
        expect(printed.flatMap((step) => step.exposes ?? [])).to.deep.equal(exposes);
        // What the definition of DualStackReport takes.
        for (const { description } of printed) expect(description).to.have.length.at.most(512);
        for (const { command, patch, exposes: opens } of printed) {
          if (patch === undefined) continue;
          // No command opens what was closed.
          if (opens !== undefined) expect(command).to.equal(undefined);
          else expect(command).to.contain(`--type merge --patch '${patch}'`);
        }
      });
    }
  });
}
