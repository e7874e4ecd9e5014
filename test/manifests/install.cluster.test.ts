import { expect } from 'chai';
import type {
  KubernetesObject,
  V1Deployment,
  V1PodDisruptionBudget,
  V1PodList,
  V1ResourceRule,
  V1SelfSubjectRulesReview,
  V1Service,
  V1SubjectAccessReview,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { fromRoot } from '../../scripts/root.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { waitFor } from '../support/waiting.ts';

const MANIFESTS = fromRoot('manifests');
const NAMESPACE = 'dualstack-system';
const NAME = 'dualstack-operator';
const DEPLOYMENT = `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/${NAME}`;
const USER = `system:serviceaccount:${NAMESPACE}:${NAME}`;

const NODES = ['a', 'b', 'c'].map((name) => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': name } },
}));

describe('kubectl apply -k manifests', function () {
  this.timeout(120_000);
  let controlPlane: ControlPlane;
  let rendered: readonly KubernetesObject[];

  before(async () => {
    controlPlane = await startControlPlane({ extraControllers: ['clusterrole-aggregation-controller'] });
    rendered = await render();
    await controlPlane.apply(NODES);
    await controlPlane.kubectl(['apply', '--warnings-as-errors', '--kustomize', MANIFESTS]);
  });

  after(async () => {
    await controlPlane.stop();
  });

  it('consists of these objects, the namespace before what lives in it', () => {
    expect(rendered.map(({ kind, metadata }) => `${kind ?? ''} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`)).to.deep.equal([
      `Namespace /${NAMESPACE}`,
      'CustomResourceDefinition /dualstackreports.dualstack.dev',
      `ServiceAccount ${NAMESPACE}/${NAME}`,
      `Role ${NAMESPACE}/${NAME}`,
      `ClusterRole /${NAME}`,
      `ClusterRole /${NAME}-reports-edit`,
      `ClusterRole /${NAME}-reports-view`,
      `RoleBinding ${NAMESPACE}/${NAME}`,
      `ClusterRoleBinding /${NAME}`,
      `Service ${NAMESPACE}/${NAME}`,
      `Deployment ${NAMESPACE}/${NAME}`,
      `PodDisruptionBudget ${NAMESPACE}/${NAME}`,
      `NetworkPolicy ${NAMESPACE}/${NAME}`,
    ]);
  });

  it('consists of the same with the overlays, and what is said of each', async () => {
    const names = (objects: readonly KubernetesObject[]): readonly string[] =>
      objects.map(({ kind, metadata }) => `${kind ?? ''} ${metadata?.name ?? ''}`);
    const monitored = await render('overlays', 'prometheus-operator');
    expect(monitored).to.deep.include.members(rendered);
    expect(names(monitored.filter(({ kind }) => !rendered.some((object) => object.kind === kind)))).to.have.members([
      `ServiceMonitor ${NAME}`,
      `PrometheusRule ${NAME}`,
      ...['overview', 'nodes', 'operator'].map((name) => `ConfigMap ${NAME}-dashboard-${name}`),
    ]);
    const available = await render('overlays', 'high-availability');
    expect(names(available)).to.have.members(names(rendered));
    const folder = fromRoot('manifests', 'overlays', 'high-availability');
    await controlPlane.kubectl(['apply', '--dry-run=server', '--warnings-as-errors', '--kustomize', folder]);
    const { spec } = available.find(({ kind }) => kind === 'Deployment') as Pick<V1Deployment, 'spec'>;
    expect(spec?.replicas).to.equal(3);
    expect(spec?.template.spec?.affinity?.podAntiAffinity).to.have.all.keys('requiredDuringSchedulingIgnoredDuringExecution');
  });

  /** The objects that kustomize makes of a folder of manifests/. */
  async function render(...folder: readonly string[]): Promise<readonly KubernetesObject[]> {
    const yaml = await controlPlane.kubectl(['kustomize', fromRoot('manifests', ...folder)]);
    return parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
  }

  it('labels all of them, and runs the version of package.json', async () => {
    for (const { kind, metadata } of rendered) {
      expect(metadata?.labels, kind).to.include({ 'app.kubernetes.io/name': NAME, 'app.kubernetes.io/version': packageJson.version });
    }
    const { spec } = (await controlPlane.get(DEPLOYMENT)) as V1Deployment;
    const [container] = spec!.template.spec!.containers;
    expect(container?.image).to.match(new RegExp(`/${NAME}:${packageJson.version.replaceAll('.', '\\.')}$`));
  });

  it('has a pod that the restricted Pod Security of its namespace lets in', async () => {
    const namespace = rendered.find(({ kind }) => kind === 'Namespace');
    expect(namespace?.metadata?.labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    await waitFor('the operator to run', async () => ((await controlPlane.get(DEPLOYMENT)) as V1Deployment).status?.readyReplicas === 2);
  });

  it('has replicas on different nodes, of which one at most may be taken away', async () => {
    const { items } = (await controlPlane.get(`/api/v1/namespaces/${NAMESPACE}/pods`)) as V1PodList;
    expect(new Set(items.map(({ spec }) => spec?.nodeName))).to.have.property('size', 2);
    const budget = (await controlPlane.get(
      `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets/${NAME}`,
    )) as V1PodDisruptionBudget;
    const { spec } = (await controlPlane.get(DEPLOYMENT)) as V1Deployment;
    expect(budget.spec?.maxUnavailable).to.equal(1);
    expect(spec?.template.metadata?.labels).to.include(budget.spec?.selector?.matchLabels ?? expect.fail('it has no selector'));
  });

  it('has a metrics Service of both families', async () => {
    const service = (await controlPlane.get(`/api/v1/namespaces/${NAMESPACE}/services/${NAME}`)) as V1Service;
    expect(service.spec?.ipFamilies).to.deep.equal(['IPv4', 'IPv6']);
    expect(service.spec?.ports).to.deep.equal([{ name: 'metrics', protocol: 'TCP', port: 8080, targetPort: 'metrics' }]);
  });

  it('allows the operator what it does, and nothing else', async () => {
    const everywhere = [
      ...['nodes', 'pods', 'services', 'namespaces'].flatMap((resource) => [`list ${resource}`, `watch ${resource}`]),
      'list endpointslices.discovery.k8s.io',
      'watch endpointslices.discovery.k8s.io',
      'list servicecidrs.networking.k8s.io',
      'watch servicecidrs.networking.k8s.io',
      ...['list', 'watch', 'create'].map((verb) => `${verb} dualstackreports.dualstack.dev`),
      'create events.events.k8s.io',
      'patch dualstackreports/status.dualstack.dev',
    ];
    expect(await allowedIn('kube-system')).to.have.members(everywhere);
    const ofLeases = [
      'create leases.coordination.k8s.io',
      `get leases.coordination.k8s.io/${NAME}`,
      `update leases.coordination.k8s.io/${NAME}`,
    ];
    expect(await allowedIn(NAMESPACE)).to.have.members([...everywhere, ...ofLeases]);
  });

  it('lets those read and write reports who may view and edit the whole cluster, and not those of a namespace', async () => {
    const roles = ['view', 'edit'];
    await Promise.all(
      roles.flatMap((role) => [
        controlPlane.kubectl(['create', 'clusterrolebinding', `everywhere-${role}`, `--clusterrole=${role}`, `--user=everywhere-${role}`]),
        controlPlane.kubectl(['create', 'rolebinding', `in-default-${role}`, `--clusterrole=${role}`, `--user=in-default-${role}`]),
      ]),
    );
    await waitFor('roles to be aggregated', () => mayOf('everywhere-edit', 'delete'));
    expect(await mayOf('everywhere-view', 'watch')).to.equal(true);
    expect(await mayOf('everywhere-edit', 'watch')).to.equal(true);
    expect(await mayOf('everywhere-view', 'patch')).to.equal(false);
    for (const role of roles) expect(await mayOf(`in-default-${role}`, 'get'), role).to.equal(false);
  });

  /** Whether a user may do that to reports. */
  async function mayOf(user: string, verb: string): Promise<boolean> {
    const spec = { user, resourceAttributes: { group: 'dualstack.dev', resource: 'dualstackreports', verb } };
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', spec };
    const answer = await controlPlane.kubectl(['create', '--filename=-', '--output=json'], { input: JSON.stringify(review) });
    return (JSON.parse(answer) as V1SubjectAccessReview).status!.allowed;
  }

  /** What the operator may do in a namespace, as `verb resources.group/name`. */
  async function allowedIn(namespace: string): Promise<readonly string[]> {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
    const args = ['create', `--as=${USER}`, '--validate=false', '--filename=-', '--output=json'];
    const { status } = JSON.parse(await controlPlane.kubectl(args, { input: JSON.stringify(review) })) as V1SelfSubjectRulesReview;
    return status!.resourceRules
      .filter(({ apiGroups }) => !apiGroups?.some((group) => /^auth(entication|orization)\./.test(group)))
      .flatMap(permissions);
  }
});

function permissions({ apiGroups = [], resources = [], resourceNames, verbs }: V1ResourceRule): readonly string[] {
  const names = resourceNames?.length ? resourceNames.map((name) => `/${name}`) : [''];
  return apiGroups.flatMap((group) =>
    resources.flatMap((resource) => verbs.flatMap((verb) => names.map((name) => `${verb} ${resource}${group && `.${group}`}${name}`))),
  );
}
