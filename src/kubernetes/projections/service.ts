import { familiesOfAddresses, listOf } from '../../core/addresses.ts';
import type { IPFamilyPolicy, ServiceFacts, ServiceType } from '../../core/facts.ts';
import { fields, text, texts } from '../wire/shapes.ts';
import { listOrOne, metadataOf } from './metadata.ts';
import type { Projection } from './projection.ts';

const HEADLESS = 'None';

export const projectService: Projection<ServiceFacts> = (object, interner) => {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const spec = fields(fields(object)['spec']);
  const clusterIPs = listOrOne(texts(spec['clusterIPs']), spec['clusterIP']);
  return {
    kind: 'Service',
    namespace: metadata.namespace,
    name: metadata.name,
    createdAt: metadata.createdAt,
    deleting: metadata.deleting,
    type: typeOf(spec['type']),
    policy: policyOf(spec['ipFamilyPolicy']),
    ipFamilies: listOf(listOrOne(texts(spec['ipFamilies']), spec['ipFamily'])),
    clusterIPFamilies: familiesOfAddresses(clusterIPs),
    headless: text(spec['clusterIP']) === HEADLESS || clusterIPs[0] === HEADLESS,
    selector: interner.labels(spec['selector']),
    publishNotReadyAddresses: spec['publishNotReadyAddresses'] === true,
  };
};

function typeOf(type: unknown): ServiceType {
  return type === 'NodePort' || type === 'LoadBalancer' || type === 'ExternalName' ? type : 'ClusterIP';
}

function policyOf(policy: unknown): IPFamilyPolicy {
  return policy === 'PreferDualStack' || policy === 'RequireDualStack' ? policy : 'SingleStack';
}
