import { existsSync, readFileSync } from 'node:fs';

/** A request as the API server logged it. */
export interface AuditedRequest {
  readonly auditID: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
}

/**
 * The requests in an audit log that began since a time, each once.
 * @param start milliseconds since the epoch
 */
export function requestsSince(auditLog: string, start: number): readonly AuditedRequest[] {
  if (!existsSync(auditLog)) return [];
  const lines = readFileSync(auditLog, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}'));
  const requests = lines.map((line) => JSON.parse(line) as AuditedRequest);
  const recent = requests.filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= start);
  return [...new Map(recent.map((request) => [request.auditID, request])).values()];
}
