import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fromRoot } from '../../scripts/root.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { startContainer } from './container.ts';
import { readImage } from './layout.ts';
import { serviceAccountOf } from './service-account.ts';

const RUNS = 7;

interface Times {
  readonly listening: number;
  readonly ready: number;
  /** Of the processor, until it was ready: hardly more on a machine that is busy. */
  readonly processor: number;
}

/** Measures how long what `npm run image` wrote takes to start on an empty cluster, in milliseconds since its process was asked for. */
async function measure(folder: string): Promise<readonly Times[]> {
  const controlPlane = await startControlPlane({ kwok: false });
  try {
    await controlPlane.kubectl(['apply', '--kustomize', fromRoot('manifests')]);
    await controlPlane.kubectl(['wait', '--for=condition=Established', 'crd/dualstackreports.dualstack.dev']);
    const times: Times[] = [];
    while (times.length < RUNS) times.push(await startOnce(folder, controlPlane));
    return times;
  } finally {
    await controlPlane.stop();
  }
}

async function startOnce(folder: string, controlPlane: ControlPlane): Promise<Times> {
  const { config } = readImage(join(folder, 'oci')).config;
  const options = { rootfs: join(folder, 'rootfs'), config, ...(await serviceAccountOf(controlPlane)) };
  const start = performance.now();
  const operator = await startContainer(options);
  const listening = performance.now() - start;
  await operator.ready();
  const ready = performance.now() - start;
  const seconds = /^process_cpu_seconds_total (.*)$/m.exec(await operator.metrics())?.[1];
  await operator.stop();
  return { listening, ready, processor: Number(seconds) * 1000 };
}

function spreadOf(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b).map(Math.round);
  return `${sorted[Math.floor(sorted.length / 2)]!} ms (${sorted[0]!} to ${sorted.at(-1)!})`;
}

const folder = fromRoot('dist', 'image');
if (!existsSync(folder)) throw new Error('there is no image: `npm run image` makes it');
const times = await measure(folder);
for (const what of ['listening', 'ready', 'processor'] as const)
  process.stdout.write(`${what}: ${spreadOf(times.map((each) => each[what]))}, median of ${RUNS}\n`);
