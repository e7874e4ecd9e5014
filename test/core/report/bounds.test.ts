import { expect } from 'chai';
import fc from 'fast-check';
import type { Facts, FactsKind } from '../../../src/core/kinds/facts.ts';
import { selectFindings } from '../../../src/core/report/selection.ts';
import type { DualStackReportSpec, DualStackReportStatus } from '../../../src/core/report/types.ts';
import { dualNodes, dualService, evaluateAll, ipv4Pod, KINDS, NOW, pod, service, serviceCIDR, slicesFor } from '../build.ts';
import { anyCluster } from '../universe.ts';
import { statusOf, statusWhileSuspended } from './report.ts';
import { faultsOfStatus } from './schema.ts';

const severity = fc.constantFrom('Ignore' as const, 'Info' as const, 'Warning' as const, 'Critical' as const);
const anySpec: fc.Arbitrary<DualStackReportSpec> = fc.record(
  {
    expectedFamilies: fc.constantFrom<NonNullable<DualStackReportSpec['expectedFamilies']>>([], ['IPv4'], ['IPv6'], ['IPv6', 'IPv4']),
    namespaceSelector: fc.constantFrom({}, { matchLabels: { team: 'one' } }),
    checks: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('NodePodCIDRMissing', 'PodFamilyMissing', 'EndpointFamilyMissing', 'NoSuchCheck'), severity }),
      { selector: ({ name }) => name, maxLength: 3 },
    ),
    exclusions: fc.constantFrom(
      [],
      [{ kind: 'Pod', name: '*1', reason: 'known' }],
      [{ kind: 'Cluster', reason: 'known', expirationTime: '2026-06-01T12:00:00Z' }],
      [{ kind: 'Cluster', reason: 'known', expirationTime: '2027-06-01T12:00:00Z' }],
    ),
    maxFindings: fc.constantFrom(1, 3, 100),
  },
  { requiredKeys: [] },
);
const someKinds: fc.Arbitrary<FactsKind[]> = fc.subarray([...KINDS], { maxLength: 2 });

describe('the status of a report, whatever the cluster', () => {
  it('is one that its definition allows', () => {
    fc.assert(
      fc.property(anyCluster, anySpec, someKinds, fc.boolean(), (facts, spec, kinds, pending) => {
        const asked = { spec, ...(pending ? { pending: kinds } : { refused: kinds }) };
        const status = statusOf(facts, asked);
        expect(faultsOfStatus(status)).to.deep.equal([]);
        expect(faultsOfStatus(statusWhileSuspended({ spec, status }))).to.deep.equal([]);
      }),
    );
  });

  it('lists the worst first, and causes before their effects', () => {
    let effects = 0;
    fc.assert(
      fc.property(anyCluster, anySpec, (facts, spec) => {
        const { evaluation } = evaluateAll(facts, { expected: spec.expectedFamilies ?? [] });
        const { findings } = selectFindings(evaluation, spec, () => true, NOW);
        expect(findings.map(({ rank }) => rank)).to.deep.equal(findings.map(({ rank }) => rank).sort((a, b) => b - a));
        const places = new Map(findings.map(({ finding }, place) => [finding.id, place]));
        findings.forEach(({ finding: { causedBy = '' }, depth }, place) => {
          const placeOfCause = places.get(causedBy);
          expect(depth > 0).to.equal(placeOfCause !== undefined);
          if (placeOfCause === undefined) return;
          expect(placeOfCause).to.be.below(place);
          effects += 1;
        });
      }),
      { numRuns: 300 },
    );
    expect(effects).to.be.above(10);
  });

  it('is the same for the same facts, in whatever order they came', () => {
    fc.assert(
      fc.property(anyCluster, (facts) => {
        const last = [...new Map(facts.map((one) => [`${one.kind}/${'namespace' in one ? one.namespace : ''}/${one.name}`, one])).values()];
        expect(statusOf(last.toReversed())).to.deep.equal(statusOf(last));
      }),
    );
  });

  it('agrees with itself: what is counted is what is listed and skipped', () => {
    fc.assert(
      fc.property(anyCluster, anySpec, (facts, spec) => {
        const { summary, findings, findingsOmitted, nodes, pods, services } = required(statusOf(facts, { spec }));
        const { critical, warning, info, checks = {} } = summary;
        const total = critical + warning + info;
        expect(findings.length + findingsOmitted).to.equal(total);
        expect(Object.values(checks).reduce((sum, count) => sum + count, 0)).to.equal(total);
        for (const counts of [nodes, pods, services]) {
          expect(counts.dualStack + counts.ipv4Only + counts.ipv6Only + counts.none).to.equal(counts.total);
          expect(counts.ratio).to.equal(`${counts.dualStack}/${counts.total}`);
        }
      }),
    );
  });
});

/** A status of which nothing was refused has everything. */
function required(status: DualStackReportStatus): Required<DualStackReportStatus> {
  return status as Required<DualStackReportStatus>;
}

describe('the status of a report on a huge cluster', () => {
  const LARGEST = 256 * 1024;
  const long = (name: string, length: number): string => name.padEnd(length, '-x');

  /** As many findings as could be listed, with names as long as they may be. */
  function hugeCluster(): Facts[] {
    const all: Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), pod({ name: 'sound', labels: {} })];
    for (let index = 0; index < 1500; index += 1) {
      const names = { namespace: long(`team-${index % 50}`, 63), name: long(`web-${index}`, 63) };
      const web = dualService({ ...names, clusterIPs: ['fd00:10:96::10', '10.96.0.10'], selector: { app: names.name } });
      const pods = [ipv4Pod(long(`web-${index}`, 253), { namespace: names.namespace, labels: { app: names.name } })];
      all.push(web, ...pods, ...slicesFor(web, pods), service({ ...names, name: long(`one-${index}`, 63), selector: {} }));
    }
    return all;
  }

  it('stays below 256 KiB with all its bounds, and counts all the same', () => {
    const status = statusOf(hugeCluster(), { spec: { maxFindings: 1000 } });
    expect(Buffer.byteLength(JSON.stringify(status))).to.be.below(LARGEST);
    expect(faultsOfStatus(status)).to.deep.equal([]);
    expect(status.summary).to.include({ critical: 1500, warning: 1500, info: 1500, rootCauses: 1500 });
    expect(status.findings?.length).to.be.above(100);
    expect((status.findings?.length ?? 0) + (status.findingsOmitted ?? 0)).to.equal(4500);
  });

  it('names no more namespaces than ten', () => {
    expect(statusOf(hugeCluster()).namespaces).to.have.length(10);
  });
});
