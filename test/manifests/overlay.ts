import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromRoot } from '../../scripts/root.ts';

/** The kustomization that a page of docs/ shows; where it shows several, the first one that holds some words. */
export function documentedKustomization(page: string, words = ''): string {
  const blocks = [...readFileSync(fromRoot('docs', page), 'utf8').matchAll(/```yaml\n([^`]*)```/g)].map(([, yaml = '']) => yaml);
  const found = blocks.find((yaml) => yaml.includes('kind: Kustomization\n') && yaml.includes(words));
  if (found === undefined) throw new Error(`docs/${page} shows no kustomization${words && ` with ${words}`}`);
  return found;
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
