import { AssertionError } from 'chai';
import { waitFor, type Patience } from './waiting.ts';

/**
 * Runs assertions again and again until none of them fails, and returns what they return.
 *
 * @throws the failure of the last run, once the deadline of `patience` has passed
 */
export async function eventually<T>(assertions: () => T | Promise<T>, patience: Patience = {}): Promise<T> {
  const run = async (): Promise<{ readonly value: T }> => ({ value: await assertions() });
  const { value } = await waitFor('assertions to hold', run, patience).catch((error: unknown): never => {
    const cause = error instanceof Error ? error.cause : undefined;
    // Mocha shows what an assertion expected and what it got.
    if (cause instanceof AssertionError) cause.message = `${cause.message} (the last of many tries)`;
    throw cause instanceof AssertionError ? cause : error;
  });
  return value;
}
