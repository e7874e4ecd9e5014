import { readFileSync } from 'node:fs';
import type { V1Service } from '@kubernetes/client-node';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { NO_FAMILY } from '../../src/core/net/addresses.ts';
import { ClusterStore } from '../../src/core/cluster/cluster-store.ts';
import { Evaluation } from '../../src/core/engine/evaluation.ts';
import { graceOf } from '../../src/core/cluster/view.ts';
import { Interner } from '../../src/core/kinds/interner.ts';
import { kindNamed, KINDS } from '../../src/core/kinds/registry.ts';
import { startControlPlane, type ControlPlane } from '../control-plane/control-plane.ts';
import type { Stack } from '../control-plane/stacks.ts';
import { BEHAVIOR, type Outcome } from './behavior-table.ts';

const TYPES = ['ClusterIP', 'Headless', 'NodePort', 'LoadBalancer', 'ExternalName'] as const;
type Type = (typeof TYPES)[number];

/** One Service that is asked for. */
interface Case {
  readonly type: Type;
  readonly selector: boolean;
  readonly policy: string;
  readonly families: string;
}

/** What became of it: what the API server stored, and what the ledger finds on it. */
interface Result {
  readonly outcome: Outcome;
  readonly findings: readonly string[];
}

const POLICIES = ['-', 'SingleStack', 'PreferDualStack', 'RequireDualStack'];
const FAMILIES = ['-', '4', '6', '46', '64'];
const CASES: readonly Case[] = TYPES.flatMap((type) =>
  [true, false].flatMap((selector) => POLICIES.flatMap((policy) => FAMILIES.map((families) => ({ type, selector, policy, families })))),
);
const HOUR_MS = 3_600_000;

function nameOf({ type, selector, policy, families }: Case): string {
  return `${type}-${selector ? 'with' : 'without'}-${policy}-${families}`.toLowerCase().replaceAll('--', '-any-').replace(/-$/, '-any');
}

function manifestOf(one: Case): object {
  const { type, selector, policy, families } = one;
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: nameOf(one), namespace: 'default' },
    spec: {
      ports: [{ port: 80 }],
      ...(type === 'Headless' ? { clusterIP: 'None' } : { type }),
      ...(type === 'ExternalName' ? { externalName: 'name.example' } : {}),
      ...(selector ? { selector: { app: 'web' } } : {}),
      ...(policy === '-' ? {} : { ipFamilyPolicy: policy }),
      ...(families === '-' ? {} : { ipFamilies: families.split('').map((digit) => `IPv${digit}`) }),
    },
  };
}

/** Asks a real API server for every Service of the table, and the ledger for its verdicts once grace is over. */
async function results(controlPlane: ControlPlane): Promise<ReadonlyMap<string, Result>> {
  const dispatcher = new Agent({ connect: { ca: readFileSync(controlPlane.caFile) }, connections: 8 });
  const headers = { authorization: `Bearer ${controlPlane.token}`, 'content-type': 'application/json' };
  const create = async (one: Case): Promise<readonly [string, Outcome]> => {
    const url = `${controlPlane.server}/api/v1/namespaces/default/services`;
    const { statusCode, body } = await request(url, { method: 'POST', dispatcher, headers, body: JSON.stringify(manifestOf(one)) });
    const answer = (await body.json()) as V1Service & { readonly message?: string };
    if (statusCode === 422) return [nameOf(one), 'refused'];
    if (statusCode !== 201) throw new Error(`${nameOf(one)}: ${statusCode} ${answer.message ?? ''}`);
    return [nameOf(one), storedBy(answer)];
  };
  try {
    const outcomes = await Promise.all(CASES.map(create));
    const findings = await findingsOn(controlPlane);
    return new Map(outcomes.map(([name, outcome]) => [name, { outcome, findings: findings.get(name) ?? [] }]));
  } finally {
    await dispatcher.close();
  }
}

function storedBy({ spec }: V1Service): Outcome {
  const families = (spec?.ipFamilies ?? []).map((family) => family.at(-1)).join('');
  return `${spec?.ipFamilyPolicy ?? '-'} ${families || '-'}`;
}

async function findingsOn(controlPlane: ControlPlane): Promise<ReadonlyMap<string, readonly string[]>> {
  const store = new ClusterStore();
  const interner = new Interner();
  const paths = { Service: '/api/v1/services', ServiceCIDR: '/apis/networking.k8s.io/v1/servicecidrs' } as const;
  for (const kind of ['Service', 'ServiceCIDR'] as const) {
    const { items } = (await controlPlane.get(paths[kind])) as { readonly items: readonly unknown[] };
    for (const item of items) {
      const facts = kindNamed(kind).facts(item, interner);
      if (facts) store.apply({ type: 'upsert', facts });
    }
  }
  for (const { name: kind } of KINDS) store.apply({ type: 'listed', kind });
  const evaluation = new Evaluation(store, NO_FAMILY, graceOf(1));
  const steps = evaluation.evaluate(store.takeDirtySets(), Date.now() + HOUR_MS);
  while (steps.next().done !== true);
  const findings = new Map<string, string[]>();
  for (const { check, severity, families, object } of evaluation.findings.values()) {
    const ofService = findings.get(object.name) ?? [];
    findings.set(object.name, [...ofService, `${severity} ${check.name} ${families.join('+')}`].sort());
  }
  return findings;
}

/** What has to be found on a Service that was stored so: without pods and load balancers, only its own families can be wrong. */
function violationOn({ type, selector }: Case, outcome: Outcome, stack: Stack): readonly string[] {
  const [policy = '', families = ''] = outcome.split(' ');
  // S7, S1.
  if (type === 'ExternalName' || (type === 'Headless' && !selector)) return [];
  // No load balancer answers here, which is no fault of its families.
  const pending = type === 'LoadBalancer' ? [`Info LoadBalancerPending ${wordsOf(families)}`] : [];
  // S6: on a cluster that could give both.
  const single = policy === 'SingleStack' && stack.startsWith('dual');
  return [...pending, ...(single ? [`Info ServiceSingleStack ${families === '4' ? 'IPv6' : 'IPv4'}`] : [])];
}

/** `46` as `IPv4+IPv6`. */
function wordsOf(families: string): string {
  return Array.from(families, (digit) => `IPv${digit}`).join('+');
}

for (const [stack, rows] of Object.entries(BEHAVIOR) as [Stack, (typeof BEHAVIOR)[Stack]][]) {
  describe(`Services on a cluster that is ${stack}`, function () {
    this.timeout(120_000);
    let controlPlane: ControlPlane;
    let all: ReadonlyMap<string, Result>;

    before('ask for every one of them', async () => {
      controlPlane = await startControlPlane({ stack, controllerManager: false, scheduler: false, kwok: false });
      all = await results(controlPlane);
    });

    after(async () => {
      await controlPlane.stop();
    });

    for (const [policy, families, stored, headlessWithoutSelector] of rows) {
      it(`of policy ${policy} and families ${families} are stored and evaluated by the rules`, () => {
        for (const one of CASES.filter((each) => each.policy === policy && each.families === families)) {
          const expected = expectedOutcome(one, stored, headlessWithoutSelector);
          const findings = expected === 'refused' ? [] : violationOn(one, expected, stack);
          expect(all.get(nameOf(one)), nameOf(one)).to.deep.equal({ outcome: expected, findings });
        }
      });
    }
  });
}

function expectedOutcome({ type, selector, policy, families }: Case, stored: Outcome, headlessWithoutSelector: Outcome): Outcome {
  if (type === 'ExternalName') return policy === '-' && families === '-' ? '- -' : 'refused';
  return type === 'Headless' && !selector ? headlessWithoutSelector : stored;
}
