import { EventsPerMinute, EventsPerSecond, NoUnit, Seconds } from '@grafana/grafana-foundation-sdk/units';
import { reflectorFailing } from '../rules/alerts/reflector-failing.ts';
import { COLORS, numbersAsText, REFLECTOR_STATES } from './codes.ts';
import type { Row } from './dashboard.ts';
import { toDocs, toRunbook } from './links.ts';
import { stateTimeline, timeSeries, type PanelBuilder } from './panels.ts';
import { coded, latest, OF_TARGETS, ofReplica, perMinute, rateOfReplica, sum } from './queries.ts';

const GRAPH = { width: 8, height: 8 } as const;

/** What comes from the API server, and what keeps it from coming. */
export function reflectors(): Row {
  return {
    title: 'What comes from the API server',
    panels: [
      stateTimeline({
        title: 'Reflectors, by source',
        description:
          'What the reflector of each source is doing, in the worst-off replica. Refused: a permission is missing, or the kind is not served.',
        unit: NoUnit,
        width: 24,
        height: 8,
        mappings: [numbersAsText(REFLECTOR_STATES)],
        queries: [
          {
            expr: coded('state', REFLECTOR_STATES, (state) => latest('dualstack_reflector_state', ['source'], OF_TARGETS, state)),
            legend: '{{source}} {{cluster}}',
          },
        ],
        links: [toDocs('What the operator may do', 'security.md', 'what-the-operator-may-do')],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Errors, by source and reason',
        description: 'Lists and watches that failed or broke off, in all replicas. Some are normal where an API server restarts.',
        unit: EventsPerMinute,
        links: [toRunbook(reflectorFailing)],
        queries: [{ expr: perMinute('dualstack_reflector_errors_total', 'source', 'reason'), legend: '{{source}} {{reason}} {{cluster}}' }],
      }),
      silence(),
      ...traffic(),
    ],
  };
}

function traffic(): readonly PanelBuilder[] {
  return [
    timeSeries({
      ...GRAPH,
      title: 'Objects that were dropped, by source',
      description: 'Objects skipped because they could not be decoded as their kind. There should be none.',
      unit: EventsPerMinute,
      queries: [{ expr: perMinute('dualstack_reflector_dropped_objects_total', 'source'), legend: '{{source}} {{cluster}}' }],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Events of watches, by source',
      description:
        'What changes in the cluster, as all replicas hear of it: bookmarks, and the objects of streaming lists, are among them.',
      unit: EventsPerSecond,
      queries: [
        { expr: sum(rateOfReplica('dualstack_reflector_events_total', ['source', 'type']), 'source'), legend: '{{source}} {{cluster}}' },
      ],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Lists, by source and method',
      description: 'Complete lists: at the start, and where a watch could not go on from where it was. Many of them burden the API server.',
      unit: EventsPerMinute,
      queries: [{ expr: perMinute('dualstack_reflector_lists_total', 'source', 'method'), legend: '{{source}} {{method}} {{cluster}}' }],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Watches that were opened, by source',
      description: 'The API server ends each watch after some minutes, and the operator opens the next one.',
      unit: EventsPerMinute,
      queries: [{ expr: perMinute('dualstack_reflector_watches_total', 'source'), legend: '{{source}} {{cluster}}' }],
    }),
  ];
}

function silence(): PanelBuilder {
  const age = (metric: string): string => `max by (cluster, source) (time() - ${ofReplica(metric, ['source'])})`;
  return timeSeries({
    ...GRAPH,
    title: 'Nothing heard for, by source',
    description:
      'Since anything last came from the API server, bookmarks included, which come every minute; and since the last complete list. After five silent minutes reports are stale.',
    unit: Seconds,
    steps: [COLORS.good, [300, COLORS.critical]],
    queries: [{ expr: age('dualstack_reflector_last_activity_timestamp_seconds'), legend: '{{source}} {{cluster}}' }],
  });
}
