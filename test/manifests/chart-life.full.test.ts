import { once } from 'node:events';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { join } from 'node:path';
import type { KubernetesObject, V1Lease } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import type { KubectlError } from '../control-plane/kubectl.ts';
import { selfSigned } from '../client/support/certificates.ts';
import { operatedPrometheus } from '../monitoring/prometheus-operator.ts';
import { startPrometheus } from '../prometheus/prometheus.ts';
import { rolledOutPods, startInPlaceOf, type OperatorPod } from '../support/deployed-operator.ts';
import { eventually } from '../support/eventually.ts';
import { CHART, EVERY_VALUE, Helm } from '../support/helm.ts';
import { node, report } from '../support/objects.ts';
import type { OperatorProcess } from '../support/operator-process.ts';
import { waitFor } from '../support/waiting.ts';
import { ensureDefinitions } from '../tools/definitions.ts';

const RELEASE = 'dualstack-operator';
const NAMESPACE = 'dualstack-system';
const DEFINITION = 'customresourcedefinition.apiextensions.k8s.io/dualstackreports.dualstack.dev';
const CERTIFICATE = selfSigned(RELEASE, [`${RELEASE}.${NAMESPACE}.svc`]);
const VALUES = [
  '--set=metrics.auth=true,metrics.tlsSecret=certificate,networkPolicy.restrictEgress=true,dashboards.enabled=true',
  '--set=serviceMonitor.enabled=true,serviceMonitor.labels.release=stack,prometheusRule.enabled=true,prometheusRule.labels.release=stack',
  '--set=flags.metrics-per-node=true,flags.grace-scale=0',
];
/** The field of the specification that an older chart's definition does not know. */
const NEW_FIELD = 'suspend';

describe('the Helm chart on a cluster', function () {
  this.timeout(120_000);
  let controlPlane: ControlPlane;
  let helm: Helm;
  let pod: OperatorPod;
  let operator: OperatorProcess | undefined;
  let clean: readonly string[];
  let reportsBefore: ReadonlyMap<string, string>;

  before(async function () {
    this.timeout(600_000);
    helm = await Helm.ready();
    controlPlane = await startControlPlane({ serviceAccountAdmission: true, extraControllers: ['serviceaccount-token-controller'] });
    await controlPlane.kubectl(['apply', '--server-side', `--filename=${await ensureDefinitions()}`]);
    await controlPlane.create([node('a', 1), node('b', 2), node('single', 3, { podCIDRs: ['10.244.200.0/24'] })]);
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
    await controlPlane.apply([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE, labels } }]);
    const stringData = { 'tls.crt': CERTIFICATE.cert, 'tls.key': CERTIFICATE.key, 'ca.crt': CERTIFICATE.cert };
    await controlPlane.apply([{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'certificate', namespace: NAMESPACE }, stringData }]);
    clean = await clusterScoped();
  });

  after(async () => {
    await operator?.kill();
    helm.remove();
    await controlPlane.stop();
  });

  it('makes objects that the API server takes, without warnings and whatever the values', async () => {
    const objects = await helm.template([...VALUES, ...EVERY_VALUE]);
    const args = ['create', '--dry-run=server', '--warnings-as-errors', '--validate=strict', '--filename=-'];
    await controlPlane.kubectl(args, { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
  });

  it('installs, of an older version, a definition without a field', async () => {
    const older = join(controlPlane.dir, 'older');
    cpSync(CHART, older, { recursive: true });
    const definition = join(older, 'templates', 'crd.yaml');
    const text = readFileSync(definition, 'utf8');
    const without = text.replace(new RegExp(`^( +)${NEW_FIELD}:\\n(?:\\1 +.*\\n)+`, 'm'), '');
    expect(without).to.have.length.below(text.length);
    writeFileSync(definition, without);
    await run('install', RELEASE, older, ...VALUES);
    await waitFor('reports to be served', reports);
    const error = await controlPlane.apply([report('quiet', { [NEW_FIELD]: true })]).catch((thrown: unknown) => thrown);
    expect((error as KubectlError).stderr).to.contain(NEW_FIELD);
  });

  it('has pods that run, and in which the operator evaluates the cluster', async () => {
    pod = await runningPod();
    operator = await startInPlaceOf(controlPlane, pod, { listen: ['--metrics-bind-address=[::]:0'] });
    const { status } = await readyReport();
    expect(status?.findings?.map(({ check, object }) => `${check} ${object.name}`)).to.include('NodePodCIDRMissing single');
    const lease = (await controlPlane.get(`/apis/coordination.k8s.io/v1/namespaces/${NAMESPACE}/leases/${RELEASE}`)) as V1Lease;
    expect(lease.spec?.holderIdentity).to.be.a('string').and.not.equal('');
  });

  it('serves metrics by TLS to those only who may read them, with the flags of the values', async () => {
    expect(await scrape()).to.include({ status: 401 });
    await controlPlane.kubectl(['create', 'serviceaccount', 'scraper', '--namespace=default']);
    const binding = ['create', 'clusterrolebinding', 'scraper', `--clusterrole=${RELEASE}-metrics-reader`];
    await controlPlane.kubectl([...binding, '--serviceaccount=default:scraper']);
    const token = (await controlPlane.kubectl(['create', 'token', 'scraper', '--namespace=default'])).trim();
    const body = await waitFor('metrics', async () => {
      const answer = await scrape(token);
      return answer.status === 200 && answer.body;
    });
    // Of a node that lacks nothing there is one with --metrics-per-node only.
    expect(body).to.match(/^dualstack_node_families\{.*node="a".*\} 1$/m);
    await controlPlane.kubectl(['delete', 'clusterrolebinding/scraper', 'serviceaccount/scraper', '--namespace=default']);
  });

  it('has Prometheus scrape these as the ServiceMonitor says, and load the rules', async () => {
    const ports = new Map([[pod.metadata.name, operator?.port ?? 0]]);
    const prometheus = await startPrometheus(await operatedPrometheus({ controlPlane, selector: 'release=stack', ports }));
    try {
      await eventually(async () => {
        const targets = await prometheus.targets();
        expect(targets.map(({ scrapeUrl, health, lastError }) => `${new URL(scrapeUrl).protocol} ${health} ${lastError}`)).to.have.members(
          pod.status.podIPs.map(() => 'https: up '),
        );
        expect(await prometheus.query('dualstack_node_pod_cidr_missing{node="single"}')).to.have.lengthOf(targets.length);
      });
      expect((await prometheus.rules()).filter(({ health }) => health === 'err')).to.deep.equal([]);
    } finally {
      await prometheus.stop();
    }
  });

  it('upgrades the definition, and keeps reports', async () => {
    await operator?.stop();
    await controlPlane.apply([report('shop', {})]);
    const before = await reports();
    expect([...before.keys()]).to.have.members(['cluster', 'shop']);
    await run('upgrade', RELEASE, CHART, ...VALUES);
    await waitFor('the new field to be taken', async () => {
      await controlPlane.apply([report('quiet', { [NEW_FIELD]: true })]);
      return true;
    });
    reportsBefore = await reports();
    expect([...reportsBefore].filter(([name]) => name !== 'quiet')).to.deep.equal([...before]);
  });

  it('runs on as upgraded, and says what it said', async () => {
    operator = await startInPlaceOf(controlPlane, await runningPod());
    await readyReport();
    await operator.stop();
  });

  it('leaves nothing cluster-scoped when uninstalled but the definition and reports', async () => {
    await run('uninstall', RELEASE);
    const left = (await clusterScoped()).filter((name) => !clean.includes(name));
    expect(left).to.have.members([
      DEFINITION,
      // The API server makes it of the definition.
      'apiservice.apiregistration.k8s.io/v1alpha1.dualstack.dev',
      ...[...reportsBefore.keys()].map((name) => `dualstackreport.dualstack.dev/${name}`),
    ]);
    expect(await reports()).to.deep.equal(reportsBefore);
    const kinds = 'all,serviceaccount,configmap,secret,role,rolebinding,poddisruptionbudget,networkpolicy,lease';
    const selected = ['get', kinds, `--namespace=${NAMESPACE}`, `--selector=app.kubernetes.io/name=${RELEASE}`, '--output=name'];
    await waitFor('pods to be gone', async () => (await controlPlane.kubectl(selected)) === '');
    expect(await controlPlane.kubectl(['get', 'lease', `--namespace=${NAMESPACE}`, '--output=name'])).to.equal(
      `lease.coordination.k8s.io/${RELEASE}\n`,
    );
  });

  it('takes over what is there when a flag says so, under another name too', async () => {
    const another = ['install', 'another', CHART, '--set=fullnameOverride=another'];
    const error = await run(...another).catch((thrown: unknown) => thrown);
    expect((error as KubectlError).stderr).to.contain('invalid ownership metadata');
    await run(...another, '--take-ownership');
    expect(await reports()).to.deep.equal(reportsBefore);
  });

  function run(...args: readonly string[]): Promise<string> {
    return helm.run([...args, `--namespace=${NAMESPACE}`], controlPlane.kubeconfig);
  }

  /** A pod of the newest ReplicaSet that is ready, as kwok makes it. */
  async function runningPod(): Promise<OperatorPod> {
    const [pod] = await rolledOutPods(controlPlane);
    return pod ?? expect.fail('there is no pod');
  }

  /** The report that the operator makes, once it is evaluated by the one that runs now. */
  async function readyReport(): Promise<DualStackReport> {
    const since = new Date(Date.now() - 1000).toISOString();
    return waitFor('the report to be ready', async () => {
      operator?.orFail(() => undefined);
      const found = (await controlPlane.get('/apis/dualstack.dev/v1alpha1/dualstackreports/cluster')) as DualStackReport;
      const ready = found.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'True' && (found.status?.lastEvaluationTime ?? '') > since && found;
    });
  }

  async function reports(): Promise<ReadonlyMap<string, string>> {
    const { items } = (await controlPlane.get('/apis/dualstack.dev/v1alpha1/dualstackreports')) as {
      readonly items: readonly KubernetesObject[];
    };
    return new Map(items.map(({ metadata }) => [metadata?.name ?? '', metadata?.uid ?? '']));
  }

  /** All objects in no namespace, by kind and name. */
  async function clusterScoped(): Promise<readonly string[]> {
    const kinds = await controlPlane.kubectl(['api-resources', '--namespaced=false', '--verbs=list', '--output=name']);
    const names = await controlPlane.kubectl(['get', kinds.trim().split('\n').join(','), '--output=name']);
    return names.trim().split('\n');
  }

  async function scrape(token?: string): Promise<{ readonly status: number; readonly body: string }> {
    const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
    const port = operator?.port;
    const sent = request({ host: '127.0.0.1', port, path: '/metrics', headers, ca: CERTIFICATE.cert, agent: false });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: (await response.setEncoding('utf8').toArray()).join('') };
  }
});
