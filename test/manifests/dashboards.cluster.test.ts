import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { V1ConfigMap } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { ensureBuilt } from '../control-plane/build.ts';
import { runKubectl } from '../control-plane/kubectl.ts';
import { documentedKustomization, writeOverlay } from './overlay.ts';

const COMPONENT = fromRoot('manifests', 'components', 'grafana-dashboards');
/** kubectl apply keeps what it applied in an annotation, and all annotations together may have as many bytes. */
const MOST_BYTES = 256 * 1024;

describe('the dashboards in manifests/', function () {
  this.timeout(60_000);
  let folder: string;
  let configMaps: readonly V1ConfigMap[];

  before(async () => {
    const written = writeOverlay(documentedKustomization('dashboards.md'));
    ({ folder } = written);
    const kubectl = join(await ensureBuilt(), 'kubectl');
    const objects = parseAllDocuments(await runKubectl(kubectl, ['kustomize', written.overlay], process.env));
    configMaps = objects.map((document) => document.toJS() as V1ConfigMap).filter(({ kind }) => kind === 'ConfigMap');
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  it('are ConfigMaps with the label by which a sidecar finds them, one dashboard each', () => {
    expect(configMaps.map(({ metadata }) => metadata?.name)).to.have.members([
      'dualstack-operator-dashboard-overview',
      'dualstack-operator-dashboard-nodes',
      'dualstack-operator-dashboard-operator',
    ]);
    for (const { metadata, data } of configMaps) {
      expect(metadata?.namespace).to.equal('dualstack-system');
      expect(metadata?.labels).to.include({ grafana_dashboard: '1', 'app.kubernetes.io/name': 'dualstack-operator' });
      expect(Object.keys(data ?? {})).to.have.length(1);
    }
  });

  it('are all that there are, as they are', () => {
    const files = readdirSync(COMPONENT).filter((name) => name.endsWith('.json'));
    const texts = files.map((name) => [name, readFileSync(join(COMPONENT, name), 'utf8')]);
    expect(Object.assign({}, ...configMaps.map(({ data }) => data))).to.deep.equal(Object.fromEntries(texts));
  });

  it('are small enough for kubectl apply, and left alone by what fills in variables', () => {
    for (const configMap of configMaps) {
      expect(Buffer.byteLength(JSON.stringify(configMap)), configMap.metadata?.name).to.be.below(MOST_BYTES);
      expect(configMap.metadata?.annotations).to.include({ 'kustomize.toolkit.fluxcd.io/substitute': 'disabled' });
    }
  });
});
