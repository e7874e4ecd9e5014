import { createHash } from 'node:crypto';
import { seedOf } from '../support/seed.ts';

/** As much of a mutant as is looked at here. */
interface Mutant {
  readonly id: string;
  readonly fileName: string;
  readonly location: object;
  readonly replacement: string;
}

const LARGEST = 2 ** 32;
const SHARE = Number(process.env['DUALSTACK_MUTANT_SHARE'] ?? 1);

/** Whether this mutant is in the sample. It depends only on the seed and the mutant, so the sample is the same in each run. */
function isSampled({ fileName, location, replacement }: Mutant): boolean {
  const file = fileName.slice(fileName.lastIndexOf('src/core/'));
  const text = JSON.stringify([seedOf(process.env), file, location, replacement]);
  return createHash('sha256').update(text).digest().readUInt32BE() < SHARE * LARGEST;
}

interface Result {
  readonly status: 'passed' | 'compileError';
  readonly reason?: string;
}

function resultOf(mutant: Mutant): Result {
  if (isSampled(mutant)) return { status: 'passed' };
  // Stryker counts a mutant that does not compile neither as detected nor as missed.
  return { status: 'compileError', reason: 'Not in the sample.' };
}

const sampler = {
  init: (): Promise<void> => Promise.resolve(),
  group: (mutants: readonly Mutant[]): Promise<readonly (readonly string[])[]> => Promise.resolve([mutants.map(({ id }) => id)]),
  check: (mutants: readonly Mutant[]): Promise<Readonly<Record<string, Result>>> =>
    Promise.resolve(Object.fromEntries(mutants.map((mutant) => [mutant.id, resultOf(mutant)]))),
};

/** A plugin of Stryker that tries a random share of the mutants. It is determined by its shape, so nothing of Stryker is imported. */
export const strykerPlugins = [{ kind: 'Checker', name: 'sample', value: sampler }];
