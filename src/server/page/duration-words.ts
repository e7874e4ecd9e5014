const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
] as const;

/** A duration in its largest unit, rounded down: `12 d`, `3 h`, `5 min`, `8 s`. A negative one, of a clock that is behind, is 0 s. */
export function durationWords(ms: number): string {
  const unit = UNITS.find(([, length]) => ms >= length);
  if (unit) return `${Math.floor(ms / unit[1])} ${unit[0]}`;
  return `${Math.max(0, Math.floor(ms / 1000))} s`;
}
