import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below the ports that systems hand out to outgoing connections, so that none of these takes a port while its server restarts. */
const LOWEST = 20_000;
const HIGHEST = 32_000;
const TRIES = 100;

/**
 * Finds TCP ports of 127.0.0.1 that nobody listens on at the moment. Somebody may before they are used: then try again with others.
 *
 * @throws Error when a hundred random ports were all in use
 */
export async function freePorts<const N extends readonly string[]>(...names: N): Promise<Record<N[number], number>> {
  const ports = new Set<number>();
  for (let tries = 0; ports.size < names.length; tries++) {
    if (tries === TRIES) throw new Error(`found no ${names.length} free ports between ${LOWEST} and ${HIGHEST}`);
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) ports.add(port);
  }
  const found = [...ports];
  return Object.fromEntries(names.map((name, i) => [name, found[i]])) as Record<N[number], number>;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
