import { expect } from 'chai';
import type { KubernetesObject, V1Deployment, V1ResourceRule, V1SelfSubjectRulesReview, V1Service } from '@kubernetes/client-node';
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

const NODE = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'node', labels: { 'kubernetes.io/os': 'linux' } } };

describe('kubectl apply -k manifests', function () {
  this.timeout(120_000);
  let controlPlane: ControlPlane;
  let rendered: readonly KubernetesObject[];

  before(async () => {
    controlPlane = await startControlPlane();
    rendered = parseAllDocuments(await controlPlane.kubectl(['kustomize', MANIFESTS])).map(
      (document) => document.toJS() as KubernetesObject,
    );
    await controlPlane.apply([NODE]);
    await controlPlane.kubectl(['apply', '--warnings-as-errors', '--kustomize', MANIFESTS]);
  });

  after(async () => {
    await controlPlane.stop();
  });

  it('is made of these objects, the namespace before what lives in it', () => {
    expect(rendered.map(({ kind, metadata }) => `${kind ?? ''} ${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`)).to.deep.equal([
      `Namespace /${NAMESPACE}`,
      'CustomResourceDefinition /dualstackreports.dualstack.dev',
      `ServiceAccount ${NAMESPACE}/${NAME}`,
      `ClusterRole /${NAME}`,
      `ClusterRoleBinding /${NAME}`,
      `Service ${NAMESPACE}/${NAME}`,
      `Deployment ${NAMESPACE}/${NAME}`,
    ]);
  });

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
    await waitFor('the operator to run', async () => ((await controlPlane.get(DEPLOYMENT)) as V1Deployment).status?.readyReplicas === 1);
  });

  it('has a metrics Service of both families', async () => {
    const service = (await controlPlane.get(`/api/v1/namespaces/${NAMESPACE}/services/${NAME}`)) as V1Service;
    expect(service.spec?.ipFamilies).to.deep.equal(['IPv4', 'IPv6']);
    expect(service.spec?.ports).to.deep.equal([{ name: 'http', protocol: 'TCP', port: 8080, targetPort: 'http' }]);
  });

  it('allows the operator what it does, and nothing else', async () => {
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'kube-system' } };
    const args = ['create', `--as=${USER}`, '--validate=false', '--filename=-', '--output=json'];
    const { status } = JSON.parse(await controlPlane.kubectl(args, { input: JSON.stringify(review) })) as V1SelfSubjectRulesReview;
    const rules = status!.resourceRules.filter(({ apiGroups }) => !apiGroups?.some((group) => /^auth(entication|orization)\./.test(group)));
    expect(rules.flatMap(permissions)).to.have.members([
      ...['nodes', 'pods', 'services', 'namespaces'].flatMap((resource) => [`list ${resource}`, `watch ${resource}`]),
      'list endpointslices.discovery.k8s.io',
      'watch endpointslices.discovery.k8s.io',
      'list servicecidrs.networking.k8s.io',
      'watch servicecidrs.networking.k8s.io',
      ...['list', 'watch', 'create'].map((verb) => `${verb} dualstackreports.dualstack.dev`),
      'create events.events.k8s.io',
      'patch dualstackreports/status.dualstack.dev',
    ]);
  });
});

function permissions({ apiGroups = [], resources = [], verbs }: V1ResourceRule): readonly string[] {
  return apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}${group && `.${group}`}`)));
}
