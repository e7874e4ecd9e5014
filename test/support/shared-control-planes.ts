import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from '../control-plane/control-plane.ts';
import { isAsItBegan, objectsOf, removeAllBut, type Objects } from './clean-cluster.ts';

/** Options of control planes that one suite leaves to the next. All others have a state that no cleaning brings back, such as a log. */
const SHAREABLE: ReadonlySet<string> = new Set(['stack', 'podRange', 'serviceRange', 'controllerManager', 'scheduler', 'kwok', 'users']);
/** Idle ones take memory and some processor time. */
const MOST_IDLE = 2;

interface Shared {
  readonly controlPlane: ControlPlane;
  readonly key: string;
  /** What it had at its start. */
  readonly objects: Objects;
}

const inUse = new Map<ControlPlane, Shared>();
/** The one that was given back last is the last. Those that nobody takes end with this process. */
const idle: Shared[] = [];

/**
 * A control plane with these options: one that another suite of this process has given back, with nothing left of that suite, else a new one.
 * To be given back with `giveBack`.
 */
export async function takeControlPlane(options: ControlPlaneOptions): Promise<ControlPlane> {
  const key = keyOf(options);
  if (key === undefined) return startControlPlane(options);
  const shared = takeIdle(key) ?? (await startShared(key, options));
  inUse.set(shared.controlPlane, shared);
  return shared.controlPlane;
}

/** Cleans a control plane for the next suite. One that cannot be shared, that was restarted or that does not get clean is stopped. */
export async function giveBack(controlPlane: ControlPlane): Promise<void> {
  const shared = inUse.get(controlPlane);
  inUse.delete(controlPlane);
  if (!shared || controlPlane.wasRestarted || !(await isCleaned(shared))) {
    await controlPlane.stop();
    return;
  }
  idle.push(shared);
  if (idle.length > MOST_IDLE) await idle.shift()?.controlPlane.stop();
}

/** @returns undefined where an option is among those that no other suite could use */
function keyOf(options: ControlPlaneOptions): string | undefined {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  if (!given.every(([name]) => SHAREABLE.has(name))) return undefined;
  return JSON.stringify(given.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function takeIdle(key: string): Shared | undefined {
  const index = idle.findIndex((shared) => shared.key === key);
  return index === -1 ? undefined : idle.splice(index, 1)[0];
}

async function startShared(key: string, options: ControlPlaneOptions): Promise<Shared> {
  const controlPlane = await startControlPlane(options);
  return { controlPlane, key, objects: await objectsOf(controlPlane) };
}

async function isCleaned({ controlPlane, objects }: Shared): Promise<boolean> {
  try {
    await removeAllBut(objects, controlPlane);
    return isAsItBegan(objects, await objectsOf(controlPlane));
  } catch (error) {
    console.error(`a control plane is not used again: ${String(error)}`);
    return false;
  }
}
