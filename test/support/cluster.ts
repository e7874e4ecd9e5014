import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { KubernetesObject, V1Node, V1NodeList, V1PodList } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import type { DualStackReport } from '../../src/core/report/types.ts';
import { ensureBuilt } from '../control-plane/build.ts';
import type { ControlPlane, ControlPlaneOptions } from '../control-plane/control-plane.ts';
import { serviceAccount } from '../control-plane/kubeconfig.ts';
import { kubernetesVersion } from '../control-plane/versions.ts';
import { giveBack, takeControlPlane } from './shared-control-planes.ts';
import { startOperator, type OperatorOptions, type OperatorProcess } from './operator-process.ts';
import { waitFor } from './waiting.ts';

/** Who the operator is: its ServiceAccount in manifests/. */
export const OPERATOR = serviceAccount('dualstack-system', 'dualstack-operator');

export const REPORTS_PATH = '/apis/dualstack.dev/v1alpha1/dualstackreports';

const DEFINITION = 'CustomResourceDefinition';
const START_MS = 120_000;

/** How an API server of the Kubernetes under test gives lists by default: its feature gate WatchList is off in 1.33. */
export function listWay(): 'stream' | 'pages' {
  return kubernetesVersion().minor === '1.33' ? 'pages' : 'stream';
}

/**
 * A control plane with the operator's manifests for the tests of a `describe`, and the operators that they start: to be called in its body.
 * Operators end after the last test, and the control plane is cleaned for the next suite of this process with the same options; when a test fails, the logs of the operators are shown.
 */
export function useCluster(options: ControlPlaneOptions & { readonly manifests?: boolean } = {}): Cluster {
  const { manifests = true, ...rest } = options;
  const cluster = new Cluster();
  before('start a control plane', async function () {
    this.timeout(START_MS);
    await cluster.begin({ ...rest, users: [OPERATOR, ...(rest.users ?? [])] });
    if (manifests) await installOperatorManifests(cluster.controlPlane);
  });
  afterEach('show the log where a test failed', function () {
    if (this.currentTest?.state === 'failed') cluster.showLogs();
  });
  after('give the control plane back', async function () {
    this.timeout(START_MS);
    await cluster.end();
  });
  return cluster;
}

/**
 * Installs what the operator needs: the CRD, its namespace and its permissions, as `kubectl apply -k manifests` does. The
 * Deployment stays out, since the operator runs as a process, and its Service with it, so that neither counts.
 */
export async function installOperatorManifests(controlPlane: ControlPlane): Promise<void> {
  await installPermissions(controlPlane);
  await installDefinition(controlPlane);
}

/** Installs the operator's namespace, ServiceAccount and permissions. */
export async function installPermissions(controlPlane: ControlPlane): Promise<void> {
  const objects = await operatorManifests(controlPlane);
  await controlPlane.apply(objects.filter(({ kind }) => !['Deployment', 'Service', DEFINITION].includes(kind ?? '')));
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Installs the operator's permissions with the rules of its ClusterRole changed; those without a resource are skipped. */
export async function installPermissionsWith(controlPlane: ControlPlane, change: (rule: Rule) => Rule): Promise<void> {
  await installPermissions(controlPlane);
  const path = '/apis/rbac.authorization.k8s.io/v1/clusterroles/dualstack-operator';
  const { rules } = (await controlPlane.get(path)) as { readonly rules: readonly Rule[] };
  const changed = rules.map(change).filter(({ resources }) => resources.length > 0);
  const patch = JSON.stringify({ rules: changed });
  await controlPlane.kubectl(['patch', 'clusterrole', 'dualstack-operator', '--type=merge', `--patch=${patch}`]);
}

/** The same without these resources. */
export async function installPermissionsWithout(controlPlane: ControlPlane, ...without: readonly string[]): Promise<void> {
  const change = (rule: Rule): Rule => ({ ...rule, resources: rule.resources.filter((resource) => !without.includes(resource)) });
  await installPermissionsWith(controlPlane, change);
}

/** Installs the definition of DualStackReport, and waits until it is served. */
export async function installDefinition(controlPlane: ControlPlane): Promise<void> {
  const objects = await operatorManifests(controlPlane);
  await controlPlane.apply(objects.filter(({ kind }) => kind === DEFINITION));
  // A new kind is served from the watch cache a little later than it is there.
  await waitFor('DualStackReports to be served', () => controlPlane.get(`${REPORTS_PATH}?resourceVersion=0`));
}

/** All objects of manifests/, as kustomize makes them. */
export async function operatorManifests(controlPlane: ControlPlane): Promise<readonly KubernetesObject[]> {
  const yaml = await controlPlane.kubectl(['kustomize', fromRoot('manifests')]);
  return parseAllDocuments(yaml).map((document) => document.toJS() as KubernetesObject);
}

/** A running control plane and the operators of its tests. `useCluster` makes them. */
export class Cluster {
  readonly #operators: OperatorProcess[] = [];
  #controlPlane: ControlPlane | undefined;

  get controlPlane(): ControlPlane {
    if (!this.#controlPlane) throw new Error('the control plane is not running yet: use it in hooks and tests only');
    return this.#controlPlane;
  }

  /** Called once, by `useCluster`. */
  async begin(options: ControlPlaneOptions): Promise<void> {
    this.#controlPlane = await takeControlPlane(options);
  }

  /** Called once, by `useCluster`. */
  async end(): Promise<void> {
    await Promise.allSettled(this.#operators.map((operator) => operator.kill()));
    if (this.#controlPlane) await giveBack(this.#controlPlane);
  }

  showLogs(): void {
    for (const [index, { tail }] of this.#operators.entries()) console.error(`The end of the log of operator ${index + 1}:\n${tail}`);
  }

  /** Starts an operator under its own ServiceAccount. Grace is off where the flags do not say otherwise. */
  async operator(flags: readonly string[] = [], options: Partial<OperatorOptions> = {}): Promise<OperatorProcess> {
    const { dir } = this.controlPlane;
    const kubeconfig = this.controlPlane.kubeconfigFor(OPERATOR.name);
    const operator = await startOperator({ kubeconfig, home: dir, ...options, flags: ['--grace-scale=0', ...flags] });
    this.#operators.push(operator);
    return operator;
  }

  /** A kubeconfig of the operator for the same API server at another port of 127.0.0.1. */
  kubeconfigVia(port: number): string {
    const config = JSON.parse(readFileSync(this.controlPlane.kubeconfigFor(OPERATOR.name), 'utf8')) as {
      clusters: { cluster: { server: string } }[];
    };
    for (const { cluster } of config.clusters) cluster.server = `https://127.0.0.1:${port}`;
    const file = join(this.controlPlane.dir, `via-${port}.kubeconfig`);
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }

  /** Runs kubectl as the admin, and returns what it wrote to stdout. */
  kubectl(...args: readonly string[]): Promise<string> {
    return this.controlPlane.kubectl(args);
  }

  /** Runs a line of shell as a user would in a clone who has kubectl and the admin's kubeconfig; @throws Error with its stderr. */
  async shell(line: string): Promise<string> {
    const { dir, kubeconfig } = this.controlPlane;
    const PATH = [await ensureBuilt(), process.env['PATH']].join(delimiter);
    const env = { PATH, HOME: dir, KUBECONFIG: kubeconfig };
    const child = spawn('sh', ['-c', line], { cwd: fromRoot('.'), env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close') as Promise<[number | null]>;
    const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
    if (code !== 0) throw new Error(`${line} ended with exit code ${code ?? 'unknown'}: ${stderr.trim()}`);
    return stdout;
  }

  /** A report as the API server has it; @throws Error where there is none. */
  async report(name = 'cluster'): Promise<DualStackReport> {
    return (await this.controlPlane.get(`${REPORTS_PATH}/${name}`)) as DualStackReport;
  }

  /** Waits for a report that `condition` is true of. */
  async reportThat(what: string, condition: (report: DualStackReport) => boolean, name = 'cluster'): Promise<DualStackReport> {
    return waitFor(`a report ${name} that ${what}`, async () => {
      const report = await this.report(name);
      return condition(report) && report;
    });
  }

  /** Reads an object of the API server, such as `/api/v1/nodes/worker-1`. */
  async get<T>(path: string): Promise<T> {
    return (await this.controlPlane.get(path)) as T;
  }

  /** Creates nodes and waits until they are ready with podCIDRs: a pod takes its addresses from its node only once. */
  async addNodes(...nodes: readonly object[]): Promise<void> {
    const before = (await this.get<V1NodeList>('/api/v1/nodes')).items.length;
    await this.controlPlane.create(nodes);
    await waitFor('the nodes to be ready and to have podCIDRs', async () => {
      const { items } = await this.get<V1NodeList>('/api/v1/nodes');
      return items.length >= before + nodes.length && items.every(isReadyNode);
    });
  }

  /** Lets a kubelet register its node again, of the same name, once it was deleted. Pods are let on it when its podCIDRs are there. */
  async registerAgain(node: object): Promise<void> {
    const { metadata } = node as { readonly metadata: { readonly name: string } };
    await this.addNodes(node);
    await this.kubectl('uncordon', metadata.name);
  }

  /** Creates objects and waits until `count` pods of the cluster, and no others, run with addresses. */
  async addWorkloads(count: number, ...objects: readonly object[]): Promise<void> {
    await this.controlPlane.create(objects);
    await this.podsRun(count);
  }

  /** Waits until there are `count` pods and all of them are ready. */
  async podsRun(count: number): Promise<void> {
    await waitFor(`${count} pods to run`, async () => {
      const { items } = await this.get<V1PodList>('/api/v1/pods');
      return items.length === count && items.every(({ status }) => isTrue('Ready', status?.conditions) && status?.podIPs?.length);
    });
  }

  /** Writes part of an object's status, as its controller would. */
  async patchStatus(resource: string, name: string, status: object, namespace = 'default'): Promise<void> {
    const patch = ['--subresource=status', '--type=merge', `--patch=${JSON.stringify({ status })}`];
    await this.kubectl('patch', resource, name, `--namespace=${namespace}`, ...patch);
  }
}

function isReadyNode({ spec, status }: V1Node): boolean {
  return spec?.podCIDRs !== undefined && isTrue('Ready', status?.conditions);
}

function isTrue(type: string, conditions: readonly { readonly type: string; readonly status: string }[] = []): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}
