import { readdirSync } from 'node:fs';
import { expect } from 'chai';
import { fromRoot } from '../../../scripts/root.ts';
import { IPV6, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { violation } from '../../../src/core/checks/check.ts';
import { checkNamed, CHECKS, checksOf, CLUSTER_CHECKS, OBJECT_CHECKS } from '../../../src/core/checks/registry.ts';

const NAMES = CHECKS.map(({ name }) => name);

/** The file of a check: `NodePodCIDRMissing` is in `node-pod-cidr-missing`. */
function fileOf(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1-$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1-$2')
    .toLowerCase();
}

function filesIn(folder: string, ending: string): string[] {
  return readdirSync(fromRoot(folder))
    .filter((file) => file.endsWith(ending))
    .map((file) => file.slice(0, -ending.length));
}

/** What checks share to say how a finding is fixed. */
const FIXES = [
  'family-outage',
  'family-removal',
  'openshift-fixes',
  'platform-fixes',
  'recreate-node',
  'remedies',
  'remove-service-cidr',
  'replace-by-tool',
  'requested-family',
  'restart-pod',
  'restart-static-pod',
  'restart-workloads',
  'runtime-fix',
  'self-managed-fixes',
  'service-fixes',
  'stale-host-pods',
  'unfinished-conversion',
];

describe('the checks', () => {
  it('have names of their own in CamelCase', () => {
    expect(new Set(NAMES).size).to.equal(NAMES.length);
    for (const name of NAMES) expect(name).to.match(/^(?:[A-Z]+[a-z]*)+$/);
  });

  it('have names that spec.checks and spec.exclusions take, and are no more than spec.checks has room for', () => {
    expect(NAMES.filter((name) => !/^[A-Z][A-Za-z0-9]{2,62}$/.test(name))).to.deep.equal([]);
    expect(NAMES.length).to.be.at.most(256);
  });

  it('are found by name', () => {
    for (const check of CHECKS) expect(checkNamed(check.name)).to.equal(check);
    expect(checkNamed('NodePodCidrMissing')).to.equal(undefined);
    expect(checkNamed('toString')).to.equal(undefined);
  });

  it('have no verdict where nothing is missing', () => {
    expect(violation(NO_FAMILY)).to.equal(undefined);
    expect(violation(IPV6)).to.deep.equal({ families: IPV6, due: 0 });
  });

  it('are each of one kind', () => {
    const kinds = new Set(OBJECT_CHECKS.map(({ kind }) => kind));
    const byKind = [...CLUSTER_CHECKS, ...[...kinds].flatMap(checksOf)];
    expect(byKind).to.have.members(CHECKS);
    expect(byKind).to.have.length(CHECKS.length);
  });

  it('have a file each, with a table of tests', () => {
    const files = NAMES.map(fileOf).sort();
    expect(filesIn('src/core/checks', '.ts').sort()).to.deep.equal([...files, 'check', 'registry', ...FIXES].sort());
    expect(
      filesIn('test/core/checks', '.test.ts')
        .filter((file) => !FIXES.includes(file))
        .sort(),
    ).to.deep.equal([...files, 'registry'].sort());
  });

  it('have parameters of their own names, whose defaults are within their bounds', () => {
    for (const { name, parameters = [] } of CHECKS) {
      expect(new Set(parameters.map((parameter) => parameter.name)).size, name).to.equal(parameters.length);
      // As many as spec.checks has room for.
      expect(parameters.length, name).to.be.at.most(16);
      for (const { name: parameter, default: byDefault, minimum, maximum, description } of parameters) {
        expect(parameter).to.match(/^[a-z]+([A-Z][a-z]+)*$/);
        expect(description).to.match(/^[A-Z].*\S\.$/);
        expect([minimum, byDefault, maximum].every(Number.isSafeInteger), `${name}.${parameter}`).to.equal(true);
        expect(byDefault, `${name}.${parameter}`).to.be.within(minimum, maximum);
      }
    }
  });

  for (const { name, kind, description, rationale, remediation, needs } of CHECKS) {
    it(`say what ${name} is about, in sentences`, () => {
      for (const text of [description, rationale, remediation]) expect(text).to.match(/^\S.*\S\.$/);
      expect(needs).to.not.be.empty;
      if (kind !== 'Cluster') expect(needs).to.include(kind);
    });
  }
});
