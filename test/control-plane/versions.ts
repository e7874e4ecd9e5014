import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of the Go module of the Kubernetes programs. It has a go.mod for the newest version, and one beside it for each older one. */
export const KUBERNETES_MODULE = join(import.meta.dirname, 'go');

/** A version of Kubernetes that a control plane can be built of. */
export interface KubernetesVersion {
  /** `1.36` */
  readonly minor: string;
  /** As `/version` answers: `v1.36.3`. */
  readonly gitVersion: string;
  /** The name of the file in the module that requires it: `go.mod`, or `1.33.mod`. */
  readonly modFile: string;
}

/** Every version of Kubernetes that a control plane can be built of, the oldest first. */
export const KUBERNETES_VERSIONS: readonly KubernetesVersion[] = readdirSync(KUBERNETES_MODULE)
  .filter((name) => name.endsWith('.mod'))
  .map(versionIn)
  .sort((a, b) => a.minor.localeCompare(b.minor, 'en', { numeric: true }));

/**
 * The version that the variable KUBERNETES_VERSION names by its minor version, such as 1.33; the newest where it is not set.
 *
 * @throws Error that lists the versions, when it is none of them
 */
export function kubernetesVersion(env: NodeJS.ProcessEnv = process.env): KubernetesVersion {
  const asked = env['KUBERNETES_VERSION'];
  const found = asked ? KUBERNETES_VERSIONS.find(({ minor }) => minor === asked) : KUBERNETES_VERSIONS.at(-1);
  if (found) return found;
  const known = KUBERNETES_VERSIONS.map(({ minor }) => minor).join(', ');
  throw new Error(`KUBERNETES_VERSION is ${asked ?? 'not set'}: there is a control plane of ${known}`);
}

function versionIn(modFile: string): KubernetesVersion {
  const goMod = readFileSync(join(KUBERNETES_MODULE, modFile), 'utf8');
  const [, gitVersion, minor] = /^\s+k8s\.io\/kubernetes (v(\d+\.\d+)\.\S+)$/m.exec(goMod) ?? [];
  if (gitVersion === undefined || minor === undefined) throw new Error(`${modFile} requires no version of k8s.io/kubernetes`);
  return { minor, gitVersion, modFile };
}
