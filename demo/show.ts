import { styleText } from 'node:util';
import { findingsText, type TextOptions } from '../src/outputs/text.ts';
import type { DualStackReport } from '../src/core/report/types.ts';
import type { ControlPlane } from '../test/control-plane/control-plane.ts';
import type { DemoOperator } from './operator.ts';

/** Wide enough for the tables of kubectl beside it. */
const WIDTH = 140;

/** A few lines of metrics, and what each means. */
const METRICS: readonly (readonly [line: RegExp, meaning: string])[] = [
  [/^dualstack_nodes\{families="(dual|ipv4)"/, 'nodes by the families of both their addresses and their podCIDRs'],
  [/^dualstack_node_pod_cidr_missing/, 'a node that cannot give its pods an address of this family'],
  [/^dualstack_single_family_drift\{kind="Pod",namespace="shop",missing_family="IPv6"/, 'pods of a namespace that have IPv4 only'],
  [/^dualstack_family_imbalance_ratio\{layer="(pods|endpoints)"/, '0: as much IPv6 as IPv4; 1: one family only'],
  [/^dualstack_service_endpoints_unbalanced\{namespace="shop"/, 'Services whose endpoints differ by family'],
  [
    /^dualstack_findings\{report="cluster",check="(EndpointFamilyMissing|ServiceNotUpgraded)"/,
    'findings, by check, severity and namespace',
  ],
];

/** The podCIDRs and addresses of the nodes. */
export async function showNodes(controlPlane: ControlPlane): Promise<void> {
  heading('The nodes: what they can give their pods, and where they can be reached');
  const columns = 'NODE:.metadata.name,PODCIDRS:.spec.podCIDRs[*],INTERNAL-IPS:.status.addresses[?(@.type=="InternalIP")].address';
  await showKubectl(controlPlane, ['get', 'nodes', '--output', `custom-columns=${columns}`]);
}

/** The families of the Services. */
export async function showServices(controlPlane: ControlPlane): Promise<void> {
  heading('The Services: what they request, and what they got');
  const columns =
    'NAMESPACE:.metadata.namespace,NAME:.metadata.name,TYPE:.spec.type,POLICY:.spec.ipFamilyPolicy,FAMILIES:.spec.ipFamilies[*],CLUSTER-IPS:.spec.clusterIPs[*]';
  await showKubectl(controlPlane, ['get', 'services', '--all-namespaces', '--output', `custom-columns=${columns}`]);
}

export async function showReport(controlPlane: ControlPlane, title: string): Promise<void> {
  heading(title);
  await showKubectl(controlPlane, ['get', 'dualstackreports']);
}

/** The findings with their fixes, each effect with what causes it. */
export function showFindings(report: DualStackReport): void {
  heading('The findings: what is wrong, what it affects, and what fixes it');
  const options: TextOptions = { width: WIDTH, paint: (style, text) => styleText(style, text) };
  for (const line of findingsText(report.status?.findings ?? [], options)) process.stdout.write(`${line}\n`);
}

export async function showMetrics(operator: DemoOperator): Promise<void> {
  heading('The metrics: the same for Prometheus');
  const lines = (await operator.metrics()).split('\n');
  for (const [pattern, meaning] of METRICS) {
    process.stdout.write(`  ${styleText('dim', `# ${meaning}`)}\n`);
    for (const line of lines.filter((each) => pattern.test(each))) process.stdout.write(`  ${line}\n`);
  }
  process.stdout.write('\n');
}

async function showKubectl(controlPlane: ControlPlane, args: readonly string[]): Promise<void> {
  const shown = args.map((arg) => (/[^\w,=./-]/.test(arg) ? `'${arg}'` : arg)).join(' ');
  process.stdout.write(`  ${styleText('dim', `$ kubectl ${shown}`)}\n`);
  process.stdout.write((await controlPlane.kubectl(args)).replace(/^(?=.)/gm, '  '));
}

function heading(text: string): void {
  process.stdout.write(`\n${styleText('bold', text)}\n`);
}
