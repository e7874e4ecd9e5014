import { expect } from 'chai';
import type { Facts, PodFacts } from '../../../src/core/kinds/facts.ts';
import { detectStack } from '../../../src/core/cluster/stack.ts';
import { IPV4, DUAL_IPV4_FIRST, type FamilyList } from '../../../src/core/net/addresses.ts';
import { apiServer, ipv4Pod, node, pod, serviceCIDR, storeOf } from '../build.ts';

/** An IPv4 cluster of two nodes, and what its pods have. */
const cluster = [
  ...['a', 'b'].map((name) => node({ name, addresses: ['192.0.2.1'] })),
  serviceCIDR({ cidrs: ['10.96.0.0/16'] }),
  apiServer(),
] as const;

function pods(make: (name: string, nodeName: string) => PodFacts, ...workloads: readonly string[]): PodFacts[] {
  return workloads.flatMap((workload) => ['a', 'b'].map((nodeName) => make(`${workload}-${nodeName}`, nodeName)));
}

function ofOne(subnet: string): (name: string, nodeName: string) => PodFacts {
  return (name, nodeName) => ipv4Pod(name, { nodeName, owner: name.slice(0, 1), subnet });
}

function ofBoth(subnet: string): (name: string, nodeName: string) => PodFacts {
  return (name, nodeName) => pod({ name, nodeName, owner: name.slice(0, 1), subnet });
}

const ROWS: readonly { readonly name: string; readonly given: readonly Facts[]; readonly families: FamilyList }[] = [
  {
    name: 'are both where several workloads on several nodes have both',
    given: [...cluster, ...pods(ofOne(''), 'm', 'n', 'o'), ...pods(ofBoth(''), 'x', 'y')],
    families: DUAL_IPV4_FIRST,
  },
  {
    name: 'are both where pods of the subnet of most pods have both',
    given: [...cluster, ...pods(ofOne('most'), 'm', 'n', 'o'), ...pods(ofBoth('most'), 'x', 'y')],
    families: DUAL_IPV4_FIRST,
  },
  {
    name: 'are those of the subnet of most pods where pods of another one have both (kubeovn/kube-ovn#1631)',
    given: [...cluster, ...pods(ofOne('most'), 'm', 'n', 'o'), ...pods(ofBoth('other'), 'x', 'y')],
    families: IPV4,
  },
  {
    name: 'are those of the subnet of most pods where they have both',
    given: [...cluster, ...pods(ofOne('other'), 'm', 'n'), ...pods(ofBoth('most'), 'x', 'y', 'z')],
    families: DUAL_IPV4_FIRST,
  },
];

describe('the families that a pod network gives', () => {
  for (const { name, given, families } of ROWS) {
    it(name, () => {
      expect(detectStack(storeOf(given)).podFamilies).to.equal(families);
    });
  }
});
