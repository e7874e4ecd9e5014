import type { V1EndpointSlice, V1Node, V1Pod, V1Service, V1ServiceCIDR } from '@kubernetes/client-node';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { waitFor } from '../support/waiting.ts';
import { startControlPlane, type ControlPlane } from './control-plane.ts';
import { serviceAccount } from './kubeconfig.ts';
import { KubectlError } from './kubectl.ts';
import { kubernetesVersion } from './versions.ts';

const OPERATOR = serviceAccount('dualstack-system', 'dualstack-operator');

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: web, image: example.invalid/web }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ipFamilyPolicy: PreferDualStack, ports: [{ port: 80 }] }
`;

function node(name: string, rest: object = {}): object {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name }, ...rest };
}

async function items<T>(controlPlane: ControlPlane, path: string): Promise<readonly T[]> {
  return ((await controlPlane.get(path)) as { readonly items: readonly T[] }).items;
}

function isReady({ status }: V1Node | V1Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

async function readyNode(controlPlane: ControlPlane, name: string): Promise<V1Node> {
  return waitFor(`node ${name} to be ready with podCIDRs`, async () => {
    const it = (await controlPlane.get(`/api/v1/nodes/${name}`)) as V1Node;
    return it.spec?.podCIDRs !== undefined && isReady(it) && it;
  });
}

async function serviceRanges(controlPlane: ControlPlane): Promise<readonly string[]> {
  const { spec } = (await controlPlane.get('/apis/networking.k8s.io/v1/servicecidrs/kubernetes')) as V1ServiceCIDR;
  return spec?.cidrs ?? [];
}

describe('a control plane', () => {
  describe('of two families', () => {
    let controlPlane: ControlPlane;

    before('start', async function () {
      this.timeout(120_000);
      controlPlane = await startControlPlane({ users: [OPERATOR], audit: true });
      await controlPlane.create([node('plain')]);
      await readyNode(controlPlane, 'plain');
    });

    after('stop', async () => {
      await controlPlane.stop();
    });

    it('says which Kubernetes it is', async () => {
      const { gitVersion, minor } = kubernetesVersion();
      expect(await controlPlane.get('/version')).to.include({ gitVersion, minor: minor.split('.')[1] });
    });

    it('gives a node a podCIDR of each family', async () => {
      const { spec } = await readyNode(controlPlane, 'plain');
      expect(spec?.podCIDRs).to.deep.equal(['10.244.0.0/24', 'fd00:10:244::/64']);
    });

    it('gives pods and Services both families', async () => {
      await controlPlane.apply(WEB);
      const pods = await waitFor('two ready pods', async () => {
        const all = await items<V1Pod>(controlPlane, '/api/v1/namespaces/default/pods');
        return all.length === 2 && all.every(isReady) && all;
      });
      for (const { status } of pods) expect(status?.podIPs).to.have.lengthOf(2);

      const { spec } = (await controlPlane.get('/api/v1/namespaces/default/services/web')) as V1Service;
      expect(spec?.clusterIPs).to.have.lengthOf(2);
      const addresses = await waitFor('two ready endpoints of each family', async () => {
        const slices = await items<V1EndpointSlice>(
          controlPlane,
          '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io/service-name%3Dweb',
        );
        const ready = slices.map((slice) => `${slice.addressType} ${slice.endpoints?.filter((it) => it.conditions?.ready).length}`);
        return ready.sort().join() === 'IPv4 2,IPv6 2' && slices.flatMap(({ endpoints }) => endpoints?.flatMap((it) => it.addresses));
      });
      expect(addresses).to.have.members(pods.flatMap(({ status }) => status?.podIPs?.map(({ ip }) => ip)));
    });

    it('leaves a node the podCIDRs and addresses that it was created with', async () => {
      const podCIDRs = ['10.244.200.0/24'];
      const addresses = [
        { type: 'InternalIP', address: '192.0.2.1' },
        { type: 'InternalIP', address: '2001:db8::1' },
        { type: 'Hostname', address: 'narrow' },
      ];
      await controlPlane.create([node('narrow', { spec: { podCIDR: podCIDRs[0], podCIDRs }, status: { addresses } })]);
      const { spec, status } = await readyNode(controlPlane, 'narrow');
      expect(spec?.podCIDRs).to.deep.equal(podCIDRs);
      expect(status?.addresses).to.deep.equal(addresses);
    });

    it('gives default/kubernetes an endpoint', async () => {
      const slice = (await controlPlane.get('/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes')) as V1EndpointSlice;
      expect(slice.endpoints).to.have.lengthOf(1);
    });

    it('knows a ServiceAccount by its kubeconfig, and gives it no rights of its own', async () => {
      const asOperator = `--kubeconfig=${controlPlane.kubeconfigFor(OPERATOR.name)}`;
      const { status } = JSON.parse(await controlPlane.kubectl([asOperator, 'auth', 'whoami', '--output=json'])) as {
        status: { userInfo: { username: string; groups: string[] } };
      };
      expect(status.userInfo.username).to.equal('system:serviceaccount:dualstack-system:dualstack-operator');
      expect(status.userInfo.groups).to.have.members([
        'system:serviceaccounts',
        'system:serviceaccounts:dualstack-system',
        'system:authenticated',
      ]);
      const unavailability = await controlPlane.kubectl([asOperator, 'get', 'nodes']).catch((error: unknown) => error);
      expect(unavailability)
        .to.be.instanceOf(KubectlError)
        .with.property('message')
        .that.matches(/^kubectl .* get nodes ended with exit code 1/);
      expect(unavailability).to.have.property('stderr').that.contains('Forbidden');
    });

    it('logs who asked what', async () => {
      await waitFor('the audit log', () => readFileSync(controlPlane.auditLog, 'utf8').includes('"username":"admin"'));
    });

    it('refuses the kubeconfig of a user that it does not know', () => {
      expect(() => controlPlane.kubeconfigFor('nobody')).to.throw('nobody is not among the users');
    });
  });

  it('starts as IPv6 only and as dual with IPv6 first, both at once', async function () {
    this.timeout(60_000);
    const stacks = ['ipv6', 'dual-ipv6-first'] as const;
    const both = await Promise.all(stacks.map((stack) => startControlPlane({ stack, kwok: false, scheduler: false })));
    try {
      const [ipv6, dual] = await Promise.all(both.map(serviceRanges));
      expect(ipv6).to.deep.equal(['fd00:10:96::/112']);
      expect(dual).to.deep.equal(['fd00:10:96::/112', '10.96.0.0/16']);
    } finally {
      await Promise.all(both.map((one) => one.stop()));
    }
  });

  it('goes from one family to two with a restart, and without a feature', async function () {
    this.timeout(60_000);
    const controlPlane = await startControlPlane({ stack: 'ipv4', kwok: false, scheduler: false });
    try {
      expect(await serviceRanges(controlPlane)).to.deep.equal(['10.96.0.0/16']);
      await controlPlane.restartApiServer({ stack: 'dual', featureGates: { WatchList: false } });
      await waitFor('a second Service range', async () => (await serviceRanges(controlPlane)).length === 2);
      const streamed = '/api/v1/nodes?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const unavailability = await controlPlane.get(streamed).catch(String);
      expect(unavailability).to.contain('422').and.to.contain('WatchList');
      await controlPlane.create([node('late')]);
      const { spec } = await waitFor('podCIDRs', async () => {
        const late = (await controlPlane.get('/api/v1/nodes/late')) as V1Node;
        return late.spec?.podCIDRs !== undefined && late;
      });
      expect(spec?.podCIDRs).to.have.lengthOf(2);
    } finally {
      await controlPlane.stop();
    }
  });
});
