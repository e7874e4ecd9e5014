import { REPORT_PATH, REPORT_PLURAL, REPORT_VERSION } from '../client/requests/report-resource.ts';
import { jsonCodec } from '../client/wire/codec.ts';
import { fields, text } from '../core/kinds/shapes.ts';
import { API_GROUP } from '../core/report/api.ts';
import type { DualStackReport } from '../core/report/types.ts';
import type { Resource } from './resources.ts';

/** DualStackReports as a reflector lists and watches them. The API server holds them to the CRD's schema. */
export const REPORT_RESOURCE: Resource<DualStackReport> = {
  kind: 'DualStackReport',
  source: `${REPORT_PLURAL}.${API_GROUP}`,
  apiGroup: API_GROUP,
  plural: REPORT_PLURAL,
  versions: [REPORT_VERSION],
  path: REPORT_PATH,
  servedBy: 'It is served once the CRD is installed: kubectl apply -k crds.',
  codec: jsonCodec,
  parse: (object) => (text(fields(fields(object)['metadata'])['name']) ? (object as DualStackReport) : undefined),
};
