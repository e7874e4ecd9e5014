import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

/** A blob of an OCI image layout. */
export interface Descriptor {
  readonly digest: string;
  readonly size: number;
}

/** What is read of the configuration of an image. */
export interface ImageConfig {
  readonly created: string;
  readonly architecture: string;
  readonly os: string;
  readonly config: {
    readonly User: string;
    readonly Entrypoint: readonly [string, ...string[]];
    readonly Cmd: readonly string[];
    readonly ExposedPorts: Readonly<Record<string, object>>;
    readonly Labels: Readonly<Record<string, string>>;
    readonly Env?: readonly string[];
  };
  readonly rootfs: { readonly diff_ids: readonly string[] };
}

/** The one image of an OCI image layout, its layers from the lowest on. */
export interface Image {
  readonly config: ImageConfig;
  readonly layers: readonly Descriptor[];
}

/** Reads the one image of an OCI image layout. */
export function readImage(layout: string): Image {
  const { manifests } = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')) as { readonly manifests: readonly Descriptor[] };
  if (manifests.length !== 1) throw new Error(`${layout} holds ${manifests.length} images and not one`);
  const manifest = readBlob(layout, manifests[0]!) as { readonly config: Descriptor; readonly layers: readonly Descriptor[] };
  return { config: readBlob(layout, manifest.config) as ImageConfig, layers: manifest.layers };
}

/**
 * Unpacks the layers of an image one over the other, with owners, modes and times.
 * @param root a folder that does not exist yet
 * @throws Error where a layer removes a file of those below: nothing here does
 */
export async function unpackLayers(layout: string, { layers }: Image, root: string): Promise<void> {
  mkdirSync(root);
  for (const layer of layers) {
    await promisify(execFile)('tar', ['-x', '-z', '-p', '--same-owner', '--numeric-owner', '-C', root, '-f', blobFile(layout, layer)]);
  }
  const removals = filesUnder(root).filter((path) => /(^|\/)\.wh\./.test(path));
  if (removals.length > 0) throw new Error(`layers remove files: ${removals.join()}`);
}

/** The paths of everything under a folder, as that folder has them; no link is followed. */
export function filesUnder(folder: string): readonly string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
}

function readBlob(layout: string, descriptor: Descriptor): unknown {
  return JSON.parse(readFileSync(blobFile(layout, descriptor), 'utf8'));
}

function blobFile(layout: string, { digest }: Descriptor): string {
  return join(layout, 'blobs', ...digest.split(':'));
}
