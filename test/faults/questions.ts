import { REPORTS_PATH } from '../support/cluster.ts';
import { report } from '../support/objects.ts';
import type { Admin } from './admin.ts';
import type { Look } from './objects.ts';

/** Each field of every question, so that one takes the place of another. */
const SPECS: Readonly<Record<Look, Readonly<Record<string, unknown>>>> = {
  0: { expectedFamilies: null, maxFindings: null, checks: null },
  1: { expectedFamilies: ['IPv6', 'IPv4'], maxFindings: 1, checks: null },
  2: { expectedFamilies: ['IPv4'], maxFindings: null, checks: [{ name: 'ServiceSingleStack', severity: 'Warning' }] },
};

/** The name of a report. */
export function nameOf(number: number): string {
  return `question-${number}`;
}

/** Reports that a test asks: a few names, each with one of three questions. */
export class Questions {
  readonly #admin: Admin;
  readonly #asked = new Set<number>();

  constructor(admin: Admin) {
    this.#admin = admin;
  }

  /** Creates a report, or changes its spec where it is there. */
  async put(number: number, look: Look): Promise<void> {
    const spec = SPECS[look];
    if (this.#asked.has(number)) await this.#admin.merge(`${REPORTS_PATH}/${nameOf(number)}`, { spec });
    else await this.#admin.create(REPORTS_PATH, report(nameOf(number), withoutNulls(spec)));
    this.#asked.add(number);
  }

  /** Deletes a report, if it is there. */
  async delete(number: number): Promise<void> {
    if (this.#asked.delete(number)) await this.#admin.delete(`${REPORTS_PATH}/${nameOf(number)}`);
  }
}

function withoutNulls(spec: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== null));
}
