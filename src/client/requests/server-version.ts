import type { Requester } from '../transport/connection.ts';
import { textOf } from '../transport/connection.ts';
import { isOfServer } from '../wire/errors.ts';
import { DeadlineError, withDeadline } from '../transport/deadline.ts';
import type { Patience } from './timely-write.ts';
import { fields, text } from '../../core/kinds/shapes.ts';

const ANSWER_MS = 10_000;

/**
 * The version of the API server, such as `v1.36.3`.
 * @returns undefined where it does not say, for whatever reason: a report does without
 */
export async function readServerVersion(connection: Requester, { clock, signal: outer }: Patience): Promise<string | undefined> {
  try {
    const body = await withDeadline(clock, outer, ANSWER_MS, async ({ signal }) => {
      const response = await connection.request('/version', { headers: { Accept: 'application/json' }, signal });
      return textOf(response.body);
    });
    return text(fields(JSON.parse(body))['gitVersion']) || undefined;
  } catch (error) {
    if (outer.aborted || error instanceof DeadlineError || error instanceof SyntaxError || isOfServer(error)) return undefined;
    throw error;
  }
}
