import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesObject } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { runKubectl as runCommand } from '../control-plane/kubectl.ts';
import { ensureTools } from '../tools/install.ts';

/** The chart. */
export const CHART = fromRoot('charts', 'dualstack-operator');

/** Flags that set the values which nothing in manifests/ corresponds to. */
export const EVERY_VALUE: readonly string[] = [
  `--set=image.digest=sha256:${'0'.repeat(64)}`,
  '--set=imagePullSecrets[0].name=pull,tolerations[0].operator=Exists,priorityClassName=system-cluster-critical',
  '--set=podAnnotations.a=b,podLabels.c=d,serviceAccount.annotations.e=f,service.annotations.g=h,deploymentAnnotations.k=l',
  '--set=commonLabels.team=net,serviceAccount.name=somebody,podSecurityContext.runAsUser=1001,securityContext.runAsNonRoot=true',
  '--set=volumes[0].name=authorities,volumes[0].configMap.name=authorities,volumeMounts[0].name=authorities,volumeMounts[0].mountPath=/authorities',
  '--set=serviceMonitor.labels.release=prometheus,serviceMonitor.endpoint.scrapeTimeout=5s,prometheusRule.labels.release=prometheus',
  '--set=dashboards.labels.i=j,dashboards.annotations.folder=Networking,env[0].name=HTTPS_PROXY,env[0].value=proxy:3128',
  '--set=flags.page-bind-address=0,flags.metrics-per-node=true,flags.grace-scale=2,flags.stale-after=3m,flags.log-level=debug',
];

/** Helm with files of its own, so that nothing of the user's counts. */
export class Helm {
  readonly #command: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'dualstack-helm-'));

  private constructor(command: string) {
    this.#command = command;
  }

  /** Builds Helm if it never was. */
  static async ready(): Promise<Helm> {
    return new Helm(join(await ensureTools(), 'helm'));
  }

  /**
   * Runs helm to its end.
   * @param kubeconfig of the cluster, where there is one
   * @returns what it wrote to stdout
   * @throws KubectlError with its stderr
   */
  run(args: readonly string[], kubeconfig = '/dev/null'): Promise<string> {
    const { PATH } = process.env;
    const homes = Object.fromEntries(['CACHE', 'CONFIG', 'DATA'].map((kind) => [`HELM_${kind}_HOME`, join(this.#folder, kind)]));
    return runCommand(this.#command, args, { PATH, HOME: this.#folder, KUBECONFIG: kubeconfig, ...homes });
  }

  /** The objects of a release with these flags. */
  async template(flags: readonly string[] = [], release = 'dualstack-operator'): Promise<readonly KubernetesObject[]> {
    const yaml = await this.run(['template', release, CHART, '--namespace=dualstack-system', ...flags]);
    return parseAllDocuments(yaml)
      .map((document) => document.toJS() as KubernetesObject | null)
      .filter((object) => object !== null);
  }

  /** Removes its files. */
  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
