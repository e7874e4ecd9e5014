import { familyWords } from '../net/addresses.ts';
import { podsOfNetworkThat } from '../cluster/reach.ts';
import { workloadWords } from '../cluster/single-family-pods.ts';
import { lookAtNamespaces } from './requested-family.ts';
import type { ClusterView } from '../cluster/view.ts';
import { counted } from '../words.ts';
import { violation, type ClusterCheck, type Description, type Violation } from './check.ts';

/** One family on purpose, as far as that can be seen. */
export const workloadSingleFamily: ClusterCheck = {
  name: 'WorkloadSingleFamily',
  kind: 'Cluster',
  severity: 'Info',
  description: 'All pods of a workload have one family, although other pods on the same nodes have both.',
  rationale:
    'Some of these pods started while the network of their nodes gave both families. So they get their addresses from an IP pool ' +
    'or a subnet with one family, or something else about the workload prevents the second address. This can be on purpose. A pod ' +
    'that replaces one of them gets the same family. If Namespaces are not known, this check also finds the pods of a namespace all of whose ' +
    'pods have the same one family: an annotation of the Namespace may request it, and no other check takes these pods for faulty.',
  remediation: 'If the workload is to have both families, look at the IP pools, subnets and annotations of its pods and namespace.',
  needs: ['Node', 'Pod'],
  evaluate,
  describe,
  explains: podsOfNetworkThat((pod, view) => view.singleFamilyPods.isOfOneFamily(pod)),
};

function evaluate(view: ClusterView): Violation | undefined {
  return violation(view.singleFamilyPods.lackedByOneFamily);
}

function describe({ families }: Violation, { singleFamilyPods }: ClusterView): Description {
  const workloads = singleFamilyPods.workloadsOfOneFamily();
  const have = `o pod of ${counted(workloads.length, 'workload')} has ${familyWords(families)}`;
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))]
    .filter((one) => singleFamilyPods.mayBeRequestedBy(one))
    .sort();
  if (namespaces.length > 0) {
    return {
      message: `Namespaces are not known, and n${have}: ${workloadWords(workloads)}`,
      remediation: {
        summary: 'See whether an annotation of their namespaces requests one family for these pods.',
        steps: lookAtNamespaces(namespaces, singleFamilyPods.whyNotKnown),
      },
    };
  }
  return {
    message: `N${have}, which other pods on their nodes have: ${workloadWords(workloads)}`,
    remediation: { summary: workloadSingleFamily.remediation, steps: [] },
  };
}
