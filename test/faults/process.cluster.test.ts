import { expect } from 'chai';
import { installOperatorManifests, OPERATOR } from '../support/cluster.ts';
import { rowsUnder } from '../support/documented.ts';
import { eventually } from '../support/eventually.ts';
import { seriesOf } from '../support/exposition.ts';
import { waitFor } from '../support/waiting.ts';
import { first } from './faults.ts';
import { useGround } from './ground.ts';
import { KINDS as WRITTEN } from './objects.ts';
import type { Rule } from './proxy.ts';
import { ELSEWHERE, FIRST_LISTS, here, slowLists, WATCHES, type Group, type Row } from './reads.ts';
import { tooShort, Trial, WARNING } from './trial.ts';
import { isRead, LIST, SOURCES, WATCHED } from './watched.ts';

const KINDS = Object.keys(WATCHED);
const PATIENCE = { deadlineMs: 60_000, everyMs: 20 } as const;
/** Where nobody listens: after 0.4, 0.8 and 1.6 seconds, and the next one after 3.2. */
const REFUSED_TRIES = 4;
const REFUSED_MS = 400 + 800 + 1600;

/** When and after how many requests a fault began. */
interface Beginning {
  readonly requests: number;
  readonly at: number;
}

// One process for each group, of which each kind meets another fault at the same time. Chance is fixed at one half, so that pauses are known.
describe('the operator as a process, behind a proxy that breaks its reads', function () {
  this.timeout(120_000);
  const ground = useGround({ users: [OPERATOR] });
  let trial: Trial;

  before('install the manifests', () => installOperatorManifests(ground.controlPlane));

  const groups = { ...FIRST_LISTS, ...WATCHES, 'lists that take their time': slowLists(changeBetweenPages) };
  for (const [name, group] of Object.entries(here(groups))) {
    describe(`${name}:`, () => {
      let beginning: Beginning;

      before('play', async () => {
        trial = await Trial.on(ground);
        beginning = await play(group);
      });

      after(end);

      for (const [kind, row] of Object.entries(group)) {
        it(`${row.what}, for ${WATCHED[kind]!}: counted, logged once, asked as seldom as documented, and true in the end`, async () => {
          await check(kind, row, beginning);
        });
      }

      it('nothing else is warned of', async () => {
        const expected = Object.entries(group).flatMap(([kind, row]) => warningsOf(row).map((words) => `${WATCHED[kind]!} ${words}`));
        await eventually(() => {
          const logged = trial
            .logged(WARNING)
            .map(({ level, resource, reason }) => [String(resource), wordOf(level), String(reason)].join(' '));
          expect(logged).to.have.members(expected);
        });
      });

      it('it runs on, and ends with 0 on SIGTERM', async () => {
        expect(await trial.operator.stop()).to.have.property('code', 0);
      });
    });
  }

  describe('connections that are refused:', () => {
    let beginning: Beginning;
    let awayMs: number;

    before('play', async () => {
      trial = await Trial.on(ground);
      await trial.start();
      await trial.untilTrue();
      beginning = now();
      const listen = trial.proxy.refuse();
      await ground.change();
      await eventually(async () => {
        for (const kind of KINDS) expect((await trial.errorsOf(kind))['network'] ?? 0).to.be.at.least(REFUSED_TRIES);
      }, PATIENCE);
      awayMs = performance.now() - beginning.at;
      await listen();
      await trial.untilTrue();
    });

    after(end);

    for (const kind of KINDS) {
      it(`for ${WATCHED[kind]!}: counted, logged once, tried as seldom as documented, listed again, and true in the end`, async () => {
        const { network = 0, ...others } = await trial.errorsOf(kind);
        expect(others).to.deep.equal({});
        // One more where the machine was so slow that there was time for it.
        expect(network).to.be.within(REFUSED_TRIES, awayMs < REFUSED_MS + 3200 ? REFUSED_TRIES : REFUSED_TRIES + 1);
        expect(awayMs).to.be.at.least(REFUSED_MS);
        await eventually(() => {
          expect(trial.loggedOf(kind)).to.deep.equal(['warn network', 'info']);
        });
        expect(purposes(kind, beginning)).to.equal(['page', ...LIST].join(' '));
      });
    }

    it('nothing else is warned of, and it runs on', async () => {
      expect(trial.logged(WARNING)).to.have.length(KINDS.length);
      expect(await trial.operator.stop()).to.have.property('code', 0);
    });
  });

  it('covers each row of docs/reliability.md about reads', () => {
    const played = [...Object.values(groups).flatMap((group) => Object.values(group).map(({ as }) => as)), ...Object.keys(ELSEWHERE)];
    const documented = [...Object.keys(rowsUnder('Responses of the API server')), ...Object.keys(rowsUnder('Failures of a watch'))];
    expect([...new Set(played)]).to.have.members(documented);
  });

  /** Lets each kind meet its fault while something changes, until all is true again; @returns when the faults began */
  async function play(group: Group): Promise<Beginning> {
    const rows = Object.entries(group);
    const fromTheStart = rows.every(([, { blow }]) => blow === undefined);
    if (!fromTheStart) {
      await trial.start();
      await trial.untilTrue();
    }
    const rules = rows.map(([kind, { fault, times }]) => trial.proxy.on(readsOf(kind), first(times, fault)));
    const beginning = now();
    if (fromTheStart) await trial.start();
    for (const [kind, { blow }] of rows) for (const watch of trial.proxy.watches(WATCHED[kind])) blow?.(watch);
    await waitFor('the faults', () => rows.every(([, row], index) => isMet(row, rules[index]!)), PATIENCE);
    for (const [kind, { unavailable }] of rows) if (unavailable) await untilUnavailable(kind);
    // Two events of each kind at least, for those who wait for a second one.
    for (const kind of WRITTEN) await ground.objects.put(kind, 3, 1);
    await ground.change();
    await trial.untilTrue();
    return beginning;
  }

  function isMet({ times }: Row, { met }: Rule): boolean {
    return met.length >= (Number.isFinite(times) ? times : 1);
  }

  async function untilUnavailable(kind: string): Promise<void> {
    await eventually(async () => {
      const states = seriesOf(await trial.operator.metrics(), 'dualstack_reflector_state');
      expect(states[`{source="${SOURCES[kind]}",state="unavailable"}`]).to.equal(1);
    }, PATIENCE);
  }

  async function check(kind: string, { errors, asked, pauses, blow }: Row, beginning: Beginning): Promise<void> {
    expect(await trial.errorsOf(kind)).to.deep.equal(errors);
    const warnings = Object.keys(errors).map((reason) => `warn ${reason}`);
    // That a watch is well is logged with the next thing that it brings.
    await eventually(() => {
      expect(trial.loggedOf(kind)).to.deep.equal(warnings.length > 0 ? [...warnings, 'info'] : []);
    });
    expect(purposes(kind, beginning)).to.equal(asked);
    const at = trial.readsOf(kind, beginning.requests).map((request) => request.at);
    expect(tooShort(blow ? [beginning.at, ...at] : at, pauses)).to.deep.equal([]);
  }

  function purposes(kind: string, { requests }: Beginning): string {
    return trial
      .readsOf(kind, requests)
      .map(({ purpose }) => purpose)
      .join(' ');
  }

  async function changeBetweenPages(): Promise<void> {
    await ground.objects.put('Node', 2, 2);
    await ground.objects.delete('Node', 0);
  }

  function now(): Beginning {
    return { requests: trial.proxy.requests.length, at: performance.now() };
  }

  async function end(this: Mocha.Context): Promise<void> {
    if (this.test?.parent?.tests.some(({ state }) => state === 'failed')) console.error(trial.operator.tail);
    await trial.end();
  }
});

function readsOf(kind: string): (request: Parameters<typeof isRead>[0]) => boolean {
  return (request) => isRead(request) && request.resource === WATCHED[kind];
}

function warningsOf({ errors }: Row): readonly string[] {
  return Object.keys(errors).map((reason) => `warn ${reason}`);
}

function wordOf(level: number): string {
  return level === WARNING ? 'warn' : `level ${level}`;
}
