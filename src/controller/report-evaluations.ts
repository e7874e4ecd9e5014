import { listOf, NO_FAMILY, type FamilyList } from '../core/net/addresses.ts';
import { DEFAULT_PARAMETERS, type ParameterValues } from '../core/cluster/parameters.ts';
import type { Evaluation } from '../core/engine/evaluation.ts';
import { evaluationKey, MOST_EVALUATIONS, type Evaluator } from '../core/engine/evaluator.ts';
import { parametersOf } from '../core/report/check-settings.ts';
import type { DualStackReport } from '../core/report/types.ts';

/**
 * Which evaluation a report is written from. There is one for each list of expected families that a report has, and one that detects them,
 * whose parameters have their defaults. The others that the engine keeps are for reports with parameters, the oldest first, so that a new report
 * takes none from another. A report that gets none is evaluated with the defaults, which its status says.
 */
export class ReportEvaluations {
  readonly #evaluator: Evaluator;
  #granted: ReadonlySet<string> = new Set();

  constructor(evaluator: Evaluator) {
    this.#evaluator = evaluator;
  }

  /** To be called with all reports when one of them changes. Evaluates what is new a moment later. */
  update(reports: readonly DualStackReport[]): void {
    this.#granted = grantedTo(reports);
    for (const report of reports) this.of(report);
  }

  /** The evaluation for a report. */
  of(report: DualStackReport): Evaluation {
    const expected = expectedOf(report);
    const parameters = wantedBy(report);
    return this.#evaluator.evaluationFor(
      expected,
      this.#granted.has(evaluationKey(expected, parameters)) ? parameters : DEFAULT_PARAMETERS,
    );
  }

  /** Drops the evaluations that none of these reports needs. */
  keepOnly(reports: readonly DualStackReport[]): void {
    this.#evaluator.keepEvaluations(new Set([this.#evaluator.evaluationFor(NO_FAMILY), ...reports.map((report) => this.of(report))]));
  }
}

/** The keys of the evaluations with parameters. */
function grantedTo(reports: readonly DualStackReport[]): ReadonlySet<string> {
  const most = MOST_EVALUATIONS - new Set([NO_FAMILY, ...reports.map(expectedOf)]).size;
  const wanted = reports
    .filter((report) => wantedBy(report) !== DEFAULT_PARAMETERS)
    .sort(byAge)
    .map((report) => evaluationKey(expectedOf(report), wantedBy(report)));
  return new Set([...new Set(wanted)].slice(0, most));
}

/** A suspended report is not evaluated, so it keeps none from another. */
function wantedBy({ spec = {} }: DualStackReport): ParameterValues {
  return spec.suspend ? DEFAULT_PARAMETERS : parametersOf(spec);
}

function expectedOf({ spec }: DualStackReport): FamilyList {
  const { expectedFamilies = [] } = spec ?? {};
  return expectedFamilies.length > 0 ? listOf(expectedFamilies) : NO_FAMILY;
}

/** The same order in each replica. */
function byAge({ metadata: one }: DualStackReport, { metadata: other }: DualStackReport): number {
  const [a, b] = [one, other].map(({ creationTimestamp = '', name }) => `${creationTimestamp} ${name}`);
  return (a ?? '') < (b ?? '') ? -1 : 1;
}
