import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export interface SoakOptions {
  /** How long new rounds are started. */
  readonly minutes: number;
  /** What all chance comes from. */
  readonly seed: number;
  /** The file for the samples. */
  readonly json: string | undefined;
}

const HOUR = 60;
const MOST_SEED = 2 ** 31;

/**
 * Reads the arguments.
 * @param args without the names of Node and of the program
 * @returns the exit code where there is nothing to do: 0 after `--help`, 2 for wrong usage, which has been printed
 */
export function parseOptions(args: readonly string[]): SoakOptions | 0 | 2 {
  const command = new Command('npm run soak --')
    .description('Runs two replicas of the bundled operator for long, under changes and random faults, and says whether they grow.')
    .addOption(new Option('--minutes <number>', 'how long').argParser(minutes).default(HOUR))
    .addOption(new Option('--seed <number>', 'repeats the faults and changes of another run').argParser(seed))
    .option('--json <file>', 'write the samples to a file too')
    .exitOverride();
  try {
    const flags = command.parse([...args], { from: 'user' }).opts<Partial<SoakOptions>>();
    return { minutes: flags.minutes ?? HOUR, seed: flags.seed ?? Date.now() % MOST_SEED, json: flags.json };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2;
  }
}

function minutes(text: string): number {
  const number = Number(text);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new InvalidArgumentError('It has to be a number above 0.');
}

function seed(text: string): number {
  if (/^\d+$/.test(text) && Number(text) < MOST_SEED) return Number(text);
  throw new InvalidArgumentError(`It has to be a whole number below ${MOST_SEED}.`);
}
