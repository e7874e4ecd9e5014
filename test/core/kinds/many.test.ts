import { expect } from 'chai';
import { DUAL_IPV4_FIRST, IPV4, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import type { FactsKind } from '../../../src/core/kinds/facts.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { LabelInterner, selects } from '../../../src/core/kinds/labels.ts';
import { kindNamed } from '../../../src/core/kinds/registry.ts';

const MANY = 300_000;
const metadata = { name: 'x', namespace: 'ns' };
const managedFields = Array.from({ length: MANY }, (_, i) => ({ time: { seconds: i }, subresource: '', fieldsV1: { 'f:spec': {} } }));
const last = (MANY - 1) * 1000;

/** What fits a frame and is more than any API server holds: each was a crash, or took seconds. */
const TABLE: readonly (readonly [what: string, kind: FactsKind, object: object, expected: object])[] = [
  ['entries of managedFields of a Service', 'Service', { metadata: { ...metadata, managedFields } }, { changedAt: last }],
  ['entries of managedFields of a ServiceCIDR', 'ServiceCIDR', { metadata: { ...metadata, managedFields } }, { changedAt: last }],
  [
    'addresses of a load balancer',
    'Service',
    { metadata, status: { loadBalancer: { ingress: [{ ip: '10.0.0.1' }, { ip: 'fd00::1' }, ...manyTimes({ ip: '' })] } } },
    { ingressFamilies: DUAL_IPV4_FIRST },
  ],
  [
    'addresses of a Node',
    'Node',
    { metadata, status: { addresses: [{ type: 'InternalIP', address: '10.0.0.1' }, ...manyTimes({ type: 'ExternalIP', address: 'x' })] } },
    { addressFamilies: IPV4 },
  ],
  ['podCIDRs of a Node', 'Node', { metadata, spec: { podCIDRs: manyTimes('10.0.0.0/24') } }, { podCIDRFamilies: IPV4 }],
  [
    'addresses of a Pod',
    'Pod',
    { metadata, status: { podIPs: manyTimes({ ip: '1:::' }), hostIPs: manyTimes({ ip: '1:::' }) } },
    { families: NO_FAMILY },
  ],
  ['clusterIPs of a Service', 'Service', { metadata, spec: { clusterIPs: manyTimes('10.0.0.999') } }, { clusterIPFamilies: NO_FAMILY }],
  ['CIDRs of a ServiceCIDR', 'ServiceCIDR', { metadata, spec: { cidrs: manyTimes('x') } }, { families: NO_FAMILY }],
];

function manyTimes<T>(value: T): T[] {
  return Array<T>(MANY).fill(value);
}

describe(`facts of objects with ${MANY}`, () => {
  for (const [what, kind, object, expected] of TABLE) {
    it(what, () => {
      const before = process.cpuUsage();
      expect(kindNamed(kind).facts(object, new Interner())).to.deep.include(expected);
      expect(process.cpuUsage(before).user / 1000).to.be.below(1000);
    });
  }
});

describe('a selector of many pairs', () => {
  it('takes no longer than their number says', () => {
    const interner = new LabelInterner();
    const many = interner.intern(Object.fromEntries(Array.from({ length: 200_000 }, (_, number) => [`label-${number}`, 'x'])));
    const before = process.cpuUsage();
    expect(selects(many, many)).to.equal(true);
    expect(process.cpuUsage(before).user / 1000).to.be.below(1000);
  });
});

describe('interned families', () => {
  it('are not those of a text that is others with a comma between', () => {
    const interner = new Interner();
    expect(interner.families(['10.0.0.1,fd00::1'])).to.equal(NO_FAMILY);
    expect(interner.families(['10.0.0.1', 'fd00::1'])).to.equal(DUAL_IPV4_FIRST);
  });
});
