import type { FamilyList } from '../net/addresses.ts';
import type { NodeFacts } from '../kinds/facts.ts';
import { nodeSkipReason } from '../kinds/skipped.ts';
import { firstOf } from '../words.ts';
import type { ClusterView } from '../cluster/view.ts';
import type { RemediationStep } from './check.ts';
import { nodeExposure } from './remedies.ts';

const MOST_NAMED = 3;

export const WAIT_FOR_OPENSHIFT = 'Let OpenShift finish updating its machines, which gives each node its addresses.';

/**
 * What the Machine Config Operator is doing, as the end of a sentence: `; OpenShift is updating worker-1`; empty where it is doing nothing. A machine that it
 * cannot update keeps it from others, too.
 * @param nodes those of which the sentence is
 */
export function rolloutWords(nodes: readonly NodeFacts[], view: ClusterView): string {
  if (!view.conversion.isRollingOut) return '';
  const words = [
    ['cannot update', nodesThatAre('Degraded', view)],
    ['is updating', nodesThatAre('Updating', view, nodes)],
  ] as const;
  const named = words.filter(([, nodes]) => nodes.length > 0).map(([verb, nodes]) => `${verb} ${firstOf(nodes, MOST_NAMED)}`);
  return named.length > 0 ? `; OpenShift ${named.join(', and ')}` : '';
}

function nodesThatAre(state: NodeFacts['machineConfig'], view: ClusterView, among: Iterable<NodeFacts> = view.nodes()): readonly string[] {
  const nodes = [...among].filter((node) => node.machineConfig === state && !nodeSkipReason(node));
  return nodes.map(({ name }) => name).sort();
}

/** Waits until OpenShift has given nodes their addresses (rules.md#machine-config-rollout), and what is left to do where it does not. */
export function waitForMachineConfig(nodes: readonly NodeFacts[], families: FamilyList, view: ClusterView): readonly RemediationStep[] {
  return [
    {
      description:
        'See which MachineConfigPools OpenShift still updates, and whether one is paused or degraded, which stops it. It drains and reboots their machines one after the other: do not drain them by hand.',
      command: 'oc get mcp',
      disruption: 'None',
    },
    ...nodesThatAre('Degraded', view).slice(0, 1).map(whyDegraded),
    {
      description: 'Wait until the pools of these nodes are updated. If you have pools of your own, name them too.',
      command: `oc wait ${poolsOf(nodes).join(' ')} --for=condition=Updated --timeout=60m`,
      disruption: 'None',
      exposes: nodeExposure(families),
    },
    {
      description:
        'If a node lacks the address after that: give its interface an address of the family, then drain and reboot the machine. nodeip-configuration.service passes the addresses to the kubelet when the machine boots.',
      disruption: 'RestartsPods',
      exposes: nodeExposure(families),
    },
  ];
}

/** Keeps OpenShift from changing more machines, where it is changing some. */
export function pausePools({ conversion }: ClusterView): readonly RemediationStep[] {
  if (!conversion.isRollingOut) return [];
  return [
    {
      description:
        'Pause the MachineConfigPools that OpenShift is updating (spec.paused: true), so that no other machine loses the family. Resume them when this is fixed: a paused pool gets no updates, and may miss new certificates.',
      disruption: 'None',
    },
  ];
}

function whyDegraded(name: string): RemediationStep {
  return {
    description: `Fix what keeps OpenShift from updating ${name}.`,
    command: `oc get node ${name} -o jsonpath='{.metadata.annotations.machineconfiguration\\.openshift\\.io/reason}'`,
    disruption: 'None',
  };
}

function poolsOf(nodes: readonly NodeFacts[]): readonly string[] {
  const pools = nodes.map(({ role }) => (role === 'Worker' ? 'mcp/worker' : 'mcp/master'));
  return [...new Set(pools)].sort();
}
