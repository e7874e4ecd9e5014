import { familyWords, isDual, missingFrom, NO_FAMILY, overlap, union, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NETWORK } from '../cluster/reach.ts';
import { familiesAtPlatform } from './platform-fixes.ts';
import { missingAddresses, nodeExposure, podExposure } from './remedies.ts';
import { layerFamilies, type Stack } from '../cluster/stack.ts';
import type { ClusterView } from '../cluster/view.ts';
import { violation, type ClusterCheck, type Description, type RemediationStep, type Violation } from './check.ts';

/** rules.md#order-of-a-migration and the order of a migration: pod network → Services. Node addresses do not bound the pod network. */
export const clusterStackInconsistent: ClusterCheck = {
  name: 'ClusterStackInconsistent',
  kind: 'Cluster',
  severity: 'Warning',
  description: 'Services have a family that no pod has. No stage of a migration explains this.',
  rationale:
    'A migration gives the second family to the pod network first, then to Services (KEP-563, kubernetes/kubeadm#3191). A Service ' +
    'with a family that no pod has cannot serve it. Node addresses do not matter here: an overlay can give pods both families over ' +
    'nodes with one (cilium/cilium#40324).',
  remediation: 'Give the pod network the family, or remove it from the Services.',
  needs: ['Node', 'Pod', 'Service', 'ServiceCIDR'],
  evaluate,
  describe,
  explains: PODS_OF_NETWORK,
  causedThrough: PODS_OF_NETWORK,
};

interface Layer {
  readonly name: string;
  readonly families: FamilyList;
}

/** A layer with the one before it, and the families of the former that the latter lacks. */
interface Step {
  readonly ahead: Layer;
  readonly behind: Layer;
  readonly missing: FamilyList;
}

/** What is Unknown explains nothing and contradicts nothing. */
function stepsOf(stack: Stack): Step[] {
  const layers: Layer[] = [
    { name: 'pods', families: layerFamilies(stack.pods) },
    { name: 'Services', families: layerFamilies(stack.services) },
  ].filter(({ families }) => families.length > 0);
  return layers.slice(1).map((ahead, index) => {
    const behind = layers[index] ?? ahead;
    return { ahead, behind, missing: missingFrom(behind.families, ahead.families) };
  });
}

function evaluate(view: ClusterView): Violation | undefined {
  return violation(stepsOf(view.stack).reduce((families, { missing }) => union(families, missing), NO_FAMILY));
}

function describe({ families }: Violation, view: ClusterView): Description {
  const step = stepsOf(view.stack).find(({ missing }) => overlap(missing, families));
  if (!step)
    return { message: clusterStackInconsistent.description, remediation: { summary: clusterStackInconsistent.remediation, steps: [] } };
  const { ahead, behind, missing } = step;
  const has = isDual(ahead.families) ? 'both families' : familyWords(ahead.families);
  return {
    message: `The ${behind.name} have ${familyWords(behind.families)} only, and ${ahead.name} have ${has}, which no stage of a migration explains`,
    remediation: {
      summary: `Give the ${behind.name} ${familyWords(missing)} too, or take it from the ${ahead.name}.`,
      steps: behind.name === 'nodes' ? stepsForNodes(missing) : stepsForPods(missing, view),
    },
  };
}

function stepsForNodes(missing: FamilyList): readonly RemediationStep[] {
  return [
    {
      description: `Give each machine ${missingAddresses(missing)}, name it in the kubelet's --node-ip after the present one, and restart the kubelet. Pods keep running.`,
      disruption: 'None',
      exposes: nodeExposure(missing),
    },
  ];
}

function stepsForPods(missing: FamilyList, view: ClusterView): readonly RemediationStep[] {
  const words = familyWords(missing);
  return [
    familiesAtPlatform(missing, view) ?? {
      description: `Configure the CNI plugin for ${words} too; where pods get their addresses from podCIDRs, kube-controller-manager's --cluster-cidr and the nodes as well.`,
      disruption: 'None',
    },
    {
      description: 'Restart the pods of the pod network, workload by workload. A pod gets its addresses when it starts.',
      disruption: 'RestartsPods',
      exposes: podExposure(missing),
    },
  ];
}
