import { expect } from 'chai';
import type { Change, Facts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, evaluateAll, ipv4Node, ipv4Pod, pod, service, serviceCIDR } from '../build.ts';

const sound: readonly Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), pod({ labels: {} })];

const ROWS: readonly (readonly [of: string, given: Facts, gone: Change])[] = [
  ['a node', ipv4Node('c'), { type: 'delete', kind: 'Node', key: 'c' }],
  ['a pod', ipv4Pod('old', { labels: {} }), { type: 'delete', kind: 'Pod', key: 'uid-old' }],
  ['a Service', service({ selector: {} }), { type: 'delete', kind: 'Service', key: 'shop/web' }],
];

describe('a finding on what has gone since the last evaluation', () => {
  for (const [of, given, gone] of ROWS) {
    it(`is determined by what its check is about: ${of}`, () => {
      const { evaluation, store } = evaluateAll([...sound, given]);
      const [finding, ...others] = evaluation.findings.values();
      store.apply(gone);
      expect(others).to.deep.equal([]);
      expect(finding && evaluation.describe(finding)).to.deep.equal({
        message: finding?.check.description,
        remediation: { summary: finding?.check.remediation, steps: [] },
      });
    });
  }
});
