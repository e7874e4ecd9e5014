import { expect } from 'chai';
import { buildStatus } from '../../../src/core/report/status.ts';
import { dualNodes, evaluateAll, ipv4Pod, NOW, pod } from '../build.ts';
import { report, statusOf } from './report.ts';

describe('the status of a report that says little', () => {
  it('has no generation where the report has none', () => {
    const { evaluation, store } = evaluateAll([]);
    const bare = { ...report(), metadata: { name: 'cluster' } };
    const status = buildStatus({ report: bare, evaluation, store, now: NOW, writerEpoch: 1 });
    expect(status).to.not.have.property('observedGeneration');
    expect(status.conditions?.[0]).to.not.have.property('observedGeneration');
  });

  it('is made where the present one has no conditions', () => {
    expect(statusOf([], { status: {} }).conditions?.map(({ lastTransitionTime }) => lastTransitionTime)).to.deep.equal(
      Array.from({ length: 6 }, () => '2026-06-01T12:00:00Z'),
    );
  });
});

describe('a command of a finding', () => {
  const commandFor = (podName: string): string | undefined =>
    statusOf([...dualNodes('a', 'b'), pod(), ipv4Pod(podName)]).findings?.[0]?.remediation.steps[0]?.command;
  const longest = 'c'.repeat(512 - 'kubectl delete pod  --namespace shop'.length);

  it('is given as long as it fits', () => {
    expect(commandFor(longest)).to.have.length(512);
  });

  it('is skipped where it does not', () => {
    expect(commandFor(`${longest}c`)).to.equal(undefined);
  });
});
