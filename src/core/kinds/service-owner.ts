import { annotation, hasKeyOf } from './metadata.ts';
import { fields, items, text, type Shape } from './shapes.ts';

/** What writes objects and reverts what others change in them. */
export type Owner = 'Helm' | 'HelmChart' | 'Kapp' | 'ArgoCD' | 'Flux' | 'OLM' | 'AddonManager' | 'Operator';

/** Who writes a Service, as far as its metadata says so. */
export interface OwnerHint {
  readonly owner: Owner | undefined;
  readonly ownerName: string;
}

const NOBODY: OwnerHint = { owner: undefined, ownerName: '' };

type Rule = (labels: Shape, annotations: Shape) => OwnerHint | undefined;

const RULES: readonly Rule[] = [argoCD, flux, olm, addonManager, k0sStack, k3sAddon, kapp, helmChart, helm, labelledOperator];

/** Field managers of controllers that write a Service again when somebody else changed it. */
const MANAGERS: Readonly<Record<string, OwnerHint>> = {
  'argocd-controller': named('ArgoCD', ''),
  'argocd-application-controller': named('ArgoCD', ''),
  'kustomize-controller': named('Flux', ''),
  'helm-controller': named('Flux', ''),
  eks: named('AddonManager', 'EKS add-on'),
};

/**
 * The owner out of labels, annotations, ownerReferences and managedFields. What manages the objects of a tool comes before the tool: a chart
 * that Argo CD renders has the labels of Helm.
 */
export function ownerOf(metadata: Shape): OwnerHint {
  const labels = fields(metadata['labels']);
  const annotations = fields(metadata['annotations']);
  for (const rule of RULES) {
    const hint = rule(labels, annotations);
    if (hint) return hint;
  }
  return ownerReference(metadata['ownerReferences']) ?? fieldManager(metadata['managedFields']) ?? NOBODY;
}

const VERSION = /-v?\d[\w.+-]*$/;

/** The name of the Helm chart, without its version: `traefik-25.0.2_up25.0.0` is `traefik`. */
export function chartOf(metadata: Shape): string {
  return text(fields(metadata['labels'])['helm.sh/chart']).replace(VERSION, '');
}

function named(owner: Owner, ownerName: string): OwnerHint {
  return { owner, ownerName };
}

function argoCD(labels: Shape, annotations: Shape): OwnerHint | undefined {
  // `application:group/kind:namespace/name`.
  const [application = ''] = annotation(annotations, 'argocd.argoproj.io/tracking-id').split(':');
  const name = application || text(labels['argocd.argoproj.io/instance']);
  return name === '' ? undefined : named('ArgoCD', name);
}

function flux(labels: Shape): OwnerHint | undefined {
  const name = text(labels['helm.toolkit.fluxcd.io/name']) || text(labels['kustomize.toolkit.fluxcd.io/name']);
  return name === '' ? undefined : named('Flux', name);
}

function olm(labels: Shape): OwnerHint | undefined {
  const name = text(labels['olm.owner']);
  return name === '' && !('olm.managed' in labels) ? undefined : named('OLM', name);
}

/** What providers put into a cluster and keep as it is, by the labels that they put on it. */
const OF_PROVIDERS: Readonly<Record<string, string>> = {
  'doks.digitalocean.com/managed': 'DigitalOcean add-on',
  'resources.gardener.cloud/managed-by': 'Gardener add-on',
};

function addonManager(labels: Shape): OwnerHint | undefined {
  const mode = text(labels['addonmanager.kubernetes.io/mode']);
  if (mode === 'Reconcile') return named('AddonManager', 'addon manager');
  const provider = Object.keys(OF_PROVIDERS).find((key) => key in labels);
  if (provider !== undefined) return named('AddonManager', OF_PROVIDERS[provider] ?? '');
  return 'addon.kops.k8s.io/name' in labels ? named('AddonManager', `kOps add-on ${text(labels['addon.kops.k8s.io/name'])}`) : undefined;
}

/** k3s and RKE2 apply the manifests in a folder of the servers again and again. */
function k3sAddon(_labels: Shape, annotations: Shape): OwnerHint | undefined {
  const name = annotation(annotations, 'objectset.rio.cattle.io/owner-name');
  return name === '' ? undefined : named('AddonManager', `add-on ${name}`);
}

/** k0s applies the manifests in a folder of the controllers, each with the label of its stack, again and again. */
function k0sStack(labels: Shape): OwnerHint | undefined {
  const name = text(labels['k0s.k0sproject.io/stack']);
  return name === '' ? undefined : named('AddonManager', `k0s stack ${name}`);
}

/** The packages of Carvel and Tanzu: kapp-controller deploys them again every few minutes. */
function kapp(labels: Shape): OwnerHint | undefined {
  return text(labels['kapp.k14s.io/app']) === '' ? undefined : named('Kapp', '');
}

/** Charts that k3s and RKE2 install; their values come from a HelmChartConfig. Apps of Rancher have `_up` in their version too. */
const PACKAGED = /^(?:rke2-|traefik-\d.*_up\d)/;

function helmChart(labels: Shape, annotations: Shape): OwnerHint | undefined {
  if (!PACKAGED.test(text(labels['helm.sh/chart']))) return undefined;
  const { owner, ownerName } = helm(labels, annotations) ?? NOBODY;
  return owner === undefined ? undefined : named('HelmChart', ownerName);
}

function helm(labels: Shape, annotations: Shape): OwnerHint | undefined {
  const release = annotation(annotations, 'meta.helm.sh/release-name');
  if (release === '' && labels['app.kubernetes.io/managed-by'] !== 'Helm') return undefined;
  return named('Helm', release || text(labels['app.kubernetes.io/instance']));
}

/** OpenShift's operators label what they own: `dns.operator.openshift.io/owning-dns`. */
function labelledOperator(labels: Shape, annotations: Shape): OwnerHint | undefined {
  if ('dns.operator.openshift.io/owning-dns' in labels) return named('Operator', 'DNS operator');
  if ('ingresscontroller.operator.openshift.io/owning-ingresscontroller' in labels) return named('Operator', 'Ingress operator');
  return hasKeyOf(annotations, 'include.release.openshift.io/') ? named('Operator', 'Cluster Version Operator') : undefined;
}

function ownerReference(references: unknown): OwnerHint | undefined {
  const [first] = items(references).map(fields);
  if (!first) return undefined;
  const owner: Owner = first['kind'] === 'ClusterServiceVersion' ? 'OLM' : 'Operator';
  return named(owner, [text(first['kind']), text(first['name'])].filter((part) => part !== '').join(' '));
}

function fieldManager(managedFields: unknown): OwnerHint | undefined {
  for (const entry of items(managedFields)) {
    const { manager, subresource } = fields(entry);
    const hint = text(subresource) === '' && Object.hasOwn(MANAGERS, text(manager)) ? MANAGERS[text(manager)] : undefined;
    if (hint) return hint;
  }
  return undefined;
}
