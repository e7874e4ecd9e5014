import { execFile } from 'node:child_process';
import { delimiter } from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from '../scripts/root.ts';
import type { DualStackReport } from '../src/core/report/types.ts';
import type { ControlPlane } from '../test/control-plane/control-plane.ts';
import { waitFor } from '../test/support/waiting.ts';
import { readCluster } from './readiness.ts';

/** Orphaned pods are collected after 40 s, in rounds of 20 s. */
const COLLECTION_MS = 180_000;

/**
 * Fixes a node that lacks a podCIDR as the report says: runs its command to the letter, then plays the restart of the kubelet, which
 * registers the node again.
 */
export async function fixNode(
  controlPlane: ControlPlane,
  report: DualStackReport,
  node: string,
  progress: (step: string) => void,
): Promise<void> {
  const finding = report.status?.findings?.find(({ check, object }) => check === 'NodePodCIDRMissing' && object.name === node);
  const command = finding?.remediation.steps.find((step) => step.command !== undefined)?.command;
  if (!command) throw new Error(`the report gives no command that fixes ${node}`);
  progress(`Fixing ${node} with the command of its finding:\n\n    ${command}\n`);
  await runAsUser(controlPlane, command);
  progress('Waiting until the garbage collector has removed the pods of the deleted node (about a minute)');
  const isEmpty = async (): Promise<boolean> => (await readCluster(controlPlane)).pods.every((pod) => pod.node !== node);
  await waitFor(`the pods of ${node} to be gone`, isEmpty, { deadlineMs: COLLECTION_MS, everyMs: 500 });
  progress(`The kubelet of ${node} restarts and registers it again: it gets podCIDRs of both families`);
  await controlPlane.kubectl(['create', `--filename=${fromRoot('demo', 'manifests', 'single-stack', 'nodes.yaml')}`]);
  const allRun = async (): Promise<boolean> => (await readCluster(controlPlane)).pods.every(({ ready }) => ready);
  await waitFor('all pods to run again', allRun, { deadlineMs: COLLECTION_MS, everyMs: 500 });
}

/** Runs a command line as somebody at a terminal of this cluster would. */
async function runAsUser(controlPlane: ControlPlane, command: string): Promise<void> {
  const env = { ...process.env, KUBECONFIG: controlPlane.kubeconfig, PATH: [controlPlane.binaries, process.env['PATH']].join(delimiter) };
  const { stdout } = await promisify(execFile)('sh', ['-c', command], { env });
  process.stdout.write(stdout.replace(/^/gm, '    ').trimEnd() + '\n');
}
