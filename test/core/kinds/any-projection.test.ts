import { expect } from 'chai';
import fc from 'fast-check';
import type { FactsKind } from '../../../src/core/kinds/facts.ts';
import { keyOf } from '../../../src/core/kinds/facts.ts';
import { Interner } from '../../../src/core/kinds/interner.ts';
import { pod } from '../../../src/core/kinds/pod.ts';
import { kindNamed, KINDS as DECLARED } from '../../../src/core/kinds/registry.ts';
import { project } from './projected.ts';

const KINDS: readonly FactsKind[] = DECLARED.map(({ name }) => name);

describe('any projection', () => {
  /** Objects with fields of the right names and any values, some of the right type. */
  const names = [
    'metadata spec status name namespace uid labels annotations creationTimestamp deletionTimestamp seconds nanos podCIDR podCIDRs taints key',
    'addresses type address nodeInfo operatingSystem phase conditions podIP podIPs hostIP hostIPs ip nodeName hostNetwork lastTransitionTime',
    'selector clusterIP clusterIPs ipFamilies ipFamily ipFamilyPolicy endpoints targetRef kind ready cidrs __proto__ constructor length',
  ].flatMap((line) => line.split(' '));
  const hostile = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium' },
      fc.jsonValue(),
      fc.constantFrom('10.0.0.1', 'fd00::/64', 'None', 'Running', 'Ready', 'Pod', 'IPv4', '2026-01-02T03:04:05Z', null),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .uniqueArray(fc.tuple(fc.constantFrom(...names), tie('value')), { selector: ([name]) => name })
        .map((entries) => JSON.parse(JSON.stringify(Object.fromEntries(entries))) as unknown),
    ),
  })).value;

  for (const kind of KINDS) {
    it(`of a ${kind} takes any JSON value without throwing`, () => {
      fc.assert(
        fc.property(hostile, hostile, (anything, parts) => {
          const named = { ...(typeof parts === 'object' ? parts : {}), metadata: { name: 'x' } };
          kindNamed(kind).facts(anything, new Interner());
          const facts = project(kind, named);
          expect(facts.kind).to.equal(kind);
          expect(keyOf(facts)).to.be.a('string').that.is.not.empty;
        }),
      );
    });
  }

  it('drops what has no name', () => {
    for (const object of [undefined, null, 7, 'x', [], {}, { metadata: null }, { metadata: { name: '' } }, { metadata: { name: 7 } }]) {
      for (const kind of KINDS) expect(kindNamed(kind).facts(object, new Interner())).to.equal(undefined);
    }
  });

  const label = 'a'.repeat(253);
  for (const name of ['x', 'ip-10-0-0-1.ec2.internal', '0', 'a--b', label]) {
    it(`takes ${JSON.stringify(name.slice(0, 40))} for a name`, () => {
      for (const kind of KINDS) expect(kindNamed(kind).facts({ metadata: { name, namespace: name } }, new Interner())).to.exist;
    });
  }

  for (const name of [
    'a/b',
    '../a',
    'A',
    'a_b',
    'a b',
    '-a',
    'a-',
    'a;reboot',
    '$(reboot)',
    "a'",
    'a\n',
    '\u001b[2J',
    'ä',
    '10.0.0.1%',
    `${label}a`,
  ]) {
    it(`drops what is called ${JSON.stringify(name.slice(0, 40))}, or is in a namespace so called`, () => {
      for (const kind of KINDS) {
        for (const metadata of [{ name }, { name: 'x', namespace: name }]) {
          expect(kindNamed(kind).facts({ metadata }, new Interner())).to.equal(undefined);
        }
      }
    });
  }

  it('takes times before 1970 and malformed ones for unknown', () => {
    for (const creationTimestamp of [
      '1960-01-01T00:00:00Z',
      '2026-13-45T00:00:00Z',
      '1',
      '',
      7,
      null,
      {},
      { seconds: -1 },
      { seconds: 'x' },
      { seconds: 1e300 },
      { seconds: 1e306 },
    ]) {
      expect(project('Node', { metadata: { name: 'x', creationTimestamp } }).createdAt).to.equal(0);
    }
    expect(project('Node', { metadata: { name: 'x', creationTimestamp: { seconds: 2, nanos: 5_900_000 } } }).createdAt).to.equal(2005);
  });

  it('keeps one copy of what repeats', () => {
    const interner = new Interner();
    const pods = [1, 2].map(() => pod.facts({ metadata: { name: 'x', namespace: 'ns', labels: { a: 'b' } } }, interner));
    expect(pods[0]?.labels).to.equal(pods[1]?.labels);
  });
});
