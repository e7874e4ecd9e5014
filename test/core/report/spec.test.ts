import { expect } from 'chai';
import { nextExpiration } from '../../../src/core/report/exclusions.ts';
import type { DualStackReportSpec, Exclusion } from '../../../src/core/report/types.ts';
import { dualNodes, ipv4Node, ipv4Pod, MINUTE, NOW, pod, serviceCIDR } from '../build.ts';
import { conditionOf, conditionsOf, listed, statusOf, statusWhileSuspended } from './report.ts';

const cluster = [...dualNodes('a', 'b'), serviceCIDR(), pod(), ipv4Pod('old', { labels: {} })];
const found = ['Warning PodFamilyMissing shop/old'];

function specCondition(spec: DualStackReportSpec): string {
  const { status, reason, message } = conditionOf(statusOf(cluster, { spec }), 'SpecValid');
  return `${status} ${reason}: ${message}`;
}

describe('the spec of a report', () => {
  const rows: readonly (readonly [what: string, spec: DualStackReportSpec, says: string])[] = [
    ['nothing', {}, 'True Valid: All checks and parameters that the spec names are valid.'],
    [
      'checks that there are',
      {
        checks: [{ name: 'PodFamilyMissing', severity: 'Info' }],
        exclusions: [{ check: 'NodeFamilyOrder', reason: 'known' }],
      },
      'True Valid: All checks and parameters that the spec names are valid.',
    ],
    [
      'a check that is misspelled',
      { checks: [{ name: 'PodFamilyMising', severity: 'Info' }] },
      'False UnknownCheck: spec.checks names PodFamilyMising (did you mean PodFamilyMissing?). There is no such check, so this has no effect. The rest of the spec applies.',
    ],
    [
      'a check in other letters',
      { checks: [{ name: 'NodePodCidrMissing', severity: 'Info' }] },
      'False UnknownCheck: spec.checks names NodePodCidrMissing (did you mean NodePodCIDRMissing?). There is no such check, so this has no effect. The rest of the spec applies.',
    ],
    [
      'checks of another program, in both lists',
      { checks: [{ name: 'NoSuchCheck', severity: 'Ignore' }], exclusions: [{ check: 'ToString', reason: 'known' }] },
      'False UnknownCheck: spec.checks names NoSuchCheck; spec.exclusions[0] names ToString. There is no such check, so this has no effect. The rest of the spec applies.',
    ],
  ];
  for (const [what, spec, says] of rows) {
    it(`that names ${what} has that in its condition SpecValid`, () => {
      expect(specCondition(spec)).to.equal(says);
    });
  }

  it('applies but for a check that there is not, and changes no other condition', () => {
    const checks = [{ name: 'PodFamilyMissing', severity: 'Critical' as const }];
    const status = statusOf(cluster, { spec: { checks: [...checks, { name: 'NoSuchCheck', severity: 'Ignore' }] } });
    expect(listed(status)).to.deep.equal(['Critical PodFamilyMissing shop/old']);
    expect(conditionsOf(status)).to.deep.equal(conditionsOf(statusOf(cluster, { spec: { checks } })));
  });

  it('is answered by SpecValid at once, whatever the rest waits for', () => {
    const spec: DualStackReportSpec = { checks: [{ name: 'NoSuchCheck', severity: 'Info' }] };
    const status = statusOf(cluster);
    const statuses = [
      statusOf(cluster, { spec, status, pending: ['Pod'] }),
      statusOf(cluster, { spec, status, staleSources: [{ kind: 'Pod', since: NOW }] }),
      statusWhileSuspended({ spec, status }),
    ];
    expect(statuses.map((each) => conditionOf(each, 'SpecValid').reason)).to.deep.equal(Array(3).fill('UnknownCheck'));
  });
});

describe('an exclusion', () => {
  const withExclusions = (...exclusions: readonly Exclusion[]): ReturnType<typeof statusOf> => statusOf(cluster, { spec: { exclusions } });
  const at = (ms: number): string => new Date(NOW + ms).toISOString();

  it('of the core group matches what is in it', () => {
    expect(listed(withExclusions({ group: '', kind: 'Pod', reason: 'known' }))).to.deep.equal([]);
  });

  it('of another group does not, though it has a kind of that name', () => {
    expect(listed(withExclusions({ group: 'example.org', kind: 'Pod', reason: 'known' }))).to.deep.equal(found);
  });

  it('applies until it expires', () => {
    const status = withExclusions({ kind: 'Pod', reason: 'known', expirationTime: at(1000) });
    expect(listed(status)).to.deep.equal([]);
    expect(status.summary).to.include({ excluded: 1, expiredExclusions: 0 });
  });

  it('no longer applies once it has, which the summary counts and SpecValid says', () => {
    const status = withExclusions({ kind: 'Pod', reason: 'known', expirationTime: at(0) }, { kind: 'Node', reason: 'known' });
    expect(listed(status)).to.deep.equal(found);
    expect(status.summary).to.include({ excluded: 0, expiredExclusions: 1 });
    expect(conditionOf(status, 'SpecValid')).to.include({
      status: 'True',
      message: 'All checks and parameters that the spec names are valid. 1 exclusion expired and no longer applies.',
    });
  });

  it('is looked at again when the next one expires', () => {
    const exclusions = [at(5 * MINUTE), at(-MINUTE), at(MINUTE)].map((expirationTime) => ({
      kind: 'Pod',
      reason: 'known',
      expirationTime,
    }));
    expect(nextExpiration({ exclusions }, NOW)).to.equal(NOW + MINUTE);
    expect(nextExpiration({ exclusions }, NOW + MINUTE)).to.equal(NOW + 5 * MINUTE);
    expect(nextExpiration({ exclusions: [{ kind: 'Pod', reason: 'known' }] }, NOW)).to.equal(Infinity);
    expect(nextExpiration({}, NOW)).to.equal(Infinity);
  });
});

describe('the id of a finding', () => {
  const idsOf = (...parameters: Parameters<typeof statusOf>): Readonly<Record<string, string>> =>
    Object.fromEntries((statusOf(...parameters).findings ?? []).map(({ id, check, object }) => [`${check} ${object.name}`, id]));

  it('is its own', () => {
    const ids = Object.values(idsOf([...dualNodes('a', 'b', 'c'), ipv4Node('d'), ...cluster.slice(2), ipv4Pod('older', { labels: {} })]));
    expect(ids).to.have.length(3);
    expect(new Set(ids).size).to.equal(3);
  });

  it('does not change with severity, expected order, cause or other findings', () => {
    const { 'PodFamilyMissing old': id } = idsOf(cluster);
    expect(idsOf(cluster, { spec: { checks: [{ name: 'PodFamilyMissing', severity: 'Info' }] } })['PodFamilyMissing old']).to.equal(id);
    expect(idsOf(cluster, { spec: { expectedFamilies: ['IPv6', 'IPv4'] } })['PodFamilyMissing old']).to.equal(id);
    expect(idsOf([...cluster, ipv4Node('c')])['PodFamilyMissing old']).to.equal(id);
  });

  it('does not change where a finding on the cluster takes over one of its families', () => {
    const bare = (name: string): ReturnType<typeof ipv4Node> => ipv4Node(name, { addresses: [] });
    const spec: DualStackReportSpec = { expectedFamilies: ['IPv4', 'IPv6'] };
    const ipv4Only = ['b', 'c'].map((name) => ipv4Node(name, { addresses: ['192.0.2.1'] }));
    const alone = statusOf([...dualNodes('x'), bare('a')], { spec }).findings?.find(({ check }) => check === 'NodeAddressMissing');
    const among = statusOf([bare('a'), ...ipv4Only], { spec }).findings?.filter(({ check }) => check === 'NodeAddressMissing');
    expect(alone?.families).to.deep.equal(['IPv4', 'IPv6']);
    expect(among?.map(({ object, families }) => [object.kind, families])).to.deep.equal([
      ['Node', ['IPv4']],
      ['Cluster', ['IPv6']],
    ]);
    expect(among?.[0]?.id).to.equal(alone?.id);
  });
});
