import type { V1EndpointSliceList, V1NodeList, V1Pod, V1PodList, V1ServiceList } from '@kubernetes/client-node';
import { expect } from 'chai';
import { Filler } from '../../bench/filler.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';

const SIZE = { nodes: 40, pods: 700, services: 60, namespaces: 3 };

describe('filling a cluster for the benchmark', function () {
  // Where the packages of Kubernetes are not in Go's cache, they are compiled first.
  this.timeout(600_000);

  let controlPlane: ControlPlane;
  let filler: Filler;

  before(async () => {
    controlPlane = await startControlPlane({ controllerManager: false, scheduler: false, kwok: false });
    filler = await Filler.build(controlPlane, SIZE);
  });

  after(async () => {
    await controlPlane.stop();
  });

  async function get<T>(path: string): Promise<T> {
    return (await controlPlane.get(path)) as T;
  }

  it('writes every shape of objects byte for byte as the API server does', async () => {
    expect(await filler.learn()).to.equal(13);
    expect((await get<V1PodList>('/api/v1/pods')).items, 'nothing is left of what was compared').to.deep.equal([]);
  });

  it('writes a cluster that the API server serves', async () => {
    let smallestPod = 0;
    await controlPlane.restartApiServer({}, async () => {
      ({ smallestPod } = await filler.fill());
    });
    expect(smallestPod).to.be.above(6_000);
    const { items: nodes } = await get<V1NodeList>('/api/v1/nodes');
    expect(nodes).to.have.lengthOf(SIZE.nodes);
    expect(nodes.filter(({ spec }) => spec?.podCIDRs?.length === 1)).to.have.lengthOf(1);
    const { items: pods } = await get<V1PodList>('/api/v1/pods');
    expect(pods).to.have.lengthOf(SIZE.pods);
    expect(pods.every(({ metadata }) => metadata?.managedFields?.length === 2)).to.equal(true);
    expect(new Set(pods.flatMap(({ status }) => status?.podIPs ?? []).map(({ ip }) => ip)).size, 'no address twice').to.be.above(1_200);
    const { items: services } = await get<V1ServiceList>('/api/v1/services');
    expect(services.filter(({ metadata }) => metadata?.namespace !== 'default')).to.have.lengthOf(SIZE.services);
  });

  it('writes EndpointSlices with the pods that have their family', async () => {
    const pods = (await get<V1PodList>('/api/v1/pods')).items.filter(({ spec }) => !spec?.hostNetwork);
    const { items: slices } = await get<V1EndpointSliceList>('/apis/discovery.k8s.io/v1/endpointslices');
    for (const [addressType, isOf] of [
      ['IPv4', (ip: string) => !ip.includes(':')],
      ['IPv6', (ip: string) => ip.includes(':')],
    ] as const) {
      const ofFamily = slices.filter((slice) => slice.metadata?.namespace !== 'default' && slice.addressType === addressType);
      const selected = new Set(ofFamily.map(({ metadata }) => metadata?.labels?.['app.kubernetes.io/name']));
      const expected = pods
        .filter(({ metadata }) => selected.has(metadata?.labels?.['app.kubernetes.io/name']))
        .flatMap(({ metadata, status }) => (status?.podIPs ?? []).filter(({ ip }) => isOf(ip)).map(({ ip }) => `${metadata?.uid} ${ip}`));
      const endpoints = ofFamily.flatMap((slice) =>
        (slice.endpoints ?? []).map(({ targetRef, addresses }) => `${targetRef?.uid} ${addresses.join()}`),
      );
      expect(endpoints.sort()).to.deep.equal(expected.sort());
    }
  });

  it('changes pods, and leaves the cluster as it was', async () => {
    const listed = async (): Promise<readonly V1Pod[]> => {
      const { items } = await get<V1PodList>('/api/v1/pods?resourceVersion=');
      for (const { metadata } of items) delete metadata?.resourceVersion;
      return items;
    };
    const before = await listed();
    const { changes, flips, replacements } = await filler.churn({ count: 2_000, flips: 100, replacements: 100 });
    expect(changes).to.be.within(2_000, 2_032);
    expect(flips).to.be.within(100, 300);
    expect(replacements).to.be.within(100, 300);
    expect(await listed()).to.deep.equal(before);
  });
});
