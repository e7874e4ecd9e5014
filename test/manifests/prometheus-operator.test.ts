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

describe('the objects for Prometheus Operator in manifests/', function () {
  this.timeout(60_000);
  let folder: string;
  let objects: readonly KubernetesObject[];

  before(async () => {
    const written = writeOverlay(documentedKustomization('runbooks.md'));
    ({ folder } = written);
    const kubectl = join(await ensureBuilt(), 'kubectl');
    const yaml = await runKubectl(kubectl, ['kustomize', written.overlay], process.env);
    objects = parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  function object(kind: string): KubernetesObject {
    return objects.find((each) => each.kind === kind) ?? expect.fail(`there is no ${kind}`);
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

  it('have the rules, with runbooks where the kustomization says that they are', () => {
    const { spec } = object('PrometheusRule') as unknown as PrometheusRule;
    expect(spec.groups).to.deep.equal(ruleGroups({ runbooks: 'https://runbooks.example.org/dual-stack' }));
  });
});
