import type { Finding } from '../engine/finding.ts';
import { fnv1a64 } from './fnv.ts';

/** Findings are replaced and never changed, so that each is hashed once. */
const IDS = new WeakMap<Finding, string>();

/**
 * What a finding is known by to its readers: a hash of its check, its object and the families that the check found. A roll-up that takes over some of
 * these families, another cause or another severity does not change it.
 */
export function publicId(finding: Finding): string {
  const known = IDS.get(finding);
  if (known !== undefined) return known;
  const { check, object, violationFamilies } = finding;
  const { group, kind, namespace, name } = object;
  const id = fnv1a64(JSON.stringify([check.name, group, kind, namespace, name, ...[...violationFamilies].sort()]));
  IDS.set(finding, id);
  return id;
}
