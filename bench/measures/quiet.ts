import { setTimeout as sleep } from 'node:timers/promises';
import { requestsSince, type AuditedRequest } from '../audit.ts';
import type { Bench } from '../bench.ts';
import { outcomeOn, type Row } from '../row.ts';

const MINUTE_MS = 60_000;
const GOAL_MINUTES = 60;
/** What is watched: six built-in kinds and the reports. */
const WATCHES = 7;
/** A watch lasts so long at least, and a status that nothing changes is refreshed so often. */
const ROUND_MINUTES = 5;
const SETTLING_MS = 7_000;

type Purpose = 'watch' | 'status' | 'lease' | 'other';

/** What the operator asks of the API server while nothing changes, as the API server's audit log has it. */
export async function measureQuiet({ controlPlane, options: { quietMinutes } }: Bench): Promise<readonly Row[]> {
  await sleep(SETTLING_MS);
  const started = Date.now();
  await sleep(quietMinutes * MINUTE_MS);
  // The operator had to list everything to begin with: a log without that would say nothing of now.
  if (requestsSince(controlPlane.auditLog, 0).length < WATCHES) throw new Error('the audit log has no requests of the operator');
  const requests = requestsSince(controlPlane.auditLog, started);
  const counts: Record<Purpose, number> = { watch: 0, status: 0, lease: 0, other: 0 };
  for (const request of requests) counts[purposeOf(request)] += 1;
  const rounds = Math.ceil(quietMinutes / ROUND_MINUTES);
  const isMet = counts.other === 0 && counts.watch <= WATCHES * rounds && counts.status <= rounds;
  return [
    {
      id: 'quiet',
      what: `API requests in ${quietMinutes} quiet minutes`,
      measured: `${counts.watch} watches, ${counts.status} of the status, ${counts.lease} of a lease, ${counts.other} others`,
      goal: 'in an hour the long watches, the lease, and one refresh of the status each five minutes',
      outcome: outcomeOn(isMet, quietMinutes >= GOAL_MINUTES),
      figures: { minutes: quietMinutes, ...counts, others: requests.filter((request) => purposeOf(request) === 'other') },
    },
  ];
}

function purposeOf({ verb, objectRef }: AuditedRequest): Purpose {
  if (verb === 'watch') return 'watch';
  if (objectRef?.resource === 'leases') return 'lease';
  return objectRef?.resource === 'dualstackreports' && objectRef.subresource === 'status' ? 'status' : 'other';
}
