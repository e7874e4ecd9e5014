import type { DualStackReport } from '../src/core/report/types.ts';
import type { ControlPlane } from '../test/control-plane/control-plane.ts';
import { waitFor } from '../test/support/waiting.ts';
import { differences, type ExpectedFinding } from './expected.ts';

const PATIENCE_MS = 60_000;

/** The report that the operator made, undefined until there is one. */
export async function readReport(controlPlane: ControlPlane): Promise<DualStackReport | undefined> {
  const { items } = (await controlPlane.get('/apis/dualstack.dev/v1alpha1/dualstackreports')) as {
    readonly items: readonly DualStackReport[];
  };
  return items.find(({ metadata }) => metadata.name === 'cluster');
}

/** Waits until the report says what is expected; after a minute it gives the report as it is, for the caller to compare. */
export async function waitForFindings(
  controlPlane: ControlPlane,
  expected: readonly ExpectedFinding[],
  isComplete: (report: DualStackReport) => boolean = () => true,
): Promise<DualStackReport> {
  let last: DualStackReport | undefined;
  const isThere = async (): Promise<DualStackReport | undefined> => {
    last = await readReport(controlPlane);
    if (!last?.status?.findings || differences(expected, last.status.findings).length > 0) return undefined;
    return isComplete(last) ? last : undefined;
  };
  try {
    return await waitFor('the report to name what is expected', isThere, { deadlineMs: PATIENCE_MS, everyMs: 200 });
  } catch (error) {
    if (last?.status?.findings) return last;
    throw error;
  }
}
