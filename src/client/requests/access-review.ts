import { HttpMethod } from '@kubernetes/client-node';
import type { Requester } from '../transport/connection.ts';
import { textOf } from '../transport/connection.ts';
import { ApiError, DecodeError } from '../wire/errors.ts';
import { fields, text, texts, type Shape } from '../../core/kinds/shapes.ts';

/** Whether the API server knows whose a token is, and allows that user what the request names. */
export type Access = 'allowed' | 'forbidden' | 'unauthenticated';

const TOKEN_REVIEWS = '/apis/authentication.k8s.io/v1/tokenreviews';
const SUBJECT_ACCESS_REVIEWS = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
const JSON_HEADERS = { 'Content-Type': 'application/json', Accept: 'application/json' };

/**
 * Asks the API server whose a bearer token is (TokenReview), and whether that user may get a path which is of no resource, such as /metrics
 * (SubjectAccessReview).
 * @throws ApiError 403 where this process may not ask; NetworkError, CredentialsError, DecodeError; the signal's reason once it aborts
 */
export async function reviewAccess(connection: Requester, token: string, path: string, signal: AbortSignal): Promise<Access> {
  const { authenticated, user } = await review(connection, TOKEN_REVIEWS, 'authentication.k8s.io/v1', 'TokenReview', { token }, signal);
  if (authenticated !== true) return 'unauthenticated';
  const { username, uid, groups, extra } = fields(user);
  const spec = {
    user: text(username),
    uid: text(uid),
    groups: texts(groups),
    extra: fields(extra),
    nonResourceAttributes: { path, verb: 'get' },
  };
  const { allowed } = await review(connection, SUBJECT_ACCESS_REVIEWS, 'authorization.k8s.io/v1', 'SubjectAccessReview', spec, signal);
  return allowed === true ? 'allowed' : 'forbidden';
}

/** @returns the review's status */
async function review(
  connection: Requester,
  path: string,
  apiVersion: string,
  kind: string,
  spec: object,
  signal: AbortSignal,
): Promise<Shape> {
  const body = JSON.stringify({ apiVersion, kind, spec });
  const response = await connection.request(path, { method: HttpMethod.POST, headers: JSON_HEADERS, body, signal });
  const answer = await textOf(response.body);
  try {
    return fields(fields(JSON.parse(answer))['status']);
  } catch {
    // Its cause would quote the answer, which may hold the token.
    throw new DecodeError(`the API server answered a ${kind} with something that is not JSON`);
  }
}

/** What to do about an error because of which nobody can be let in. */
export function reviewAdvice(error: unknown): string | undefined {
  if (!(error instanceof ApiError) || error.status !== 403) return undefined;
  return 'grant a ClusterRole with create on tokenreviews.authentication.k8s.io and subjectaccessreviews.authorization.k8s.io, as manifests/components/metrics-auth does';
}
