import { API_GROUP } from '../../core/report/api.ts';

export const REPORT_VERSION = 'v1alpha1';
export const REPORT_PLURAL = 'dualstackreports';
export const REPORT_API_VERSION = `${API_GROUP}/${REPORT_VERSION}` as const;
export const REPORT_PATH = `/apis/${REPORT_API_VERSION}/${REPORT_PLURAL}`;
