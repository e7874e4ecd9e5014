const DECIMAL = /^[1-9]\d*$/;

/**
 * Whether a resourceVersion is before another of the same resource. Both are decimal numbers of which a later one is greater (KEP-5504).
 * @returns false where either is not one
 */
export function isBefore(version: string, other: string): boolean {
  if (!DECIMAL.test(version) || !DECIMAL.test(other)) return false;
  return version.length === other.length ? version < other : version.length < other.length;
}
