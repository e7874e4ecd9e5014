/** The series of one metric by their labels as they are written, such as `{families="dual"}`; '' for one without labels. */
export type Series = Readonly<Record<string, number>>;

/**
 * Reads the series of a metric out of Prometheus' text format.
 *
 * @param name the whole name of the metric
 * @returns an empty object where there are none
 */
export function seriesOf(exposition: string, name: string): Series {
  const series: Record<string, number> = {};
  for (const line of exposition.split('\n')) {
    const [, found, labels = '', value] = /^([a-zA-Z_:][\w:]*)(\{.*\})? (\S+)$/.exec(line) ?? [];
    if (found === name) series[labels] = Number(value);
  }
  return series;
}

/** The names of all metrics that have at least one series. */
export function namesIn(exposition: string): ReadonlySet<string> {
  const lines = exposition.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Set(lines.map((line) => line.split(/[{ ]/, 1)[0] ?? ''));
}
