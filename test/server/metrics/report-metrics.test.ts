import { expect } from 'chai';
import { keyOf, type Facts } from '../../../src/core/kinds/facts.ts';
import { evaluateAll, node, NOW, pod, runEvaluation, service, serviceCIDR } from '../../core/build.ts';
import { checksOf, linesOf, metricsOf, reportNamed, scrapeOf } from './exposed.ts';

const FINDINGS = ['dualstack_findings{', 'dualstack_root_causes{'];
const SERVICES = 500;
const REPORTS = 20;
/** A dual-stack cluster with many Services of one family. */
function manyFindings(): readonly Facts[] {
  const services = Array.from({ length: SERVICES }, (_, number) => service({ name: `web-${number}`, namespace: `team-${number % 50}` }));
  return [node(), pod(), serviceCIDR(), ...services];
}

function reports(): ReturnType<typeof reportNamed>[] {
  return Array.from({ length: REPORTS }, (_, number) =>
    reportNamed(`report-${number}`, { checks: checksOf({ PodFamilyMissing: 'Info' }) }),
  );
}

describe('the metrics of many reports with many findings', () => {
  it('are counted in steps of one finding, of which others can run between any two', () => {
    const cluster = evaluateAll(manyFindings());
    const { size } = cluster.evaluation.findings;
    const steps = Array.from(metricsOf().update(scrapeOf(cluster, { reports: reports() })));
    expect(size).to.be.at.least(SERVICES);
    expect(steps).to.have.length.of.at.least(REPORTS * size);
  });

  it('are of one moment, whatever happens between the steps', async () => {
    const cluster = evaluateAll(manyFindings());
    const [before, meanwhile] = [metricsOf(), metricsOf()];
    const scrape = scrapeOf(cluster, { reports: reports() });
    Array.from(before.update(scrape));
    const steps = meanwhile.update(scrape);
    steps.next();
    for (const facts of manyFindings().filter(({ kind }) => kind === 'Service'))
      cluster.store.apply({ type: 'delete', kind: facts.kind, key: keyOf(facts) });
    runEvaluation(cluster.evaluation, cluster.store, NOW);
    Array.from(steps);
    const [one, other] = [linesOf(await before.text(), ...FINDINGS), linesOf(await meanwhile.text(), ...FINDINGS)];
    expect(one).to.not.be.empty;
    expect(other).to.deep.equal(one);
  });
});
