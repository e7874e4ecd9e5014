import { readdirSync, rmSync } from 'node:fs';
import type { KubernetesObject, V1NetworkPolicy } from '@kubernetes/client-node';
import { expect } from 'chai';
import { parse, parseAllDocuments } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { createProgram } from '../../src/cli/program.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import { KubectlError } from '../control-plane/kubectl.ts';
import { documentedKustomization, writeOverlay } from './overlay.ts';

const NAMESPACE = 'dualstack-system';
const NAME = 'dualstack-operator';

/** What is read of a pod, and spoilt in it. */
interface PodSpec {
  readonly automountServiceAccountToken?: boolean;
  readonly securityContext: { runAsNonRoot?: boolean; runAsUser?: number; seccompProfile?: object };
  readonly containers: readonly [Container];
  readonly initContainers?: readonly object[];
  volumes?: Volume[];
  hostNetwork?: boolean;
}

interface Deployment {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

interface Container {
  readonly securityContext: { capabilities?: object; allowPrivilegeEscalation?: boolean; readOnlyRootFilesystem: boolean };
  readonly ports: readonly object[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly { readonly mountPath: string; readonly readOnly: boolean }[];
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
}

interface Probe {
  readonly httpGet: { readonly scheme?: string; readonly port: string };
}

interface Volume {
  readonly name: string;
  readonly hostPath?: object;
  readonly secret?: object;
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: object }[] };
}

/** What makes a pod one that the restricted Pod Security Standard refuses, and how the API server calls it. */
const SPOILT: readonly (readonly [string, (spec: PodSpec) => void, string])[] = [
  [
    'may be root',
    (spec) => {
      delete spec.securityContext.runAsNonRoot;
    },
    'runAsNonRoot != true',
  ],
  [
    'is root',
    (spec) => {
      spec.securityContext.runAsUser = 0;
    },
    'runAsUser=0',
  ],
  [
    'has no seccomp profile',
    (spec) => {
      delete spec.securityContext.seccompProfile;
    },
    'seccompProfile',
  ],
  [
    'keeps its capabilities',
    (spec) => {
      delete spec.containers[0].securityContext.capabilities;
    },
    'unrestricted capabilities',
  ],
  [
    'may gain privileges',
    (spec) => {
      delete spec.containers[0].securityContext.allowPrivilegeEscalation;
    },
    'allowPrivilegeEscalation != false',
  ],
  [
    'has the network of its node',
    (spec) => {
      spec.hostNetwork = true;
    },
    'hostNetwork=true',
  ],
  [
    'has files of its node',
    (spec) => {
      spec.volumes = [...(spec.volumes ?? []), { name: 'etc', hostPath: { path: '/etc' } }];
    },
    'hostPath',
  ],
];

/** Components that leave the pod as it is. */
const OF_MONITORING = ['grafana-dashboards', 'prometheus-operator'];

describe('the pod of manifests/', function () {
  this.timeout(120_000);
  let controlPlane: ControlPlane;
  let folder: string;
  let overlay: string;

  before(async () => {
    ({ folder, overlay } = writeOverlay(documentedKustomization('security.md')));
    // Nothing has to run: what the API server makes of the pod is what counts.
    controlPlane = await startControlPlane({ scheduler: false, kwok: false, serviceAccountAdmission: true });
    await controlPlane.kubectl(['apply', '--warnings-as-errors', '--kustomize', fromRoot('manifests')]);
  });

  after(async () => {
    rmSync(folder, { recursive: true });
    await controlPlane.stop();
  });

  async function render(from: string): Promise<readonly KubernetesObject[]> {
    return parseAllDocuments(await controlPlane.kubectl(['kustomize', from])).map((document) => document.toJS() as KubernetesObject);
  }

  async function templateOf(from: string): Promise<PodSpec> {
    const deployment = (await render(from)).find(({ kind }) => kind === 'Deployment') as unknown as Deployment | undefined;
    return deployment!.spec.template.spec;
  }

  /** The pod as the API server would create it; @throws KubectlError where it refuses, or warns. */
  async function admitted(spec: PodSpec): Promise<PodSpec> {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one', namespace: NAMESPACE }, spec };
    const args = ['create', '--dry-run=server', '--warnings-as-errors', '--filename=-', '--output=json'];
    return (JSON.parse(await controlPlane.kubectl(args, { input: JSON.stringify(pod) })) as { readonly spec: PodSpec }).spec;
  }

  for (const [what, from] of [
    ['as it is', () => fromRoot('manifests')],
    ['with all components', () => overlay],
  ] as const) {
    describe(what, () => {
      it('is let in by the restricted Pod Security of its namespace', async () => {
        const { labels } = ((await controlPlane.get(`/api/v1/namespaces/${NAMESPACE}`)) as KubernetesObject).metadata!;
        expect(labels).to.include({ 'pod-security.kubernetes.io/enforce': 'restricted' });
        await admitted(await templateOf(from()));
      });

      for (const [fault, spoil, words] of SPOILT) {
        it(`would not be if it were one that ${fault}`, async () => {
          const spec = await templateOf(from());
          spoil(spec);
          const error = await admitted(spec).catch((thrown: unknown) => thrown);
          expect(error).to.be.instanceOf(KubectlError);
          expect((error as KubectlError).stderr)
            .to.contain('violates PodSecurity "restricted')
            .and.contain(words);
        });
      }

      it('can write nothing', async () => {
        const { containers, initContainers, volumes } = await admitted(await templateOf(from()));
        expect(initContainers).to.equal(undefined);
        expect(containers.map(({ securityContext }) => securityContext.readOnlyRootFilesystem)).to.deep.equal([true]);
        expect(containers[0].volumeMounts.map(({ readOnly }) => readOnly)).to.deep.equal(volumes!.map(() => true));
      });

      it('has no token but its own, which expires', async () => {
        const { volumes = [] } = await admitted(await templateOf(from()));
        const tokens = volumes
          .flatMap((volume) => volume.projected?.sources ?? [])
          .flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []);
        expect(tokens).to.deep.equal([{ expirationSeconds: 3607, path: 'token' }]);
        expect(volumes.filter(({ projected }) => !projected)).to.deep.equal(what === 'as it is' ? [] : [TLS_VOLUME]);
      });
    });
  }

  it('of another kind, with the same ServiceAccount, gets no token', async () => {
    const { automountServiceAccountToken, ...spec } = await templateOf(fromRoot('manifests'));
    expect(automountServiceAccountToken).to.equal(true);
    expect((await admitted(spec)).volumes).to.equal(undefined);
  });

  it('is let be reached at its ports for metrics and probes, and at no other', async () => {
    const policy = (await controlPlane.get(
      `/apis/networking.k8s.io/v1/namespaces/${NAMESPACE}/networkpolicies/${NAME}`,
    )) as V1NetworkPolicy;
    expect(policy.spec).to.deep.equal({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': NAME } },
      policyTypes: ['Ingress'],
      ingress: INGRESS,
    });
    const { containers } = await templateOf(fromRoot('manifests'));
    expect(containers[0].ports).to.deep.equal([
      { name: 'metrics', containerPort: 8080 },
      { name: 'probes', containerPort: 8081 },
    ]);
  });

  describe('in the docs', () => {
    it('is shown with every component that changes it', () => {
      const { components } = parse(documentedKustomization('security.md')) as { readonly components: readonly string[] };
      const names = readdirSync(fromRoot('manifests', 'components')).filter((name) => !OF_MONITORING.includes(name));
      expect(components).to.have.members(names.map((name) => `../manifests/components/${name}`));
    });

    it('is one that the API server takes with all of them, and reaches API servers and DNS only', async () => {
      await controlPlane.kubectl(['apply', '--warnings-as-errors', '--dry-run=server', '--kustomize', overlay]);
      const policy = (await render(overlay)).find(({ kind }) => kind === 'NetworkPolicy') as
        { readonly spec: V1NetworkPolicy['spec'] } | undefined;
      expect(policy?.spec?.policyTypes).to.deep.equal(['Ingress', 'Egress']);
      const ports = policy?.spec?.egress?.flatMap(({ to, ports = [] }) =>
        to ? [] : ports.map(({ protocol, port }) => `${protocol ?? ''} ${port ?? ''}`),
      );
      expect(ports).to.deep.equal(['TCP 443', 'TCP 6443', 'UDP 53', 'TCP 53']);
      expect(policy?.spec?.ingress).to.deep.equal(INGRESS);
    });

    it('is given variables in place of flags, files from what is mounted, and probes by plain HTTP at their own port', async () => {
      const {
        containers: [container],
      } = await templateOf(overlay);
      const known = createProgram(() => undefined).commands.flatMap(({ options }) => options.map(({ envVar }) => envVar));
      expect(known).to.include.members(container.env.map(({ name }) => name));
      const files = container.env.map(({ value }) => value).filter((value) => value.startsWith('/'));
      expect(files.map((file) => file.replace(`${container.volumeMounts[0]!.mountPath}/`, ''))).to.deep.equal(['tls.crt', 'tls.key']);
      for (const probe of [container.livenessProbe, container.readinessProbe])
        expect([probe.httpGet.scheme, probe.httpGet.port]).to.deep.equal([undefined, 'probes']);
    });
  });
});

const INGRESS = [
  {
    ports: [
      { port: 'metrics', protocol: 'TCP' },
      { port: 'probes', protocol: 'TCP' },
    ],
  },
];
const TLS_VOLUME = { name: 'tls', secret: { secretName: 'dualstack-operator-tls', defaultMode: 420 } };
