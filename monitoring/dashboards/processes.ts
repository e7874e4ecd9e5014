import { BytesIEC, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units';
import { COLORS } from './codes.ts';
import type { Row } from './dashboard.ts';
import { toDocs } from './links.ts';
import { timeSeries, type PanelBuilder } from './panels.ts';
import { ofReplica, rateOfReplica } from './queries.ts';

const GRAPH = { width: 8, height: 8 } as const;

/** What the processes of the replicas take of memory, CPU and time. */
export function processes(): Row {
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
        steps: [COLORS.good, [1, COLORS.critical]],
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
