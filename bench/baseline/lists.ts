import { Interner } from '../../src/core/kinds/interner.ts';
import { builtInResources } from '../../src/sources/resources.ts';

/** What marks the bookmark that ends a streaming list. */
export const END = 'k8s.io/initial-events-end';

export const ACCEPT = 'application/vnd.kubernetes.protobuf;stream=watch';

/** The streaming lists that the operator begins with, as paths of the API server. */
export function listPaths(): readonly string[] {
  const query = 'watch=true&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&timeoutSeconds=600';
  return builtInResources(new Interner()).map(({ path }) => `${path}?${query}`);
}
