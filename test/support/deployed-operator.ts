import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { kubeconfigOf } from '../control-plane/kubeconfig.ts';
import { startOperator, type OperatorOptions, type OperatorProcess } from './operator-process.ts';

/** What is read of a pod of the operator, as the API server has made it. */
export interface OperatorPod {
  readonly metadata: { readonly namespace: string; readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly [
      {
        readonly args: readonly [string, ...string[]];
        readonly env?: readonly { readonly name: string; readonly value: string }[];
        readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
      },
    ];
    readonly volumes: readonly Volume[];
  };
  readonly status: { readonly podIPs: readonly { readonly ip: string }[] };
}

interface Volume {
  readonly name: string;
  readonly secret?: { readonly secretName: string };
  readonly projected?: { readonly sources: readonly Source[] };
}

/** The API server projects a token, its own authority and the pod's namespace. */
interface Source {
  readonly serviceAccountToken?: { readonly path: string; readonly expirationSeconds: number };
  readonly configMap?: { readonly items: readonly { readonly path: string }[] };
  readonly downwardAPI?: { readonly items: readonly { readonly path: string }[] };
}

type Files = Readonly<Record<string, string>>;

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** What manifests/ and the chart, as it is installed here, call the operator and its namespace. */
const NAME = 'dualstack-operator';
const NAMESPACE = 'dualstack-system';

/** The pods of the operator's Deployment, once that is rolled out. */
export async function rolledOutPods(controlPlane: ControlPlane): Promise<readonly OperatorPod[]> {
  await controlPlane.kubectl(['rollout', 'status', `deployment/${NAME}`, `--namespace=${NAMESPACE}`, '--timeout=60s']);
  const path = `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=app.kubernetes.io/name%3D${NAME}`;
  const { items } = (await controlPlane.get(path)) as { readonly items: readonly OperatorPod[] };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/**
 * Starts the operator as a kubelet would in a pod: with its arguments, its environment, the files of its volumes, and a token of its own. kwok makes
 * any pod run, whatever image it is of.
 *
 * Two things differ, since a process here has no file system and no network of its own: a kubeconfig is built from the files of the ServiceAccount, with the
 * election that there is without one, and its servers listen on free ports, of 127.0.0.1 where `listen` does not say otherwise. `flags` go behind those of the pod.
 */
export async function startInPlaceOf(
  controlPlane: ControlPlane,
  pod: OperatorPod,
  { flags: further = [], ...rest }: Pick<OperatorOptions, 'listen' | 'flags'> = {},
): Promise<OperatorProcess> {
  const [{ args, env = [], volumeMounts }] = pod.spec.containers;
  const [command, ...flags] = args;
  if (command !== 'run') throw new Error(`the pod would do ${command}`);
  const home = mkdtempSync(join(controlPlane.dir, 'pod-'));
  for (const { name, mountPath } of volumeMounts) {
    const folder = join(home, mountPath);
    mkdirSync(folder, { recursive: true });
    const volume = pod.spec.volumes.find((each) => each.name === name);
    if (!volume) throw new Error(`the pod has no volume ${name}`);
    for (const [file, content] of Object.entries(await filesOf(volume, pod, controlPlane))) writeFileSync(join(folder, file), content);
  }
  const inHome = (value: string): string => (volumeMounts.some(({ mountPath }) => value.startsWith(mountPath)) ? join(home, value) : value);
  const variables = env.map(({ name, value }) => [name, inHome(value)] as const);
  const ofAccount = (file: string): string => readFileSync(join(home, SERVICE_ACCOUNT, file), 'utf8');
  const kubeconfig = join(home, 'kubeconfig');
  writeFileSync(kubeconfig, kubeconfigOf(controlPlane.server, ofAccount('ca.crt'), ofAccount('token'), ofAccount('namespace')));
  return startOperator({
    ...rest,
    kubeconfig,
    home,
    env: Object.fromEntries(variables),
    flags: ['--leader-elect=true', ...flags, ...further],
  });
}

async function filesOf({ name, secret, projected }: Volume, pod: OperatorPod, controlPlane: ControlPlane): Promise<Files> {
  const { namespace } = pod.metadata;
  if (secret) {
    const { data } = (await controlPlane.get(`/api/v1/namespaces/${namespace}/secrets/${secret.secretName}`)) as { readonly data: Files };
    return Object.fromEntries(Object.entries(data).map(([file, content]) => [file, Buffer.from(content, 'base64').toString()]));
  }
  if (!projected) throw new Error(`the pod has a volume of another kind: ${name}`);
  const files: Record<string, string> = {};
  for (const { serviceAccountToken, configMap, downwardAPI } of projected.sources) {
    if (serviceAccountToken) files[serviceAccountToken.path] = await tokenFor(pod, serviceAccountToken.expirationSeconds, controlPlane);
    for (const { path } of configMap?.items ?? []) files[path] = readFileSync(controlPlane.caFile, 'utf8');
    for (const { path } of downwardAPI?.items ?? []) files[path] = namespace;
  }
  return files;
}

/** A token that ends with the pod, as the kubelet asks for it. */
async function tokenFor({ metadata, spec }: OperatorPod, seconds: number, controlPlane: ControlPlane): Promise<string> {
  const { namespace, name, uid } = metadata;
  const bound = ['--bound-object-kind=Pod', `--bound-object-name=${name}`, `--bound-object-uid=${uid}`, `--duration=${seconds}s`];
  return (await controlPlane.kubectl(['create', 'token', spec.serviceAccountName, `--namespace=${namespace}`, ...bound])).trim();
}
