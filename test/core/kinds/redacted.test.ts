import { expect } from 'chai';
import { DUAL_IPV4_FIRST, IPV6, isRedacted } from '../../../src/core/net/addresses.ts';
import { nodeSkipReason, podSkipReason } from '../../../src/core/kinds/skipped.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { node } from '../../../src/core/kinds/node.ts';
import { pod } from '../../../src/core/kinds/pod.ts';
import { serviceCIDR } from '../../../src/core/kinds/service-cidr.ts';
import { service } from '../../../src/core/kinds/service.ts';
import { evaluate, inShort, serviceCIDR as cidrOf } from '../build.ts';
import { statusOf } from '../report/report.ts';

const interner = new Interner();
const metadata = { name: 'web', namespace: 'shop', uid: 'u' };

describe('redacted addresses', () => {
  for (const text of [
    '***HIDDEN***',
    '***HIDDEN***/24',
    'x-ipv4-0000000001-x',
    'x-ipv6-0000000012-x',
    '<redacted>',
    '[REDACTED]',
    'xxx.xxx.xxx.xxx',
    'x.x.x.7',
    '192.0.xxx.7',
    '192.0.2.xx/24',
    '2001:db8:XX::7',
    '2001:<snip>:7424:8f00::7',
    '[snip]:f904::101',
    '2001:db8:...:7',
  ]) {
    it(`are known by what is in their place: ${text}`, () => {
      expect(isRedacted(text)).to.equal(true);
    });
  }

  for (const text of [
    '',
    '10.0.0.1',
    '2001:db8::1',
    'None',
    'nonsense',
    '[2001:db8::d]',
    '[fe80::1%eth0]',
    '2001:db8::/64',
    'node-d.example',
    'max.example',
    'hostname',
  ]) {
    it(`are no other texts: "${text}"`, () => {
      expect(isRedacted(text)).to.equal(false);
    });
  }

  it('leave a node out, of which they may be any family', () => {
    const status = { addresses: ['***HIDDEN***', '2001:db8::1'].map((address) => ({ type: 'InternalIP', address })) };
    const facts = node.facts({ metadata: { name: 'a' }, status }, interner);
    expect(facts && nodeSkipReason(facts)).to.equal('unreadable');
  });

  it('leave a pod out', () => {
    const status = { phase: 'Running', podIPs: [{ ip: '***HIDDEN***' }, { ip: '2001:db8::1' }] };
    const facts = pod.facts({ metadata, status }, interner);
    expect(facts && podSkipReason(facts)).to.equal('unreadable');
  });

  it('have the family that ipFamilies says in a Service, and disagree with nothing', () => {
    const clusterIPs = ['***HIDDEN***', '2001:db8::a'];
    const spec = { clusterIP: clusterIPs[0], clusterIPs, ipFamilies: ['IPv4', 'IPv6'], ipFamilyPolicy: 'PreferDualStack' };
    const facts = service.facts({ metadata, spec }, interner);
    expect(facts).to.deep.include({ clusterIPFamilies: DUAL_IPV4_FIRST, unreadable: true });
    expect(inShort(evaluate(facts ? [facts, cidrOf()] : []))).to.deep.equal([]);
  });

  it('make it Unknown what Services can have, and say why', () => {
    const cidr = serviceCIDR.facts(
      {
        metadata: { name: 'kubernetes' },
        spec: { cidrs: ['***HIDDEN***/16', '2001:db8::/112'] },
        status: { conditions: [{ type: 'Ready', status: 'True' }] },
      },
      interner,
    );
    expect(cidr).to.deep.include({ families: IPV6, unreadable: true });
    expect(statusOf(cidr ? [cidr] : []).stack?.services).to.deep.equal({
      families: 'Unknown',
      evidence: 'ServiceCIDR kubernetes has IPv6 and a range that cannot be read: the objects are redacted',
    });
  });
});
