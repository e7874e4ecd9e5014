import { expect } from 'chai';
import { DEFAULT_PARAMETERS } from '../../../src/core/cluster/parameters.ts';
import { parametersOf } from '../../../src/core/report/check-settings.ts';
import type { CheckSettings } from '../../../src/core/report/types.ts';
import { dualNodes, dualService, ipv4Pod, pod, slicesFor } from '../build.ts';
import { conditionOf, conditionsOf, listed, statusOf, statusWhileSuspended } from './report.ts';

const web = dualService();
const pods = [pod({ name: 'one' }), pod({ name: 'two' }), pod({ name: 'three' }), ipv4Pod('four')];
const cluster = [...dualNodes('a'), web, ...pods, ...slicesFor(web, pods)];

const NAME = 'EndpointsUnbalanced';
const FOUND = `Warning ${NAME} shop/web`;
const DEFAULT = 'The default applies instead. The rest of the spec applies.';

function tolerating(tolerancePercent: unknown): CheckSettings {
  return { name: NAME, parameters: { tolerancePercent } };
}

function specCondition(...checks: readonly CheckSettings[]): string {
  const { status, reason, message } = conditionOf(statusOf(cluster, { spec: { checks } }), 'SpecValid');
  return `${status} ${reason}: ${message}`;
}

/** What SpecValid says of a value that the parameter does not take. */
function invalid(shown: string): string {
  return `False InvalidParameter: spec.checks: tolerancePercent of ${NAME} must be an integer from 0 to 99, not ${shown}. ${DEFAULT}`;
}

describe('the parameters of a report', () => {
  it('decide what it lists, whatever severity it gives', () => {
    expect(listed(statusOf(cluster))).to.include(FOUND);
    expect(listed(statusOf(cluster, { spec: { checks: [tolerating(25)] } }))).to.not.include(FOUND);
    const both = { ...tolerating(24), severity: 'Critical' as const };
    expect(listed(statusOf(cluster, { spec: { checks: [both] } }))).to.include(`Critical ${NAME} shop/web`);
  });

  const rows: readonly (readonly [what: string, checks: readonly CheckSettings[], says: string])[] = [
    ['a value within the bounds', [tolerating(99)], 'True Valid: All checks and parameters that the spec names are valid.'],
    ['a value above the bounds', [tolerating(100)], invalid('100')],
    ['a value below the bounds', [tolerating(-1)], invalid('-1')],
    ['a part of an integer', [tolerating(2.5)], invalid('2.5')],
    ['a text', [tolerating('10')], invalid('"10"')],
    ['nothing', [tolerating(null)], invalid('null')],
    ['a list of control characters', [tolerating(['\u001b[2J', '\u202e'])], invalid('["\\u001b[2J","\ufffd"]')],
    ['more than is shown', [tolerating('x'.repeat(1000))], invalid(`"${'x'.repeat(62)}…`)],
    [
      'a parameter that is misspelled',
      [{ name: NAME, parameters: { tolerancePercnt: 10 } }],
      `False UnknownParameter: spec.checks: ${NAME} has no parameter tolerancePercnt (did you mean tolerancePercent?). This has no effect. The rest of the spec applies.`,
    ],
    [
      'parameters that the check does not have',
      [{ name: 'PodFamilyMissing', parameters: { toString: 1, ['x'.repeat(100)]: 1 } }],
      `False UnknownParameter: spec.checks: PodFamilyMissing has no parameter toString; PodFamilyMissing has no parameter ${'x'.repeat(63)}…. This has no effect. The rest of the spec applies.`,
    ],
    [
      'a check that there is not, a parameter that there is not and a value out of bounds',
      [{ name: 'NoSuchCheck', parameters: { any: 1 } }, { name: 'PodFamilyMissing', parameters: { most: 1 } }, tolerating(100)],
      `False UnknownCheck: spec.checks names NoSuchCheck. There is no such check, so this has no effect. spec.checks: PodFamilyMissing has no parameter most. This has no effect. ${invalid('100').slice('False InvalidParameter: '.length)}`,
    ],
  ];
  for (const [what, checks, says] of rows) {
    it(`have in SpecValid what is wrong with ${what}`, () => {
      expect(specCondition(...checks)).to.equal(says);
    });
  }

  it('apply but for what is wrong, and change no other condition', () => {
    const checks = [
      { name: NAME, parameters: { tolerancePercent: 25, most: 1 } },
      { name: 'LoadBalancerPending', parameters: { graceSeconds: -1 } },
    ];
    const status = statusOf(cluster, { spec: { checks } });
    expect(listed(status)).to.not.include(FOUND);
    expect(conditionsOf(status)).to.deep.equal(conditionsOf(statusOf(cluster, { spec: { checks: [tolerating(25)] } })));
  });

  it('that the operator has no evaluation for have their defaults, which SpecValid says', () => {
    const status = statusOf(cluster, { spec: { checks: [tolerating(25)] }, parameters: DEFAULT_PARAMETERS });
    expect(listed(status)).to.include(FOUND);
    expect(conditionOf(status, 'SpecValid')).to.include({
      status: 'False',
      reason: 'TooManyEvaluations',
      message:
        'All parameters of spec.checks have their defaults: the operator keeps at most 5 evaluations, which older reports and lists of expected families take. Use the parameters of another report, or remove them from one. The rest of the spec applies.',
    });
    expect(conditionsOf(status)).to.deep.equal(conditionsOf(statusOf(cluster)));
  });

  it('are looked at while the report is suspended, which takes no evaluation', () => {
    const reasonOf = (value: number): string =>
      conditionOf(statusWhileSuspended({ spec: { suspend: true, checks: [tolerating(value)] } }), 'SpecValid').reason;
    expect([25, 100].map(reasonOf)).to.deep.equal(['Valid', 'InvalidParameter']);
  });

  it('are the same where they set the same, in any order, and defaults set nothing', () => {
    const pending = { name: 'LoadBalancerPending', parameters: { graceSeconds: 600 } };
    const one = parametersOf({ checks: [tolerating(10), pending] });
    const other = parametersOf({
      checks: [pending, tolerating(10), { name: 'NodePodNetworkFamilyMissing', parameters: { minimumPods: 2 } }],
    });
    expect(one.key).to.equal('EndpointsUnbalanced.tolerancePercent=10,LoadBalancerPending.graceSeconds=600');
    expect(other.key).to.equal(one.key);
    expect(parametersOf({ checks: [tolerating(0), tolerating('10')] })).to.equal(DEFAULT_PARAMETERS);
  });
});
