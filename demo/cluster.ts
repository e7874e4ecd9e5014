import { join } from 'node:path';
import type { ControlPlane, ControlPlaneOptions } from '../test/control-plane/control-plane.ts';
import { waitFor } from '../test/support/waiting.ts';
import { readCluster, readNodes, readServiceRanges, unfilledServices, unreadyWorkloads } from './readiness.ts';

/** How the control plane of the demo has to be started: as a cluster of one family, which fillDemoCluster then migrates. */
export const DEMO_OPTIONS: ControlPlaneOptions = { stack: 'ipv4' };

/**
 * The parts that are created last, in this order. Their pods are spread with minDomains, since the scheduler may not have seen all nodes yet.
 */
const WORKLOADS = ['kube-system', 'default', 'shop', 'billing', 'observability'] as const;

const PATIENCE = { deadlineMs: 120_000, everyMs: 200 } as const;

/**
 * Makes a small cluster live through a migration from IPv4 to dual-stack, with the mishaps that such a migration has. What is wrong in the
 * end is listed in expected-findings.yaml; nothing of it is written into an object that a controller or kubelet would write otherwise,
 * except the addresses that a load balancer and a late network interface bring.
 *
 * @param controlPlane started with DEMO_OPTIONS, and empty
 * @param progress gets what comes next, in words
 * @returns once all pods run and all EndpointSlices are filled
 */
export async function fillDemoCluster(controlPlane: ControlPlane, progress: (step: string) => void): Promise<void> {
  progress('An IPv4 cluster: worker-3 joins, the first Services are made');
  await liveSingleStack(controlPlane);
  progress('The control plane becomes dual-stack, and five more nodes join');
  await becomeDualStack(controlPlane);
  await joinNodes(controlPlane);
  progress('worker-4 gets its IPv6 address after its first pod');
  await addLateAddress(controlPlane);
  progress(`Workloads and Services: ${WORKLOADS.join(', ')}`);
  for (const part of WORKLOADS) await create(controlPlane, `dual-stack/${part}.yaml`);
  await patchStatus(controlPlane, ['service', 'my-service'], 'load-balancer.yaml');
  progress('Waiting for pods and EndpointSlices');
  await settle(controlPlane);
}

async function liveSingleStack(controlPlane: ControlPlane): Promise<void> {
  for (const part of ['namespaces', 'nodes', 'services']) await create(controlPlane, `single-stack/${part}.yaml`);
  await waitForNodes(controlPlane, 1);
}

async function becomeDualStack(controlPlane: ControlPlane): Promise<void> {
  await controlPlane.restartApiServer({ stack: 'dual' });
  await waitFor('both Service ranges', async () => (await readServiceRanges(controlPlane)).length === 2, PATIENCE);
}

async function joinNodes(controlPlane: ControlPlane): Promise<void> {
  await create(controlPlane, 'dual-stack/nodes.yaml');
  await waitForNodes(controlPlane, 6);
}

/** A pod takes its addresses from its node once, so a node must have all of its own before the pods that are meant to share them. */
async function waitForNodes(controlPlane: ControlPlane, count: number): Promise<void> {
  const allReady = async (): Promise<boolean> => {
    const nodes = await readNodes(controlPlane);
    return nodes.length === count && nodes.every(({ podCIDRs, ready }) => podCIDRs.length > 0 && ready);
  };
  await waitFor(`${count} nodes to be ready and to have podCIDRs`, allReady, PATIENCE);
}

async function addLateAddress(controlPlane: ControlPlane): Promise<void> {
  await create(controlPlane, 'dual-stack/first-pod.yaml');
  const runs = async (): Promise<boolean> => {
    const { pods } = await readCluster(controlPlane);
    return pods.some(({ name, ready }) => name === 'haproxy-worker-4' && ready);
  };
  await waitFor('the first pod of worker-4 to run', runs, PATIENCE);
  await patchStatus(controlPlane, ['node', 'worker-4'], 'worker-4-addresses.yaml');
}

async function settle(controlPlane: ControlPlane): Promise<void> {
  const unsettled = async (): Promise<readonly string[]> => {
    // Workloads first: once they are complete, the pods that are read after them are all there.
    const incomplete = await unreadyWorkloads(controlPlane);
    const cluster = await readCluster(controlPlane);
    const unready = cluster.pods.filter(({ ready }) => !ready).map(({ namespace, name }) => `pod ${namespace}/${name} is not ready`);
    return [...incomplete, ...unready, ...unfilledServices(cluster)];
  };
  let missing: readonly string[] = [];
  const settled = async (): Promise<boolean> => {
    missing = await unsettled();
    return missing.length === 0;
  };
  await waitFor('the demo cluster to settle', settled, PATIENCE).catch((error: unknown) => {
    throw new Error(`the demo cluster did not settle: ${missing.join('; ')}`, { cause: error });
  });
}

/** Creates and does not apply: server-side apply refuses a node with two addresses of one type. */
async function create(controlPlane: ControlPlane, file: string): Promise<void> {
  await controlPlane.kubectl(['create', `--filename=${manifest(file)}`]);
}

async function patchStatus(controlPlane: ControlPlane, object: readonly string[], file: string): Promise<void> {
  const patch = ['--subresource=status', '--type=merge', `--patch-file=${manifest(`dual-stack/${file}`)}`];
  await controlPlane.kubectl(['patch', ...object, ...patch]);
}

function manifest(file: string): string {
  return join(import.meta.dirname, 'manifests', file);
}
