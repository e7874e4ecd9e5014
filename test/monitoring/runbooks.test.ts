import { expect } from 'chai';
import { ALERTS } from '../../monitoring/rules/alerts/index.ts';
import type { Alert } from '../../monitoring/rules/rule.ts';
import {
  MOST_NODES_NAMED,
  OLDEST_EVALUATION_S,
  REMEMBERED_DAYS,
  TOLERATED_ERRORS,
  TOLERATED_IMBALANCE,
} from '../../monitoring/settings.ts';
import { runbooks, runbookSections } from './runbooks.ts';

const PARTS = ['What it means', 'How to see it', 'How to fix it', 'When to silence it'] as const;

/** What a runbook says about settings, in its words. */
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  DualStackLost: [`within the last ${REMEMBERED_DAYS} days`, `for ${REMEMBERED_DAYS} days`],
  DualStackNodePodCIDRMissing: [`Up to ${MOST_NODES_NAMED} nodes have an alert each`],
  DualStackFamilyImbalance: [`fires above ${TOLERATED_IMBALANCE * 100} %`, `within the last ${REMEMBERED_DAYS} days`],
  DualStackReflectorFailing: [`more than ${TOLERATED_ERRORS} of its lists`],
  DualStackEvaluationStale: [`older than ${OLDEST_EVALUATION_S / 60} minutes`],
};

function firstLine({ expressions, forMinutes }: Alert): string {
  return `Fires as ${Object.keys(expressions).join(' or ')}, after ${forMinutes} minutes.`;
}

describe('docs/runbooks.md', () => {
  it('has a section for each alert, to which its runbook_url leads, and for nothing else', () => {
    expect(runbooks().map(({ heading }) => heading)).to.deep.equal(ALERTS.map(({ name }) => name));
    const others = runbookSections().filter(({ heading }) => !heading.startsWith('DualStack'));
    expect(others.map(({ heading }) => heading)).to.deep.equal(['Load the rules', 'What the alerts have in common']);
  });

  for (const alert of ALERTS) {
    it(`says of ${alert.name} when it fires, what that means, how to see it, how to fix it, and when to silence it`, () => {
      const { text, commands } = runbooks().find(({ heading }) => heading === alert.name) ?? expect.fail('there is no such section');
      expect(text.split('\n')[0]).to.equal(firstLine(alert));
      expect([...text.matchAll(/^\*\*(.*?)\.\*\*/gm)].map(([, part]) => part)).to.deep.equal(PARTS);
      expect(commands).to.not.be.empty;
      for (const words of SETTINGS[alert.name] ?? []) expect(text.replace(/\s+/g, ' ')).to.include(words);
    });
  }
});
