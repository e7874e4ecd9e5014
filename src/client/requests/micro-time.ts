/**
 * A time as Kubernetes writes a MicroTime: with six digits of the second.
 * @param ms milliseconds since the epoch
 */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
