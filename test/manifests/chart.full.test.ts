import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import packageJson from '../../package.json' with { type: 'json' };
import { ruleGroups } from '../../monitoring/rules/groups.ts';
import { CHART_FOLDER } from '../../scripts/chart/chart.ts';
import { GENERATED } from '../../scripts/generated.ts';
import { fromRoot } from '../../scripts/root.ts';
import { ensureBuilt } from '../control-plane/build.ts';
import { KubectlError, runKubectl } from '../control-plane/kubectl.ts';
import { CHART, EVERY_VALUE, Helm } from '../support/helm.ts';
import { documentedKustomization, writeOverlay } from './overlay.ts';

const MONITORING = ['--set=serviceMonitor.enabled=true,prometheusRule.enabled=true,dashboards.enabled=true'];
const GUARDED = ['--set=metrics.auth=true,metrics.tlsSecret=dualstack-operator-tls,networkPolicy.restrictEgress=true'];
const AVAILABLE = [`--values=${join(CHART, 'values-high-availability.yaml')}`];
const VERSION_LABEL = 'app.kubernetes.io/version';
/** Labels that only Helm sets. The version is one that in manifests/ the objects of components have not. */
const OF_RELEASE = ['app.kubernetes.io/instance', 'app.kubernetes.io/managed-by', 'helm.sh/chart', VERSION_LABEL];

/** How the ServiceMonitor of the release `blue` reaches metrics that are guarded, and what somebody may want in place of it. */
const AUTH = { authorization: { credentials: { name: 'blue-dualstack-operator-metrics-reader', key: 'token' } } };
const OWN = { tlsConfig: { insecureSkipVerify: true }, authorization: { credentials: { name: 'own', key: 'token' } } };

/** What of manifests/ a release with these flags equals. */
const EQUALS: readonly (readonly [string, readonly string[], () => string])[] = [
  ['kubectl apply -k manifests', [], () => fromRoot('manifests')],
  ['the overlay for Prometheus Operator', MONITORING, () => fromRoot('manifests', 'overlays', 'prometheus-operator')],
  ['the overlay for high availability', AVAILABLE, () => fromRoot('manifests', 'overlays', 'high-availability')],
];

describe('the Helm chart', function () {
  this.timeout(60_000);
  let helm: Helm;
  let kubectl: string;

  before(async function () {
    this.timeout(600_000);
    helm = await Helm.ready();
    kubectl = join(await ensureBuilt(), 'kubectl');
  });

  after(() => {
    helm.remove();
  });

  for (const [what, flags] of [
    ['as it is', []],
    ['with everything', [...MONITORING, ...GUARDED, ...EVERY_VALUE]],
  ] as const) {
    it(`is found fault with by helm lint in nothing, ${what}`, async () => {
      expect(await helm.run(['lint', '--strict', CHART, ...flags])).to.contain('0 chart(s) failed');
    });
  }

  it('contains what is generated, but for words', () => {
    const generated = GENERATED.map(({ path }) => path).filter((path) => path.startsWith(`${CHART_FOLDER}/`));
    const files = readdirSync(CHART, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    const paths = files.map(({ parentPath, name }) => join(parentPath, name).replace(fromRoot('/'), ''));
    const words = ['README.md', 'templates/NOTES.txt', 'templates/_helpers.tpl'].map((file) => `${CHART_FOLDER}/${file}`);
    expect(paths).to.have.members([...generated, ...words]);
  });

  for (const [what, flags, folder] of EQUALS) {
    it(`makes the objects of ${what}`, async () => {
      expect(normal(await helm.template(flags))).to.deep.equal(normal(await kustomized(folder())));
    });
  }

  for (const [what, flags, base] of [
    ['all components that docs/security.md shows', GUARDED, '../manifests'],
    ['these on the overlay for Prometheus Operator', [...GUARDED, ...MONITORING], '../manifests/overlays/prometheus-operator'],
  ] as const) {
    it(`makes the objects of ${what}`, async () => {
      const { overlay, folder } = writeOverlay(documentedKustomization('security.md').replace('- ../manifests\n', `- ${base}\n`));
      try {
        expect(normal(await helm.template(flags))).to.deep.equal(normal(await kustomized(overlay)));
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  for (const [what, flags, fields] of [
    ['plainly', [], {}],
    ['by TLS', ['--set=metrics.tlsSecret=mine'], tlsOf('mine')],
    ['by a token', ['--set=metrics.auth=true'], AUTH],
    ['by both', ['--set=metrics.auth=true,metrics.tlsSecret=mine'], { ...tlsOf('mine'), ...AUTH }],
    ['as the values say', [...GUARDED, `--set-json=serviceMonitor.endpoint=${JSON.stringify(OWN)}`], { scheme: 'https', ...OWN }],
  ] as const) {
    it(`has the metrics scraped ${what}`, async () => {
      const [monitor] = ofKind(await helm.template([...MONITORING, ...flags], 'blue'), 'ServiceMonitor');
      const { endpoints } = (monitor as unknown as { readonly spec: { readonly endpoints: readonly object[] } }).spec;
      expect(endpoints).to.deep.equal([{ port: 'metrics', path: '/metrics', interval: '30s', honorLabels: true, ...fields }]);
    });
  }

  it('names every object after the release, and what belongs together alike', async () => {
    const objects = await helm.template([...MONITORING, '--set=metrics.auth=true'], 'blue');
    const names = new Set(objects.filter(({ kind }) => kind !== 'CustomResourceDefinition').map(({ metadata }) => metadata?.name));
    expect([...names].filter((name) => name?.startsWith('blue-dualstack-operator') !== true)).to.deep.equal([]);
    const texts = JSON.stringify(objects.filter(({ kind }) => /Binding$|^Deployment$/.test(kind ?? '')));
    expect(texts)
      .to.contain('"serviceAccountName":"blue-dualstack-operator"')
      .and.not.match(/"name":"dualstack-operator/);
  });

  it('gives the operator the flags of the values', async () => {
    const [deployment] = ofKind(await helm.template(EVERY_VALUE), 'Deployment') as readonly [Deployment];
    const [container] = deployment.spec.template.spec.containers;
    expect(container.args).to.deep.equal([
      'run',
      '--grace-scale=2',
      '--log-level=debug',
      '--metrics-per-node=true',
      '--page-bind-address=0',
      '--stale-after=3m',
    ]);
    expect(container.env).to.deep.equal([{ name: 'HTTPS_PROXY', value: 'proxy:3128' }]);
    expect(container.image).to.match(/^[a-z./-]+@sha256:0{64}$/);
  });

  it('labels all objects and the pods as the values say, those of pods going before', async () => {
    const flags = [...MONITORING, ...GUARDED, '--set=commonLabels.team=net,commonLabels.tier=a,podLabels.tier=b'];
    const objects = await helm.template(flags);
    for (const { kind, metadata } of objects) expect(metadata?.labels, kind).to.include({ team: 'net', tier: 'a' });
    const [deployment] = ofKind(objects, 'Deployment') as readonly [Deployment];
    expect(deployment.spec.template.metadata.labels).to.include({ team: 'net', tier: 'b' });
  });

  for (const [what, flags, created, name] of [
    ['of its own', [], ['dualstack-operator'], 'dualstack-operator'],
    ['of its own with another name', ['--set=serviceAccount.name=own'], ['own'], 'own'],
    ['that is there', ['--set=serviceAccount.create=false,serviceAccount.name=there'], [], 'there'],
    ['of the namespace', ['--set=serviceAccount.create=false'], [], 'default'],
  ] as const) {
    it(`gives its permissions to a ServiceAccount ${what}, and runs as it`, async () => {
      const objects = await helm.template([...flags, '--set=metrics.auth=true']);
      const own = ofKind(objects, 'ServiceAccount').map(({ metadata }) => metadata?.name);
      expect(own).to.have.members([...created, 'dualstack-operator-metrics-reader']);
      const [deployment] = ofKind(objects, 'Deployment') as readonly [Deployment];
      expect(deployment.spec.template.spec.serviceAccountName).to.equal(name);
      const bindings = objects.filter(({ kind }) => /Binding$/.test(kind ?? '')) as unknown as readonly Binding[];
      const bound = Object.fromEntries(bindings.map(({ kind, roleRef, subjects }) => [`${kind} ${roleRef.name}`, subjects]));
      const subject = { kind: 'ServiceAccount', namespace: 'dualstack-system' };
      expect(bound).to.deep.equal({
        'ClusterRoleBinding dualstack-operator': [{ ...subject, name }],
        'RoleBinding dualstack-operator': [{ ...subject, name }],
        'ClusterRoleBinding dualstack-operator-metrics-auth': [{ ...subject, name }],
        'ClusterRoleBinding dualstack-operator-metrics-reader': [{ ...subject, name: 'dualstack-operator-metrics-reader' }],
      });
    });
  }

  it('lets the cluster say who pods run as, and mounts what the values say beside the certificate', async () => {
    const flags = ['--set=podSecurityContext.runAsUser=null,podSecurityContext.runAsGroup=null,metrics.tlsSecret=mine'];
    const volumes = '--set-json=volumes=[{"name":"more","emptyDir":{}}],volumeMounts=[{"name":"more","mountPath":"/more"}]';
    const [deployment] = ofKind(await helm.template([...flags, volumes]), 'Deployment') as readonly [Deployment];
    const { securityContext, volumes: all, containers } = deployment.spec.template.spec;
    expect(securityContext).to.deep.equal({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(all).to.deep.equal([
      { name: 'tls', secret: { secretName: 'mine' } },
      { name: 'more', emptyDir: {} },
    ]);
    expect(containers[0].volumeMounts.map(({ name }) => name)).to.deep.equal(['tls', 'more']);
  });

  it('has alerts with the runbooks of the values, and Prometheus’ own variables', async () => {
    const runbooks = 'https://runbooks.example.org/dual-stack';
    const [rule] = ofKind(await helm.template([...MONITORING, `--set=prometheusRule.runbooks=${runbooks}`]), 'PrometheusRule');
    expect((rule as unknown as { readonly spec: object }).spec).to.deep.equal({ groups: ruleGroups({ runbooks }) });
  });

  for (const [fault, flag] of [
    ['a value that there is none of', 'replicsa=3'],
    ['a flag that there is none of', 'flags.metrics-per-nod=true'],
    ['a flag that the chart sets itself', 'flags.metrics-auth=none'],
    ['an address whose port the chart sets itself', 'flags.metrics-bind-address=:9090'],
    ['a flag of another type', 'flags.metrics-per-node=often'],
    ['no digest', 'image.digest=latest'],
  ] as const) {
    it(`refuses ${fault}: ${flag}`, async () => {
      const error = await helm.template([`--set=${flag}`]).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(KubectlError);
      expect((error as KubectlError).stderr).to.contain("don't meet the specifications of the schema");
    });
  }

  it('has the version of package.json, and of the image', async () => {
    const { version } = packageJson;
    for (const { kind, metadata } of await helm.template([...MONITORING, ...GUARDED]))
      expect(metadata?.labels, kind).to.include({ [VERSION_LABEL]: version });
    expect(await helm.run(['show', 'chart', CHART]))
      .to.contain(`\nversion: ${version}`)
      .and.to.contain(`appVersion: ${version}`);
  });

  async function kustomized(folder: string): Promise<readonly KubernetesObject[]> {
    const yaml = await runKubectl(kubectl, ['kustomize', folder], process.env);
    return parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
  }
});

function tlsOf(secret: string): object {
  const serverName = 'blue-dualstack-operator.dualstack-system.svc';
  return { scheme: 'https', tlsConfig: { ca: { secret: { name: secret, key: 'ca.crt' } }, serverName } };
}

interface Deployment extends KubernetesObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly serviceAccountName: string;
        readonly securityContext: object;
        readonly volumes: object;
        readonly containers: readonly [
          {
            readonly args: object;
            readonly env?: object;
            readonly image: string;
            readonly volumeMounts: readonly { readonly name: string }[];
          },
        ];
      };
    };
  };
}

interface Binding {
  readonly kind: string;
  readonly roleRef: { readonly name: string };
  readonly subjects: object;
}

function ofKind(objects: readonly KubernetesObject[], kind: string): readonly KubernetesObject[] {
  return objects.filter((object) => object.kind === kind);
}

/** Objects by kind and name, without what is Helm's own. The namespace is made by whoever installs the chart. */
function normal(objects: readonly KubernetesObject[]): Readonly<Record<string, unknown>> {
  const entries = objects
    .filter(({ kind }) => kind !== 'Namespace')
    .map((object) => [`${object.kind ?? ''} ${object.metadata?.name ?? ''}`, withoutRelease(object)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function withoutRelease(object: KubernetesObject): unknown {
  const text = JSON.stringify(object, (field, value: unknown) => {
    if (OF_RELEASE.includes(field)) return undefined;
    return field === 'annotations' ? withoutPolicy(value) : value;
  });
  return JSON.parse(text);
}

function withoutPolicy(annotations: unknown): unknown {
  const left = Object.entries(annotations as object).filter(([name]) => name !== 'helm.sh/resource-policy');
  return left.length > 0 ? Object.fromEntries(left) : undefined;
}
