import { readFileSync } from 'node:fs';
import type { V1ClusterRole, V1Role } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parse } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { OPERATOR, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { deployment, node, service } from '../support/objects.ts';
import { findingsOf } from '../support/report-words.ts';

/** What is read of an entry of the API server's audit log. */
interface AuditEntry {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly apiGroup?: string; readonly resource: string; readonly subresource?: string };
  readonly responseStatus?: { readonly code: number };
  readonly requestURI: string;
}

/** As in a pod of the operator's namespace. */
const ELECTION = ['--leader-elect=true', '--leader-elect-resource-namespace=dualstack-system'];

describe('the permissions of manifests/', function () {
  this.timeout(90_000);
  const cluster = useCluster({ audit: true });

  it('are all used, and are all that it takes', async () => {
    await cluster.addNodes(node('worker-1', 1), node('narrow', 2, { podCIDRs: ['10.244.200.0/24'] }), node('worker-3', 3));
    await cluster.addWorkloads(
      2,
      deployment('web-1', { app: 'web', on: 'worker-1' }),
      deployment('web-2', { app: 'web', on: 'narrow' }),
      service('web', { ipFamilyPolicy: 'PreferDualStack' }),
    );
    const operator = await cluster.operator(ELECTION);
    await cluster.reportThat('has findings', (report) => findingsOf(report).length === 2);
    // What is found later is told in an Event too.
    await cluster.addNodes(node('late', 4, { podCIDRs: ['10.244.201.0/24'] }));
    await cluster.reportThat('has one finding more', (report) => findingsOf(report).length === 3);
    await operator.stop();
    // An API server without the streaming list is listed in pages.
    await cluster.controlPlane.restartApiServer({ featureGates: { WatchList: false } });
    const another = await cluster.operator(ELECTION);
    await another.ready();
    await another.stop();

    await eventually(() => {
      const used = new Set(entries().map(permissionOf));
      expect([...used]).to.have.members(granted());
    });
    expect(entries().filter(({ responseStatus }) => responseStatus?.code === 403)).to.deep.equal([]);
  });

  function entries(): readonly AuditEntry[] {
    const lines = readFileSync(cluster.controlPlane.auditLog, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as AuditEntry).filter(({ user }) => user.username === OPERATOR.name);
  }
});

function permissionOf({ verb, objectRef, requestURI }: AuditEntry): string {
  if (!objectRef) return `${verb} ${requestURI}`;
  const { apiGroup = '', resource, subresource } = objectRef;
  return [verb, apiGroup, subresource ? `${resource}/${subresource}` : resource].join(' ');
}

function granted(): readonly string[] {
  const roles = ['cluster-role.yaml', 'role.yaml'].map(
    (file) => parse(readFileSync(fromRoot('manifests', 'base', file), 'utf8')) as V1ClusterRole | V1Role,
  );
  return roles
    .flatMap(({ rules = [] }) => rules)
    .flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => [verb, group, resource].join(' ')))),
    );
}
