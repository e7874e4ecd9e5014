import type { DualStackReport, DualStackReportSpec, DualStackReportStatus, ReportMetadata } from '../../../src/core/report/types.ts';
import { ApiError } from '../../../src/client/wire/errors.ts';

/** As the schema has it. */
export const HIGHEST_EPOCH = 9007199254740991;

export interface ReportParts {
  readonly spec?: DualStackReportSpec;
  readonly status?: DualStackReportStatus;
}

/** DualStackReports as the API server keeps them: each change has a new resourceVersion, each change of the spec a new generation. */
export class ReportStore {
  readonly #reports = new Map<string, DualStackReport>();
  #version = 1_000;
  #uids = 0;

  get names(): readonly string[] {
    return [...this.#reports.keys()];
  }

  get all(): readonly DualStackReport[] {
    return [...this.#reports.values()];
  }

  /** The version of the last change. */
  get version(): string {
    return String(this.#version);
  }

  get(name: string): DualStackReport {
    const report = this.#reports.get(name);
    if (!report) throw new ApiError(404, 'NotFound', `dualstackreports.dualstack.dev "${name}" not found`);
    return report;
  }

  create(name: string, parts: ReportParts = {}): DualStackReport {
    if (this.#reports.has(name)) throw new ApiError(409, 'AlreadyExists', `dualstackreports.dualstack.dev "${name}" already exists`);
    this.#uids += 1;
    const metadata = { name, uid: `uid-${this.#uids}`, generation: 1, resourceVersion: this.#nextVersion() };
    return this.#set({ apiVersion: 'dualstack.dev/v1alpha1', kind: 'DualStackReport', metadata, ...parts });
  }

  editSpec(name: string, spec: DualStackReportSpec): DualStackReport {
    const { metadata, ...report } = this.get(name);
    const generation = (metadata.generation ?? 0) + 1;
    return this.#set({ ...report, metadata: { ...metadata, generation, resourceVersion: this.#nextVersion() }, spec });
  }

  editStatus(name: string, change: (status: DualStackReportStatus) => DualStackReportStatus): DualStackReport {
    const { metadata, ...report } = this.get(name);
    const status = change(report.status ?? {});
    return this.#set({ ...report, metadata: { ...metadata, resourceVersion: this.#nextVersion() }, status: fromWire(status) });
  }

  /** What a write by the operator does. */
  apply({ name, resourceVersion }: Pick<ReportMetadata, 'name' | 'resourceVersion'>, status: DualStackReportStatus): DualStackReport {
    const present = this.get(name);
    if (present.metadata.resourceVersion !== resourceVersion) {
      throw new ApiError(409, 'Conflict', 'the object has been modified; please apply your changes to the latest version and try again');
    }
    if ((status.writerEpoch ?? 0) < (present.status?.writerEpoch ?? 0)) {
      throw new ApiError(422, 'Invalid', `DualStackReport "${name}" is invalid: status: Invalid value: writerEpoch must not go down`);
    }
    if ((status.writerEpoch ?? 0) > HIGHEST_EPOCH) {
      throw new ApiError(422, 'Invalid', `DualStackReport "${name}" is invalid: status.writerEpoch: should be at most ${HIGHEST_EPOCH}`);
    }
    return this.editStatus(name, () => status);
  }

  /** Makes a report what it was, resourceVersion and all, as a backup of etcd does. */
  takeBack(report: DualStackReport): void {
    this.#set(report);
  }

  delete(name: string): DualStackReport {
    const report = this.get(name);
    this.#reports.delete(name);
    return { ...report, metadata: { ...report.metadata, resourceVersion: this.#nextVersion() } };
  }

  #set(report: DualStackReport): DualStackReport {
    this.#reports.set(report.metadata.name, report);
    return report;
  }

  #nextVersion(): string {
    this.#version += 1;
    return String(this.#version);
  }
}

/** As JSON carries it: without what is undefined. */
function fromWire(status: DualStackReportStatus): DualStackReportStatus {
  return JSON.parse(JSON.stringify(status)) as DualStackReportStatus;
}
