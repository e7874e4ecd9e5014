import { expect } from 'chai';
import { explain } from '../../src/cli/explain.ts';
import { CHECKS } from '../../src/core/checks/registry.ts';
import { printed } from './printed.ts';

describe('explain', () => {
  it('lists all checks', async () => {
    const { result, output, errors } = await printed(() => explain(undefined));
    expect([result, errors]).to.deep.equal([0, '']);
    const lines = output.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ +/, 2))).to.deep.equal(CHECKS.map(({ name, severity }) => [name, severity]));
  });

  for (const check of CHECKS) {
    it(`prints all of ${check.name}`, async () => {
      const { result, output, errors } = await printed(() => explain(check.name));
      expect([result, errors]).to.deep.equal([0, '']);
      for (const part of [check.name, check.severity, check.description, check.rationale, check.remediation])
        expect(output).to.contain(part);
      for (const { name, description } of check.parameters ?? []) expect(output).to.contain(`  ${name} (`).and.to.contain(description);
    });
  }

  it('describes the parameters of a check', async () => {
    const { output } = await printed(() => explain('EndpointsUnbalanced'));
    expect(output).to.contain(
      '\nParameters:\n  tolerancePercent (integer, 0 to 99, default 0): How many of the ready pods of a Service, in percent, may be missing in one family without a finding.\n',
    );
  });

  for (const name of ['Nonsense', '', 'nodepodcidrmissing', '__proto__']) {
    it(`knows no check named '${name}', and names those that there are`, async () => {
      const { result, output, errors } = await printed(() => explain(name));
      expect([result, output]).to.deep.equal([2, '']);
      expect(errors).to.equal(`error: there is no check named ${name}; they are ${CHECKS.map((each) => each.name).join(', ')}\n`);
    });
  }
});
