import type { Resource } from '../../../src/sources/resources.ts';
import { jsonCodec } from '../../../src/client/wire/codec.ts';
import { fields, text } from '../../../src/core/kinds/shapes.ts';

/** A custom resource whose objects are their names. */
export const WIDGETS: Resource<string> = {
  kind: 'Widget',
  source: 'widgets.example.dev',
  apiGroup: 'example.dev',
  plural: 'widgets',
  versions: ['v1'],
  path: '/apis/example.dev/v1/widgets',
  servedBy: 'Its CustomResourceDefinition is in crds/.',
  codec: jsonCodec,
  parse: (object) => text(fields(fields(object)['metadata'])['name']) || undefined,
};
