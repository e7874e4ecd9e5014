import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { createProgram } from '../../src/cli/program.ts';
import type { RunOptions } from '../../src/cli/run-options.ts';
import { FAIL_ON, familiesOf, OUTPUTS, type ScanOptions } from '../../src/cli/scan-options.ts';
import { loadConfiguration } from '../../src/client/auth/configuration.ts';
import { ConfigurationError } from '../../src/client/auth/kubeconfig-files.ts';
import type { OptionalAddress } from '../../src/server/bind-address.ts';
import { commandNamed, parse } from '../cli/parsed.ts';
import { kubeconfigOf } from '../control-plane/kubeconfig.ts';
import { mutate, someMutations } from './mutations.ts';
import { target, type Target } from './target.ts';

/** Kubeconfigs as clouds and people write them. */
const KUBECONFIGS: readonly string[] = [
  kubeconfigOf('https://127.0.0.1:6443', '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n', 'secret'),
  stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'c',
        cluster: {
          server: 'https://[fd00::1]:6443',
          'proxy-url': 'socks5://proxy:1080',
          'tls-server-name': 'api',
          'insecure-skip-tls-verify': true,
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: {
          exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'login', args: ['--now'], env: [{ name: 'A', value: 'b' }] },
        },
      },
      { name: 'v', user: { username: 'v', password: 'w', 'client-certificate-data': 'AA==', 'client-key-data': 'AA==' } },
    ],
    contexts: [
      { name: 'x', context: { cluster: 'c', user: 'u' } },
      { name: 'y', context: { cluster: 'c', user: 'v', namespace: 'n' } },
    ],
    'current-context': 'x',
  }),
  stringify({
    clusters: [{ name: 'c', cluster: { server: 'http://localhost:8080', 'certificate-authority': 'ca.crt' } }],
    users: [{ name: 'u', user: { tokenFile: 'token', 'client-certificate': 'a.crt', 'client-key': 'a.key' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  }),
];

/** The time that the parser of YAML takes grows with the square of the depth. It is the user's own file. */
const DEEPEST = 100;

/** Values that stand where others should, as YAML has them. */
const YAML = [
  'null',
  '{}',
  '[]',
  '5',
  'true',
  '""',
  '~',
  '&a [*a]',
  '*b',
  '!!binary AA==',
  '2026-01-01',
  '{a: {b: {c: 1}}}',
  '[[]]',
  '['.repeat(DEEPEST),
  '? 1',
  '<<: 1',
  '__proto__: 1',
];

interface KubeconfigCase {
  readonly text: string;
  readonly context: string | undefined;
}

/** With some of its values replaced, then spoilt as bytes. */
const kubeconfigCase: fc.Arbitrary<KubeconfigCase> = fc
  .record({
    base: fc.constantFrom(...KUBECONFIGS),
    values: fc.array(fc.tuple(fc.nat(), fc.constantFrom(...YAML)), { maxLength: 3 }),
    mutations: someMutations(DEEPEST),
    context: fc.option(fc.constantFrom('x', 'y', 'z', '', '__proto__'), { nil: undefined }),
  })
  .map(({ base, values, mutations, context }) => {
    const replaced = values.reduce((text, [nth, value]) => withValue(text, nth, value), base);
    return { text: mutate(Buffer.from(replaced), mutations, Buffer.from(base)).toString('utf8'), context };
  });

/** Puts a value in the place of what follows a colon. */
function withValue(text: string, nth: number, value: string): string {
  const places = [...text.matchAll(/: .*$/gm)];
  const place = places[nth % Math.max(1, places.length)];
  return place ? `${text.slice(0, place.index)}: ${value}${text.slice(place.index + place[0].length)}` : text;
}

const folder = mkdtempSync(join(tmpdir(), 'dualstack-fuzz-'));
process.once('exit', () => {
  rmSync(folder, { recursive: true, force: true });
});

function runKubeconfig({ text, context }: KubeconfigCase): string {
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, text);
  try {
    const config = loadConfiguration({ kubeconfig, context }, 'fuzz');
    if (!URL.canParse(config.getCurrentCluster()?.server ?? '')) throw new Error('a server that is no URL');
    return 'loaded';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return 'refused';
  }
}

const FLAGS = ['run', 'scan'].flatMap((name) =>
  commandNamed(
    createProgram(() => undefined),
    name,
  ).options.map(({ long, envVar }) => ({ flag: long ?? '', variable: envVar ?? '' })),
);
const VALUES = [
  '',
  '0',
  '8080',
  '65536',
  ':8080',
  ':65536',
  '[::]:0',
  '[::1',
  'localhost:8082',
  '127.0.0.1:80',
  '-1',
  '1e3',
  'true',
  'false',
  'info',
  'debug',
  '::',
  'Infinity',
  'NaN',
  '0x10',
  '--',
  '-',
  '-h',
  '__proto__',
  '0.5',
  '15s',
  '1m30s',
  '1.5h',
  '0ms',
  `${'9'.repeat(400)}h`,
  '\u001b[2J',
  '9'.repeat(400),
  'json',
  'warning',
  'IPv6,IPv4',
  '1000',
  '24h',
];

const value = fc.oneof(
  fc.constantFrom(...VALUES),
  fc.string({ maxLength: 12 }).map((text) => text.replaceAll('\0', '')),
);
const flag = fc.constantFrom(...FLAGS.map((one) => one.flag));
const argument = fc.oneof(
  { arbitrary: fc.tuple(flag, value).map((pair): readonly string[] => pair), weight: 6 },
  { arbitrary: fc.tuple(flag, value).map(([name, text]): readonly string[] => [`${name}=${text}`]), weight: 3 },
  { arbitrary: value.map((text): readonly string[] => [text]), weight: 1 },
  {
    arbitrary: fc.constantFrom<(readonly string[])[]>(
      ['--help'],
      ['--version'],
      ['--no-port'],
      ['--'],
      ['run'],
      ['scan'],
      ['explain'],
      ['NodePodCIDRMissing'],
      ['-f', 'dump'],
      ['-o', 'yaml'],
    ),
    weight: 1,
  },
);
const environment = fc.dictionary(fc.constantFrom(...FLAGS.map(({ variable }) => variable)), value, { maxKeys: 3, noNullPrototype: true });
const command = fc.constantFrom<(readonly string[])[]>(['run'], ['run'], ['scan'], ['scan'], ['explain'], []);

interface FlagsCase {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

const flagsCase: fc.Arbitrary<FlagsCase> = fc.record({
  args: fc.tuple(command, fc.array(argument, { maxLength: 4 })).map(([first, rest]) => [...first, ...rest.flat()]),
  environment,
});

function runFlags({ args, environment }: FlagsCase): string {
  const { options, scanOptions, exitCode, output, errors } = parse(args, environment);
  if (options) checkOptions(options);
  if (scanOptions) checkScanOptions(scanOptions);
  if (exitCode === undefined && scanOptions) return 'scan';
  if (exitCode === undefined) return options ? 'run' : 'explain';
  if (exitCode === 0 && output !== '') return 'printed';
  if (!/^(?:error: |Usage: )/.test(errors) || errors.includes('\n    at ')) throw new Error(`no clear message: ${errors}`);
  return 'refused';
}

/** What an option may be that is neither text nor one of few, by its name. */
const NUMBERS = ['graceScale', 'staleAfter', 'leaderElectLeaseDuration', 'leaderElectRenewDeadline', 'leaderElectRetryPeriod'] as const;
/** Without a flag, other things decide whether to elect. */
const BOOLEANS = ['defaultReport', 'metricsPerService', 'metricsPerNode', 'leaderElect'] as const;

function checkOptions(options: RunOptions): void {
  const { metricsBindAddress, healthProbeBindAddress, pageBindAddress, logLevel } = options;
  const valid =
    [metricsBindAddress, healthProbeBindAddress, pageBindAddress].every(isAddress) &&
    NUMBERS.every((name) => Number.isFinite(options[name]) && options[name] >= 0) &&
    BOOLEANS.every((name) => ['boolean', 'undefined'].includes(typeof options[name])) &&
    ['debug', 'info', 'warn', 'error'].includes(logLevel);
  if (!valid) throw new Error('options that no value of a flag should give');
}

function isAddress(address: OptionalAddress): boolean {
  if (address === 'disabled') return true;
  const { host, port } = address;
  return (host === 'localhost' || isIP(host) !== 0) && Number.isInteger(port) && isBetween(port, 0, 65_535);
}

function checkScanOptions(options: ScanOptions): void {
  const { timeout, maxFindings, output, failOn, filename = ['-'] } = options;
  const valid =
    isBetween(timeout, 1, 86_400_000) &&
    isBetween(maxFindings, 1, 1000) &&
    OUTPUTS.includes(output) &&
    FAIL_ON.includes(failOn) &&
    familiesOf(options).every((family) => ['IPv4', 'IPv6'].includes(family)) &&
    filename.length > 0 &&
    filename.every((path) => path !== '');
  if (!valid) throw new Error('options that no value of a flag should give');
}

function isBetween(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

export const CONFIGURATION: readonly Target[] = [
  target({ name: 'kubeconfig', weight: 1, outcomes: ['loaded', 'refused'], arbitrary: kubeconfigCase, run: runKubeconfig }),
  target({ name: 'flags', weight: 1, outcomes: ['run', 'scan', 'explain', 'printed', 'refused'], arbitrary: flagsCase, run: runFlags }),
];
