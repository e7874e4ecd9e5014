import { join } from 'node:path';

/** The absolute path of a file that is named from the repository's root. */
export function fromRoot(...path: readonly string[]): string {
  return join(import.meta.dirname, '..', ...path);
}
