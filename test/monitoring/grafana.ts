import type { Prometheus, Sample } from '../prometheus/prometheus.ts';
import { panelsOf, type Dashboard, type Variable } from './dashboard-json.ts';

/** What somebody has chosen in the variables of a dashboard, by their names; the others are as they are at first. */
export type Chosen = Readonly<Record<string, readonly string[]>>;

/** A query of a panel, with the values of variables in it. */
export interface AskedQuery {
  /** The panel’s title, and the query’s letter in it. */
  readonly of: string;
  readonly expr: string;
}

/** What `$__rate_interval` is where scrapes are half a second apart; Grafana takes four of them at least. */
const RATE_INTERVAL = '30s';

/** Plays Grafana: fills variables in as its data source for Prometheus does. Charts and tables are its own matter. */
export class Grafana {
  readonly #prometheus: Prometheus;

  constructor(prometheus: Prometheus) {
    this.#prometheus = prometheus;
  }

  /**
   * The queries of all panels of a dashboard.
   * @throws Error where a chosen value is none that its variable offers
   */
  async queriesOf(dashboard: Dashboard, chosen: Chosen): Promise<readonly AskedQuery[]> {
    const values = await this.#values(dashboard, chosen);
    return panelsOf(dashboard).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }) => ({ of: `${title} ${refId}`, expr: interpolate(expr, values) })),
    );
  }

  /** What a query gives now, without what no panel can show. */
  async answer({ expr }: AskedQuery): Promise<readonly Sample[]> {
    return (await this.#prometheus.query(expr)).filter(({ value }) => !Number.isNaN(value));
  }

  /** The values that a variable offers, where those before it have these. */
  async offered(variable: Variable, values: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const text = typeof variable.query === 'string' ? variable.query : variable.query.query;
    const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(text) ?? [];
    if (series === undefined || label === undefined) throw new Error(`${variable.name}: ${text} asks for no values of a label`);
    const found = await this.#prometheus.query(`count by (${label}) (${interpolate(series, values)})`);
    return found.map(({ labels }) => labels[label]).filter((value) => value !== undefined);
  }

  async #values({ templating }: Dashboard, chosen: Chosen): Promise<Readonly<Record<string, string>>> {
    const values: Record<string, string> = { __rate_interval: RATE_INTERVAL };
    for (const variable of templating.list.filter(({ type }) => type === 'query')) {
      const offered = await this.offered(variable, values);
      const wanted = chosen[variable.name] ?? (variable.includeAll ? undefined : variable.current?.value);
      const strangers = [wanted ?? []].flat().filter((value) => !offered.includes(value));
      if (strangers.length > 0) throw new Error(`${variable.name} offers ${offered.join(', ')}, and not ${strangers.join(', ')}`);
      values[variable.name] = wanted === undefined ? (variable.allValue ?? oneOf(offered)) : oneOf([wanted].flat());
    }
    return values;
  }
}

function oneOf(values: readonly string[]): string {
  const escaped = values.map((value) => value.replaceAll(/[$^*+?.()|[\]{}]/g, '\\\\$&'));
  return escaped.length === 1 ? (escaped[0] ?? '') : `(${escaped.join('|')})`;
}

function interpolate(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => values[name] ?? missing(name, text));
}

function missing(name: string, text: string): never {
  throw new Error(`${text}: there is no variable ${name}`);
}
