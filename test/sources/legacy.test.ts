import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { fromRoot } from '../../scripts/root.ts';
import { DUAL_IPV4_FIRST, IPV4, IPV6, NO_FAMILY } from '../../src/core/net/addresses.ts';
import { keyOf, type Facts, type FactsKind, type FactsOf, type ServiceFacts } from '../../src/core/kinds/facts.ts';
import { evaluateAll, inShort } from '../core/build.ts';
import { conditionOf, statusOf } from '../core/report/report.ts';
import type { Raw } from '../client/support/objects.ts';
import { fileReader } from '../client/support/read.ts';

/**
 * Dumps of Kubernetes 1.16 to 1.19, where a Service has one family in `spec.ipFamily`. There were no ServiceCIDRs, and
 * namespaces are not in these dumps: what a file lacks whole is known no more than what may not be read.
 */
function factsOf(version: string): Facts[] {
  const list = parse(readFileSync(fromRoot(`test/sources/legacy/${version}.yaml`), 'utf8')) as { readonly items: readonly Raw[] };
  const read = fileReader();
  return list.items.map((object) => read(object.kind as FactsKind, object) ?? expect.fail(`nothing is read of ${JSON.stringify(object)}`));
}

function named<K extends FactsKind>(facts: readonly Facts[], kind: K, name: string): FactsOf<K> {
  return facts.find((one): one is FactsOf<K> => one.kind === kind && one.name === name) ?? expect.fail(`there is no ${kind} ${name}`);
}

const NOT_IN_1_16: readonly FactsKind[] = ['ServiceCIDR', 'EndpointSlice', 'Namespace'];
const NOT_IN_1_19: readonly FactsKind[] = ['ServiceCIDR', 'Namespace'];

describe('a dump of Kubernetes 1.16', () => {
  const facts = factsOf('v1.16');

  it('is read whole', () => {
    expect(facts.map((one) => `${one.kind} ${keyOf(one)}`)).to.have.length(14);
  });

  it('has nodes with podCIDRs, and one from before there were any but podCIDR', () => {
    expect(named(facts, 'Node', 'linuxpool1-0')).to.deep.include({
      podCIDRs: ['10.244.0.0/24', 'fd00:10:244::/64'],
      podCIDRFamilies: DUAL_IPV4_FIRST,
      addressFamilies: DUAL_IPV4_FIRST,
      createdAt: Date.UTC(2019, 8, 3, 19, 1, 12),
    });
    expect(named(facts, 'Node', 'linuxpool1-2')).to.deep.include({ podCIDRs: ['10.244.2.0/24'], podCIDRFamilies: IPV4 });
  });

  it('has pods with podIPs and no hostIPs, and one from before there were any but podIP', () => {
    expect(named(facts, 'Pod', 'pod01')).to.deep.include({ families: DUAL_IPV4_FIRST, hostFamilies: IPV4, ready: true, state: 'Running' });
    expect(named(facts, 'Pod', 'pod02')).to.deep.include({ addresses: ['10.244.2.4'], families: IPV4, hostFamilies: IPV4 });
  });

  const services: readonly (readonly [name: string, what: string, Partial<ServiceFacts>])[] = [
    [
      'my-service',
      'of IPv4',
      { ipFamilies: IPV4, clusterIPFamilies: IPV4, clusterIPs: ['10.0.29.179'], ipFamilyCount: 1, headless: false },
    ],
    [
      'my-service-v6',
      'of IPv6',
      { ipFamilies: IPV6, clusterIPFamilies: IPV6, clusterIPs: ['fe80:20d::d06b'], selector: [['app', 'MyApp']] },
    ],
    ['headless-v6', 'headless', { ipFamilies: IPV6, clusterIPFamilies: NO_FAMILY, headless: true, selector: [['app', 'MyApp']] }],
    ['headless-by-hand', 'headless without a selector', { ipFamilies: IPV4, headless: true, selector: [] }],
    ['by-hand', 'without a selector', { ipFamilies: IPV4, clusterIPFamilies: IPV4, headless: false, selector: [] }],
    ['elsewhere', 'an ExternalName', { type: 'ExternalName', ipFamilies: NO_FAMILY, clusterIPs: [], headless: false }],
    ['balanced-v6', 'a load balancer', { type: 'LoadBalancer', ipFamilies: IPV6, ingressFamilies: IPV6 }],
    ['from-before', 'from before there were families', { ipFamilies: IPV4, ipFamilyCount: 1, clusterIPFamilies: IPV4 }],
  ];
  for (const [name, what, expected] of services) {
    it(`has a Service ${what}, which is SingleStack (#services-before-1-20)`, () => {
      const { policy, ...service } = named(facts, 'Service', name);
      expect(policy).to.equal('SingleStack');
      expect(service).to.deep.include(expected);
    });
  }

  it('has one fault, the node from before, and Services of which nothing can be determined', () => {
    const asked = { refused: NOT_IN_1_16 };
    expect(inShort(evaluateAll(facts, asked).evaluation)).to.deep.equal(['NodePodCIDRMissing Critical Node/linuxpool1-2 IPv6']);
    const status = statusOf(facts, asked);
    expect(status.stack).to.deep.include({ overall: 'Unknown' });
    expect(status.stack?.services).to.deep.include({ families: 'Unknown', primary: 'IPv4' });
    expect(status.services).to.deep.include({ total: 6, ipv4Only: 3, ipv6Only: 3, none: 0 });
    expect(status.services?.skipped).to.deep.equal({ apiServer: 1, headlessWithoutSelector: 1, externalName: 1 });
    expect(conditionOf(status, 'NodesHealthy').status).to.equal('False');
    expect(conditionOf(status, 'ServicesHealthy').status).to.equal('Unknown');
  });

  it('has the same fault where both families are expected, and blames no Service', () => {
    const { evaluation } = evaluateAll(facts, { refused: NOT_IN_1_16, expected: ['IPv4', 'IPv6'] });
    expect(inShort(evaluation)).to.deep.equal(['NodePodCIDRMissing Critical Node/linuxpool1-2 IPv6']);
  });
});

describe('a dump of Kubernetes 1.19', () => {
  const facts = factsOf('v1.19');

  it('has Services that were changed when their spec was, whoever else changed their status', () => {
    expect(named(facts, 'Service', 'my-service').changedAt).to.equal(Date.UTC(2020, 9, 2, 8, 59, 30));
  });

  it('has EndpointSlices of v1beta1', () => {
    expect(named(facts, 'EndpointSlice', 'my-service-9tvc8')).to.deep.include({
      serviceName: 'my-service',
      addressType: 'IPv4',
      managed: true,
      readyTargets: ['5e0b6c1e-52a3-4c39-8d3c-52e6a3d9f101'],
    });
    expect(named(facts, 'EndpointSlice', 'my-service-v6-x2kqp')).to.deep.include({ addressType: 'IPv6', readyTargets: [] });
  });

  it('has IPv6 Services whose pods lack IPv6, because their node has no podCIDR of it (#pods-without-a-family-are-omitted)', () => {
    expect(inShort(evaluateAll(facts, { refused: NOT_IN_1_19 }).evaluation)).to.deep.equal([
      'EndpointFamilyMissing Critical Service/default/headless-v6 IPv6 because NodePodCIDRMissing Node/worker-1',
      'EndpointFamilyMissing Critical Service/default/my-service-v6 IPv6 because NodePodCIDRMissing Node/worker-1',
      'NodePodCIDRMissing Critical Node/worker-1 IPv6',
    ]);
  });
});
