import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_TIMINGS, timingsFault } from '../kubernetes/leader-timings.ts';
import { VERSION } from '../version.ts';
import { durationOf } from './duration.ts';
import type { ExitCode } from './exit-code.ts';
import { explain } from './explain.ts';
import { timingsOf, type RunOptions } from './run-options.ts';
import { FAIL_ON, FAMILIES, OUTPUTS, type ScanOptions } from './scan-options.ts';

const PREFIX = 'DUALSTACK_';

/**
 * Reads the arguments, of which each may come from an environment variable too, and does what they say.
 * @param args without the names of Node and of the program
 */
export async function runProgram(args: readonly string[]): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram((code) => {
    exitCode = code;
  });
  dropEmptyVariables();
  try {
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Help and version are no errors; everything else that commander throws is a wrong use, which it has told.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

/** A variable that a template left empty is as good as none. */
function dropEmptyVariables(): void {
  for (const [name, value] of Object.entries(process.env))
    if (name.startsWith(PREFIX) && value === '') Reflect.deleteProperty(process.env, name);
}

/** The commands and their flags; the docs are held to them. */
export function createProgram(setExitCode: (code: ExitCode) => void): Command {
  const program = new Command('dualstack-operator')
    .description('Tells whether a Kubernetes cluster is really dual-stack (IPv4 and IPv6), what is not, what broke it, and how to mend it.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .exitOverride();
  program.addCommand(runCommand(setExitCode)).addCommand(scanCommand(setExitCode)).addCommand(explainCommand(setExitCode));
  return program;
}

function runCommand(setExitCode: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .description('Watch the cluster, keep every DualStackReport up to date and serve metrics, until stopped.')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .action(async (options: RunOptions) => {
      const fault = timingsFault(timingsOf(options));
      if (fault !== undefined) command.error(`error: ${fault} (the flags --leader-elect-…)`);
      if ((options.tlsCertFile === undefined) !== (options.tlsPrivateKeyFile === undefined))
        command.error('error: --tls-cert-file and --tls-private-key-file go together');
      // Loading the Kubernetes client takes longer than all other commands together.
      const { run } = await import('./run.ts');
      setExitCode(await run(options));
    });
  for (const option of runFlags()) command.addOption(option);
  return command;
}

function runFlags(): Option[] {
  return [
    ...connectionFlags(),
    flag('--bind-address <address>', 'the address to listen on; :: takes both families, and is 0.0.0.0 where IPv6 is off').default('::'),
    flag('--port <number>', 'the port for the page, /metrics, /healthz and /readyz; 0 takes any that is free')
      .default(8080)
      .argParser(portNumber),
    flag('--tls-cert-file <file>', 'the certificate, with its chain, to serve TLS with; it may be replaced while the operator runs'),
    flag('--tls-private-key-file <file>', 'the private key of that certificate'),
    flag(
      '--metrics-auth <mode>',
      'who may read /metrics and the page; kubernetes lets those in whose bearer token the API server allows it',
    )
      .choices(['none', 'kubernetes'])
      .default('none'),
    flag(
      '--page <boolean>',
      'serve a page for people at /, behind the same authorisation as /metrics; without it true where --metrics-auth is none, else false',
    ).argParser(boolean),
    flag('--default-report <boolean>', 'create a report named cluster when there is no report at all').default(true).argParser(boolean),
    flag('--grace-scale <number>', 'factor on how long things that are being set up may be incomplete; 0 switches grace off')
      .default(1)
      .argParser(nonNegative),
    flag('--stale-after <duration>', 'how long a watch may fail until reports say that they are stale; one that is only silent, 3m longer')
      .default(120_000, '2m')
      .argParser(duration),
    flag('--metrics-per-service <boolean>', 'expose series for each dual-stack Service').default(false).argParser(boolean),
    flag('--metrics-per-node <boolean>', 'expose the families of each judged node; without it, of those only that lack something')
      .default(false)
      .argParser(boolean),
    flag(
      '--leader-elect <boolean>',
      'write reports only while holding a lease; without it true on a pod’s service account, false with a kubeconfig',
    ).argParser(boolean),
    flag('--leader-elect-lease-duration <duration>', 'how long a leader that gives no sign is waited for until another takes its place')
      .default(DEFAULT_TIMINGS.leaseDuration, '15s')
      .argParser(duration),
    flag('--leader-elect-renew-deadline <duration>', 'how long a leader that cannot renew its lease goes on writing')
      .default(DEFAULT_TIMINGS.renewDeadline, '10s')
      .argParser(duration),
    flag('--leader-elect-retry-period <duration>', 'how often a leader renews its lease, and the others look at it at the latest')
      .default(DEFAULT_TIMINGS.retryPeriod, '2s')
      .argParser(duration),
    flag(
      '--leader-elect-resource-namespace <name>',
      'the namespace of the lease; without it the pod’s own, or that of the context, or default',
    ),
    flag('--leader-elect-resource-name <name>', 'the name of the lease').default('dualstack-operator'),
    flag('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error']).default('info'),
  ];
}

/** Where the API server is. */
function connectionFlags(): Option[] {
  return [
    flag('--kubeconfig <file>', 'the kubeconfig to use; without it KUBECONFIG, ~/.kube/config, then the pod’s service account'),
    flag('--context <name>', 'the context of the kubeconfig to use in place of the current one'),
  ];
}

const SCAN_EXAMPLES = `
Examples:
  dualstack-operator scan                                   the cluster of the current kubeconfig
  dualstack-operator scan --fail-on warning                 in a pipeline: exit code 3 where there is a warning or worse
  dualstack-operator scan --expected-families IPv4,IPv6     a cluster that has to have both
  dualstack-operator scan --output json | jq .status.summary
  kubectl get nodes,pods,services,endpointslices,servicecidrs,namespaces --all-namespaces --output json > dump.json
  dualstack-operator scan --filename dump.json              what kubectl wrote, without a cluster
  kubectl cluster-info dump --all-namespaces --output-directory dump
  dualstack-operator scan --filename dump                   a folder of what kubectl wrote
`;

function scanCommand(setExitCode: (code: ExitCode) => void): Command {
  const command = new Command('scan')
    .description('Evaluate a cluster, or files of one, once and print the report. Nothing is written to the cluster.')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', SCAN_EXAMPLES)
    .exitOverride()
    .action(async (options: ScanOptions) => {
      const isGiven = (name: string): boolean => command.getOptionValueSource(name) === 'cli';
      if (options.filename && (isGiven('kubeconfig') || isGiven('context')))
        command.error('error: --filename is in place of a cluster, so --kubeconfig and --context have no use beside it');
      const { scan } = await import('./scan.ts');
      setExitCode(await scan(options));
    });
  for (const option of scanFlags()) command.addOption(option);
  return command;
}

function scanFlags(): Option[] {
  return [
    flag(
      '-f, --filename <path>',
      'a file of objects as kubectl writes them, as JSON or YAML, a folder of such files, or - for the standard input, in place of a cluster; may be given more than once',
    ).argParser(collect),
    ...connectionFlags(),
    flag('--timeout <duration>', 'how long listing the cluster may take').default(300_000, '5m').argParser(positiveDuration),
    flag('-o, --output <format>', 'what to print: text for people, or a DualStackReport').choices(OUTPUTS).default('text'),
    flag(
      '--fail-on <what>',
      'end with 3 where there are findings of this severity or a worse one; unknown: also where health cannot be told',
    )
      .choices(FAIL_ON)
      .default('never'),
    flag(
      '--expected-families <list>',
      'the families that everything should have, as spec.expectedFamilies of a report; without it they are detected',
    ).choices(FAMILIES),
    flag('--max-findings <number>', 'how many findings to list at most, as spec.maxFindings of a report')
      .default(100)
      .argParser(findingCount),
  ];
}

function flag(flags: string, description: string): Option {
  const name = /--([a-z-]+)/.exec(flags)?.[1] ?? '';
  return new Option(flags, description).env(`${PREFIX}${name.toUpperCase().replaceAll('-', '_')}`);
}

function explainCommand(setExitCode: (code: ExitCode) => void): Command {
  return new Command('explain')
    .description('Print what a check finds, why it matters and how to mend it; without a name, list all checks.')
    .argument('[check]', 'the name of a check, such as NodePodCIDRMissing')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .action((name: string | undefined) => {
      setExitCode(explain(name));
    });
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) throw new InvalidArgumentError('It has to be a whole number from 0 to 65535.');
  return port;
}

const MOST_FINDINGS = 1000;

function findingCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || count > MOST_FINDINGS)
    throw new InvalidArgumentError(`It has to be a whole number from 1 to ${MOST_FINDINGS}.`);
  return count;
}

function collect(text: string, previous: readonly string[] = []): readonly string[] {
  if (text === '') throw new InvalidArgumentError('It has to be a path.');
  return [...previous, text];
}

function nonNegative(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number) || number < 0) throw new InvalidArgumentError('It has to be a number, 0 or more.');
  return number;
}

function duration(text: string): number {
  const ms = durationOf(text);
  if (ms === undefined) throw new InvalidArgumentError('It has to be a duration such as 15s, 1m30s or 500ms.');
  return ms;
}

/** No longer than a timer can be set to. */
const LONGEST_MS = 24 * 60 * 60 * 1000;

function positiveDuration(text: string): number {
  const ms = duration(text);
  if (ms === 0 || ms > LONGEST_MS) throw new InvalidArgumentError('It has to be longer than 0 and no longer than 24h.');
  return ms;
}

function boolean(text: string): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new InvalidArgumentError('It has to be true or false.');
}
