import { expect } from 'chai';
import { createProgram, runProgram } from '../../src/cli/program.ts';
import { FAIL_ON, FAMILIES, familiesOf, OUTPUTS, type ScanOptions } from '../../src/cli/scan-options.ts';
import { commandNamed, parse } from './parsed.ts';
import { printed } from './printed.ts';

const DEFAULTS: ScanOptions = { timeout: 300_000, output: 'text', failOn: 'never', graceScale: 1, maxFindings: 100 };

/** The flag, its option and, each with what comes of it, values to take and values to refuse. */
const FLAGS: readonly (readonly [string, keyof ScanOptions, readonly (readonly [string, unknown])[], readonly string[]])[] = [
  [
    '--filename',
    'filename',
    [
      ['dump.json', ['dump.json']],
      ['-', ['-']],
    ],
    [''],
  ],
  ['--kubeconfig', 'kubeconfig', [['config', 'config']], []],
  ['--context', 'context', [['kind-dual', 'kind-dual']], []],
  [
    '--timeout',
    'timeout',
    [
      ['30s', 30_000],
      ['24h', 86_400_000],
    ],
    ['', '0s', '5', 'soon', '-1s', '25h', `${'9'.repeat(400)}h`],
  ],
  ['--output', 'output', OUTPUTS.map((one) => [one, one] as const), ['', 'JSON', 'wide', 'table']],
  ['--fail-on', 'failOn', FAIL_ON.map((one) => [one, one] as const), ['', 'Warning', 'always', 'true']],
  [
    '--expected-families',
    'expectedFamilies',
    FAMILIES.map((one) => [one, one] as const),
    ['', 'ipv4', 'DualStack', 'IPv4,IPv4', 'IPv4, IPv6'],
  ],
  [
    '--check-parameter',
    'checkParameter',
    [
      ['EndpointsUnbalanced.tolerancePercent=10', [{ name: 'EndpointsUnbalanced', parameters: { tolerancePercent: 10 } }]],
      ['LoadBalancerPending.graceSeconds=0', [{ name: 'LoadBalancerPending', parameters: { graceSeconds: 0 } }]],
    ],
    [
      '',
      'EndpointsUnbalanced',
      'EndpointsUnbalanced.tolerancePercent',
      'EndpointsUnbalanced.tolerancePercent=',
      'EndpointsUnbalanced.tolerancePercent=100',
      'EndpointsUnbalanced.tolerancePercent=1e1',
      'EndpointsUnbalanced.tolerancePercent=ten',
      'EndpointsUnbalanced.tolerance=10',
      'PodFamilyMissing.graceSeconds=10',
      'NoSuchCheck.graceSeconds=10',
    ],
  ],
  [
    '--grace-scale',
    'graceScale',
    [
      ['0', 0],
      ['0.5', 0.5],
    ],
    ['-1', 'Infinity', 'twice', ''],
  ],
  [
    '--virtual-node-selector',
    'virtualNodeSelector',
    [['type=edge', [{ key: 'type', operator: 'In', values: ['edge'] }]]],
    ['', 'type>1', 'a in b'],
  ],
  [
    '--max-findings',
    'maxFindings',
    [
      ['1', 1],
      ['1000', 1000],
    ],
    ['', '0', '1001', '-1', '1e2', '5.5', 'all'],
  ],
];

function variableOf(flag: string): string {
  return `DUALSTACK_${flag.slice('--'.length).toUpperCase().replaceAll('-', '_')}`;
}

describe('the flags of scan', () => {
  it('have these defaults', () => {
    expect(parse(['scan']).scanOptions).to.deep.equal(DEFAULTS);
  });

  it('are all in this table', () => {
    const flags = commandNamed(
      createProgram(() => undefined),
      'scan',
    ).options.map(({ long, envVar }) => [long, envVar]);
    expect(flags).to.deep.equal(FLAGS.map(([flag]) => [flag, variableOf(flag)]));
  });

  for (const [flag, option, taken, refused] of FLAGS) {
    for (const [text, value] of taken) {
      it(`${flag} takes ${text}, and ${variableOf(flag)} too`, () => {
        const expected = { ...DEFAULTS, [option]: value };
        expect(parse(['scan', flag, text]).scanOptions).to.deep.equal(expected);
        expect(parse(['scan', `${flag}=${text}`]).scanOptions).to.deep.equal(expected);
        expect(parse(['scan'], { [variableOf(flag)]: text }).scanOptions).to.deep.equal(expected);
      });
    }

    for (const text of refused) {
      it(`${flag} refuses '${text}'`, () => {
        const parsed = parse(['scan', flag, text]);
        expect(parsed).to.include({ exitCode: 1, output: '' });
        expect(parsed.errors)
          .to.match(/^error: /)
          .and.to.contain(flag);
      });
    }
  }

  it('have short ones, and --filename may be given more than once', () => {
    expect(parse(['scan', '-f', 'a', '-f', 'b', '--filename=c', '-o', 'json']).scanOptions).to.deep.equal({
      ...DEFAULTS,
      filename: ['a', 'b', 'c'],
      output: 'json',
    });
    expect(parse(['scan', '-f', 'a'], { DUALSTACK_FILENAME: 'b' }).scanOptions?.filename).to.deep.equal(['a']);
  });

  it('set parameters of several checks, each as it was set last', () => {
    const args = [
      'EndpointsUnbalanced.tolerancePercent=1',
      'EndpointsUnbalanced.tolerancePercent=2',
      'LoadBalancerPending.graceSeconds=3',
    ].flatMap((text) => ['--check-parameter', text]);
    expect(parse(['scan', ...args]).scanOptions?.checkParameter).to.deep.equal([
      { name: 'EndpointsUnbalanced', parameters: { tolerancePercent: 2 } },
      { name: 'LoadBalancerPending', parameters: { graceSeconds: 3 } },
    ]);
  });

  it('are in the help, with examples', () => {
    const { exitCode, output } = parse(['scan', '--help']);
    expect(exitCode).to.equal(0);
    const unwrapped = output.replaceAll(/\s+/g, ' ');
    for (const [flag] of FLAGS)
      expect(unwrapped)
        .to.contain(`${flag} <`)
        .and.to.contain(`env: ${variableOf(flag)})`);
    expect(output).to.contain('Examples:');
  });

  it('are understood in the examples of the help', () => {
    const examples = [...parse(['scan', '--help']).output.matchAll(/^ {2}dualstack-operator (.+?)(?: {2,}.*| \| .*)?$/gm)].map(
      ([, args = '']) => args,
    );
    expect(examples).to.have.length(6);
    for (const example of examples) expect(parse(example.split(' ')).scanOptions, example).not.to.equal(undefined);
  });

  it('name families in the order of preference', () => {
    for (const list of FAMILIES) expect(familiesOf({ ...DEFAULTS, expectedFamilies: list })).to.deep.equal(list.split(','));
    expect(familiesOf(DEFAULTS)).to.deep.equal([]);
  });

  for (const [args, words] of [
    [['-f', 'a', '--kubeconfig', 'b'], '--filename replaces the cluster'],
    [['--context', 'b', '-f', 'a'], '--filename replaces the cluster'],
    [['now'], 'too many arguments'],
    [['--listen', '80'], "unknown option '--listen'"],
    [['-f'], 'argument missing'],
    [['--check-parameter', 'PodFamilyMising.a=1'], 'There is no check PodFamilyMising (did you mean PodFamilyMissing?).'],
    [['--check-parameter', 'EndpointsUnbalanced.tolerance=1'], 'EndpointsUnbalanced has no parameter tolerance.'],
    [
      ['--check-parameter', 'LoadBalancerPending.graceSeconds=5m'],
      'graceSeconds of LoadBalancerPending must be an integer from 0 to 86400, not "5m".',
    ],
  ] as const) {
    it(`end the program with 2 where they are used wrongly: scan ${args.join(' ')}`, async () => {
      const { result, output, errors } = await printed(() => runProgram(['scan', ...args]));
      expect([result, output]).to.deep.equal([2, '']);
      expect(errors).to.contain(words);
    });
  }
});
