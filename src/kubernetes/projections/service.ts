import { familiesOfAddresses, listOf } from '../../core/addresses.ts';
import type { IPFamilyPolicy, ServiceFacts, ServiceType } from '../../core/facts.ts';
import { fields, items, text, texts } from '../wire/shapes.ts';
import { lastChangeOf, listOrOne, metadataOf, readable } from './metadata.ts';
import type { Projection } from './projection.ts';

const HEADLESS = 'None';

export const projectService: Projection<ServiceFacts> = (object, interner) => {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { spec: rawSpec, status } = fields(object);
  const spec = fields(rawSpec);
  const ingress = readable(items(fields(fields(status)['loadBalancer'])['ingress'])).map(fields);
  const ipFamilies = listOrOne(texts(spec['ipFamilies']), spec['ipFamily']);
  const clusterIPs = listOrOne(texts(spec['clusterIPs']), spec['clusterIP']);
  return {
    kind: 'Service',
    uid: text(fields(fields(object)['metadata'])['uid']),
    namespace: metadata.namespace,
    name: metadata.name,
    createdAt: metadata.createdAt,
    changedAt: Math.max(metadata.createdAt, lastChangeOf(object) ?? 0),
    deleting: metadata.deleting,
    type: typeOf(spec['type']),
    policy: policyOf(spec['ipFamilyPolicy']),
    ipFamilies: listOf(ipFamilies),
    ipFamilyCount: ipFamilies.length,
    clusterIPFamilies: familiesOfAddresses(clusterIPs),
    clusterIPs,
    clusterIP: text(spec['clusterIP']),
    headless: text(spec['clusterIP']) === HEADLESS || clusterIPs[0] === HEADLESS,
    selector: interner.labels(spec['selector']),
    ingressFamilies: familiesOfAddresses(ingress.map(({ ip }) => text(ip))),
    ingressHostname: ingress.some(({ hostname }) => text(hostname) !== ''),
  };
};

function typeOf(type: unknown): ServiceType {
  return type === 'NodePort' || type === 'LoadBalancer' || type === 'ExternalName' ? type : 'ClusterIP';
}

function policyOf(policy: unknown): IPFamilyPolicy {
  return policy === 'PreferDualStack' || policy === 'RequireDualStack' ? policy : 'SingleStack';
}
