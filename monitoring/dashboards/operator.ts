import { BytesIEC, DateTimeFromNow, EventsPerMinute, EventsPerSecond, NoUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { evaluationStale } from '../rules/alerts/evaluation-stale.ts';
import { noLeader } from '../rules/alerts/no-leader.ts';
import { operatorAbsent } from '../rules/alerts/operator-absent.ts';
import { reflectorFailing } from '../rules/alerts/reflector-failing.ts';
import { reportNotReady } from '../rules/alerts/report-not-ready.ts';
import { COLORS, EVALUATION_AGE, LEADERSHIP, numbersAsText, HEADLINES } from './codes.ts';
import { dashboardOf, type DashboardJson, type Row } from './dashboard.ts';
import { panelToDashboard, toDocs, toRunbook } from './links.ts';
import { stat, stateTimeline, table, timeSeries, type PanelBuilder } from './panels.ts';
import { processes } from './processes.ts';
import { coded, latest, ofReplica, perMinute, rateOfReplica, sum } from './queries.ts';
import { reflectors } from './reflectors.ts';
import { commonVariables, jobVariable, podVariable } from './variables.ts';

/** Does the operator itself do its work, and what does that cost. */
export function operator(): DashboardJson {
  return dashboardOf({
    name: 'operator',
    description: 'Does the operator do its work: who leads, what comes from the API server, how evaluations go, and what it costs.',
    variables: [...commonVariables(), jobVariable(), podVariable()],
    rows: [leaderState(), work(), reflectors(), evaluations(), processes()],
  });
}

const TILE = { width: 4, height: 4 } as const;
const GRAPH = { width: 8, height: 8 } as const;

function leaderState(): Row {
  return { title: 'Does it work?', panels: [replicas(), leaders(), notReady(), evaluated(), notWatching(), queue(), replicaTable()] };
}

function replicas(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Replicas',
    description: 'Replicas whose metrics are scraped, each counted once however many addresses it has.',
    unit: Short,
    steps: [COLORS.critical, [1, COLORS.good]],
    empty: 'none',
    links: [toRunbook(operatorAbsent)],
    queries: [{ expr: `count by (cluster) (${ofReplica('dualstack_build_info', [])})`, legend: '{{cluster}}' }],
  });
}

function leaders(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Leaders',
    description: 'Replicas that write reports: one. With none, nobody writes. Two show for a moment where one takes over.',
    unit: Short,
    steps: [COLORS.critical, [1, COLORS.good], [2, COLORS.warning]],
    empty: 'none',
    queries: [{ expr: sum(ofReplica('dualstack_leader', [])), legend: '{{cluster}}' }],
    links: [toDocs('Replicas', 'concepts.md', 'replicas'), toRunbook(noLeader)],
  });
}

function notReady(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Reports not Ready',
    description: 'Reports without an up-to-date evaluation behind them. It says nothing about the cluster.',
    unit: Short,
    steps: [COLORS.good, [1, COLORS.critical]],
    queries: [{ expr: sum(latest('dualstack_report_condition', ['report'], 'type="Ready"', 'status="False"')), legend: '{{cluster}}' }],
    links: [toDocs('Conditions', 'concepts.md', 'conditions'), toRunbook(reportNotReady), panelToDashboard('overview')],
  });
}

function evaluated(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Oldest report',
    description:
      'How long ago the cluster was last evaluated for the report for which that is longest. Each is written every five minutes at least.',
    unit: Seconds,
    steps: EVALUATION_AGE,
    links: [toRunbook(evaluationStale)],
    queries: [
      {
        expr: `max by (cluster) (time() - ${latest('dualstack_report_last_evaluation_timestamp_seconds', ['report'])})`,
        legend: '{{cluster}}',
      },
    ],
  });
}

function notWatching(): PanelBuilder {
  const watching = ofReplica('dualstack_reflector_state', ['source'], 'state="watching"');
  return stat({
    ...TILE,
    title: 'Sources not watched',
    description: 'Sources that some replica does not watch at present.',
    unit: Short,
    steps: [COLORS.good, [1, COLORS.warning]],
    links: [toRunbook(reflectorFailing)],
    queries: [{ expr: sum(`max by (cluster, source) (1 - ${watching})`), legend: '{{cluster}}' }],
  });
}

function queue(): PanelBuilder {
  return stat({
    ...TILE,
    title: 'Longest queue',
    description: 'Changes that wait for the running evaluation to end, of the replica with most.',
    unit: Short,
    steps: [COLORS.good, [1_000, COLORS.warning], [100_000, COLORS.critical]],
    queries: [{ expr: `max by (cluster) (${ofReplica('dualstack_queue_depth', [])})`, legend: '{{cluster}}' }],
  });
}

function replicaTable(): PanelBuilder {
  return table({
    title: 'Each replica',
    description: 'What each replica is, whether it leads, since when it runs, and what it takes at present.',
    unit: Short,
    width: 24,
    height: 6,
    empty: 'none',
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
        description: 'One replica at a time leads and writes reports; the others are on standby.',
        unit: NoUnit,
        width: 12,
        height: 6,
        mappings: [numbersAsText(LEADERSHIP)],
        queries: [{ expr: ofReplica('dualstack_leader', []), legend: '{{pod}} {{cluster}}' }],
      }),
      stateTimeline({
        title: 'Reports that are Ready',
        description: 'Whether each report follows from an up-to-date evaluation.',
        unit: NoUnit,
        width: 12,
        height: 6,
        mappings: [numbersAsText(HEADLINES)],
        queries: [
          {
            expr: coded('status', HEADLINES, (status) => latest('dualstack_report_condition', ['report'], 'type="Ready"', status)),
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
        colors: { failed: COLORS.critical, superseded: COLORS.warning, conflict: COLORS.warning, written: COLORS.good },
        queries: [{ expr: perMinute('dualstack_report_writes_total', 'result'), legend: '{{result}} {{cluster}}' }],
      }),
      timeSeries({
        title: 'Kubernetes Events, by result',
        description:
          'Events on findings that appeared or were resolved. There are at most 25 at once and one more every 10 seconds: others are dropped.',
        unit: EventsPerMinute,
        width: 12,
        height: 8,
        colors: { failed: COLORS.critical, dropped: COLORS.warning, written: COLORS.good },
        queries: [{ expr: perMinute('dualstack_events_total', 'result'), legend: '{{result}} {{cluster}}' }],
        links: [toDocs('Events', 'concepts.md', 'events')],
      }),
    ],
  };
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
        description: 'Changes waiting for the running evaluation to end. It empties again and again.',
        unit: Short,
        queries: [{ expr: ofReplica('dualstack_queue_depth', []), legend: '{{pod}} {{cluster}}' }],
      }),
    ],
  };
}
