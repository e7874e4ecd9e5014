import operatorModule from '@dot-i/k8s-operator';
import { CustomObjectsApi, KubeConfig } from '@kubernetes/client-node';
import { pino } from 'pino';
import { Registry, collectDefaultMetrics } from 'prom-client';
import protobuf from 'protobufjs';
import { VERSION } from '../../src/cli/version.ts';

/** What the bundle of the operator holds besides its own code: a program that shows that each of these works once bundled. */
class Probe extends operatorModule.default {
  protected override init(): Promise<void> {
    return Promise.resolve();
  }
}

const registry = new Registry();
collectDefaultMetrics({ register: registry });
const type = protobuf.Root.fromJSON({ nested: { Message: { fields: { count: { type: 'int64', id: 1 } } } } }).lookupType('Message');
const [metrics] = await Promise.all([registry.metrics(), new Probe().start()]);
pino(pino.destination(1)).info({
  version: VERSION,
  client: typeof new KubeConfig().loadFromOptions,
  api: typeof CustomObjectsApi,
  count: Number(type.decode(Uint8Array.of(8, 42)).toJSON()['count']),
  long: typeof protobuf.util.Long,
  metrics: metrics.includes('nodejs_version_info'),
});
