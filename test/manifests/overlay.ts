import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../scripts/root.ts';

/** The kustomization that a page of docs/ shows. */
export function documentedKustomization(page: string): string {
  const [, yaml] = /```yaml\n([^`]*kind: Kustomization\n[^`]*)```/.exec(readFileSync(fromRoot('docs', page), 'utf8')) ?? [];
  if (yaml === undefined) throw new Error(`docs/${page} shows no kustomization`);
  return yaml;
}

/** Writes a kustomization beside copies of manifests/ and crds/, as somebody would who follows the docs; @returns its folder and the one of all. */
export function writeOverlay(kustomization: string): { readonly overlay: string; readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'dualstack-overlay-'));
  for (const name of ['manifests', 'crds']) cpSync(fromRoot(name), join(folder, name), { recursive: true });
  const overlay = join(folder, 'mine');
  mkdirSync(overlay);
  writeFileSync(join(overlay, 'kustomization.yaml'), kustomization);
  return { overlay, folder };
}
