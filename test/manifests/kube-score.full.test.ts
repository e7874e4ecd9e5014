import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { ensureBuilt } from '../control-plane/build.ts';
import { runKubectl } from '../control-plane/kubectl.ts';
import { KUBERNETES_VERSIONS } from '../control-plane/versions.ts';
import { ensureTools } from '../tools/install.ts';
import { documentedKustomization, writeOverlay } from './overlay.ts';

/** A restriction of what the operator reaches is no default, as docs/security.md says. With all components there is one. */
const NO_EGRESS_POLICY = 'pod-networkpolicy';

const FLAGS = [
  '--output-format=json',
  `--kubernetes-version=v${KUBERNETES_VERSIONS.at(-1)?.minor ?? ''}`,
  // A limit would slow down what takes a whole core for a moment: reading the cluster when it starts.
  '--ignore-container-cpu-limit',
  // Checks that are optional.
  ...['container-seccomp-profile', 'container-ports-check'].map((id) => `--enable-optional-test=${id}`),
];

/** What is found fault with, and why it stays. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  'container-image-pull-policy': 'IfNotPresent: a tag is never moved, and a registry that is down shall keep no replica from starting.',
  'container-ephemeral-storage-request-and-limit':
    'The root is read-only: there is only the log, which the kubelet rotates by settings of its own.',
};

interface Scored {
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
  }[];
}

/** The grade of what is as it should be. */
const FINE = 10;

describe('kube-score', function () {
  this.timeout(60_000);
  let programs: { readonly kubeScore: string; readonly kubectl: string };
  let folder: string;
  let overlay: string;

  before(async function () {
    this.timeout(600_000);
    programs = { kubeScore: join(await ensureTools(), 'kube-score'), kubectl: join(await ensureBuilt(), 'kubectl') };
    ({ folder, overlay } = writeOverlay(documentedKustomization('security.md')));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [what, kustomization, further] of [
    ['manifests', () => fromRoot('manifests'), [NO_EGRESS_POLICY]],
    ['all components', () => overlay, []],
    ['the overlay for high availability', () => fromRoot('manifests', 'overlays', 'high-availability'), [NO_EGRESS_POLICY]],
  ] as const) {
    it(`finds fault in ${what} with nothing but what is meant to be so`, async () => {
      expect(await faults(kustomization())).to.have.members([...Object.keys(EXCEPTIONS), ...further]);
    });
  }

  /** The checks that a kustomization fails. */
  async function faults(kustomization: string): Promise<readonly string[]> {
    const input = await runKubectl(programs.kubectl, ['kustomize', kustomization], process.env);
    // It ends with 1 where it finds fault.
    const { stdout } = spawnSync(programs.kubeScore, ['score', ...FLAGS, '-'], { input, encoding: 'utf8' });
    const checks = (JSON.parse(stdout) as readonly Scored[]).flatMap((object) => object.checks).filter(({ skipped }) => !skipped);
    expect(checks).to.have.length.above(20);
    return [...new Set(checks.filter(({ grade }) => grade < FINE).map(({ check }) => check.id))];
  }
});
