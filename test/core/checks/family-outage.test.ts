import { IPV4 } from '../../../src/core/net/addresses.ts';
import type { PodFacts } from '../../../src/core/kinds/facts.ts';
import { nodePodNetworkFamilyLost } from '../../../src/core/checks/node-pod-network-family-lost.ts';
import { podFamilyMissing } from '../../../src/core/checks/pod-family-missing.ts';
import { workloadSingleFamily } from '../../../src/core/checks/workload-single-family.ts';
import { dualNodes, dualService, ipv4Pod, MINUTE, NOW, pod, type PodSketch } from '../build.ts';
import { describeCheck } from './table.ts';

const OFF = NOW - 120 * MINUTE;
const ON = OFF + 60 * MINUTE;
const BEFORE = OFF - 60 * MINUTE;
const nodes = [...dualNodes('a', 'b', 'c'), dualService({ selector: {} })];

const dual = (name: string, nodeName: string, startedAt: number, owner = 'DaemonSet/agent'): PodFacts =>
  pod({ name: `${name}-${nodeName}`, nodeName, startedAt, owner });
const agents = (startedAt: number, ...names: string[]): PodFacts[] => names.map((name) => dual(`agent-${startedAt}`, name, startedAt));
/** A pod of a workload that started in between, and a later one with both families. */
const caught = (workload: string, nodeName: string, parts: PodSketch = {}): PodFacts[] => [
  ipv4Pod(`${workload}-caught`, { nodeName, startedAt: OFF, owner: `Deployment/${workload}`, ...parts }),
  dual(`${workload}-later`, 'c', ON, `Deployment/${workload}`),
];

const around = [...nodes, ...agents(BEFORE, 'a', 'b', 'c'), ...agents(ON, 'a', 'b', 'c')];
const onTwoNodes = [...around, ...caught('x', 'a'), ...caught('y', 'b'), ...caught('z', 'a', { startedAt: OFF + 12 * MINUTE })];
const onOneNode = [...around, dual('other', 'b', OFF + MINUTE), ...['x', 'y', 'z'].flatMap((workload) => caught(workload, 'a'))];
const each = (...names: string[]): string[] => names.map((name) => `Warning Pod/shop/${name}-caught IPv6`);
const odd = (name: string, startedAt: number): PodFacts[] => caught(name, 'b', { startedAt });
const LOST = NOW - 10 * MINUTE;
const lostAgain = ['x', 'y', 'z'].map((workload, index) =>
  ipv4Pod(`${workload}-lost`, { nodeName: index === 0 ? 'b' : 'a', startedAt: LOST, owner: `Deployment/${workload}` }),
);

const TRY =
  'None: Restart one workload first, and see that its new pods have IPv6. Restart the others only then: a restart also replaces their pods that have it.';
const LIST =
  'kubectl get pods --all-namespaces -o custom-columns=NAMESPACE:.metadata.namespace,NAME:.metadata.name,IPS:.status.podIPs[*].ip';
const ROLL_OUT = 'RestartsPods: Restart the workloads, one after the other. Each replaces its pods by its own update strategy.';
const NEW_PODS =
  'The new pods, at their IPv6 addresses. NetworkPolicies with ipBlocks of only the other family do not cover these addresses.';
const WORDS = {
  summary: 'Restart the workloads of these pods, which started while the pod network gave no IPv6.',
  steps: [TRY, ROLL_OUT],
  exposes: [NEW_PODS],
};
const ROLL_OUTS = 'xyz'
  .split('')
  .map((workload) => `kubectl rollout restart deployment/${workload} --namespace shop`)
  .join(' && ');

describeCheck(
  podFamilyMissing,
  [
    { name: 'is one finding for pods that started while no pod got the family', given: onTwoNodes, finds: ['Warning Cluster IPv6'] },
    {
      name: 'is one finding for pods on one node, while those on others got it',
      given: onOneNode,
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'counts a pod on a node without a newer one in, where other nodes give the family again',
      given: [...onTwoNodes, ...dualNodes('d'), ...agents(BEFORE, 'd'), ...caught('w', 'd')],
      finds: ['Warning Cluster IPv6'],
    },
    {
      name: 'is one finding for two periods',
      given: [
        ...onTwoNodes,
        ...['u', 'v', 'w'].flatMap((name, index) => caught(name, index === 0 ? 'b' : 'a', { startedAt: ON + MINUTE })),
      ].concat(agents(ON + 2 * MINUTE, 'a', 'b')),
      finds: ['Warning Cluster IPv6'],
    },
    { name: 'is on the pod where one is odd', given: [...around, ...caught('x', 'a')], finds: each('x') },
    {
      name: 'is on the pods of two workloads, each of which may have a cause of its own',
      given: [...around, ...caught('x', 'a'), ...caught('y', 'b')],
      finds: each('x', 'y'),
    },
    {
      name: 'is on the pods where others got the family in between',
      given: [...onTwoNodes, dual('other', 'c', OFF + 5 * MINUTE)],
      finds: each('x', 'y', 'z'),
    },
    {
      name: 'is on the pods where others got the family in the same minute',
      given: [...onTwoNodes, dual('other', 'c', OFF + MINUTE / 2)],
      finds: each('x', 'y', 'z'),
    },
    {
      name: 'is on each of many odd pods, of which some happen to be together',
      given: [...onTwoNodes, ...odd('t', BEFORE + 30 * MINUTE), ...odd('u', BEFORE + 40 * MINUTE)].concat(
        agents(BEFORE + 50 * MINUTE, 'b'),
      ),
      finds: each('t', 'u', 'x', 'y', 'z'),
    },
    {
      name: 'is on an odd pod beside those of a period',
      given: [...onTwoNodes, ...odd('u', BEFORE + 40 * MINUTE), ...agents(BEFORE + 50 * MINUTE, 'b')],
      finds: ['Warning Cluster IPv6', ...each('u')],
    },
    {
      name: 'is on the pods where they lack different families',
      given: [...around, ...caught('x', 'a'), ...caught('y', 'b'), ...caught('z', 'a', { addresses: ['fd00:10:244:1::7'] })],
      finds: [...each('x', 'y'), 'Warning Pod/shop/z-caught IPv4'],
    },
    {
      name: 'says nothing of pods that ask for one family',
      given: [...around, ...['x', 'y', 'z'].flatMap((workload) => caught(workload, 'a', { declaredFamilies: IPV4 }))],
      finds: [],
    },
    {
      name: 'says nothing of workloads of one family, which stay WorkloadSingleFamily',
      given: [
        ...around,
        ...['x', 'y', 'z'].flatMap((workload) =>
          ['a', 'b'].flatMap((on) => caught(workload, on, { name: `${workload}-${on}` }).slice(0, 1)),
        ),
      ],
      finds: [],
    },
    {
      name: 'takes pods without a controller along, and not for evidence',
      given: [...around, ...['x', 'y', 'z'].flatMap((workload) => caught(workload, 'a', { owner: '' }))],
      finds: each('x', 'y', 'z'),
    },
    {
      name: 'is the effect of a loss where the network gives the family to no pod since',
      given: [...onTwoNodes, ...lostAgain],
      finds: [
        'Warning Cluster IPv6',
        ...['x', 'y', 'z'].map((workload) => `Warning Pod/shop/${workload}-lost IPv6 because NodePodNetworkFamilyLost Cluster`),
      ],
    },
  ],
  [
    {
      of: 'a period',
      given: onTwoNodes,
      message:
        '3 pods that started between 2026-06-01 10:00 and 2026-06-01 10:12 UTC have no IPv6, which older and newer pods have: shop/Deployment/x (1 pod), shop/Deployment/y (1 pod), shop/Deployment/z (1 pod)',
      ...WORDS,
      commands: [LIST, ROLL_OUTS],
    },
    {
      of: 'one minute',
      given: onOneNode,
      message:
        '3 pods that started at 2026-06-01 10:00 UTC have no IPv6, which older and newer pods have: shop/Deployment/x (1 pod), shop/Deployment/y (1 pod), shop/Deployment/z (1 pod)',
      ...WORDS,
      commands: [LIST, ROLL_OUTS],
    },
    {
      of: 'two periods',
      given: [
        ...onOneNode,
        ...['x', 'y', 'z'].flatMap((workload) => caught(workload, 'a', { name: `${workload}-again`, startedAt: ON + MINUTE })),
        ...agents(ON + 2 * MINUTE, 'a'),
      ],
      message:
        '6 pods that started in 2 periods, first at 2026-06-01 10:00 UTC, have no IPv6, which older and newer pods have: shop/Deployment/x (2 pods), shop/Deployment/y (2 pods), shop/Deployment/z (2 pods)',
      ...WORDS,
      commands: [LIST, ROLL_OUTS],
    },
  ],
);

describeCheck(
  nodePodNetworkFamilyLost,
  [
    {
      name: 'blames no node without newer pods for a period that is over',
      given: [...onTwoNodes, ...dualNodes('d'), ...agents(BEFORE, 'd'), ...['u', 'v', 'w'].flatMap((name) => caught(name, 'd'))],
      finds: [],
    },
    {
      name: 'sees a new loss where pods of a period that is over were not restarted',
      given: [...onTwoNodes, ...lostAgain],
      finds: ['Warning Cluster IPv6'],
    },
  ],
  [],
);

describeCheck(workloadSingleFamily, [{ name: 'is not what pods of a period have in common', given: onTwoNodes, finds: [] }], []);
