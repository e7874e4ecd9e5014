/** Numbers as the table shows them. */

export function seconds(ms: number): string {
  return ms < 1_000 ? milliseconds(ms) : `${(ms / 1_000).toFixed(2)} s`;
}

export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(0)} ms`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

export function kilobytes(bytes: number): string {
  return `${(bytes / 1e3).toFixed(0)} kB`;
}

export function times(ratio: number): string {
  return `${ratio.toFixed(2)} ×`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

export function grouped(count: number): string {
  return count.toLocaleString('en');
}
