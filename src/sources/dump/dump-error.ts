/** A dump cannot be read at all. The message names the file and what is wrong. */
export class DumpError extends Error {
  override readonly name = 'DumpError';
}
