import type { Refusal } from '../../core/facts.ts';
import type { ApiError } from '../errors.ts';
import type { Resource } from '../resources.ts';

/** Why a resource is not given, with the rule or the version that it takes. */
export function refusalOf({ apiGroup, plural, servedBy }: Resource<unknown>, error: ApiError): Refusal {
  const api = apiGroup === '' ? plural : `${plural}.${apiGroup}`;
  if (error.status === 404) return { reason: 'NotFound', message: `The API server does not serve ${api}. ${servedBy}` };
  return {
    reason: 'Forbidden',
    message: `Not allowed to list and watch ${api}: grant a ClusterRole with the rule {apiGroups: ["${apiGroup}"], resources: ["${plural}"], verbs: ["list", "watch"]}.`,
  };
}
