import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

/** How many objects the cluster has. */
export interface Size {
  readonly nodes: number;
  readonly pods: number;
  readonly services: number;
  readonly namespaces: number;
}

/** The size in which a run ends within minutes, the one that goals for the start are set at, and the limits of what is supported. */
const SIZES = {
  small: { nodes: 100, pods: 5_000, services: 500, namespaces: 200 },
  medium: { nodes: 1_000, pods: 50_000, services: 5_000, namespaces: 200 },
  full: { nodes: 5_000, pods: 150_000, services: 10_000, namespaces: 200 },
} as const satisfies Record<string, Size>;

/** What is measured, in order. */
export const STAGES = ['idle', 'start', 'scrape', 'latency', 'changes', 'quiet', 'growth', 'micro'] as const;
export type Stage = (typeof STAGES)[number];

export interface BenchOptions {
  readonly size: Size;
  readonly stages: readonly Stage[];
  /** How often a start is measured. */
  readonly repeats: number;
  /** How many changes memory is to stay the same after. */
  readonly changes: number;
  /** How long each of the two phases of 200 changes a second goes on. */
  readonly steadySeconds: number;
  /** How long nothing happens while requests are counted. */
  readonly quietMinutes: number;
  /** The file for the results. */
  readonly json: string | undefined;
}

/** What the goals are set at. */
const SOAK = { changes: 1_000_000, steadySeconds: 600, quietMinutes: 60 } as const;
const BRIEF = { changes: 10_000, steadySeconds: 12, quietMinutes: 0.25 } as const;

interface Flags {
  readonly size: keyof typeof SIZES;
  readonly full?: boolean;
  readonly nodes?: number;
  readonly pods?: number;
  readonly services?: number;
  readonly namespaces?: number;
  readonly soak?: boolean;
  readonly changes?: number;
  readonly steadySeconds?: number;
  readonly quietMinutes?: number;
  readonly repeats: number;
  readonly only?: readonly Stage[];
  readonly json?: string;
}

/**
 * Reads the arguments.
 * @param args without the names of Node and of the program
 * @returns the exit code where there is nothing to measure: 0 after `--help`, 2 for wrong usage, which has been printed
 */
export function parseOptions(args: readonly string[]): BenchOptions | 0 | 2 {
  const command = new Command('npm run bench --')
    .description('Fills a real control plane on this machine with believable objects, runs the bundled operator on it, and measures it.')
    .addOption(new Option('--size <size>', 'the size of the cluster').choices(Object.keys(SIZES)).default('small'))
    .option('--full', 'the limits: short for --size full')
    .addOption(count('--nodes', 'nodes of the cluster, in place of those of its size'))
    .addOption(count('--pods', 'pods'))
    .addOption(count('--services', 'Services'))
    .addOption(count('--namespaces', 'namespaces'))
    .addOption(count('--repeats', 'how often a start is measured').default(3))
    .option('--soak', 'go on as long as the goals say: 1,000,000 changes, ten minutes of 200 changes a second, a quiet hour')
    .addOption(count('--changes', 'changes after which memory is compared'))
    .addOption(count('--steady-seconds', 'seconds of 200 changes a second, twice'))
    .addOption(new Option('--quiet-minutes <number>', 'minutes in which nothing changes').argParser(positive))
    .addOption(new Option('--only <stages>', `measure these only, with commas between: ${STAGES.join()}`).argParser(stages))
    .option('--json <file>', 'write the results to a file too')
    .exitOverride();
  try {
    return fromFlags(command.parse([...args], { from: 'user' }).opts<Flags>());
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function fromFlags(flags: Flags): BenchOptions {
  const base = SIZES[flags.full ? 'full' : flags.size];
  const { nodes = base.nodes, pods = base.pods, services = base.services, namespaces = base.namespaces } = flags;
  const lengths = flags.soak ? SOAK : BRIEF;
  return {
    size: { nodes, pods, services, namespaces },
    stages: flags.only ?? STAGES,
    repeats: flags.repeats,
    changes: flags.changes ?? lengths.changes,
    steadySeconds: flags.steadySeconds ?? lengths.steadySeconds,
    quietMinutes: flags.quietMinutes ?? lengths.quietMinutes,
    json: flags.json,
  };
}

function count(name: string, description: string): Option {
  return new Option(`${name} <number>`, description).argParser((text) => {
    if (/^[1-9]\d*$/.test(text)) return Number(text);
    throw new InvalidArgumentError('It has to be a whole number above 0.');
  });
}

function positive(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It has to be a number above 0.');
}

function stages(text: string): readonly Stage[] {
  const names = text.split(',');
  const unknown = names.find((name) => !STAGES.some((stage) => stage === name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no ${unknown}.`);
  return STAGES.filter((stage) => names.includes(stage));
}
