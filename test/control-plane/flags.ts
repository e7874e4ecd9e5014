import { join } from 'node:path';
import type { Ranges } from './stacks.ts';

/** Controllers that run by default: what nodes, workloads, Services and namespaces need. */
const CONTROLLERS = [
  'node-ipam-controller',
  'endpointslice-controller',
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'service-cidr-controller',
  'deployment-controller',
  'replicaset-controller',
  'daemonset-controller',
  'pod-garbage-collector-controller',
] as const;

/** It taints each new node as not ready, and only node-lifecycle-controller would take that away again. */
const TAINTS = 'TaintNodesByCondition';
/** It refuses pods in a namespace until its ServiceAccount exists, and mounts tokens that nobody reads. */
const SERVICE_ACCOUNTS = 'ServiceAccount';

export interface Ports {
  readonly api: number;
  readonly etcd: number;
  readonly etcdPeer: number;
}

/** What the command lines contain. Paths are absolute. */
export interface Settings extends Ranges {
  readonly folder: string;
  readonly ports: Ports;
  readonly adminKubeconfig: string;
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly extraControllers: readonly string[];
  readonly apiServerFlags: readonly string[];
  readonly auditLog: boolean;
  readonly serviceAccountAdmission: boolean;
}

/** Files and folders that a control plane has in its folder. */
export interface Files {
  readonly tokens: string;
  readonly serviceAccountKey: string;
  readonly certificates: string;
  readonly certificate: string;
  readonly certificateKey: string;
  readonly auditPolicy: string;
  readonly auditLog: string;
  readonly kwok: string;
  readonly etcd: string;
}

/** Where the files of the control plane in `folder` are. */
export function filesIn(folder: string): Files {
  return {
    tokens: join(folder, 'tokens.csv'),
    serviceAccountKey: join(folder, 'service-account.key'),
    certificates: join(folder, 'certificates'),
    certificate: join(folder, 'certificates', 'apiserver.crt'),
    certificateKey: join(folder, 'certificates', 'apiserver.key'),
    auditPolicy: join(folder, 'audit-policy.json'),
    auditLog: join(folder, 'audit.log'),
    kwok: join(folder, 'kwok.json'),
    etcd: join(folder, 'etcd'),
  };
}

/** The arguments of etcd; `quotaBytes` is the largest size of its data. */
export function etcdFlags({ folder, ports }: Settings, quotaBytes: number): readonly string[] {
  return [
    `--data-dir=${filesIn(folder).etcd}`,
    `--client-port=${ports.etcd}`,
    `--peer-port=${ports.etcdPeer}`,
    `--quota-backend-bytes=${quotaBytes}`,
  ];
}

/** The arguments of the API server. */
export function apiServerFlags(settings: Settings): readonly string[] {
  const files = filesIn(settings.folder);
  return [
    `--etcd-servers=http://127.0.0.1:${settings.ports.etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${settings.ports.api}`,
    `--advertise-address=${advertised(settings.serviceRange)}`,
    `--service-cluster-ip-range=${settings.serviceRange}`,
    `--cert-dir=${files.certificates}`,
    `--token-auth-file=${files.tokens}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.serviceAccountKey}`,
    `--service-account-signing-key-file=${files.serviceAccountKey}`,
    `--disable-admission-plugins=${[TAINTS, ...(settings.serviceAccountAdmission ? [] : [SERVICE_ACCOUNTS])].join()}`,
    '--allow-privileged=true',
    '--event-ttl=1h',
    // Without it open watches hold a restart up for a minute.
    '--shutdown-watch-termination-grace-period=2s',
    '--profiling=false',
    ...featureGateFlags(settings.featureGates),
    ...(settings.auditLog ? [`--audit-policy-file=${files.auditPolicy}`, `--audit-log-path=${files.auditLog}`] : []),
    ...settings.apiServerFlags,
  ];
}

/**
 * The address that the Service default/kubernetes gets as its endpoint. It must be of the family of the first Service range and, to be
 * accepted as an endpoint, not a loopback one. Nobody connects to it, so it is one of those set aside for documentation.
 */
function advertised(serviceRange: string): string {
  return serviceRange.split('/')[0]?.includes(':') ? '2001:db8::10' : '192.0.2.10';
}

function featureGateFlags(featureGates: Readonly<Record<string, boolean>>): readonly string[] {
  const list = Object.entries(featureGates).map(([name, on]) => `${name}=${on}`);
  return list.length === 0 ? [] : [`--feature-gates=${list.join()}`];
}

/** The arguments of the controller manager. */
export function controllerManagerFlags(settings: Settings): readonly string[] {
  return [
    ...clientFlags(settings),
    `--controllers=${[...CONTROLLERS, ...settings.extraControllers].join()}`,
    // What serviceaccount-token-controller signs with, where that is among them.
    `--service-account-private-key-file=${filesIn(settings.folder).serviceAccountKey}`,
    '--allocate-node-cidrs=true',
    `--cluster-cidr=${settings.podRange}`,
    `--service-cluster-ip-range=${settings.serviceRange}`,
  ];
}

/** The arguments of the scheduler. */
export function schedulerFlags(settings: Settings): readonly string[] {
  return clientFlags(settings);
}

function clientFlags({ adminKubeconfig }: Settings): readonly string[] {
  return [
    `--kubeconfig=${adminKubeconfig}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--profiling=false',
    // The defaults (20 and 30) are for a shared API server.
    '--kube-api-qps=500',
    '--kube-api-burst=1000',
  ];
}

/** The arguments of kwok; `stages` are files of Stage objects. */
export function kwokFlags({ folder, adminKubeconfig }: Settings, stages: readonly string[]): readonly string[] {
  // A line for each pod would fill the disk in big runs.
  return [`--kubeconfig=${adminKubeconfig}`, '--v=WARN', ...[filesIn(folder).kwok, ...stages].map((file) => `--config=${file}`)];
}

/** kwok's configuration file. Without a port it serves nothing, so several can run. */
export const KWOK_CONFIGURATION = {
  apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
  kind: 'KwokConfiguration',
  options: {
    manageAllNodes: true,
    nodeLeaseDurationSeconds: 40,
    nodeLeaseParallelism: 4,
    nodePlayStageParallelism: 4,
    podPlayStageParallelism: 8,
  },
} as const;

/**
 * An audit policy: who asked what, without bodies.
 * @param users whose requests are logged; everybody's where it is not said
 */
export function auditPolicy(users?: readonly string[]): object {
  const rules = users ? [{ level: 'Metadata', users }, { level: 'None' }] : [{ level: 'Metadata' }];
  return { apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules };
}
