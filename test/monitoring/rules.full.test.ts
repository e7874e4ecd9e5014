import { readdirSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { ALERTS } from '../../monitoring/rules/alerts/index.ts';
import { ruleGroups, type AlertingRule } from '../../monitoring/rules/groups.ts';
import { RECORDINGS } from '../../monitoring/rules/recordings.ts';
import { OF_CLUSTER } from '../../monitoring/rules/words.ts';
import { CLUSTER_LABEL, RUNBOOKS } from '../../monitoring/settings.ts';
import { fromRoot } from '../../scripts/root.ts';
import { runPromtool } from '../prometheus/promtool.ts';
import { exposedMetrics } from './exposed-metrics.ts';

const RULES = ruleGroups().flatMap(({ rules }) => rules);
const ALERTING = RULES.filter((rule): rule is AlertingRule => 'alert' in rule);
const RECORDED = new Set(RECORDINGS.map(({ name }) => name));
const EXPRESSIONS = RULES.map(({ expr }) => expr);

describe('the rules', () => {
  it('pass promtool check rules', async () => {
    const { code, output } = await runPromtool(['check', 'rules', fromRoot('monitoring', 'rules.yaml')]);
    expect(output).to.contain(`SUCCESS: ${RULES.length} rules found`);
    expect(code).to.equal(0);
  });

  it('are the same as a file and as an object of Prometheus Operator', () => {
    const file = parse(readFileSync(fromRoot('monitoring', 'rules.yaml'), 'utf8')) as { readonly groups: unknown };
    const manifest = fromRoot('manifests', 'components', 'prometheus-operator', 'prometheus-rule.yaml');
    const object = parse(readFileSync(manifest, 'utf8')) as { readonly spec: { readonly groups: unknown } };
    expect(object.spec.groups).to.deep.equal(file.groups);
    expect(file.groups).to.deep.equal(ruleGroups());
  });

  it('use metrics that the operator exposes, or what they record', async () => {
    const metrics = await exposedMetrics();
    const used = EXPRESSIONS.flatMap((expr) => [...expr.matchAll(/[\w:]*dualstack_[\w:]+/g)].map(([name]) => name));
    expect(used).to.include.members(['dualstack_root_causes', 'cluster_layer_stack:dualstack_layer_stack:max']);
    expect(used.filter((name) => !metrics.has(name) && !RECORDED.has(name))).to.deep.equal([]);
  });

  it('ask metrics for labels that they have', async () => {
    const metrics = await exposedMetrics();
    const asked = EXPRESSIONS.flatMap((expr) => [
      ...[...expr.matchAll(/(\bdualstack_\w+)\{([^}]*)\}/g)].map(([, metric = '', matchers = '']) => ({
        metric,
        labels: [...matchers.matchAll(/(\w+)=/g)].map(([, label]) => label),
      })),
      ...[...expr.matchAll(/max by \(([\w, ]+)\) \((dualstack_\w+)/g)].map(([, labels = '', metric = '']) => ({
        metric,
        labels: labels.split(', ').filter((label) => label !== CLUSTER_LABEL),
      })),
    ]);
    expect(asked).to.have.length.above(RULES.length);
    for (const { metric, labels } of asked) expect(metrics.get(metric)?.labels, metric).to.include.members(labels);
  });

  it('record everything under a name of the form level:metric:operation', () => {
    for (const name of RECORDED) expect(name).to.match(/^cluster(_[a-z]+)*:dualstack_\w+:[a-z]+$/);
  });
});

describe('the alerts', () => {
  it('have all that an alert should have', () => {
    for (const { alert, for: duration, labels, annotations } of ALERTING) {
      expect(alert).to.match(/^DualStack([A-Z][a-z]+|CIDR)+$/);
      expect(duration, alert).to.match(/^\d+m$/);
      expect(labels['severity'], alert).to.be.oneOf(['critical', 'warning', 'info']);
      expect(annotations, alert).to.have.all.keys('summary', 'description', 'runbook_url');
      expect(annotations['summary'], alert).to.contain(OF_CLUSTER).and.match(/\.$/);
      expect(annotations['description'], alert).to.match(/\.$/);
      expect(annotations['runbook_url']).to.equal(`${RUNBOOKS}#${alert.toLowerCase()}`);
    }
  });

  it('are each in the list once, in a file of their own, with a file of tests', () => {
    const names = ALERTS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    const files = readdirSync(fromRoot('monitoring', 'rules', 'alerts')).filter((file) => file !== 'index.ts');
    expect(files).to.have.length(names.length);
    expect(readdirSync(fromRoot('test', 'monitoring', 'alerts'))).to.have.members(
      files.map((file) => file.replace('.ts', '.full.test.ts')),
    );
  });

  it('never carry what distinguishes replicas and addresses', () => {
    for (const expr of EXPRESSIONS) expect(expr).to.not.match(/\b(instance|pod|endpoint|job|container)\b[,)=]/);
  });

  it('lead to runbooks elsewhere, where that is set', () => {
    const urls = ruleGroups({ runbooks: 'https://runbooks.example.org/dual-stack' })
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => ('alert' in rule ? (rule.annotations['runbook_url'] ?? []) : []));
    expect(urls).to.include('https://runbooks.example.org/dual-stack#dualstacklost').and.have.lengthOf(ALERTING.length);
    expect(urls.filter((url) => !url.startsWith('https://runbooks.example.org/dual-stack#'))).to.deep.equal([]);
  });

  it('can be determined to wait less', () => {
    const waits = ruleGroups({ forScale: 1 / 300 }).flatMap(({ rules }) => rules.flatMap((rule) => ('alert' in rule ? rule.for : [])));
    expect(new Set(waits)).to.deep.equal(new Set(['1s', '3s', '6s', '2s']));
  });
});
