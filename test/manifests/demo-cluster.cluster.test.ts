import { isIPv6 } from 'node:net';
import { expect } from 'chai';
import { DEMO_OPTIONS, fillDemoCluster } from '../../demo/cluster.ts';
import { readCluster, readNodes, readServiceRanges, type ClusterState, type NodeState } from '../../demo/readiness.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';

const WHOLE_NODES = ['control-plane-1', 'worker-1', 'worker-2', 'worker-4', 'worker-5'];

describe("the demo's cluster", function () {
  this.timeout(300_000);
  let controlPlane: ControlPlane;
  let nodes: readonly NodeState[];
  let cluster: ClusterState;
  const steps: string[] = [];

  before(async () => {
    controlPlane = await startControlPlane(DEMO_OPTIONS);
    await fillDemoCluster(controlPlane, (step) => steps.push(step));
    nodes = await readNodes(controlPlane);
    cluster = await readCluster(controlPlane);
  });

  after(async () => {
    await controlPlane.stop();
  });

  it('says what it is doing', () => {
    expect(steps).to.have.length.above(3);
  });

  it('gives Services two ranges in the end', async () => {
    expect(familiesOf(await readServiceRanges(controlPlane))).to.equal('dual');
  });

  it('leaves worker-3 without an IPv6 podCIDR, and only worker-3', () => {
    expect(namesBy(nodes, ({ podCIDRs }) => familiesOf(podCIDRs))).to.deep.equal({ ipv4: ['worker-3'], dual: WHOLE_NODES });
  });

  it('leaves worker-5 without an IPv6 address, and only worker-5', () => {
    expect(namesBy(nodes, ({ internalIPs }) => familiesOf(internalIPs))).to.deep.equal({
      dual: ['control-plane-1', 'worker-1', 'worker-2', 'worker-3', 'worker-4'],
      ipv4: ['worker-5'],
    });
  });

  it('runs pods of the pod network with the families of the podCIDRs of their node', () => {
    const pods = cluster.pods.filter(({ hostNetwork }) => !hostNetwork);
    expect(pods).to.have.length.above(35);
    for (const { name, node, addresses } of pods) {
      expect(familiesOf(addresses), `${name} on ${node}`).to.equal(node === 'worker-3' ? 'ipv4' : 'dual');
    }
    expect(new Set(pods.map(({ node }) => node)).size).to.equal(6);
  });

  it('runs host-network pods with the addresses of their node, save the one that was there before the second address', () => {
    const pods = cluster.pods.filter(({ hostNetwork }) => hostNetwork);
    const oneFamily = pods.filter(({ addresses }) => familiesOf(addresses) !== 'dual');
    expect(pods).to.have.length(17);
    expect(
      oneFamily.map(({ node, labels }) => `${labels['component'] ?? labels['k8s-app'] ?? labels['app'] ?? ''} on ${node}`),
    ).to.have.members(['haproxy on worker-4', 'kube-proxy on worker-5', 'node-exporter on worker-5']);
  });

  const endpoints: Readonly<Record<string, Readonly<Record<string, number>>>> = {
    'default/kubernetes': { IPv4: 1 },
    'default/my-service': { IPv6: 2, IPv4: 2 },
    'default/nginx': { IPv4: 1 },
    'default/nginx-ipv6': { IPv6: 1 },
    'default/nginx-prefer': { IPv4: 1, IPv6: 1 },
    'default/nginx-require': { IPv4: 1, IPv6: 1 },
    'kube-system/kube-dns': { IPv4: 2 },
    'billing/invoices': { IPv4: 2 },
    'billing/ledger': { IPv4: 2 },
    'observability/grafana': { IPv6: 1, IPv4: 1 },
    'observability/node-exporter': { IPv4: 6, IPv6: 5 },
    'observability/prometheus': { IPv4: 1, IPv6: 1 },
    'shop/api': { IPv4: 4, IPv6: 4 },
    'shop/cart': { IPv4: 2, IPv6: 0 },
    'shop/payments': {},
    'shop/sessions': { IPv4: 3, IPv6: 2 },
    'shop/storefront': { IPv4: 4, IPv6: 4 },
    'shop/warehouse': { IPv4: 0, IPv6: 0 },
    'shop/web': { IPv4: 10, IPv6: 8 },
  };

  it('has these Services', () => {
    expect(cluster.services.map(({ namespace, name }) => `${namespace}/${name}`)).to.have.members(Object.keys(endpoints));
  });

  for (const [service, counts] of Object.entries(endpoints)) {
    it(`fills the slices of ${service}: ${JSON.stringify(counts)}`, () => {
      const found = cluster.services.find(({ namespace, name }) => `${namespace}/${name}` === service);
      expect(found?.families).to.deep.equal(Object.keys(counts));
      for (const [family, count] of Object.entries(counts)) expect(found?.endpoints[family], family).to.have.length(count);
    });
  }
});

function familiesOf(addressesOrCidrs: readonly string[]): string {
  const families = new Set(addressesOrCidrs.map((text) => (isIPv6(text.split('/')[0] ?? '') ? 'ipv6' : 'ipv4')));
  return families.size === 2 ? 'dual' : ([...families][0] ?? 'none');
}

function namesBy(nodes: readonly NodeState[], key: (node: NodeState) => string): Partial<Record<string, readonly string[]>> {
  const groups = Object.groupBy(nodes, key);
  return Object.fromEntries(Object.entries(groups).map(([group, members]) => [group, members?.map(({ name }) => name).sort()]));
}
