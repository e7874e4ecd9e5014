import { readFileSync } from 'node:fs';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { FREE_PORTS } from '../support/operator-process.ts';
import type { ContainerOptions } from './container.ts';

const NAMESPACE = 'dualstack-system';
const NAME = 'dualstack-operator';

/** What a pod of manifests/ is given to find and to be known by the API server, for ports that are free. */
export async function serviceAccountOf(controlPlane: ControlPlane): Promise<Pick<ContainerOptions, 'serviceAccount' | 'env'>> {
  const { hostname, port } = new URL(controlPlane.server);
  const token = await controlPlane.kubectl(['create', 'token', NAME, `--namespace=${NAMESPACE}`]);
  return {
    serviceAccount: { token: token.trim(), 'ca.crt': readFileSync(controlPlane.caFile, 'utf8'), namespace: NAMESPACE },
    env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port, ...FREE_PORTS },
  };
}
