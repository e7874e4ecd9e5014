import { REPORTS_PATH } from '../../test/support/cluster.ts';
import type { Api } from '../api.ts';

/** Removes all reports, so that an operator makes and writes one again. */
export async function deleteReports(api: Api): Promise<void> {
  await api.delete(REPORTS_PATH);
}
