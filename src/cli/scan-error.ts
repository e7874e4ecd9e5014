/** Nothing can be determined of a cluster. The message says why. */
export class ScanError extends Error {
  override readonly name = 'ScanError';
}
