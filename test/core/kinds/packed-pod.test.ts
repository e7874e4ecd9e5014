import { expect } from 'chai';
import fc from 'fast-check';
import { DUAL_IPV4_FIRST, DUAL_IPV6_FIRST, IPV4, IPV6, NO_FAMILY } from '../../../src/core/net/addresses.ts';
import { sameFacts, type PodFacts, type PodState, type SandboxState } from '../../../src/core/kinds/facts.ts';
import { PackedPod } from '../../../src/core/kinds/packed-pod.ts';

const STATES: readonly PodState[] = ['Running', 'Pending', 'Completed', 'Terminating', 'Unaddressed'];
const SANDBOXES: readonly SandboxState[] = ['Unknown', 'Ready', 'NotReady'];
const families = fc.constantFrom(NO_FAMILY, IPV4, IPV6, DUAL_IPV4_FIRST, DUAL_IPV6_FIRST);
/** Up to the last time that a date can hold, with parts of seconds. */
const time = fc.integer({ min: 0, max: 8.64e15 });

const pods: fc.Arbitrary<PodFacts> = fc.record({
  kind: fc.constant('Pod' as const),
  uid: fc.string(),
  namespace: fc.string(),
  name: fc.string(),
  nodeName: fc.string(),
  createdAt: time,
  startedAt: time,
  state: fc.constantFrom(...STATES),
  hostNetwork: fc.boolean(),
  mirror: fc.boolean(),
  controlled: fc.boolean(),
  ready: fc.boolean(),
  readySince: time,
  addresses: fc.array(fc.oneof(fc.constantFrom('10.0.0.1', 'fd00::1', '', ',', '10.0.0.1,fd00::1'), fc.string()), { maxLength: 4 }),
  families,
  hostFamilies: families,
  strayFamilies: families,
  declaredFamilies: families,
  pluginFamilies: families,
  otherNetwork: fc.boolean(),
  subnet: fc.string(),
  owner: fc.string(),
  sandbox: fc.constantFrom(...SANDBOXES),
  needsClusterDNS: fc.boolean(),
  labels: fc.constantFrom([], [['app', 'web']] as const),
});

describe('a packed pod', () => {
  it('has the facts that it was packed from, whatever they are', () => {
    fc.assert(
      fc.property(pods, (pod) => {
        const packed = new PackedPod(pod);
        for (const [field, value] of Object.entries(pod)) expect(packed[field as keyof PodFacts], field).to.deep.equal(value);
        expect(sameFacts(pod, packed)).to.be.true;
        const lists = ({ families: own, hostFamilies, strayFamilies, declaredFamilies, pluginFamilies }: PodFacts): unknown[] => [
          own,
          hostFamilies,
          strayFamilies,
          declaredFamilies,
          pluginFamilies,
        ];
        expect(lists(packed)).to.have.ordered.members(lists(pod));
      }),
    );
  });

  it('is not the same as one of which a fact differs', () => {
    fc.assert(
      fc.property(pods, pods, fc.nat(16), (pod, other, nth) => {
        const field = Object.keys(pod)[nth] as keyof PodFacts;
        const changed = { ...pod, [field]: other[field] };
        const alike = JSON.stringify(pod[field]) === JSON.stringify(other[field]);
        expect(sameFacts(changed, new PackedPod(pod))).to.equal(alike || pod[field] === other[field]);
      }),
    );
  });
});
