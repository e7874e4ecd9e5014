import { expect } from 'chai';
import { systemPace } from '../../src/client/transport/clock.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { Evaluator } from '../../src/core/engine/evaluator.ts';
import { ReportEvaluations } from '../../src/controller/report-evaluations.ts';
import type { DualStackReport, DualStackReportSpec } from '../../src/core/report/types.ts';
import { dualNodes, dualService, inShort, ipv4Pod, KINDS, NOW, pod, SECOND, slicesFor } from '../core/build.ts';
import { World } from './support/world.ts';
import { StrictClock } from './support/time.ts';

/** A Service of which one of four pods, and one of which one of two, is missing in IPv6. */
const FACTS = ['quarter', 'half'].flatMap((namespace, index) => {
  const web = dualService({ namespace, uid: namespace });
  const both = ['one', 'two', 'three'].slice(index * 2).map((name) => pod({ namespace, name, uid: `${namespace}-${name}` }));
  const pods = [...both, ipv4Pod('four', { namespace, uid: `${namespace}-four` })];
  return [web, ...pods, ...slicesFor(web, pods)];
});

function tolerating(tolerancePercent: number, more: DualStackReportSpec = {}): DualStackReportSpec {
  return { checks: [{ name: 'EndpointsUnbalanced', parameters: { tolerancePercent } }], ...more };
}

/** Reports, each a second younger than the one before it. */
function reports(specs: Readonly<Record<string, DualStackReportSpec>>): DualStackReport[] {
  return Object.entries(specs).map(([name, spec], index) => ({
    apiVersion: 'dualstack.dev/v1alpha1',
    kind: 'DualStackReport',
    metadata: { name, creationTimestamp: new Date(NOW + index * SECOND).toISOString() },
    spec,
  }));
}

function newEvaluator(): Evaluator {
  return new Evaluator({ clock: new StrictClock(NOW), pace: systemPace, grace: graceOf(1), onEvaluated: () => undefined });
}

/** By the name of a report: the families and the parameters of its evaluation. */
function evaluationsOf(evaluations: ReportEvaluations, of: readonly DualStackReport[]): Record<string, string> {
  return Object.fromEntries(
    of.map((report) => {
      const { expected, parameters } = evaluations.of(report);
      return [report.metadata.name, `${expected.join()} ${parameters.key.replace('EndpointsUnbalanced.tolerancePercent=', '')}`.trim()];
    }),
  );
}

describe('the evaluations of reports', () => {
  it('find what their own parameters let them, at once', async () => {
    const evaluator = newEvaluator();
    const evaluations = new ReportEvaluations(evaluator);
    const all = reports({ strict: {}, quarter: tolerating(25), half: tolerating(50), again: tolerating(25) });
    evaluations.update(all);
    for (const facts of [...dualNodes('a'), ...FACTS]) evaluator.push({ type: 'upsert', facts });
    for (const kind of KINDS) evaluator.push({ type: 'listed', kind });
    const found = await evaluator.read(() => all.map((report) => inShort(evaluations.of(report), 'EndpointsUnbalanced')));
    const because = (namespace: string): string => `Warning Service/${namespace}/web IPv6 because PodFamilyMissing Pod/${namespace}/four`;
    expect(found).to.deep.equal([[because('half'), because('quarter')], [because('half')], [], [because('half')]]);
    expect(evaluations.of(all[3]!)).to.equal(evaluations.of(all[1]!));
  });

  const DUAL: DualStackReportSpec = { expectedFamilies: ['IPv4', 'IPv6'] };
  const rows: readonly (readonly [
    what: string,
    specs: Readonly<Record<string, DualStackReportSpec>>,
    has: Readonly<Record<string, string>>,
  ])[] = [
    [
      'with the families alone where no parameter is set',
      { one: {}, two: DUAL, three: tolerating(0) },
      { one: '', two: 'IPv4,IPv6', three: '' },
    ],
    [
      'four with parameters beside the one that detects families, the oldest reports first',
      { a: tolerating(1), b: tolerating(2), c: tolerating(3), d: tolerating(4), e: tolerating(5), again: tolerating(2) },
      { a: '1', b: '2', c: '3', d: '4', e: '', again: '2' },
    ],
    [
      'fewer where reports expect families, with parameters or without',
      { a: tolerating(1), b: tolerating(1, DUAL), c: tolerating(3), d: tolerating(4), e: { expectedFamilies: ['IPv6'] } },
      { a: '1', b: 'IPv4,IPv6 1', c: '', d: '', e: 'IPv6' },
    ],
    [
      'none with parameters where all lists of families are expected',
      {
        a: tolerating(1),
        b: DUAL,
        c: { expectedFamilies: ['IPv6', 'IPv4'] },
        d: { expectedFamilies: ['IPv4'] },
        e: tolerating(1, { expectedFamilies: ['IPv6'] }),
      },
      { a: '', b: 'IPv4,IPv6', c: 'IPv6,IPv4', d: 'IPv4', e: 'IPv6' },
    ],
    [
      'none with parameters for a report that is suspended',
      { a: tolerating(1, { suspend: true }), b: tolerating(2), c: tolerating(3), d: tolerating(4), e: tolerating(5) },
      { a: '', b: '2', c: '3', d: '4', e: '5' },
    ],
  ];
  for (const [what, specs, has] of rows) {
    it(`are ${what}`, () => {
      const evaluations = new ReportEvaluations(newEvaluator());
      const all = reports(specs);
      for (const order of [all, all.toReversed()]) {
        evaluations.update(order);
        expect(evaluationsOf(evaluations, all)).to.deep.equal(has);
      }
    });
  }

  it('are dropped once no report needs them, but for the one that detects families', () => {
    const evaluator = newEvaluator();
    const evaluations = new ReportEvaluations(evaluator);
    const [old, young] = reports({ old: tolerating(1), young: tolerating(2) });
    evaluations.update([old!, young!]);
    const [ofOld, ofYoung] = [evaluations.of(old!), evaluations.of(young!)];
    evaluations.keepOnly([young!]);
    expect([evaluations.of(old!) === ofOld, evaluations.of(young!) === ofYoung]).to.deep.equal([false, true]);
  });
});

describe('a report whose parameters find no evaluation', () => {
  const specValid = (world: World, name: string): string => {
    const { status, reason } = world.status(name).conditions?.find(({ type }) => type === 'SpecValid') ?? {};
    return `${status ?? ''} ${reason ?? ''}`;
  };

  it('says so, is evaluated with the defaults, and gets one when another report goes', async () => {
    const world = new World({ facts: [...dualNodes('a'), ...FACTS] });
    const specs = [tolerating(50), tolerating(51), tolerating(52), tolerating(53), tolerating(54)];
    await world.start(Object.fromEntries(specs.map((spec, index) => [`r${index}`, { spec }])));
    await world.settle();
    expect(['r3', 'r4'].map((name) => specValid(world, name))).to.deep.equal(['True Valid', 'False TooManyEvaluations']);
    expect(['r3', 'r4'].map((name) => world.findings(name).includes('EndpointsUnbalanced web'))).to.deep.equal([false, true]);
    expect(world.readiness('r4')).to.equal('True Evaluated');
    expect(world.status('r4').conditions?.map(({ type }) => type)).to.not.include('Stalled');
    world.delete('r0');
    await world.settle();
    expect(specValid(world, 'r4')).to.equal('True Valid');
    expect(world.findings('r4')).to.not.include('EndpointsUnbalanced web');
    await world.stop();
  });
});
