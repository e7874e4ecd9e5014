import { familyWords, isDual, missingFrom, NO_FAMILY, type FamilyList } from '../net/addresses.ts';
import { PODS_OF_NETWORK } from '../cluster/reach.ts';
import { familiesAtPlatform } from './platform-fixes.ts';
import { podExposure } from './remedies.ts';
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

/** The families that Services have and pods lack. What is Unknown explains nothing and contradicts nothing. */
export function lackedByPods({ pods, services }: Stack): FamilyList {
  const having = layerFamilies(pods);
  return having.length > 0 ? missingFrom(having, layerFamilies(services)) : NO_FAMILY;
}

function evaluate(view: ClusterView): Violation | undefined {
  return violation(lackedByPods(view.stack));
}

function describe({ families }: Violation, view: ClusterView): Description {
  const [pods, services] = [layerFamilies(view.stack.pods), layerFamilies(view.stack.services)];
  const has = isDual(services) ? 'both families' : familyWords(services);
  return {
    message: `The pods have ${familyWords(pods)} only, and Services have ${has}, which no stage of a migration explains`,
    remediation: {
      summary: `Give the pods ${familyWords(families)} too, or take it from the Services.`,
      steps: stepsForPods(families, view),
    },
  };
}

/** How the pod network gets families that it lacks. */
export function stepsForPods(missing: FamilyList, view: ClusterView): readonly RemediationStep[] {
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
