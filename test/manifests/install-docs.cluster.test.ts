import { readFileSync, rmSync } from 'node:fs';
import type { KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { REPORTS_PATH, useCluster } from '../support/cluster.ts';
import { documentedCommands } from '../support/documented-commands.ts';
import { report } from '../support/objects.ts';
import { waitFor } from '../support/waiting.ts';
import { documentedKustomization, writeOverlay } from './overlay.ts';

const SCRIPT = readFileSync(fromRoot('manifests', 'argocd', 'health.lua'), 'utf8');

/** The lines of shell under a heading of docs/install.md that begin with these words. */
function documented(heading: string, words: string): readonly string[] {
  const lines = documentedCommands('docs/install.md', heading)
    .flat()
    .filter((line) => line.startsWith(words));
  expect(lines).to.have.length.above(0);
  return lines;
}

describe('docs/install.md', function () {
  this.timeout(90_000);
  const cluster = useCluster({ manifests: false });

  it('installs, and uninstalls all but the definition and reports', async () => {
    await cluster.shell(`kubectl apply --kustomize ${fromRoot('manifests')}`);
    await waitFor('reports to be served', () => cluster.get(REPORTS_PATH));
    await cluster.controlPlane.apply([report('cluster')]);
    for (const line of documented('With kubectl', 'kubectl delete')) await cluster.shell(line);
    const kinds = 'namespaces,clusterroles,clusterrolebindings,customresourcedefinitions,dualstackreports';
    const left = await cluster.kubectl('get', kinds, '--output=name');
    expect(left.split('\n').filter((name) => name.includes('dualstack'))).to.deep.equal([
      'customresourcedefinition.apiextensions.k8s.io/dualstackreports.dualstack.dev',
      'dualstackreport.dualstack.dev/cluster',
    ]);
  });

  it('removes with Helm’s words what is left', async () => {
    await cluster.kubectl('create', 'namespace', 'dualstack-system');
    for (const line of documented('With Helm', 'kubectl delete')) await cluster.shell(line);
    expect(await cluster.kubectl('get', 'namespaces,customresourcedefinitions', '--output=name')).to.not.contain('dualstack');
  });

  /** What kustomize makes of the kustomization of docs/install.md that holds some words. */
  async function kustomized(words: string): Promise<string> {
    const { folder, overlay } = writeOverlay(documentedKustomization('install.md', words));
    try {
      return await cluster.kubectl('kustomize', overlay);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  it('has Prometheus select what is for it with the kustomization for it', async () => {
    const rendered = parseAllDocuments(await kustomized('release')).map((document) => document.toJS() as KubernetesObject);
    const labelled = rendered.filter(({ metadata }) => metadata?.labels?.['release'] === 'kube-prometheus-stack');
    expect(labelled.map(({ kind }) => kind)).to.have.members(['ServiceMonitor', 'PrometheusRule']);
  });

  it('keeps reports to administrators with the kustomization for it', async () => {
    const rendered = await kustomized('ClusterRole');
    expect(rendered).to.contain('kind: ClusterRole\n').and.not.contain('aggregate-to');
  });

  it('gives Argo CD the health script, and leaves the rest of its settings', async () => {
    const metadata = { name: 'argocd-cm', namespace: 'argocd' };
    await cluster.kubectl('create', 'namespace', 'argocd');
    await cluster.controlPlane.apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { url: 'https://argocd.example.org' } }]);
    for (const line of documented('With Argo CD', 'kubectl')) await cluster.shell(line);
    const { data } = await cluster.get<V1ConfigMap>('/api/v1/namespaces/argocd/configmaps/argocd-cm');
    expect(data).to.deep.equal({
      url: 'https://argocd.example.org',
      'resource.customizations.health.dualstack.dev_DualStackReport': SCRIPT,
    });
  });
});
