/** Objects for the API server, with no more in them than a test is about. */

interface NodeParts {
  /** InternalIPs, in order; one of each family by default, derived from `number`. */
  readonly addresses?: readonly string[];
  /** Without them the controller manager gives the node some. */
  readonly podCIDRs?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** Keeps the scheduler away until `kubectl uncordon`, as a kubelet does whose network is not ready. */
  readonly cordoned?: boolean;
}

/** A Linux node; `number` goes into its addresses. */
export function node(name: string, number: number, { addresses, podCIDRs, annotations, cordoned }: NodeParts = {}): object {
  const internal = addresses ?? [`192.168.1.${number}`, `fd12:b5e0:383e::${number}`];
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux' }, ...(annotations && { annotations }) },
    spec: { ...(podCIDRs && { podCIDR: podCIDRs[0], podCIDRs }), ...(cordoned && { unschedulable: true }) },
    status: { addresses: [...internal.map((address) => ({ type: 'InternalIP', address })), { type: 'Hostname', address: name }] },
  };
}

interface PodParts {
  readonly namespace?: string;
  readonly app?: string;
  readonly hostNetwork?: boolean;
}

/** A pod that is put on a node without the scheduler. */
export function pod(name: string, nodeName: string, { namespace = 'default', app = name, hostNetwork = false }: PodParts = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels: { app } },
    spec: { nodeName, hostNetwork, ...template(app).spec },
  };
}

interface DeploymentParts {
  readonly app?: string;
  readonly replicas?: number;
  readonly namespace?: string;
  /** The node on which its pods run. */
  readonly on: string;
}

/** A Deployment whose pods the scheduler can put on one node only. */
export function deployment(name: string, { app = name, replicas = 1, namespace = 'default', on }: DeploymentParts): object {
  const { metadata, spec } = template(app);
  const labels = { ...metadata.labels, deployment: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...spec, nodeSelector: { 'kubernetes.io/hostname': on } } },
    },
  };
}

function template(app: string): { readonly metadata: { readonly labels: { readonly app: string } }; readonly spec: object } {
  return {
    metadata: { labels: { app } },
    spec: { terminationGracePeriodSeconds: 0, containers: [{ name: 'main', image: 'example.invalid/main' }] },
  };
}

/** A Service of port 80 that selects the pods of the app that has its name; `spec` goes before. */
export function service(name: string, spec: object = {}, namespace = 'default'): object {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, namespace, labels: { app: name } },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  };
}

export function namespace(name: string, labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } };
}

/** A DualStackReport, which is a question. */
export function report(name: string, spec: object = {}): object {
  return { apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata: { name }, spec };
}
