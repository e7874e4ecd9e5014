import { familiesOfCIDRs } from '../../core/addresses.ts';
import type { ServiceCIDRFacts } from '../../core/facts.ts';
import { fields, texts } from '../wire/shapes.ts';
import { lastChangeOf, conditionOf, metadataOf, readable } from './metadata.ts';
import type { Projection } from './projection.ts';

export const projectServiceCIDR: Projection<ServiceCIDRFacts> = (object, interner) => {
  const metadata = metadataOf(object, interner);
  if (!metadata) return undefined;
  const { spec, status } = fields(object);
  return {
    kind: 'ServiceCIDR',
    name: metadata.name,
    createdAt: metadata.createdAt,
    changedAt: lastChangeOf(object),
    families: familiesOfCIDRs(readable(texts(fields(spec)['cidrs']))),
    ready: conditionOf(fields(status)['conditions'], 'Ready')['status'] === 'True',
  };
};
