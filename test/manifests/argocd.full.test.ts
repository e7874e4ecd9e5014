import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { fromRoot } from '../../scripts/root.ts';
import { stale, suspended, type ConditionDraft } from '../../src/core/report/conditions.ts';
import { ensureTools } from '../tools/install.ts';

const SCRIPT = fromRoot('manifests', 'argocd', 'health.lua');
const READY: ConditionDraft = { type: 'Ready', status: 'True', reason: 'Evaluated', message: 'The cluster is evaluated.' };
const SYNCING: ConditionDraft = { type: 'Ready', status: 'False', reason: 'Syncing', message: 'Waiting for Pod.' };
const UNHEALTHY: ConditionDraft = { type: 'Healthy', status: 'False', reason: 'FindingsPresent', message: 'Two "findings"\nof one node.' };
const STALLED: ConditionDraft = { type: 'Stalled', status: 'True', reason: 'NamespacesUnavailable', message: 'It cannot be applied.' };

/** What Argo CD is to say of a report with these conditions. */
const CASES: readonly (readonly [string, readonly ConditionDraft[] | undefined, string, string])[] = [
  ['is new', undefined, 'Progressing', 'Not evaluated yet'],
  ['waits for the first lists', [SYNCING], 'Progressing', SYNCING.message],
  ['has a verdict, whatever it is', [READY, UNHEALTHY], 'Healthy', UNHEALTHY.message],
  ['has no verdict on health', [READY], 'Healthy', READY.message],
  ['cannot be met', [READY, UNHEALTHY, STALLED], 'Degraded', STALLED.message],
  ['could be met again', [READY, { ...STALLED, status: 'False' }], 'Healthy', READY.message],
  ['is stale', stale([{ kind: 'Pod', since: 0 }]), 'Degraded', stale([{ kind: 'Pod', since: 0 }])[0]?.message ?? ''],
  ['is suspended', suspended(), 'Suspended', suspended()[0]?.message ?? ''],
];

describe('the health script for Argo CD', function () {
  this.timeout(30_000);
  let glua: string;
  let folder: string;

  before(async function () {
    this.timeout(600_000);
    glua = join(await ensureTools(), 'glua');
    folder = mkdtempSync(join(tmpdir(), 'dualstack-lua-'));
  });

  after(() => {
    rmSync(folder, { recursive: true });
  });

  for (const [what, conditions, status, message] of CASES) {
    it(`says ${status} of a report that ${what}`, async () => {
      const current = conditions?.map((condition) => ({ ...condition, observedGeneration: 2 }));
      expect(await health({ metadata: { generation: 2 }, ...(current && { status: { conditions: current } }) })).to.deep.equal({
        status,
        message,
      });
    });
  }

  it('waits where the conditions are of an older spec', async () => {
    const conditions = [READY, STALLED].map((condition) => ({ ...condition, observedGeneration: 1 }));
    expect((await health({ metadata: { generation: 2 }, status: { conditions } })).status).to.equal('Progressing');
  });

  async function health(report: object): Promise<{ readonly status: string; readonly message: string }> {
    const program = join(folder, 'health.lua');
    writeFileSync(program, `obj = ${lua(report)}\nlocal health = dofile(${lua(SCRIPT)})\nio.write(health.status, "\\n", health.message)`);
    const { stdout } = await promisify(execFile)(glua, [program]);
    const [status = '', ...message] = stdout.split('\n');
    return { status, message: message.join('\n') };
  }
});

/** A value as Lua writes it. */
function lua(value: unknown): string {
  if (Array.isArray(value)) return `{ ${value.map(lua).join(', ')} }`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return `{ ${Object.entries(value)
    .map(([name, field]) => `[${lua(name)}] = ${lua(field)}`)
    .join(', ')} }`;
}
