import { CommanderError, type Command } from 'commander';
import { createProgram } from '../../src/cli/program.ts';
import type { RunOptions } from '../../src/cli/run-options.ts';
import type { ScanOptions } from '../../src/cli/scan-options.ts';

/** What came of parsing arguments, without anything being run. */
export interface Parsed {
  readonly options?: RunOptions;
  readonly scanOptions?: ScanOptions;
  /** Where parsing ended the program: 0 after help and the version. */
  readonly exitCode?: number;
  readonly output: string;
  readonly errors: string;
}

/** Parses arguments beside variables of the environment, which are gone again afterwards. No command does anything. */
export function parse(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Parsed {
  const printed = { output: '', errors: '' };
  let options: RunOptions | undefined;
  let scanOptions: ScanOptions | undefined;
  const program = createProgram(() => undefined);
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      writeOut: (text) => {
        printed.output += text;
      },
      writeErr: (text) => {
        printed.errors += text;
      },
    });
  }
  commandNamed(program, 'run').action((given: RunOptions) => {
    options = { ...given };
  });
  commandNamed(program, 'scan').action((given: ScanOptions) => {
    scanOptions = { ...given };
  });
  commandNamed(program, 'explain').action(() => undefined);
  Object.assign(process.env, environment);
  try {
    program.parse([...args], { from: 'user' });
    return { ...printed, ...(options ? { options } : {}), ...(scanOptions ? { scanOptions } : {}) };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { ...printed, exitCode: error.exitCode };
  } finally {
    for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  }
}

/** @throws Error where the program has no such command */
export function commandNamed(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (!found) throw new Error(`there is no command ${name}`);
  return found;
}
