import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject, V1ObjectMeta, V1ServiceSpec } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { ruleGroups } from '../../monitoring/rules/groups.ts';
import { ensureBuilt } from '../control-plane/build.ts';
import { runKubectl } from '../control-plane/kubectl.ts';
import { documentedKustomization, writeOverlay } from './overlay.ts';

interface ServiceMonitor {
  readonly spec: {
    readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
    readonly endpoints: readonly { readonly port: string; readonly honorLabels: boolean }[];
  };
}

interface PrometheusRule {
  readonly spec: { readonly groups: unknown };
}

interface Secret extends KubernetesObject {
  readonly type: string;
}

interface Binding extends KubernetesObject {
  readonly roleRef: { readonly name: string };
  readonly subjects: readonly { readonly kind: string; readonly name: string }[];
}

const TLS = {
  scheme: 'https',
  tlsConfig: {
    ca: { secret: { name: 'dualstack-operator-tls', key: 'ca.crt' } },
    serverName: 'dualstack-operator.dualstack-system.svc',
  },
};
const AUTH = { authorization: { credentials: { name: 'dualstack-operator-metrics-reader', key: 'token' } } };

describe('the objects for Prometheus Operator in manifests/', function () {
  this.timeout(60_000);
  let objects: readonly KubernetesObject[];

  before(async () => {
    objects = await made(documentedKustomization('runbooks.md'));
  });

  /** The objects that kustomize makes of a kustomization beside manifests/. */
  async function made(kustomization: string): Promise<readonly KubernetesObject[]> {
    const { folder, overlay } = writeOverlay(kustomization);
    try {
      const yaml = await runKubectl(join(await ensureBuilt(), 'kubectl'), ['kustomize', overlay], process.env);
      return parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  function object(kind: string, among = objects): KubernetesObject {
    return among.find((each) => each.kind === kind) ?? expect.fail(`there is no ${kind}`);
  }

  it('are in the namespace of the operator, with its labels', () => {
    for (const kind of ['ServiceMonitor', 'PrometheusRule']) {
      const { apiVersion, metadata } = object(kind);
      expect(apiVersion).to.equal('monitoring.coreos.com/v1');
      expect(metadata).to.include({ name: 'dualstack-operator', namespace: 'dualstack-system' });
      expect(metadata?.labels).to.include({ 'app.kubernetes.io/name': 'dualstack-operator' });
    }
  });

  it('have the Service of the metrics scraped, whose labels stay those of the metrics', () => {
    const { spec } = object('ServiceMonitor') as unknown as ServiceMonitor;
    const service = object('Service') as { readonly metadata?: V1ObjectMeta; readonly spec?: V1ServiceSpec };
    expect(service.metadata?.labels).to.include(spec.selector.matchLabels);
    expect(spec.endpoints.map(({ port }) => port)).to.deep.equal(service.spec?.ports?.map(({ name }) => name));
    expect(spec.endpoints.map(({ honorLabels }) => honorLabels)).to.deep.equal([true]);
  });

  for (const [components, fields] of [
    [[], {}],
    [['metrics-tls'], TLS],
    [['metrics-auth'], AUTH],
    [['metrics-auth', 'metrics-tls'], { ...TLS, ...AUTH }],
  ] as const) {
    it(`have the metrics scraped as they are served with ${components.join(' and ') || 'no component'}`, async () => {
      const paths = components.map((name) => `../manifests/components/${name}`);
      const kustomization = { resources: ['../manifests/overlays/prometheus-operator'], components: paths };
      const { spec } = object('ServiceMonitor', await made(JSON.stringify(kustomization))) as unknown as ServiceMonitor;
      const asIs = (object('ServiceMonitor') as unknown as ServiceMonitor).spec.endpoints;
      expect(spec.endpoints).to.deep.equal(asIs.map((endpoint) => ({ ...endpoint, ...fields })));
    });
  }

  it('are scraped as who may read the metrics and nothing else', async () => {
    const guarded = await made(documentedKustomization('security.md'));
    const secret = object('Secret', guarded) as Secret;
    expect(secret.type).to.equal('kubernetes.io/service-account-token');
    const name = secret.metadata?.annotations?.['kubernetes.io/service-account.name'] ?? '';
    const bindings = guarded.filter(({ kind }) => /RoleBinding$/.test(kind ?? '')) as unknown as readonly Binding[];
    const bound = bindings.filter(({ subjects }) => subjects.some((subject) => subject.kind === 'ServiceAccount' && subject.name === name));
    expect(bound.map(({ roleRef }) => roleRef.name)).to.deep.equal(['dualstack-operator-metrics-reader']);
    expect(guarded.map(({ kind, metadata }) => `${kind ?? ''} ${metadata?.name ?? ''}`)).to.include(`ServiceAccount ${name}`);
  });

  it('have the rules, with runbooks where the kustomization says that they are', () => {
    const { spec } = object('PrometheusRule') as unknown as PrometheusRule;
    expect(spec.groups).to.deep.equal(ruleGroups({ runbooks: 'https://runbooks.example.org/dual-stack' }));
  });
});
