import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { fromRoot } from '../root.ts';

/** Any object of Kubernetes, with the fields that all have; null where it has only those of a template. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
  readonly [field: string]: unknown;
}

/** A Deployment, or a patch of one: what a patch omits is missing. */
export interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly strategy: { readonly type: string };
    readonly template: { readonly spec: PodSpec };
  };
}

export interface PodSpec {
  readonly containers: readonly [Container];
  readonly securityContext: object;
  readonly nodeSelector: object;
  readonly affinity: { readonly podAntiAffinity: object };
  readonly topologySpreadConstraints: readonly object[];
  readonly volumes: readonly object[];
}

export interface Container {
  readonly name: string;
  readonly imagePullPolicy: string;
  readonly args: readonly string[];
  readonly ports: readonly object[];
  readonly env: readonly object[];
  readonly resources: object;
  readonly securityContext: object;
  readonly volumeMounts: readonly object[];
}

export interface NetworkPolicy extends Manifest {
  readonly spec: {
    readonly policyTypes: readonly string[];
    readonly egress: readonly [{ readonly ports: readonly { readonly port: number }[] }, ...object[]];
  };
}

export interface ServiceMonitor extends Manifest {
  readonly spec: { readonly endpoints: readonly [{ readonly interval: string }] };
}

/** One operation of a JSON patch. */
interface EndpointOperation {
  readonly path: string;
  readonly value: unknown;
}

/** What is read of manifests/base/kustomization.yaml. */
interface Base {
  readonly images: readonly [{ readonly newName: string }];
}

/** What is read of the component of the dashboards. */
export interface DashboardsComponent {
  readonly generatorOptions: {
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  };
  readonly configMapGenerator: readonly { readonly name: string; readonly namespace: string; readonly files: readonly [string] }[];
}

/** The object in a file of manifests/. */
export function manifest(...path: readonly string[]): Manifest {
  return parsed('manifests', ...path) as Manifest;
}

/** The definition of DualStackReport. */
export function definition(): Manifest {
  return parsed('crds', 'dualstackreports.yaml') as Manifest;
}

/** The pods' specification in a Deployment, or in a patch of it. */
export function podSpec(...path: readonly string[]): PodSpec {
  return deployment(...path).spec.template.spec;
}

export function deployment(...path: readonly string[]): Deployment {
  return manifest(...path) as Deployment;
}

/** What restricts what the operator reaches: API servers by the first rule, and DNS. */
export function restrictedEgress(): NetworkPolicy['spec'] {
  return (manifest('components', 'restrict-egress', 'network-policy.yaml') as NetworkPolicy).spec;
}

export function serviceMonitor(): ServiceMonitor {
  return manifest('components', 'prometheus-operator', 'service-monitor.yaml') as ServiceMonitor;
}

/** What a component changes in the endpoint of the ServiceMonitor, by its fields. */
export function endpointPatch(component: string): Readonly<Record<string, unknown>> {
  const operations = parsed('manifests', 'components', component, 'service-monitor.yaml') as readonly EndpointOperation[];
  return Object.fromEntries(operations.map(({ path, value }) => [path.slice(path.lastIndexOf('/') + 1), value]));
}

export function imageName(): string {
  return (parsed('manifests', 'base', 'kustomization.yaml') as Base).images[0].newName;
}

export function dashboardsComponent(): DashboardsComponent {
  return parsed('manifests', 'components', 'grafana-dashboards', 'kustomization.yaml') as DashboardsComponent;
}

function parsed(...path: readonly string[]): unknown {
  return parse(readFileSync(fromRoot(...path), 'utf8'));
}

/** An object without some of its fields. */
export function without<T extends object, K extends keyof T>(object: T, ...names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.includes(name as K))) as Omit<T, K>;
}
