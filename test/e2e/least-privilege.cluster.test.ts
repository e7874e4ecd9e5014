import { readFileSync } from 'node:fs';
import type { V1ClusterRole, V1ClusterRoleBinding, V1Role, V1RoleBinding } from '@kubernetes/client-node';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { OPERATOR, useCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { deployment, namespace, node, report, service } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { findingsOf } from '../support/report-words.ts';

/** What is read of an entry of the API server's audit log. */
interface AuditEntry {
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
  };
  readonly responseStatus?: { readonly code: number };
  readonly requestURI: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One verb on one resource that a role allows. */
interface Grant {
  /** What gives it, as the API server calls it. */
  readonly binding: string;
  readonly verb: string;
  readonly apiGroup: string;
  readonly resource: string;
  /** Where it counts; undefined everywhere. */
  readonly namespace: string | undefined;
  /** For which objects it counts; undefined for all. */
  readonly names: readonly string[] | undefined;
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const REASON = 'authorization.k8s.io/reason';
const NAMESPACE = 'dualstack-system';
/** As in a pod of the operator's namespace. */
const ELECTION = ['--leader-elect=true', `--leader-elect-resource-namespace=${NAMESPACE}`];
const METRICS_AUTH = ['cluster-role.yaml', 'cluster-role-binding.yaml'].map((file) =>
  fromRoot('manifests', 'components', 'metrics-auth', file),
);
/** Of no namespace, so that only a ClusterRole can give them. */
const OF_THE_CLUSTER = [
  'nodes',
  'namespaces',
  'servicecidrs',
  'dualstackreports',
  'dualstackreports/status',
  'tokenreviews',
  'subjectaccessreviews',
];
/** A rule cannot name what these are about. */
const OF_MANY = ['create', 'list', 'watch'];
/** What Kubernetes lets everybody do who is authenticated: a cluster without these bindings only leaves the version out of reports. */
const OF_ALL_USERS = /^RBAC: allowed by ClusterRoleBinding "system:(discovery|public-info-viewer)" of .+ to Group "system:authenticated"$/;

describe('the permissions of manifests/', function () {
  this.timeout(120_000);
  const cluster = useCluster({ audit: true });
  let grants: readonly Grant[];

  before('let the operator do all that it does', async () => {
    for (const file of METRICS_AUTH) await cluster.controlPlane.apply(readFileSync(file, 'utf8'));
    grants = await grantsOfOperator();
    await cluster.controlPlane.create([namespace('team')]);
    await cluster.kubectl('create', 'serviceaccount', 'scraper');
    await cluster.addNodes(node('worker-1', 1), node('narrow', 2, { podCIDRs: ['10.244.200.0/24'] }), node('worker-3', 3));
    await cluster.addWorkloads(
      2,
      deployment('web-1', { app: 'web', on: 'worker-1' }),
      deployment('web-2', { app: 'web', on: 'narrow' }),
      service('web', { ipFamilyPolicy: 'PreferDualStack' }),
    );
    const operator = await cluster.operator([...ELECTION, '--metrics-auth=kubernetes']);
    await cluster.reportThat('has findings', (latest) => findingsOf(latest).length === 2);
    // Another report is written too, and what is found later is recorded in Events in the namespaces of their objects.
    await cluster.controlPlane.create([report('other', { checks: [{ name: 'ServiceSingleStack', severity: 'Warning' }] })]);
    await cluster.reportThat('has findings', (latest) => findingsOf(latest).length === 2, 'other');
    await cluster.addNodes(node('late', 4, { podCIDRs: ['10.244.201.0/24'] }));
    await cluster.controlPlane.create([service('plain', {}, 'team')]);
    await cluster.reportThat('has two findings more', (latest) => findingsOf(latest).length === 4, 'other');
    await scrape(operator);
    await operator.stop();
    // An API server without the streaming list is listed in pages.
    await cluster.controlPlane.restartApiServer({ featureGates: { WatchList: false } });
    const another = await cluster.operator(ELECTION);
    await another.ready();
    await another.stop();
  });

  it('are all needed: each is the only one that allows some request', async () => {
    await eventually(() => {
      const needed = entries().flatMap((entry) => {
        const [only, ...others] = grants.filter((grant) => allows(grant, entry));
        return only && others.length === 0 ? [only] : [];
      });
      expect(grants.filter((grant) => !needed.includes(grant)).map(wordsOf)).to.deep.equal([]);
    });
  });

  it('are all that it takes: each request is allowed by one of them, as the API server says itself', () => {
    const ofResources = entries().filter(({ objectRef }) => objectRef !== undefined);
    expect(ofResources).to.have.length.above(0);
    for (const entry of ofResources) {
      expect(entry.responseStatus?.code, entry.requestURI).to.not.equal(403);
      const bindings = grants.filter((grant) => allows(grant, entry)).map(({ binding }) => binding);
      expect(bindings, entry.requestURI).to.have.length.above(0);
      expect(bindings.some((binding) => entry.annotations?.[REASON]?.includes(`allowed by ${binding} `))).to.equal(true, entry.requestURI);
    }
  });

  it('hold no rule for the version of the API server, the only thing asked for that is no resource: everybody may read it', () => {
    const ofNoResource = entries().filter(({ objectRef }) => objectRef === undefined);
    expect(new Set(ofNoResource.map(({ verb, requestURI }) => `${verb} ${requestURI}`))).to.deep.equal(new Set(['get /version']));
    for (const { responseStatus, annotations } of ofNoResource) {
      expect(responseStatus?.code).to.equal(200);
      expect(annotations?.[REASON]).to.match(OF_ALL_USERS);
    }
  });

  it('count no further than they have to: for all namespaces and for all names only where more than one is asked for', () => {
    for (const grant of grants) {
      const used = entries().filter((entry) => allows(grant, entry));
      const namespaces = new Set(used.map(({ objectRef }) => objectRef?.namespace));
      const isForAll = namespaces.has(undefined) || namespaces.size > 1;
      if (grant.namespace === undefined && !OF_THE_CLUSTER.includes(grant.resource)) expect(isForAll, wordsOf(grant)).to.equal(true);
      const names = new Set(used.map(({ objectRef }) => objectRef?.name));
      if (grant.names) expect([...names], wordsOf(grant)).to.have.members([...grant.names]);
      else if (!OF_MANY.includes(grant.verb)) expect(names, wordsOf(grant)).to.have.property('size').above(1);
    }
  });

  /** Asks for the metrics with a token, about which the operator has to ask the API server. */
  async function scrape(operator: OperatorProcess): Promise<void> {
    const token = (await cluster.kubectl('create', 'token', 'scraper')).trim();
    const { status } = await fetch(`http://127.0.0.1:${operator.port}/metrics`, { headers: { Authorization: `Bearer ${token}` } });
    expect(status).to.equal(403);
  }

  /** All that any binding of the cluster gives to the ServiceAccount of the operator. */
  async function grantsOfOperator(): Promise<readonly Grant[]> {
    const everywhere = await cluster.get<{ readonly items: readonly V1ClusterRoleBinding[] }>(`${RBAC}/clusterrolebindings`);
    const somewhere = await cluster.get<{ readonly items: readonly V1RoleBinding[] }>(`${RBAC}/rolebindings`);
    const bindings = [...everywhere.items, ...somewhere.items].filter(isOfOperator);
    return (await Promise.all(bindings.map(grantsOf))).flat();
  }

  async function grantsOf({ metadata, roleRef: { kind, name } }: V1ClusterRoleBinding | V1RoleBinding): Promise<readonly Grant[]> {
    const namespace = metadata?.namespace;
    const path = kind === 'Role' ? `${RBAC}/namespaces/${namespace ?? ''}/roles/${name}` : `${RBAC}/clusterroles/${name}`;
    const { rules } = await cluster.get<V1ClusterRole | V1Role>(path);
    const own = metadata?.name ?? '';
    const binding = namespace === undefined ? `ClusterRoleBinding "${own}"` : `RoleBinding "${own}/${namespace}"`;
    return (rules ?? []).flatMap(({ apiGroups = [], resources = [], verbs, resourceNames: names }) =>
      apiGroups.flatMap((apiGroup) =>
        resources.flatMap((resource) => verbs.map((verb) => ({ binding, verb, apiGroup, resource, namespace, names }))),
      ),
    );
  }

  function entries(): readonly AuditEntry[] {
    const lines = readFileSync(cluster.controlPlane.auditLog, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'));
    return lines.map((line) => JSON.parse(line) as AuditEntry).filter(({ user }) => user.username === OPERATOR.name);
  }
});

function isOfOperator({ subjects = [] }: V1ClusterRoleBinding | V1RoleBinding): boolean {
  return subjects.some(
    ({ kind, namespace, name }) => kind === 'ServiceAccount' && namespace === NAMESPACE && name === 'dualstack-operator',
  );
}

/** By the rules of RBAC: what is created has no name yet, and what has no namespace is in none. */
function allows({ verb, apiGroup, resource, namespace, names }: Grant, { verb: asked, objectRef }: AuditEntry): boolean {
  if (!objectRef || asked !== verb || (objectRef.apiGroup ?? '') !== apiGroup) return false;
  const { subresource } = objectRef;
  if (resource !== (subresource === undefined ? objectRef.resource : `${objectRef.resource}/${subresource}`)) return false;
  if (namespace !== undefined && objectRef.namespace !== namespace) return false;
  return names === undefined || (verb !== 'create' && names.includes(objectRef.name ?? ''));
}

function wordsOf({ binding, verb, apiGroup, resource }: Grant): string {
  return `${binding}: ${verb} ${resource}${apiGroup === '' ? '' : `.${apiGroup}`}`;
}
