/**
 * Runs a control plane until Ctrl+C: `node test/control-plane/serve.ts [dual | dual-ipv6-first | ipv4 | ipv6]`.
 * Prints one line of JSON when it is ready: its `kubeconfig`, `server`, `dir` and `processIds`.
 */
import { startControlPlane } from './control-plane.ts';
import { isStack } from './stacks.ts';

const [stack = 'dual'] = process.argv.slice(2);
if (!isStack(stack)) throw new Error(`${stack} is no stack: dual, dual-ipv6-first, ipv4 or ipv6`);

const { promise: interrupted, resolve: interrupt } = Promise.withResolvers<undefined>();
process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
// Neither a signal handler nor a control plane keeps Node running.
const awake = setInterval(() => undefined, 60_000);
const controlPlane = await startControlPlane({ stack });
const { kubeconfig, server, dir } = controlPlane;
console.log(JSON.stringify({ kubeconfig, server, dir, processIds: controlPlane.processIds() }));
await interrupted;
await controlPlane.stop();
clearInterval(awake);
