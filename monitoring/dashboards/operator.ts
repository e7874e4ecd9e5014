import {
  BytesIEC,
  DateTimeFromNow,
  EventsPerMinute,
  EventsPerSecond,
  NoUnit,
  PercentUnit,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units';
import { COLOURS, LEADERSHIP, numbersAsText, REFLECTOR_STATES, VERDICTS } from './codes.ts';
import { dashboardOf, type DashboardJson, type Row } from './dashboard.ts';
import { panelToDashboard, toDocs } from './links.ts';
import { stat, stateTimeline, table, timeSeries, type PanelBuilder } from './panels.ts';
import { coded, latest, OF_TARGETS, ofReplica, rateOfReplica, sum } from './queries.ts';
import { commonVariables, jobVariable, podVariable } from './variables.ts';

/** Does the operator itself do its work, and what does that cost. */
export function operator(): DashboardJson {
  return dashboardOf({
    name: 'operator',
    description: 'Does the operator do its work: who leads, what comes from the API server, how evaluations go, and what it costs.',
    variables: [...commonVariables(), jobVariable(), podVariable()],
    rows: [standing(), work(), reflectors(), evaluations(), processes()],
  });
}

const TILE = { width: 4, height: 4 } as const;
const GRAPH = { width: 8, height: 8 } as const;

function standing(): Row {
  return { title: 'Does it work?', panels: [replicas(), leaders(), notReady(), evaluated(), notWatching(), queue(), replicaTable()] };
}

function replicas(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Replicas',
    description: 'Replicas whose metrics are scraped, each counted once however many addresses it has.',
    unit: Short,
    steps: [COLOURS.critical, [1, COLOURS.good]],
    empty: 'none',
    queries: [{ expr: `count by (cluster) (${ofReplica('dualstack_build_info', [])})`, legend: '{{cluster}}' }],
  });
}

function leaders(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Leaders',
    description: 'Replicas that write reports: one. With none, nobody writes. Two show for a moment where one takes over.',
    unit: Short,
    steps: [COLOURS.critical, [1, COLOURS.good], [2, COLOURS.warning]],
    empty: 'none',
    queries: [{ expr: sum(ofReplica('dualstack_leader', [])), legend: '{{cluster}}' }],
    links: [toDocs('Replicas', 'concepts.md', 'replicas')],
  });
}

function notReady(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Reports not Ready',
    description: 'Reports without an up-to-date evaluation behind them. It says nothing about the cluster.',
    unit: Short,
    steps: [COLOURS.good, [1, COLOURS.critical]],
    queries: [{ expr: sum(latest('dualstack_report_condition', ['report'], 'type="Ready"', 'status="False"')), legend: '{{cluster}}' }],
    links: [toDocs('Conditions', 'concepts.md', 'conditions'), panelToDashboard('overview')],
  });
}

function evaluated(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Oldest report',
    description:
      'How long ago the cluster was last evaluated for the report for which that is longest. Each is written every five minutes at least.',
    unit: Seconds,
    steps: [COLOURS.good, [600, COLOURS.warning], [900, COLOURS.critical]],
    queries: [
      {
        expr: `max by (cluster) (time() - ${latest('dualstack_report_last_evaluation_timestamp_seconds', ['report'])})`,
        legend: '{{cluster}}',
      },
    ],
  });
}

function notWatching(): PanelBuilder {
  const watching = ofReplica('dualstack_reflector_state', ['kind'], 'state="watching"');
  return stat({
    ...TILE,
    title: 'Kinds not watched',
    description: 'Kinds of objects that some replica does not watch at present.',
    unit: Short,
    steps: [COLOURS.good, [1, COLOURS.warning]],
    queries: [{ expr: sum(`max by (cluster, kind) (1 - ${watching})`), legend: '{{cluster}}' }],
  });
}

function queue(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Queue',
    description: 'Changes that wait for the running evaluation to end, of the replica with most.',
    unit: Short,
    steps: [COLOURS.good, [1_000, COLOURS.warning], [100_000, COLOURS.critical]],
    queries: [{ expr: `max by (cluster) (${ofReplica('dualstack_queue_depth', [])})`, legend: '{{cluster}}' }],
  });
}

function replicaTable(): PanelBuilder {
  return table({
    title: 'Replicas',
    description: 'What each replica is, whether it leads, since when it runs, and what it takes at present.',
    unit: Short,
    width: 24,
    height: 6,
    empty: '–',
    queries: [
      { expr: ofReplica('dualstack_build_info', ['version', 'node_version']) },
      { expr: ofReplica('dualstack_leader', []) },
      { expr: `1000 * ${ofReplica('process_start_time_seconds', [])}` },
      { expr: ofReplica('process_resident_memory_bytes', []) },
      { expr: rateOfReplica('process_cpu_seconds_total', []) },
    ],
    columns: [
      { field: 'pod', title: 'Replica' },
      { field: 'cluster', title: 'Cluster' },
      { field: 'version', title: 'Version' },
      { field: 'node_version', title: 'Node.js' },
      { field: 'Value #B', title: 'Reports', mapping: numbersAsText(LEADERSHIP) },
      { field: 'Value #C', title: 'Started', unit: DateTimeFromNow },
      { field: 'Value #D', title: 'Memory', unit: BytesIEC },
      { field: 'Value #E', title: 'CPU, cores', unit: Short },
    ],
    sortBy: { title: 'Replica', descending: false },
  });
}

function work(): Row {
  return {
    title: 'Leader, reports and Events',
    panels: [
      stateTimeline({
        title: 'Who leads',
        description: 'One replica at a time leads and writes reports; the others stand by.',
        unit: NoUnit,
        width: 12,
        height: 6,
        mappings: [numbersAsText(LEADERSHIP)],
        queries: [{ expr: ofReplica('dualstack_leader', []), legend: '{{pod}} {{cluster}}' }],
      }),
      stateTimeline({
        title: 'Reports that are Ready',
        description: 'Whether an up-to-date evaluation stands behind each report.',
        unit: NoUnit,
        width: 12,
        height: 6,
        mappings: [numbersAsText(VERDICTS)],
        queries: [
          {
            expr: coded('status', VERDICTS, (status) => latest('dualstack_report_condition', ['report'], 'type="Ready"', status)),
            legend: '{{report}} {{cluster}}',
          },
        ],
      }),
      timeSeries({
        title: 'Writes of reports, by result',
        description:
          'Statuses are written on change, every five seconds at most, and every five minutes at least. A conflict is tried again; superseded means that another leader wrote since.',
        unit: EventsPerMinute,
        width: 12,
        height: 8,
        colours: { failed: COLOURS.critical, superseded: COLOURS.warning, conflict: COLOURS.warning, written: COLOURS.good },
        queries: [{ expr: perMinute('dualstack_report_writes_total', 'result'), legend: '{{result}} {{cluster}}' }],
      }),
      timeSeries({
        title: 'Kubernetes Events, by result',
        description:
          'Events that tell of findings that came and went. There are at most 25 at once and one more every 10 seconds: others are dropped.',
        unit: EventsPerMinute,
        width: 12,
        height: 8,
        colours: { failed: COLOURS.critical, dropped: COLOURS.warning, written: COLOURS.good },
        queries: [{ expr: perMinute('dualstack_events_total', 'result'), legend: '{{result}} {{cluster}}' }],
        links: [toDocs('Events', 'concepts.md', 'events')],
      }),
    ],
  };
}

function perMinute(counter: string, ...labels: readonly string[]): string {
  return `60 * ${sum(rateOfReplica(counter, labels), ...labels)}`;
}

function reflectors(): Row {
  return {
    title: 'What comes from the API server',
    panels: [
      stateTimeline({
        title: 'Reflectors, by kind',
        description:
          'What the reflector of each kind is doing, in the worst-off replica. Refused: a permission is missing, or the kind is not served.',
        unit: NoUnit,
        width: 24,
        height: 8,
        mappings: [numbersAsText(REFLECTOR_STATES)],
        queries: [
          {
            expr: coded('state', REFLECTOR_STATES, (state) => latest('dualstack_reflector_state', ['kind'], OF_TARGETS, state)),
            legend: '{{kind}} {{cluster}}',
          },
        ],
        links: [toDocs('What the operator may do', 'security.md', 'what-the-operator-may-do')],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Errors, by kind and reason',
        description: 'Lists and watches that failed or broke off, in all replicas. Some are normal where an API server restarts.',
        unit: EventsPerMinute,
        queries: [{ expr: perMinute('dualstack_reflector_errors_total', 'kind', 'reason'), legend: '{{kind}} {{reason}} {{cluster}}' }],
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
      title: 'Objects that were dropped, by kind',
      description: 'Objects that were left out because they are not of their kind. There should be none.',
      unit: EventsPerMinute,
      queries: [{ expr: perMinute('dualstack_reflector_dropped_objects_total', 'kind'), legend: '{{kind}} {{cluster}}' }],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Events of watches, by kind',
      description:
        'What changes in the cluster, as all replicas hear of it: bookmarks, and the objects of streaming lists, are among them.',
      unit: EventsPerSecond,
      queries: [{ expr: sum(rateOfReplica('dualstack_reflector_events_total', ['kind', 'type']), 'kind'), legend: '{{kind}} {{cluster}}' }],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Lists, by kind and way',
      description: 'Complete lists: at the start, and where a watch could not go on from where it was. Many of them burden the API server.',
      unit: EventsPerMinute,
      queries: [{ expr: perMinute('dualstack_reflector_lists_total', 'kind', 'way'), legend: '{{kind}} {{way}} {{cluster}}' }],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Watches that were opened, by kind',
      description: 'The API server ends each watch after some minutes, and the operator opens the next one.',
      unit: EventsPerMinute,
      queries: [{ expr: perMinute('dualstack_reflector_watches_total', 'kind'), legend: '{{kind}} {{cluster}}' }],
    }),
  ];
}

function silence(): PanelBuilder {
  const age = (metric: string): string => `max by (cluster, kind) (time() - ${ofReplica(metric, ['kind'])})`;
  return timeSeries({
    ...GRAPH,
    title: 'Nothing heard for, by kind',
    description:
      'Since anything last came from the API server, bookmarks included, which come every minute; and since the last complete list. After five silent minutes reports are stale.',
    unit: Seconds,
    steps: [COLOURS.good, [300, COLOURS.critical]],
    queries: [{ expr: age('dualstack_reflector_last_activity_timestamp_seconds'), legend: '{{kind}} {{cluster}}' }],
  });
}

function evaluations(): Row {
  const histogram = 'dualstack_evaluation_duration_seconds';
  const quantile = (q: number): string => `histogram_quantile(${q}, ${sum(rateOfReplica(`${histogram}_bucket`, ['le']), 'le')})`;
  return {
    title: 'Evaluation',
    panels: [
      timeSeries({
        ...GRAPH,
        title: 'Duration of evaluations',
        description: 'How long evaluations took in all replicas, with what others did meanwhile.',
        unit: Seconds,
        queries: [
          { expr: quantile(0.5), legend: 'median {{cluster}}' },
          { expr: quantile(0.99), legend: '99 % {{cluster}}' },
          {
            expr: `${sum(rateOfReplica(`${histogram}_sum`, []))} / ${sum(rateOfReplica(`${histogram}_count`, []))}`,
            legend: 'mean {{cluster}}',
          },
        ],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Evaluations',
        description: 'How often each replica evaluates what has changed.',
        unit: EventsPerSecond,
        queries: [{ expr: rateOfReplica(`${histogram}_count`, []), legend: '{{pod}} {{cluster}}' }],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Queue',
        description: 'Changes that wait for the running evaluation to end. It empties again and again.',
        unit: Short,
        queries: [{ expr: ofReplica('dualstack_queue_depth', []), legend: '{{pod}} {{cluster}}' }],
      }),
    ],
  };
}

function processes(): Row {
  return {
    title: 'What it costs',
    panels: [
      timeSeries({
        ...GRAPH,
        title: 'Memory',
        description: 'Resident memory of each replica, and the part of it that JavaScript’s heap uses and holds.',
        unit: BytesIEC,
        queries: [
          { expr: ofReplica('process_resident_memory_bytes', []), legend: each('resident') },
          { expr: ofReplica('nodejs_heap_size_total_bytes', []), legend: each('heap') },
          { expr: ofReplica('nodejs_heap_size_used_bytes', []), legend: each('heap in use') },
          { expr: ofReplica('nodejs_external_memory_bytes', []), legend: each('outside the heap') },
        ],
        links: [toDocs('Performance', 'performance.md')],
      }),
      timeSeries({
        ...GRAPH,
        title: 'CPU',
        description: 'CPU time of each replica, in cores.',
        unit: Short,
        queries: [
          { expr: rateOfReplica('process_cpu_user_seconds_total', []), legend: each('user') },
          { expr: rateOfReplica('process_cpu_system_seconds_total', []), legend: each('system') },
        ],
      }),
      timeSeries({
        ...GRAPH,
        title: 'Event loop lag',
        description:
          'How late the event loop of each replica was, between two scrapes. While it is late, nothing is answered, health included.',
        unit: Seconds,
        steps: [COLOURS.good, [1, COLOURS.critical]],
        queries: [
          { expr: ofReplica('nodejs_eventloop_lag_p99_seconds', []), legend: each('99 %') },
          { expr: ofReplica('nodejs_eventloop_lag_max_seconds', []), legend: each('most') },
        ],
      }),
      ...runtime(),
    ],
  };
}

function runtime(): readonly PanelBuilder[] {
  return [
    timeSeries({
      ...GRAPH,
      title: 'Garbage collection, by kind',
      description: 'Which part of its time each replica collects garbage.',
      unit: PercentUnit,
      queries: [{ expr: rateOfReplica('nodejs_gc_duration_seconds_sum', ['kind']), legend: each('{{kind}}') }],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Open files',
      description: 'Files and sockets that each replica has open. Where they come near what the process may have, connections fail.',
      unit: Short,
      queries: [
        { expr: ofReplica('process_open_fds', []), legend: each('open') },
        { expr: ofReplica('process_max_fds', []), legend: each('at most') },
      ],
    }),
    timeSeries({
      ...GRAPH,
      title: 'Running for',
      description: 'How long each replica has been running. It drops to 0 where one restarts.',
      unit: Seconds,
      queries: [{ expr: `time() - ${ofReplica('process_start_time_seconds', [])}`, legend: '{{pod}} {{cluster}}' }],
    }),
  ];
}

/** The legend of what each replica has. */
function each(what: string): string {
  return `${what} {{pod}} {{cluster}}`;
}
