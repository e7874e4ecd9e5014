import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../control-plane/ports.ts';
import { Processes } from '../control-plane/processes.ts';
import { waitFor } from '../support/waiting.ts';
import { ensurePrometheus } from './install.ts';

/** What a Prometheus is configured with. */
export interface PrometheusOptions {
  /** As in its configuration file: `global`, `scrape_configs` and so on; `rule_files` are added to it. */
  readonly config: object;
  /** Rule files by their names, each the text of one. */
  readonly rules?: Readonly<Record<string, string>>;
}

/** A series of an answer, with its value. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** An alert as Prometheus has it. */
export interface ActiveAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: 'pending' | 'firing';
}

/** A target as Prometheus has it. */
export interface Target {
  readonly labels: Readonly<Record<string, string>>;
  readonly scrapeUrl: string;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

/** A rule as Prometheus has it. */
export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
  readonly type: 'alerting' | 'recording';
}

const TRIES = 5;
const START_MS = 30_000;
const REQUEST_MS = 15_000;

/**
 * Starts a Prometheus on 127.0.0.1, which is downloaded first if there is none. It ends with `stop`, or with this process, however that ends.
 *
 * @returns once it is ready
 * @throws Error with the end of its log, such as what is wrong with its configuration
 */
export async function startPrometheus(options: PrometheusOptions): Promise<Prometheus> {
  const binaries = await ensurePrometheus();
  for (let tries = 1; ; tries++) {
    const { web } = await freePorts('web');
    const prometheus = new Prometheus(binaries, web, options);
    try {
      await prometheus.start();
      return prometheus;
    } catch (error) {
      await prometheus.stop();
      if (tries === TRIES || !String(error).includes('address already in use')) throw error;
    }
  }
}

/** A running Prometheus. `startPrometheus` makes them. */
export class Prometheus {
  /** Where it answers. */
  readonly url: string;
  readonly #folder: string;
  readonly #address: string;
  readonly #processes: Processes<'prometheus'>;

  constructor(binaries: string, port: number, { config, rules = {} }: PrometheusOptions) {
    this.#folder = mkdtempSync(join(realpathSync(tmpdir()), 'dualstack-prometheus-'));
    this.#address = `127.0.0.1:${port}`;
    this.url = `http://${this.#address}`;
    this.#processes = new Processes(binaries, this.#folder);
    for (const [name, text] of Object.entries(rules)) writeFileSync(join(this.#folder, name), text);
    const ruleFiles = Object.keys(rules).map((name) => join(this.#folder, name));
    // JSON is YAML.
    writeFileSync(this.#configuration, JSON.stringify({ ...config, rule_files: ruleFiles }));
  }

  /** Called once, by `startPrometheus`. */
  async start(): Promise<void> {
    this.#processes.start('prometheus', [
      `--config.file=${this.#configuration}`,
      `--storage.tsdb.path=${join(this.#folder, 'data')}`,
      `--web.listen-address=${this.#address}`,
      '--log.level=warn',
    ]);
    const patience = { deadlineMs: START_MS, everyMs: 50 };
    const failure = await waitFor('Prometheus to be ready', async () => this.#processes.failure() ?? (await this.#isReady()), patience);
    if (typeof failure === 'string') throw new Error(failure);
  }

  /** Evaluates an expression now. @throws Error where Prometheus does not understand it, or has ended */
  async query(expression: string): Promise<readonly Sample[]> {
    const { result } = await this.#get<{ readonly result: readonly Result[] }>(`query?query=${encodeURIComponent(expression)}`);
    return result.map(({ metric, value: [, value] }) => ({ labels: metric, value: Number(value) }));
  }

  /** The alerts that are pending or firing. */
  async alerts(): Promise<readonly ActiveAlert[]> {
    return (await this.#get<{ readonly alerts: readonly ActiveAlert[] }>('alerts')).alerts;
  }

  /** The targets that it scrapes. */
  async targets(): Promise<readonly Target[]> {
    return (await this.#get<{ readonly activeTargets: readonly Target[] }>('targets?state=active')).activeTargets;
  }

  /** The rules that it has loaded. */
  async rules(): Promise<readonly LoadedRule[]> {
    const { groups } = await this.#get<{ readonly groups: readonly { readonly rules: readonly LoadedRule[] }[] }>('rules');
    return groups.flatMap(({ rules }) => rules);
  }

  /** Kills it and removes its folder. May be called more than once. */
  async stop(): Promise<void> {
    await this.#processes.close();
  }

  /** The end of its log. */
  get logTail(): string {
    return this.#processes.logTail('prometheus');
  }

  get #configuration(): string {
    return join(this.#folder, 'prometheus.json');
  }

  async #isReady(): Promise<boolean> {
    return (await fetch(`${this.url}/-/ready`, { signal: AbortSignal.timeout(REQUEST_MS) })).ok;
  }

  async #get<T>(path: string): Promise<T> {
    const failure = this.#processes.failure();
    if (failure !== undefined) throw new Error(failure);
    const response = await fetch(`${this.url}/api/v1/${path}`, { signal: AbortSignal.timeout(REQUEST_MS) });
    const answer = (await response.json()) as { readonly status: string; readonly error?: string; readonly data: T };
    if (answer.status !== 'success') throw new Error(`${path}: ${answer.error ?? response.status}`);
    return answer.data;
  }
}

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [number, string];
}
