import { expect } from 'chai';
import { Registry } from 'prom-client';
import { map } from '../../src/core/kinds/fields.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { defineKind, type Kind } from '../../src/core/kinds/kind.ts';
import { METADATA, metadataOf } from '../../src/core/kinds/metadata.ts';
import { fields, text } from '../../src/core/kinds/shapes.ts';
import type { Connection } from '../../src/client/transport/connection.ts';
import { ApiError } from '../../src/client/wire/errors.ts';
import { runReflector } from '../../src/sources/watch/reflector.ts';
import { unavailabilityOf } from '../../src/sources/list/unavailable.ts';
import { resourceOf } from '../../src/sources/resources.ts';
import { ReflectorMetrics } from '../../src/server/metrics/reflector-metrics.ts';
import { waitFor } from '../support/waiting.ts';
import { RecordedLog } from '../client/support/logs.ts';
import { ManualClock } from '../client/support/manual-clock.ts';
import { failure, initialEventsEnd, json, line, ScriptedServer, type Answer } from '../client/support/scripted-server.ts';

interface ConfigFacts {
  readonly kind: 'KubeadmConfig' | 'ProxyConfig';
  readonly name: string;
  readonly value: string;
}

/** A ConfigMap by its name, and one of its keys. */
function configMap<N extends ConfigFacts['kind']>(kind: N, name: string, key: string): Kind<N, ConfigFacts & { readonly kind: N }, never> {
  return defineKind({
    name: kind,
    resource: {
      kind: 'ConfigMap',
      group: '',
      versions: ['v1'],
      plural: 'configmaps',
      namespaced: true,
      encoding: 'json',
      servedBy: 'Every Kubernetes API server serves it.',
      narrowing: { namespace: 'kube-system', name },
    },
    reason: `What ${key} is.`,
    fields: { metadata: METADATA, data: map() },
    facts: (given, interner): (ConfigFacts & { readonly kind: N }) | undefined => {
      const metadata = metadataOf(given, interner);
      return metadata && { kind, name: metadata.name, value: text(fields(fields(given)['data'])[key]) };
    },
    key: (facts) => facts.name,
  });
}

const KUBEADM = configMap('KubeadmConfig', 'kubeadm-config', 'podSubnet');
const PROXY = configMap('ProxyConfig', 'kube-proxy', 'mode');
const DATA: Readonly<Record<string, object>> = {
  'kubeadm-config': { podSubnet: '10.244.0.0/16' },
  'kube-proxy': { mode: 'nftables' },
};

/** The name of the one object that is asked for. */
function nameIn(url = ''): string {
  return new URL(url, 'http://server').searchParams.get('fieldSelector')?.replace('metadata.name=', '') ?? '';
}

function configMapOf(name: string): object {
  return { metadata: { name, namespace: 'kube-system', resourceVersion: '7' }, data: DATA[name] };
}

const streams: Answer = (response, request) => {
  response.writeHead(200);
  response.write(line('ADDED', configMapOf(nameIn(request.url))) + initialEventsEnd('7'));
};

describe('two sources of one resource', () => {
  let server: ScriptedServer;
  let connection: Connection;
  let controller: AbortController;
  let running: readonly Promise<void>[];
  let steps: string[];
  const registry = new Registry();
  const metrics = new ReflectorMetrics(registry);

  async function run(...script: readonly Answer[]): Promise<void> {
    server = new ScriptedServer(script);
    connection = await server.connect();
    const clock = new ManualClock();
    running = [KUBEADM, PROXY].map((kind) => {
      const resource = resourceOf<ConfigFacts['kind'], ConfigFacts>(kind, new Interner());
      return runReflector<ConfigFacts>({
        connection,
        resource,
        clock,
        log: new RecordedLog(),
        signal: controller.signal,
        observer: metrics.observer(resource.source, () => 0),
        sink: {
          begin: () => undefined,
          put: ({ kind: name, value }) => steps.push(`${name} ${value}`),
          remove: ({ kind: name }) => steps.push(`${name} is gone`),
          end: () => undefined,
          unavailable: ({ reason, message }) => steps.push(`${kind.name} ${reason}: ${message}`),
        },
      });
    });
  }

  async function untilSteps(...expected: readonly string[]): Promise<void> {
    await waitFor(expected.join(', '), () => steps.length >= expected.length, { everyMs: 1, deadlineMs: 5000 });
    expect(steps).to.have.members(expected);
  }

  beforeEach(() => {
    registry.resetMetrics();
    [controller, steps] = [new AbortController(), []];
  });

  afterEach(async () => {
    controller.abort();
    await Promise.allSettled(running);
    await connection.close();
    await server.close();
  });

  it('list and watch one object each, by its name in its namespace', async () => {
    await run(streams, streams);
    await untilSteps('KubeadmConfig 10.244.0.0/16', 'ProxyConfig nftables');
    const asked = server.requests.map(({ path, query }) => `${path} ${query.get('watch') ?? ''} ${query.get('fieldSelector') ?? ''}`);
    expect(asked).to.have.members([
      '/api/v1/namespaces/kube-system/configmaps true metadata.name=kubeadm-config',
      '/api/v1/namespaces/kube-system/configmaps true metadata.name=kube-proxy',
    ]);
  });

  it('list in pages likewise, and then watch', async () => {
    const paged: Answer = (response, request) => {
      const { searchParams: query } = new URL(request.url ?? '', 'http://server');
      if (query.get('sendInitialEvents')) failure(422, 'Invalid')(response, request);
      else if (query.get('watch')) streams(response, request);
      else json(200, { metadata: { resourceVersion: '5' }, items: [configMapOf(nameIn(request.url))] })(response, request);
    };
    await run(...Array<Answer>(6).fill(paged));
    await untilSteps('KubeadmConfig 10.244.0.0/16', 'ProxyConfig nftables', 'KubeadmConfig 10.244.0.0/16', 'ProxyConfig nftables');
    expect(new Set(server.requests.map(({ query }) => query.get('fieldSelector')))).to.have.property('size', 2);
    expect(server.requests.filter(({ query }) => query.get('fieldSelector') === null)).to.deep.equal([]);
  });

  it('have series of their own', async () => {
    await run(streams, streams);
    await untilSteps('KubeadmConfig 10.244.0.0/16', 'ProxyConfig nftables');
    const text = await registry.metrics();
    for (const name of ['kubeadm-config', 'kube-proxy']) {
      expect(text).to.match(new RegExp(`dualstack_reflector_watches_total\\{\\w+="configmaps/kube-system/${name}"\\} 1`));
    }
  });

  it('are refused one by one', async () => {
    const one: Answer = (response, request) => {
      if (nameIn(request.url) === 'kube-proxy') streams(response, request);
      else failure(404, 'NotFound')(response, request);
    };
    await run(one, one);
    await untilSteps(
      'KubeadmConfig NotFound: The API server does not serve configmaps. Every Kubernetes API server serves it.',
      'ProxyConfig nftables',
    );
  });
});

describe('a source of one object', () => {
  it('says that it takes the permission for this object only', () => {
    const { message } = unavailabilityOf(
      resourceOf<ConfigFacts['kind'], ConfigFacts>(PROXY, new Interner()),
      new ApiError(403, 'Forbidden', 'no'),
    );
    expect(message).to.contain('{apiGroups: [""], resources: ["configmaps"], resourceNames: ["kube-proxy"], verbs: ["list", "watch"]}');
  });
});
