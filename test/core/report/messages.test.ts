import { expect } from 'chai';
import type { Facts } from '../../../src/core/kinds/facts.ts';
import { dualNodes, dualService, ipv4Node, ipv4Pod, namespace, pod, service, serviceCIDR, slicesFor } from '../build.ts';
import { conditionOf, conditionsOf, statusOf, type ReportAsked } from './report.ts';

const web = dualService();
const sound: readonly Facts[] = [...dualNodes('a', 'b'), serviceCIDR(), web, pod(), ...slicesFor(web, [pod()])];
const IPV4 = ['192.0.2.1'];
const ofIPv4: readonly Facts[] = [
  ipv4Node('a', { addresses: IPV4 }),
  serviceCIDR({ cidrs: ['10.96.0.0/16'] }),
  service({ selector: {} }),
  ipv4Pod('one'),
];

interface Row extends ReportAsked {
  readonly name: string;
  readonly given: readonly Facts[];
  readonly type: string;
  readonly says: string;
}

const ROWS: readonly Row[] = [
  {
    name: 'that all is well',
    given: sound,
    type: 'Healthy',
    says: 'Dual-stack in all layers. Nothing to fix.',
  },
  { name: 'that there is a verdict', given: sound, type: 'Ready', says: 'The cluster is evaluated and watched.' },
  {
    name: 'what a sound layer goes by',
    given: sound,
    type: 'NodesHealthy',
    says: 'of 2 nodes 2 have addresses of both families, 0 IPv4 only, 0 IPv6 only.',
  },
  {
    name: 'that one family is no problem in itself',
    given: ofIPv4,
    type: 'ServicesHealthy',
    says: 'IPv4 only, and nothing says that more is expected: ServiceCIDR kubernetes has IPv4.',
  },
  {
    name: 'that no pod shows what pods are given',
    given: [...dualNodes('a', 'b'), serviceCIDR()],
    type: 'PodsHealthy',
    says: 'Nothing shows what pods are given: there is no pod-network pod; nodes have podCIDRs of IPv4 and IPv6.',
  },
  {
    name: 'that the namespaces that are asked for cannot be determined',
    given: sound,
    refused: ['Namespace'],
    spec: { namespaceSelector: { matchLabels: { team: 'one' } } },
    type: 'Stalled',
    says: 'spec.namespaceSelector cannot be applied: Not allowed to list and watch these: grant the rule for them.',
  },
  {
    name: 'why there is no verdict on Services',
    given: sound,
    refused: ['Service'],
    type: 'ServicesHealthy',
    says: 'Not allowed to list and watch these: grant the rule for them.',
  },
];

describe('the conditions of a report say', () => {
  for (const { name, given, type, says, ...asked } of ROWS) {
    it(name, () => {
      expect(conditionOf(statusOf(given, asked), type).message).to.equal(says);
    });
  }

  it('of pods alone that none shows what it was given', () => {
    expect(conditionsOf(statusOf([...dualNodes('a', 'b'), serviceCIDR()]))).to.deep.equal([
      'Ready=True Evaluated',
      'Healthy=Unknown NoPods',
      'NodesHealthy=True NoProblemFound',
      'PodsHealthy=Unknown NoPods',
      'ServicesHealthy=True NoProblemFound',
    ]);
  });

  it('nothing of Stalled where it cannot be determined what Services can have', () => {
    const unready = statusOf([...dualNodes('a', 'b'), serviceCIDR({ ready: false })], { spec: { expectedFamilies: ['IPv4', 'IPv6'] } });
    expect(conditionsOf(unready).join()).to.not.include('Stalled');
  });

  it('nothing of Stalled where the namespaces where the namespaces that are asked for are known', () => {
    const spec = { namespaceSelector: { matchLabels: { team: 'one' } } };
    expect(conditionsOf(statusOf([...sound, namespace('shop', { team: 'one' })], { spec })).join()).to.not.include('Stalled');
  });
});
