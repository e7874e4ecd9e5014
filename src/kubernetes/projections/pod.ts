import { familiesOfAddresses, NO_FAMILY } from '../../core/addresses.ts';
import type { FamilyList } from '../../core/addresses.ts';
import type { PodFacts, PodState } from '../../core/facts.ts';
import { fields, items, text, timeOf } from '../wire/shapes.ts';
import { conditionOf, listOrOne, metadataOf, present } from './metadata.ts';
import type { Projection } from './projection.ts';

const MIRROR = 'kubernetes.io/config.mirror';

export const projectPod: Projection<PodFacts> = (object, interner) => {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { metadata: raw, spec, status } = fields(object);
  const { nodeName, hostNetwork } = fields(spec);
  const { phase, startTime, podIP, podIPs, hostIP, hostIPs, conditions } = fields(status);
  const addresses = listOrOne(ipsOf(podIPs), podIP);
  const families = familiesOfAddresses(addresses);
  const ready = conditionOf(conditions, 'Ready');
  return {
    kind: 'Pod',
    // Only a dump can lack it; pods without one must not fall together.
    uid: text(fields(raw)['uid']) || `${metadata.namespace}/${metadata.name}`,
    namespace: metadata.namespace,
    name: metadata.name,
    nodeName: interner.text(text(nodeName)),
    createdAt: metadata.createdAt,
    startedAt: timeOf(startTime) || metadata.createdAt,
    state: stateOf(metadata.deleting, phase, families),
    hostNetwork: hostNetwork === true,
    mirror: present(metadata.annotations[MIRROR]),
    controlled: items(fields(raw)['ownerReferences']).some((owner) => fields(owner)['controller'] === true),
    ready: ready['status'] === 'True',
    readySince: timeOf(ready['lastTransitionTime']),
    addresses,
    families,
    hostFamilies: interner.families(listOrOne(ipsOf(hostIPs), hostIP)),
    labels: interner.labels(metadata.labels),
  };
};

function stateOf(deleting: boolean, phase: unknown, families: FamilyList): PodState {
  if (deleting) return 'Terminating';
  if (phase === 'Succeeded' || phase === 'Failed') return 'Completed';
  if (phase !== 'Running') return 'Pending';
  return families === NO_FAMILY ? 'Unaddressed' : 'Running';
}

/** The texts of `[{ip}, …]`. */
function ipsOf(list: unknown): string[] {
  return items(list)
    .map((item) => text(fields(item)['ip']))
    .filter((ip) => ip !== '');
}
