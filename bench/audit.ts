import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A request as the API server logged it. */
export interface AuditedRequest {
  readonly auditID: string;
  readonly verb: string;
  readonly requestURI: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource: string; readonly subresource?: string };
}

/** The API server's log of the requests of one user; those of all others are not logged, since that would slow them down. */
export class Audit {
  /** Flags for the API server. */
  readonly flags: readonly string[];
  readonly #folder: string;
  readonly #log: string;

  constructor(user: string) {
    this.#folder = mkdtempSync(join(tmpdir(), 'dualstack-bench-'));
    this.#log = join(this.#folder, 'audit.log');
    const policy = join(this.#folder, 'policy.json');
    const rules = [{ level: 'Metadata', users: [user] }, { level: 'None' }];
    writeFileSync(policy, JSON.stringify({ apiVersion: 'audit.k8s.io/v1', kind: 'Policy', rules }));
    this.flags = [`--audit-policy-file=${policy}`, `--audit-log-path=${this.#log}`];
  }

  /** The requests that began since a time, each once; the time is one of `Date.now()`. */
  since(start: number): readonly AuditedRequest[] {
    if (!existsSync(this.#log)) return [];
    const lines = readFileSync(this.#log, 'utf8')
      .split('\n')
      .filter((line) => line.endsWith('}'));
    const requests = lines.map((line) => JSON.parse(line) as AuditedRequest);
    const recent = requests.filter(({ requestReceivedTimestamp }) => Date.parse(requestReceivedTimestamp) >= start);
    return [...new Map(recent.map((request) => [request.auditID, request])).values()];
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
