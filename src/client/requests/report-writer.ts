import { HttpMethod } from '@kubernetes/client-node';
import type { DualStackReport, DualStackReportStatus } from '../../core/report/types.ts';
import type { Requester } from '../transport/connection.ts';
import { DecodeError } from '../wire/errors.ts';
import { REPORT_API_VERSION, REPORT_PATH } from './report-resource.ts';
import { writeInTime, type Patience } from './timely-write.ts';

const FIELD_MANAGER = 'dualstack-operator';

/** Which state of which report a status answers. */
export interface ReportVersion {
  readonly name: string;
  readonly resourceVersion: string;
}

/**
 * Writes a report's status by server-side apply, if the report is still what it was.
 * @returns the report as it is now
 * @throws ApiError 409 where the report has changed, 404 where it or the CRD is gone, 422 where the schema refuses the status, such as
 *   for a writerEpoch below the present one; NetworkError, also where no answer comes in time; the signal's reason once it aborts
 */
export async function writeReportStatus(
  connection: Requester,
  { name, resourceVersion }: ReportVersion,
  status: DualStackReportStatus,
  patience: Patience,
): Promise<DualStackReport> {
  const body = JSON.stringify({ apiVersion: REPORT_API_VERSION, kind: 'DualStackReport', metadata: { name, resourceVersion }, status });
  const answer = await writeInTime(connection, `${REPORT_PATH}/${encodeURIComponent(name)}/status`, patience, {
    method: HttpMethod.PATCH,
    query: { fieldManager: FIELD_MANAGER, force: true },
    headers: { 'Content-Type': 'application/apply-patch+yaml', Accept: 'application/json' },
    body,
  });
  return parseReport(answer);
}

/**
 * Creates a report with an empty spec.
 * @throws ApiError 409 where there is one of that name; NetworkError, also where no answer comes in time; the signal's reason once it aborts
 */
export async function createReport(connection: Requester, name: string, patience: Patience): Promise<void> {
  await writeInTime(connection, REPORT_PATH, patience, {
    method: HttpMethod.POST,
    query: { fieldManager: FIELD_MANAGER },
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ apiVersion: REPORT_API_VERSION, kind: 'DualStackReport', metadata: { name } }),
  });
}

function parseReport(body: string): DualStackReport {
  try {
    return JSON.parse(body) as DualStackReport;
  } catch (error) {
    throw new DecodeError('the API server answered a write with something that is not JSON', { cause: error });
  }
}
