import { KINDS } from '../../../src/core/kinds/registry.ts';
import { TOLERATED_ERRORS } from '../../settings.ts';
import { maxBy, on } from '../promql.ts';
import type { Alert } from '../rule.ts';
import { OF_CLUSTER } from '../words.ts';

const WATCHING = maxBy(['source'], 'dualstack_reflector_state{state="watching"}');
const NOT_WATCHING = maxBy(['source'], 'dualstack_reflector_state{state="watching"} == bool 0');
/** For a quarter of an hour they are still there when the operator is gone. */
const ERRORS = maxBy(['source'], 'sum without (reason) (increase(dualstack_reflector_errors_total[15m]))');
/** What an API server may be without while nothing is wrong, as one pattern of sources. */
const OPTIONAL = KINDS.filter(({ optional }) => optional)
  .map(({ source }) => source.replaceAll(/[^\w/-]/g, '[$&]'))
  .join('|');
const ABSENT = maxBy(['source'], `dualstack_reflector_state{source=~"${OPTIONAL}",state="unavailable"}`);

export const reflectorFailing: Alert = {
  name: 'DualStackReflectorFailing',
  expressions: {
    warning: `(
${NOT_WATCHING} > 0
or
${ERRORS} > ${TOLERATED_ERRORS}
and ${on('source')}
${WATCHING}
)
unless ${on('source')}
${ABSENT} == 1`,
  },
  forMinutes: 10,
  summary: `dualstack-operator${OF_CLUSTER} cannot list or watch the source {{ $labels.source }}`,
  description:
    'The API server rejects the requests of a replica, or its lists and watches fail repeatedly. The findings on these objects may be out of date. If a replica may not read them, the layer that needs them is Unknown.',
};
