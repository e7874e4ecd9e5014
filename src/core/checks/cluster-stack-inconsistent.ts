import { familyWords, isDual, listOf, missingFrom, union, type FamilyList } from '../addresses.ts';
import { layerFamilies, type Stack } from '../stack.ts';
import type { ClusterView } from '../view.ts';
import { lacking, type ClusterCheck, type Description, type Verdict } from './check.ts';

/** Rule C5 and the order of a migration: node addresses → pod network → Services. */
export const clusterStackInconsistent: ClusterCheck = {
  name: 'ClusterStackInconsistent',
  kind: 'Cluster',
  severity: 'Warning',
  description: 'Nodes, pod network and Services have families that no stage of a migration explains.',
  rationale:
    'A migration gives nodes their second family first, then the pod network, then Services (KEP-563, kubernetes/kubeadm#3191). A layer that is ahead of one before it ' +
    'promises what cannot be kept: Services of a family that no pod has, or pods of one that no node has.',
  remediation: 'Give the layer that is behind the family, or take it from the one that is ahead.',
  needs: ['Node', 'Pod', 'Service', 'ServiceCIDR'],
  evaluate,
  describe,
};

/** A layer that has families which the one before it lacks. */
interface Gap {
  readonly ahead: string;
  readonly aheadFamilies: FamilyList;
  readonly behind: string;
  readonly behindFamilies: FamilyList;
  readonly missing: FamilyList;
}

/** What is Unknown explains nothing and contradicts nothing. */
function gapsOf(stack: Stack): Gap[] {
  const layers = [
    { name: 'nodes', families: layerFamilies(stack.nodes) },
    { name: 'pods', families: layerFamilies(stack.pods) },
    { name: 'Services', families: layerFamilies(stack.services) },
  ].filter(({ families }) => families.length > 0);
  return layers.slice(1).flatMap((ahead, index) => {
    const behind = layers[index];
    const missing = behind ? missingFrom(behind.families, ahead.families) : listOf([]);
    if (!behind || missing.length === 0) return [];
    return [{ ahead: ahead.name, aheadFamilies: ahead.families, behind: behind.name, behindFamilies: behind.families, missing }];
  });
}

function evaluate(view: ClusterView): Verdict | undefined {
  return lacking(gapsOf(view.stack).reduce<FamilyList>((families, { missing }) => union(families, missing), listOf([])));
}

function describe({ families }: Verdict, view: ClusterView): Description {
  const gap = gapsOf(view.stack).find(({ missing }) => missing.some((family) => families.includes(family)));
  if (!gap) return { message: clusterStackInconsistent.description, remediation: { description: clusterStackInconsistent.remediation } };
  const { ahead, aheadFamilies, behind, behindFamilies, missing } = gap;
  const has = isDual(aheadFamilies) ? 'both families' : familyWords(aheadFamilies);
  return {
    message: `The ${behind} have ${familyWords(behindFamilies)} only, and ${ahead} have ${has}, which no stage of a migration explains`,
    remediation: { description: `Give the ${behind} ${familyWords(missing)} too, or take it from the ${ahead}.` },
  };
}
