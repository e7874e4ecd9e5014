import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { DEFAULT_TIMINGS, timingsFault } from '../client/election/leader-timings.ts';
import { LabelSelectorError, parseLabelSelector, type LabelSelector } from '../core/kinds/label-selector.ts';
import { BindAddressError, parseBindAddress, type OptionalAddress } from '../server/bind-address.ts';
import { ADDRESS_FLAGS } from '../server/purposes.ts';
import { dumpCommand } from '../sources/dump/dump-command.ts';
import { VERSION } from './version.ts';
import { withParameter } from './check-parameter.ts';
import { durationOf } from './duration.ts';
import type { ExitCode } from './exit-code.ts';
import { explain } from './explain.ts';
import { pageFault, timingsOf, type RunOptions } from './run-options.ts';
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
    // Help and version are no errors; everything else that commander throws is wrong usage, which it has printed.
    return error.exitCode === 0 ? 0 : 2;
  }
  return exitCode;
}

/** A variable that a template left empty is as good as none. */
function dropEmptyVariables(): void {
  for (const [name, value] of Object.entries(process.env))
    if (name.startsWith(PREFIX) && value === '') Reflect.deleteProperty(process.env, name);
}

/** The commands and their flags; the docs are verified against them. */
export function createProgram(setExitCode: (code: ExitCode) => void): Command {
  const program = new Command('dualstack-operator')
    .description(
      'Determines whether a Kubernetes cluster is really dual-stack (IPv4 and IPv6), what is not, what broke it, and how to fix it.',
    )
    .version(VERSION, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .addHelpText('after', '\nTo list the flags of a command, run `dualstack-operator COMMAND --help`.')
    .exitOverride();
  program.addCommand(runCommand(setExitCode)).addCommand(scanCommand(setExitCode)).addCommand(explainCommand(setExitCode));
  return program;
}

const RUN_NOTES = `
A duration is a number with a unit, such as 15s, 1m30s or 500ms. Each flag can
also be set by the environment variable that follows "env".`;

function runCommand(setExitCode: (code: ExitCode) => void): Command {
  const command = new Command('run')
    .description('Watch the cluster, keep every DualStackReport up to date and serve metrics, until stopped.')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', RUN_NOTES)
    .exitOverride()
    .action(async (options: RunOptions) => {
      const fault = timingsFault(timingsOf(options));
      if (fault !== undefined) command.error(`error: ${fault} (the flags --leader-elect-…)`);
      if ((options.tlsCertFile === undefined) !== (options.tlsPrivateKeyFile === undefined))
        command.error('error: --tls-cert-file and --tls-private-key-file go together');
      const openPage = pageFault(options);
      if (openPage !== undefined) command.error(`error: ${openPage}`);
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
    ...addressFlags(),
    flag(
      '--tls-cert-file <file>',
      'the TLS certificate, with its chain, for /metrics and for a page that is not on loopback; you can replace the file while the operator runs',
    ),
    flag('--tls-private-key-file <file>', 'the private key of the certificate in --tls-cert-file'),
    flag(
      '--metrics-auth <mode>',
      'who may read /metrics, and a page that is not on loopback; none: everyone; kubernetes: users whose bearer token the API server authorizes',
    )
      .choices(['none', 'kubernetes'])
      .default('none'),
    flag('--cluster-name <name>', 'the name of the cluster, which reports show in status.cluster.name'),
    flag('--default-report <boolean>', 'create a report named cluster if there is no report').default(true).argParser(boolean),
    graceFlag(),
    virtualNodesFlag(),
    flag(
      '--stale-after <duration>',
      'how long a watch may fail before reports are marked stale; a watch that sends nothing, but has not failed, gets 3m more',
    )
      .default(120_000, '2m')
      .argParser(duration),
    flag('--metrics-per-service <boolean>', 'expose the number of ready endpoints of each dual-stack Service')
      .default(false)
      .argParser(boolean),
    flag('--metrics-per-node <boolean>', 'expose the IP families of each evaluated node; by default only of nodes that lack a family')
      .default(false)
      .argParser(boolean),
    flag(
      '--leader-elect <boolean>',
      'write reports only while this replica holds the lease; default: true with a pod’s service account, false with a kubeconfig',
    ).argParser(boolean),
    flag(
      '--leader-elect-lease-duration <duration>',
      'how long replicas wait for a leader that does not renew its lease before another one takes over',
    )
      .default(DEFAULT_TIMINGS.leaseDuration, '15s')
      .argParser(duration),
    flag('--leader-elect-renew-deadline <duration>', 'how long a leader that cannot renew its lease continues to write')
      .default(DEFAULT_TIMINGS.renewDeadline, '10s')
      .argParser(duration),
    flag(
      '--leader-elect-retry-period <duration>',
      'how often a leader renews its lease, and the longest interval at which the other replicas check it',
    )
      .default(DEFAULT_TIMINGS.retryPeriod, '2s')
      .argParser(duration),
    flag(
      '--leader-elect-resource-namespace <name>',
      'the namespace of the lease; default: the namespace of the pod or of the context, or default',
    ),
    flag('--leader-elect-resource-name <name>', 'the name of the lease').default('dualstack-operator'),
    flag('--log-level <level>', 'how much to log').choices(['debug', 'info', 'warn', 'error']).default('info'),
  ];
}

/** Where the operator listens. */
function addressFlags(): Option[] {
  return [
    addressFlag(ADDRESS_FLAGS.metrics, '[::]:8080', 'the address that serves /metrics; [::] accepts IPv4 too; 0 disables it'),
    addressFlag(ADDRESS_FLAGS.health, '[::]:8081', 'the address that serves /healthz and /readyz by plain HTTP; 0 disables it'),
    addressFlag(
      ADDRESS_FLAGS.page,
      'localhost:8082',
      'the address that serves the page with the reports; localhost is 127.0.0.1 and ::1, which kubectl port-forward reaches; another address needs --metrics-auth=kubernetes; 0 disables it',
    ),
  ];
}

/** Where the API server is. */
function connectionFlags(): Option[] {
  return [
    flag('--kubeconfig <file>', 'the kubeconfig to use; default: KUBECONFIG, then ~/.kube/config, then the pod’s service account'),
    flag('--context <name>', 'the context of the kubeconfig to use instead of the current context'),
  ];
}

const SCAN_EXAMPLES = `
Examples:
  dualstack-operator scan                                   the cluster of the current kubeconfig
  dualstack-operator scan --fail-on warning                 in a pipeline: exit with 3 if there is a Warning or Critical finding
  dualstack-operator scan --expected-families IPv4,IPv6     a cluster that must have both families
  dualstack-operator scan --output json | jq .status.summary
  ${dumpCommand()} > dump.json
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
        command.error('error: --filename replaces the cluster, so it cannot be combined with --kubeconfig or --context');
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
      'a JSON or YAML file of objects as kubectl writes them, a folder of such files, or - for standard input, instead of a cluster; may be repeated',
    ).argParser(collect),
    ...connectionFlags(),
    flag('--timeout <duration>', 'how long listing the cluster may take').default(300_000, '5m').argParser(positiveDuration),
    flag('-o, --output <format>', 'the output format: text, or a DualStackReport as json or yaml').choices(OUTPUTS).default('text'),
    flag('--fail-on <what>', 'exit with 3 if any finding has this severity or higher; unknown: exit with 3 unless the cluster is Healthy')
      .choices(FAIL_ON)
      .default('never'),
    flag(
      '--expected-families <list>',
      'the IP families that everything should have, like spec.expectedFamilies of a report; by default they are detected',
    ).choices(FAMILIES),
    flag(
      '--check-parameter <check.parameter=value>',
      'set a parameter of a check, like spec.checks of a report, such as EndpointsUnbalanced.tolerancePercent=10; may be repeated; the command explain lists the parameters of a check',
    ).argParser(withParameter),
    graceFlag(),
    virtualNodesFlag(),
    flag('--max-findings <number>', 'the maximum number of findings to list, like spec.maxFindings of a report')
      .default(100)
      .argParser(findingCount),
  ];
}

function graceFlag(): Option {
  return flag(
    '--grace-scale <number>',
    'multiplies the grace, which is how long new objects may be incomplete before they are reported; 0 reports them immediately',
  )
    .default(1)
    .argParser(nonNegative);
}

function virtualNodesFlag(): Option {
  return flag(
    '--virtual-node-selector <selector>',
    'a label selector, such as type=edge: nodes that match it are virtual and are skipped; well-known virtual nodes, such as those of virtual-kubelet and Fargate, are always skipped',
  ).argParser(labelSelector);
}

function flag(flags: string, description: string): Option {
  const name = /--([a-z-]+)/.exec(flags)?.[1] ?? '';
  return new Option(flags, description).env(`${PREFIX}${name.toUpperCase().replaceAll('-', '_')}`);
}

function addressFlag(name: string, byDefault: string, description: string): Option {
  return flag(`${name} <address>`, description).default(parseBindAddress(byDefault), byDefault).argParser(bindAddress);
}

function explainCommand(setExitCode: (code: ExitCode) => void): Command {
  return new Command('explain')
    .description('Print what a check finds, why it matters and how to fix it; without a name, list all checks.')
    .argument('[check]', 'the name of a check, such as NodePodCIDRMissing')
    .helpOption('-h, --help', 'print this help')
    .exitOverride()
    .action((name: string | undefined) => {
      setExitCode(explain(name));
    });
}

function bindAddress(text: string): OptionalAddress {
  try {
    return parseBindAddress(text);
  } catch (error) {
    if (error instanceof BindAddressError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

function labelSelector(text: string): LabelSelector {
  try {
    return parseLabelSelector(text);
  } catch (error) {
    if (error instanceof LabelSelectorError) throw new InvalidArgumentError(error.message);
    throw error;
  }
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
