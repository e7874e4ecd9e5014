import { parseArgs, styleText } from 'node:util';
import { fromRoot } from '../scripts/root.ts';
import { startControlPlane, type ControlPlane } from '../test/control-plane/control-plane.ts';
import { ensureBuilt, isBuilt } from '../test/control-plane/build.ts';
import { DEMO_OPTIONS, fillDemoCluster } from './cluster.ts';
import type { DualStackReport } from '../src/core/report/types.ts';
import { differences, expectedFindings, withoutNode } from './expected.ts';
import { fixNode } from './fix.ts';
import { DemoOperator } from './operator.ts';
import { scanRecorded } from './recorded.ts';
import { readReport, waitForFindings } from './report.ts';
import { showFindings, showMetrics, showNodes, showReport, showServices } from './show.ts';

const HELP = `npm run demo [-- --exit]

Starts a real Kubernetes control plane on this machine, lets a small cluster live through a migration to dual-stack that
goes wrong in places, runs the operator on it, shows what it finds, and fixes one fault with the command that it gives.

The first time, it builds the control plane from source, which takes about 8 minutes on two cores, and needs Go. Meanwhile it
shows what scan finds in a dump of the same cluster.

  --exit   end when everything was shown; without it, and in a terminal, the cluster stays up until Ctrl-C
  --help   print this help
`;

const BROKEN_NODE = 'worker-3';
const NODES = 6;

/** Runs the demo; returns the exit code: 0 where the report named exactly what is wrong, 1 where not, 2 for wrong usage. */
async function demo(args: readonly string[]): Promise<number> {
  const options = optionsFrom(args);
  if (!options) return 2;
  if (options.help) {
    process.stdout.write(HELP);
    return 0;
  }
  if (!isBuilt()) await buildMeanwhileShow();
  step('Starting etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok on loopback');
  const controlPlane = await startControlPlane(DEMO_OPTIONS);
  // Until here an interrupt ends this process, and the control plane with it.
  const interrupted = Promise.withResolvers<number>();
  process
    .once('SIGINT', () => {
      interrupted.resolve(130);
    })
    .once('SIGTERM', () => {
      interrupted.resolve(143);
    });
  let operator: DemoOperator | undefined;
  const play = async (): Promise<number> => {
    await prepare(controlPlane);
    operator = await DemoOperator.start(controlPlane.kubeconfig);
    const code = await showStory(controlPlane, operator);
    if (code !== 0 || options.exit || !process.stdout.isTTY) return code;
    stayUp(controlPlane, operator);
    return interrupted.promise;
  };
  try {
    return await Promise.race([play(), interrupted.promise]);
  } finally {
    await Promise.allSettled([operator?.stop(), controlPlane.stop()]);
  }
}

/** Builds the control plane, and shows what `scan` finds in a dump of the same cluster before anything of the build. */
async function buildMeanwhileShow(): Promise<void> {
  step('Building the Kubernetes control plane from source, which takes about 8 minutes on two cores, this once');
  let isShown = false;
  const output = {
    isTTY: process.stderr.isTTY,
    write: (text: string): unknown => isShown && process.stderr.write(text),
  };
  const building = ensureBuilt({ output });
  // It may fail, as where there is no Go, before the dump is shown.
  building.catch(() => undefined);
  step('Meanwhile, what `npm run scan -- --filename demo/cluster.yaml --grace-scale 0` finds in a dump of the same cluster');
  process.stdout.write(`\n${await scanRecorded()}\n`);
  isShown = true;
  step('The same cluster runs on this machine as soon as the control plane is built');
  await building;
}

function optionsFrom(args: readonly string[]): { readonly exit: boolean; readonly help: boolean } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { exit: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
    });
    return values;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}`);
    return undefined;
  }
}

async function prepare(controlPlane: ControlPlane): Promise<void> {
  await controlPlane.kubectl(['apply', '--kustomize', fromRoot('crds')]);
  await fillDemoCluster(controlPlane, step);
  step('Starting the operator');
}

async function showStory(controlPlane: ControlPlane, operator: DemoOperator): Promise<number> {
  const expected = await expectedFindings();
  const report = await waitForFindings(controlPlane, expected);
  await showNodes(controlPlane);
  await showServices(controlPlane);
  await showReport(controlPlane, 'The verdict: one line');
  showFindings(report);
  await showMetrics(operator);
  const wrong = differences(expected, (await readReport(controlPlane))?.status?.findings ?? []);
  if (wrong.length > 0) return fail(wrong);
  step(`The report names exactly the ${expected.length} faults and effects of demo/expected-findings.yaml.`);

  await fixNode(controlPlane, report, BROKEN_NODE, step);
  const remaining = withoutNode(expected, BROKEN_NODE);
  const fixed = await waitForFindings(controlPlane, remaining, hasAllNodes);
  await showReport(controlPlane, `The verdict now: ${BROKEN_NODE} and what it broke are gone from it`);
  const left = differences(remaining, fixed.status?.findings ?? []);
  return left.length > 0 ? fail(left) : 0;
}

function hasAllNodes({ status }: DualStackReport): boolean {
  return status?.nodes?.total === NODES && status.pods?.dualStack === status.pods?.total;
}

function fail(wrong: readonly string[]): number {
  process.stderr.write(`The report is not what demo/expected-findings.yaml says:\n${wrong.map((line) => `  ${line}\n`).join('')}`);
  return 1;
}

function stayUp(controlPlane: ControlPlane, operator: DemoOperator): void {
  process.stdout.write(
    `\nThe cluster stays up until Ctrl-C. In another terminal:\n\n` +
      `  export KUBECONFIG=${controlPlane.kubeconfig}\n  export PATH=${controlPlane.binaries}:$PATH\n` +
      `  kubectl get dualstackreports\n  kubectl describe dsr cluster\n  curl ${operator.metricsUrl}\n\nThe report as a page: ${operator.pageUrl}\n`,
  );
}

function step(what: string): void {
  process.stdout.write(`${styleText('cyan', '▸')} ${what}\n`);
}

// After an interrupt, whatever waits for the control plane has nothing left to wait for.
process.exit(await demo(process.argv.slice(2)));
