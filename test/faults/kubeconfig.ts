import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import type { FaultProxy } from './proxy.ts';

interface Content {
  readonly clusters: { cluster: object }[];
  readonly users: { user: object }[];
}

/** What to put in place of what a kubeconfig has. */
export interface Change {
  readonly cluster?: object;
  readonly user?: object;
  /** Whose kubeconfig; the admin's by default. */
  readonly of?: string;
}

/** Writes a kubeconfig that is changed, and returns its path. */
export function kubeconfigWith(controlPlane: ControlPlane, name: string, { cluster, user, of = 'admin' }: Change): string {
  const content = JSON.parse(readFileSync(controlPlane.kubeconfigFor(of), 'utf8')) as Content;
  for (const each of content.clusters) each.cluster = cluster ?? each.cluster;
  for (const each of content.users) each.user = user ?? each.user;
  const file = join(controlPlane.dir, `${name}.kubeconfig`);
  writeFileSync(file, JSON.stringify(content), { mode: 0o600 });
  return file;
}

/** Writes a kubeconfig for the API server by way of a proxy on 127.0.0.1. */
export function kubeconfigVia(controlPlane: ControlPlane, proxy: FaultProxy, of?: string): string {
  const ca = Buffer.from(proxy.certificate.cert).toString('base64');
  const cluster = { server: `https://127.0.0.1:${proxy.port}`, 'certificate-authority-data': ca };
  return kubeconfigWith(controlPlane, `via-${proxy.port}`, { cluster, ...(of === undefined ? {} : { of }) });
}
