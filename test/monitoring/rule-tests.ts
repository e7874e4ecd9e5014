import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ruleGroups, type RuleGroup } from '../../monitoring/rules/groups.ts';
import type { Alert, AlertSeverity } from '../../monitoring/rules/rule.ts';
import { runPromtool } from '../prometheus/promtool.ts';
import type { InputSeries } from './scraped.ts';

/** An alert that fires. */
export interface Firing {
  readonly severity: AlertSeverity;
  /** Its labels beside that. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
}

interface Situation {
  /** A value each minute. */
  readonly series: readonly InputSeries[];
  /** How far apart the values are, where that is not a minute. */
  readonly interval?: string;
  readonly externalLabels?: Readonly<Record<string, string>>;
}

/** What happens, and what fires at which times after the beginning, such as `{ '14m': [], '16m': [ … ] }`. */
export interface Scene extends Situation {
  readonly at: Readonly<Record<string, readonly Firing[]>>;
}

/** Something that is as it should be, or is determined by another alert. */
export interface QuietScene extends Situation {
  /** When to look; within the first hour by default. */
  readonly until?: readonly string[];
}

export interface AlertScenes {
  readonly fires: Readonly<Record<string, Scene>>;
  readonly staysSilent: Readonly<Record<string, QuietScene>>;
  readonly resolves: Readonly<Record<string, Scene>>;
}

/** What an expression has at a time. */
export interface ExpressionTest {
  readonly expr: string;
  readonly at: string;
  /** Values by the series that have them. */
  readonly samples: Readonly<Record<string, number>>;
}

const WITHIN_AN_HOUR = ['5m', '10m', '15m', '16m', '20m', '30m', '31m', '45m', '60m'];

/** Declares the tests of an alert, each of which `promtool test rules` plays. */
export function describeAlert(alert: Alert, { fires, staysSilent, resolves }: AlertScenes): void {
  describe(alert.name, () => {
    for (const [what, scene] of Object.entries(fires)) {
      it(`fires ${what}`, async () => {
        const steps = Object.values(scene.at);
        expect(steps[0], 'silent at first').to.deep.equal([]);
        expect(steps.at(-1), 'firing in the end').to.not.deep.equal([]);
        await playScene(alert, scene);
      });
    }
    for (const [what, { until = WITHIN_AN_HOUR, ...situation }] of Object.entries(staysSilent)) {
      it(`stays silent ${what}`, () => playScene(alert, { ...situation, at: Object.fromEntries(until.map((time) => [time, []])) }));
    }
    for (const [what, scene] of Object.entries(resolves)) {
      it(`resolves ${what}`, async () => {
        const steps = Object.values(scene.at);
        expect(steps[0], 'firing at first').to.not.deep.equal([]);
        expect(steps.at(-1), 'silent in the end').to.deep.equal([]);
        await playScene(alert, scene);
      });
    }
  });
}

async function playScene({ name }: Alert, { at, ...situation }: Scene): Promise<void> {
  const expected = (firing: Firing): object => ({
    exp_labels: { ...firing.labels, severity: firing.severity },
    exp_annotations: { summary: firing.summary },
  });
  const rules = ruleGroups().map((group) => withSummariesOnly(group, name));
  await play(rules, situation, {
    alert_rule_test: Object.entries(at).map(([time, alerts]) => ({ eval_time: time, alertname: name, exp_alerts: alerts.map(expected) })),
  });
}

/** Plays series against the rules and looks what expressions have then. */
export async function expectSamples(situation: Situation, tests: readonly ExpressionTest[]): Promise<void> {
  await play(ruleGroups(), situation, {
    promql_expr_test: tests.map(({ expr, at, samples }) => ({
      expr,
      eval_time: at,
      exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
    })),
  });
}

async function play(
  groups: readonly RuleGroup[],
  { series, interval = '1m', externalLabels = {} }: Situation,
  tests: object,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'dualstack-rules-'));
  try {
    const test = { interval, input_series: series, external_labels: externalLabels, ...tests };
    // JSON is YAML.
    writeFileSync(join(folder, 'rules.json'), JSON.stringify({ groups }));
    // In any order, alerts are at times played before what is recorded for them, of which with steps of an hour nothing older counts.
    const order = groups.map(({ name }) => name);
    writeFileSync(
      join(folder, 'test.json'),
      JSON.stringify({ rule_files: ['rules.json'], evaluation_interval: interval, group_eval_order: order, tests: [test] }),
    );
    const { code, output } = await runPromtool(['test', 'rules', join(folder, 'test.json')]);
    expect(code, output).to.equal(0);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is recorded and the rules of one alert. Promtool compares all annotations of an alert, and the others say no names and counts. */
function withSummariesOnly({ name, rules }: RuleGroup, alert: string): RuleGroup {
  return {
    name,
    rules: rules.flatMap((rule) => {
      if ('record' in rule) return rule;
      return rule.alert === alert ? { ...rule, annotations: { summary: rule.annotations['summary'] ?? '' } } : [];
    }),
  };
}
