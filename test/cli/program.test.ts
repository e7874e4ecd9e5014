import { expect } from 'chai';
import { createProgram, runProgram } from '../../src/cli/program.ts';
import { pageFault, takesTokensOverPlainHttp, type RunOptions } from '../../src/cli/run-options.ts';
import { commandNamed, parse } from './parsed.ts';
import { printed } from './printed.ts';

const DEFAULTS: RunOptions = {
  metricsBindAddress: { host: '::', port: 8080 },
  healthProbeBindAddress: { host: '::', port: 8081 },
  pageBindAddress: { host: 'localhost', port: 8082 },
  metricsAuth: 'none',
  defaultReport: true,
  graceScale: 1,
  staleAfter: 120_000,
  metricsPerService: false,
  metricsPerNode: false,
  leaderElectLeaseDuration: 15_000,
  leaderElectRenewDeadline: 10_000,
  leaderElectRetryPeriod: 2_000,
  leaderElectResourceName: 'dualstack-operator',
  logLevel: 'info',
};

/** What is an address is the matter of bind-address.test.ts. */
const ADDRESSES = [
  ['[::]:9090', { host: '::', port: 9090 }],
  [':0', { host: '::', port: 0 }],
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['0', 'disabled'],
] as const;
const NO_ADDRESSES = ['8080', '::', '127.0.0.1', ':65536', ':-1', ':80.5', 'localhost:http', 'example.com:80', '[::1]', '', ' :80'];

/** The environment variable, its option and, each with what comes of it, values to take and values to refuse. */
const FLAGS: readonly (readonly [string, string, keyof RunOptions, readonly (readonly [string, unknown])[], readonly string[]])[] = [
  ['--kubeconfig', 'DUALSTACK_KUBECONFIG', 'kubeconfig', [['config', 'config']], []],
  ['--context', 'DUALSTACK_CONTEXT', 'context', [['kind-dual', 'kind-dual']], []],
  ['--metrics-bind-address', 'DUALSTACK_METRICS_BIND_ADDRESS', 'metricsBindAddress', ADDRESSES, NO_ADDRESSES],
  ['--health-probe-bind-address', 'DUALSTACK_HEALTH_PROBE_BIND_ADDRESS', 'healthProbeBindAddress', ADDRESSES, NO_ADDRESSES],
  ['--page-bind-address', 'DUALSTACK_PAGE_BIND_ADDRESS', 'pageBindAddress', ADDRESSES, NO_ADDRESSES],
  ['--tls-cert-file', 'DUALSTACK_TLS_CERT_FILE', 'tlsCertFile', [['tls.crt', 'tls.crt']], []],
  ['--tls-private-key-file', 'DUALSTACK_TLS_PRIVATE_KEY_FILE', 'tlsPrivateKeyFile', [['tls.key', 'tls.key']], []],
  [
    '--metrics-auth',
    'DUALSTACK_METRICS_AUTH',
    'metricsAuth',
    [
      ['none', 'none'],
      ['kubernetes', 'kubernetes'],
    ],
    ['', 'None', 'basic', 'true'],
  ],
  ['--cluster-name', 'DUALSTACK_CLUSTER_NAME', 'clusterName', [['blue', 'blue']], []],
  [
    '--default-report',
    'DUALSTACK_DEFAULT_REPORT',
    'defaultReport',
    [
      ['false', false],
      ['true', true],
    ],
    ['no', '0', 'TRUE', ''],
  ],
  [
    '--grace-scale',
    'DUALSTACK_GRACE_SCALE',
    'graceScale',
    [
      ['0', 0],
      ['0.5', 0.5],
      ['10', 10],
    ],
    ['-1', 'Infinity', 'NaN', 'twice', '', ' '],
  ],
  [
    '--virtual-node-selector',
    'DUALSTACK_VIRTUAL_NODE_SELECTOR',
    'virtualNodeSelector',
    [
      ['type=edge', [{ key: 'type', operator: 'In', values: ['edge'] }]],
      [
        '!a,b notin (c)',
        [
          { key: 'a', operator: 'DoesNotExist' },
          { key: 'b', operator: 'NotIn', values: ['c'] },
        ],
      ],
    ],
    ['', 'type>1', 'a in b'],
  ],
  [
    '--stale-after',
    'DUALSTACK_STALE_AFTER',
    'staleAfter',
    [
      ['30s', 30_000],
      ['5m', 300_000],
    ],
    ['', '5', 'soon', '-1s', `${'9'.repeat(400)}h`],
  ],
  [
    '--metrics-per-service',
    'DUALSTACK_METRICS_PER_SERVICE',
    'metricsPerService',
    [
      ['true', true],
      ['false', false],
    ],
    ['yes', ''],
  ],
  [
    '--metrics-per-node',
    'DUALSTACK_METRICS_PER_NODE',
    'metricsPerNode',
    [
      ['true', true],
      ['false', false],
    ],
    ['all', ''],
  ],
  [
    '--leader-elect',
    'DUALSTACK_LEADER_ELECT',
    'leaderElect',
    [
      ['true', true],
      ['false', false],
    ],
    ['yes', ''],
  ],
  [
    '--leader-elect-lease-duration',
    'DUALSTACK_LEADER_ELECT_LEASE_DURATION',
    'leaderElectLeaseDuration',
    [
      ['20s', 20_000],
      ['1m30s', 90_000],
      ['0.5h', 1_800_000],
    ],
    ['15', '-15s', 's', '15 s', '1d', '', '15s later'],
  ],
  [
    '--leader-elect-renew-deadline',
    'DUALSTACK_LEADER_ELECT_RENEW_DEADLINE',
    'leaderElectRenewDeadline',
    [
      ['5s', 5_000],
      ['7500ms', 7_500],
    ],
    ['soon', ''],
  ],
  [
    '--leader-elect-retry-period',
    'DUALSTACK_LEADER_ELECT_RETRY_PERIOD',
    'leaderElectRetryPeriod',
    [
      ['1s', 1_000],
      ['1.5s', 1_500],
    ],
    ['2', ''],
  ],
  [
    '--leader-elect-resource-namespace',
    'DUALSTACK_LEADER_ELECT_RESOURCE_NAMESPACE',
    'leaderElectResourceNamespace',
    [['dualstack-system', 'dualstack-system']],
    [],
  ],
  ['--leader-elect-resource-name', 'DUALSTACK_LEADER_ELECT_RESOURCE_NAME', 'leaderElectResourceName', [['other', 'other']], []],
  [
    '--log-level',
    'DUALSTACK_LOG_LEVEL',
    'logLevel',
    [
      ['debug', 'debug'],
      ['error', 'error'],
    ],
    ['trace', 'INFO', ''],
  ],
];

describe('the flags of run', () => {
  it('have these defaults', () => {
    expect(parse(['run']).options).to.deep.equal(DEFAULTS);
  });

  it('are all in this table', () => {
    const flags = commandNamed(
      createProgram(() => undefined),
      'run',
    ).options.map(({ long, envVar }) => [long, envVar]);
    expect(flags).to.deep.equal(FLAGS.map(([flag, variable]) => [flag, variable]));
  });

  for (const [flag, variable, option, taken, refused] of FLAGS) {
    for (const [text, value] of taken) {
      it(`${flag} takes ${text}, and ${variable} too`, () => {
        const expected = { ...DEFAULTS, [option]: value };
        expect(parse(['run', flag, text]).options).to.deep.equal(expected);
        expect(parse(['run', `${flag}=${text}`]).options).to.deep.equal(expected);
        expect(parse(['run'], { [variable]: text }).options).to.deep.equal(expected);
      });
    }

    for (const text of refused) {
      it(`${flag} refuses '${text}', and ${variable} too`, () => {
        for (const parsed of [parse(['run', flag, text]), parse(['run'], { [variable]: text })]) {
          expect(parsed).to.include({ exitCode: 1, output: '' });
          expect(parsed.errors)
            .to.contain(flag)
            .and.to.contain(`'${text}'`)
            .and.to.match(/^error: /);
        }
      });
    }

    it(`${flag} comes before ${variable}, and needs a value`, () => {
      const [[text, value] = expect.fail(`no value of ${flag}`)] = taken;
      const other = taken.at(-1)?.[0] ?? '';
      expect(parse(['run', flag, text], { [variable]: other }).options).to.deep.equal({ ...DEFAULTS, [option]: value });
      expect(parse(['run', flag]).errors)
        .to.contain(flag)
        .and.to.contain('argument missing');
    });
  }

  it('are in the help, with their variables and defaults', () => {
    const { exitCode, output, errors } = parse(['run', '--help']);
    expect([exitCode, errors]).to.deep.equal([0, '']);
    const unwrapped = output.replaceAll(/\s+/g, ' ');
    for (const [flag, variable] of FLAGS) expect(unwrapped).to.contain(`${flag} <`).and.to.contain(`env: ${variable})`);
    for (const [byDefault, variable] of [
      ['[::]:8080', 'DUALSTACK_METRICS_BIND_ADDRESS'],
      ['[::]:8081', 'DUALSTACK_HEALTH_PROBE_BIND_ADDRESS'],
      ['localhost:8082', 'DUALSTACK_PAGE_BIND_ADDRESS'],
    ] as const)
      expect(unwrapped).to.contain(`(default: ${byDefault}, env: ${variable})`);
  });
});

describe('the page', () => {
  for (const [address, auth, fault] of [
    ['localhost:8082', 'none', undefined],
    ['127.0.0.1:8082', 'none', undefined],
    ['127.1.2.3:8082', 'none', undefined],
    ['[::1]:8082', 'none', undefined],
    ['0', 'none', undefined],
    [':8082', 'none', '[::]:8082'],
    ['[::]:8082', 'none', '[::]:8082'],
    ['0.0.0.0:8082', 'none', '0.0.0.0:8082'],
    ['10.0.0.1:8082', 'none', '10.0.0.1:8082'],
    ['[::ffff:10.0.0.1]:8082', 'none', '[::ffff:10.0.0.1]:8082'],
    [':8082', 'kubernetes', undefined],
    ['10.0.0.1:8082', 'kubernetes', undefined],
    ['localhost:8082', 'kubernetes', undefined],
  ] as const) {
    it(`is ${fault === undefined ? 'taken' : 'refused'} on ${address} where metrics are for ${auth}`, async () => {
      const flags = [`--page-bind-address=${address}`, `--metrics-auth=${auth}`];
      const { options = expect.fail('no options') } = parse(['run', ...flags]);
      const words =
        fault &&
        `--page-bind-address=${fault} would show the page to everyone who reaches that address; use a loopback address such as localhost:8082, or turn authorization on with --metrics-auth=kubernetes`;
      expect(pageFault(options)).to.equal(words);
      if (words === undefined) return;
      const { result, errors } = await printed(() => runProgram(['run', '--kubeconfig=/nowhere/config', ...flags]));
      expect(result).to.equal(2);
      expect(errors).to.equal(`error: ${words}\n`);
    });
  }
});

describe('tokens', () => {
  for (const [flags, open] of [
    [[], false],
    [['--metrics-auth=kubernetes'], true],
    [['--metrics-auth=kubernetes', '--tls-cert-file=a', '--tls-private-key-file=b'], false],
    [['--metrics-auth=kubernetes', '--metrics-bind-address=0'], false],
    [['--metrics-auth=kubernetes', '--metrics-bind-address=0', '--page-bind-address=:8082'], true],
    [['--metrics-auth=kubernetes', '--metrics-bind-address=0', '--page-bind-address=0'], false],
  ] as const) {
    it(`are ${open ? '' : 'not '}taken over plain HTTP with ${flags.join(' ') || 'no flags'}`, () => {
      expect(takesTokensOverPlainHttp(parse(['run', ...flags]).options ?? expect.fail('no options'))).to.equal(open);
    });
  }
});

describe('the program', () => {
  for (const [flags, words] of [
    [['--leader-elect-lease-duration=10s'], 'the lease duration has to be longer than the renew deadline'],
    [['--leader-elect-lease-duration=15500ms'], 'the lease duration has to be whole seconds, one at least'],
    [['--leader-elect-lease-duration=0s'], 'the lease duration has to be whole seconds, one at least'],
    [['--leader-elect-retry-period=9s'], 'the renew deadline has to be longer than 1.2 times the retry period'],
    [['--leader-elect-retry-period=0s'], 'the retry period has to be longer than 0'],
  ] as const) {
    it(`refuses timings of the election that cannot work: ${flags.join(' ')}`, async () => {
      const { result, errors } = await printed(() => runProgram(['run', '--kubeconfig=/nowhere/config', ...flags]));
      expect(result).to.equal(2);
      expect(errors).to.contain(`error: ${words}`);
    });
  }

  for (const [args, words] of [
    [['serve'], "unknown command 'serve'"],
    [['--listen', '80'], "unknown option '--listen'"],
    [['run', '--listen', '80'], "unknown option '--listen'"],
    [['run', '--bind-address', '::'], "unknown option '--bind-address'"],
    [['run', '--page', 'true'], "unknown option '--page'"],
    [['run', '--prot', '80'], "unknown option '--prot'"],
    [['run', 'now'], 'too many arguments'],
    [['explain', 'NodePodCIDRMissing', 'twice'], 'too many arguments'],
    [['explain', '--listen', '80'], "unknown option '--listen'"],
  ] as const) {
    it(`does not understand ${args.join(' ')}`, () => {
      const { exitCode, output, errors } = parse(args);
      expect([exitCode, output]).to.deep.equal([1, '']);
      expect(errors).to.contain(words);
    });
  }

  for (const args of [['--help'], ['run', '--help'], ['scan', '--help'], ['explain', '--help']]) {
    it(`helps with ${args.join(' ')}`, () => {
      const { exitCode, output } = parse(args);
      expect([exitCode, output.startsWith('Usage: dualstack-operator')]).to.deep.equal([0, true]);
    });
  }

  for (const [args, expected] of [
    [['explain'], 0],
    [['explain', 'Nonsense'], 2],
  ] as const) {
    it(`ends ${args.join(' ')} with ${expected}`, async () => {
      expect((await printed(() => runProgram(args))).result).to.equal(expected);
    });
  }
});
