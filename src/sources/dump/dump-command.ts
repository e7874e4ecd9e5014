import { KINDS } from '../../core/kinds/registry.ts';
import { selectorText, type ResourcePlace } from '../../core/kinds/source.ts';

type Dumped = Pick<ResourcePlace, 'group' | 'plural' | 'namespaced' | 'encoding' | 'narrowing'>;

const OUTPUT = '--output json';

/**
 * The resources of which one command of kubectl writes all objects. Not those that are narrowed: it would write what nobody reads, such as each
 * ConfigMap. Nor custom resources: kubectl fails on a resource that an API server does not have.
 */
export function dumpedResources(resources: readonly Dumped[] = KINDS.map(({ resource }) => resource)): readonly string[] {
  const whole = resources.filter(({ encoding, narrowing }) => encoding === 'protobuf' && Object.keys(narrowing).length === 0);
  return [...new Set(whole.map(({ plural }) => plural))];
}

/** The command whose output is a dump of a cluster. */
export function dumpCommand(resources?: readonly Dumped[]): string {
  return `kubectl get ${dumpedResources(resources).join(',')} --all-namespaces ${OUTPUT}`;
}

/** The command that writes the objects of one kind, and no others. */
export function commandFor({ group, plural, namespaced, encoding, narrowing: { namespace, name, labels } }: Dumped): string {
  // The names of built-in resources are theirs alone.
  const resource = encoding === 'json' && group !== '' ? `${plural}.${group}` : plural;
  const isOne = name !== undefined && (namespace !== undefined || !namespaced);
  return [
    `kubectl get ${resource}`,
    ...(isOne ? [name] : []),
    ...(namespace === undefined ? [] : [`--namespace ${namespace}`]),
    ...(namespace === undefined && !isOne ? ['--all-namespaces'] : []),
    // kubectl takes a name in one namespace only.
    ...(name === undefined || isOne ? [] : [`--field-selector metadata.name=${name}`]),
    ...(labels === undefined ? [] : [`--selector ${selectorText(labels)}`]),
    OUTPUT,
  ].join(' ');
}
