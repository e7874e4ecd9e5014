import { HttpMethod } from '@kubernetes/client-node';
import type { DualStackReport, DualStackReportStatus } from '../core/report/types.ts';
import type { Requester } from './connection.ts';
import { textOf } from './connection.ts';
import { DecodeError } from './errors.ts';
import { REPORT_API_VERSION, REPORT_PATH } from './report-resource.ts';

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
 *   for a writerEpoch below the present one; NetworkError
 */
export async function writeReportStatus(
  connection: Requester,
  { name, resourceVersion }: ReportVersion,
  status: DualStackReportStatus,
  signal: AbortSignal,
): Promise<DualStackReport> {
  const response = await connection.request(`${REPORT_PATH}/${encodeURIComponent(name)}/status`, {
    method: HttpMethod.PATCH,
    query: { fieldManager: FIELD_MANAGER, force: true },
    headers: { 'Content-Type': 'application/apply-patch+yaml', Accept: 'application/json' },
    body: JSON.stringify({ apiVersion: REPORT_API_VERSION, kind: 'DualStackReport', metadata: { name, resourceVersion }, status }),
    signal,
  });
  return parseReport(await textOf(response.body, signal));
}

/**
 * Creates a report with an empty spec.
 * @throws ApiError 409 where there is one of that name; NetworkError
 */
export async function createReport(connection: Requester, name: string, signal: AbortSignal): Promise<void> {
  const response = await connection.request(REPORT_PATH, {
    method: HttpMethod.POST,
    query: { fieldManager: FIELD_MANAGER },
    headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
    body: JSON.stringify({ apiVersion: REPORT_API_VERSION, kind: 'DualStackReport', metadata: { name } }),
    signal,
  });
  await textOf(response.body, signal);
}

function parseReport(body: string): DualStackReport {
  try {
    return JSON.parse(body) as DualStackReport;
  } catch (error) {
    throw new DecodeError('the API server answered a write with something that is not JSON', { cause: error });
  }
}
