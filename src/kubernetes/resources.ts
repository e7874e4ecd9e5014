import type { Facts, FactsKind, FactsOf } from '../core/facts.ts';
import { projectEndpointSlice } from './projections/endpoint-slice.ts';
import type { Interner } from './projections/interner.ts';
import { projectNamespace } from './projections/namespace.ts';
import { projectNode } from './projections/node.ts';
import { projectPod } from './projections/pod.ts';
import type { Projection } from './projections/projection.ts';
import { projectServiceCIDR } from './projections/service-cidr.ts';
import { projectService } from './projections/service.ts';
import type { Codec } from './wire/codec.ts';
import { protobufCodec } from './wire/codec.ts';

/** A kind of object as the API server gives it, and what is made of each. */
export interface Resource<T> {
  readonly kind: string;
  /** Empty for the core group. */
  readonly apiGroup: string;
  /** The name that RBAC rules and paths use. */
  readonly plural: string;
  /** Where its objects of all namespaces are, such as `/api/v1/pods`. */
  readonly path: string;
  /** What it takes for the API server to have it, as a sentence: `It is served by Kubernetes 1.33 and newer.` */
  readonly servedBy: string;
  readonly codec: Codec;
  /** @returns undefined where the decoded object is not one of the kind; it is then left out and counted */
  parse(object: unknown): T | undefined;
}

/** How each kind of object is projected to facts. */
export const PROJECTIONS: { readonly [K in FactsKind]: Projection<FactsOf<K>> } = {
  Node: projectNode,
  Pod: projectPod,
  Service: projectService,
  EndpointSlice: projectEndpointSlice,
  ServiceCIDR: projectServiceCIDR,
  Namespace: projectNamespace,
};

const SERVED_BY_ALL = 'Every Kubernetes API server serves it.';

const BUILT_IN = [
  { kind: 'Namespace', apiGroup: '', plural: 'namespaces', servedBy: SERVED_BY_ALL },
  { kind: 'ServiceCIDR', apiGroup: 'networking.k8s.io', plural: 'servicecidrs', servedBy: 'It is served by Kubernetes 1.33 and newer.' },
  { kind: 'Node', apiGroup: '', plural: 'nodes', servedBy: SERVED_BY_ALL },
  { kind: 'Service', apiGroup: '', plural: 'services', servedBy: SERVED_BY_ALL },
  { kind: 'EndpointSlice', apiGroup: 'discovery.k8s.io', plural: 'endpointslices', servedBy: 'It is served by Kubernetes 1.21 and newer.' },
  { kind: 'Pod', apiGroup: '', plural: 'pods', servedBy: SERVED_BY_ALL },
] as const satisfies readonly { kind: FactsKind; apiGroup: string; plural: string; servedBy: string }[];

/** A built-in resource: its objects are facts, and its kind is one of theirs. */
export interface BuiltInResource extends Resource<Facts> {
  readonly kind: FactsKind;
}

/**
 * The resources that facts are made of, in protobuf.
 * @param interner shared by all of them, and to be kept as long as their facts
 */
export function builtInResources(interner: Interner): readonly BuiltInResource[] {
  return BUILT_IN.map(({ kind, apiGroup, plural, servedBy }) => {
    const project = PROJECTIONS[kind];
    return {
      kind,
      apiGroup,
      plural,
      servedBy,
      path: `${apiGroup === '' ? '/api/v1' : `/apis/${apiGroup}/v1`}/${plural}`,
      codec: protobufCodec(kind),
      parse: (object) => project(object, interner),
    };
  });
}
