import { expect } from 'chai';
import { DUAL_IPV4_FIRST } from '../../../src/core/net/addresses.ts';
import type { ServiceCIDRFacts } from '../../../src/core/kinds/facts.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { serviceCIDR } from '../../../src/core/kinds/service-cidr.ts';

function projected(object: unknown): ServiceCIDRFacts | undefined {
  return serviceCIDR.facts(object, new Interner());
}

describe('facts of a ServiceCIDR', () => {
  it('hold when its spec was last changed', () => {
    const fieldsV1 = { 'f:spec': { 'f:cidrs': {} } };
    const managedFields = [
      { operation: 'Update', time: '2026-06-01T12:00:00Z', fieldsV1 },
      { operation: 'Update', time: '2026-06-01T12:05:00Z', fieldsV1 },
      { operation: 'Update', time: '2026-06-01T12:07:00Z', fieldsV1: { 'f:metadata': { 'f:finalizers': {} } } },
      { operation: 'Update', time: '2026-06-01T12:09:00Z', fieldsV1, subresource: 'status' },
    ];
    const { changedAt } = projected({ metadata: { name: 'kubernetes', managedFields } }) ?? {};
    expect(changedAt).to.equal(Date.parse('2026-06-01T12:05:00Z'));
  });

  it('hold its families and whether it is ready', () => {
    const object = {
      metadata: { name: 'kubernetes' },
      spec: { cidrs: ['10.96.0.0/16', 'fd00::/112'] },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    };
    expect(projected(object)).to.deep.include({ families: DUAL_IPV4_FIRST, ready: true });
    expect(projected({ ...object, status: {} })?.ready).to.equal(false);
    expect(projected(object)?.changedAt).to.equal(undefined);
  });
});
