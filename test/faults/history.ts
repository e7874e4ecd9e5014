import fc from 'fast-check';
import type { Asked, Purpose } from './asked.ts';
import type { OpenWatch } from './exchange.ts';
import {
  doubled,
  errorPage,
  EXPIRED,
  garbageAfter,
  loseAnswer,
  reset,
  shaped,
  slow,
  smallPages,
  stall,
  status,
  statusParts,
  swapped,
  withoutBookmarks,
} from './faults.ts';
import { KINDS, type Kind, type Look, type Objects } from './objects.ts';
import type { Door, Fault, FaultProxy } from './proxy.ts';
import type { Questions } from './questions.ts';
import { WATCHED } from './watched.ts';

/** Faults of requests, by name so that a failing schedule can be read. */
const FAULTS: Readonly<Record<string, (scale: number) => Fault>> = {
  'answer 401': () => status(401, 'Unauthorized'),
  'answer 403': () => status(403, 'Forbidden'),
  'answer 404': () => status(404, 'NotFound'),
  'answer 409': () => status(409, 'Conflict'),
  'answer 410': () => status(410, 'Expired'),
  'answer 422': () => status(422, 'Invalid'),
  'answer 429': () => status(429, 'TooManyRequests', 1),
  'answer 500': () => status(500, 'InternalError'),
  'answer 503': () => status(503, 'ServiceUnavailable'),
  'answer a page': () => errorPage,
  'lose the answer': () => loseAnswer,
  reset: () => reset,
  stall: () => stall,
  slow: (scale) => slow(1000 * scale),
  'give pages of 2': () => smallPages(2),
  double: () => shaped(() => doubled),
  swap: () => shaped(swapped),
  'drop bookmarks': () => shaped(() => withoutBookmarks),
  'garble after 2': () => shaped(() => garbageAfter(2)),
};

/** What can happen to a watch that is open. */
const BLOWS: Readonly<Record<string, (watch: OpenWatch) => void>> = {
  reset: (watch) => {
    watch.reset();
  },
  end: (watch) => {
    watch.end();
  },
  'half a frame, then reset': (watch) => {
    watch.half('reset');
  },
  'half a frame, then end': (watch) => {
    watch.half('end');
  },
  garbage: (watch) => {
    watch.write(Buffer.from('\x00\x00\x00\x04oops\n'));
  },
  'ERROR 410': (watch) => {
    watch.error(EXPIRED);
  },
  'ERROR 500': (watch) => {
    watch.error(statusParts(500, 'InternalError'));
  },
  double: (watch) => {
    watch.shape = doubled;
  },
  swap: (watch) => {
    watch.shape = swapped();
  },
  lose: (watch) => {
    watch.lose();
  },
};

/** One step of a schedule. */
export type Step =
  | { readonly do: 'put'; readonly kind: Kind; readonly number: number; readonly look: Look }
  | { readonly do: 'delete'; readonly kind: Kind; readonly number: number }
  /** Makes a report, or gives it another spec. */
  | { readonly do: 'ask'; readonly number: number; readonly look: Look }
  | { readonly do: 'forget'; readonly number: number }
  | { readonly do: 'fault'; readonly fault: string; readonly kinds: readonly string[]; readonly purposes: readonly Purpose[] }
  | { readonly do: 'blow'; readonly blow: string; readonly kinds: readonly string[] }
  | { readonly do: 'door'; readonly door: Door }
  | { readonly do: 'cut' | 'clear' }
  /** Lets so many milliseconds of the scaled clock pass. */
  | { readonly do: 'pass'; readonly ms: number };

/** Prints well. */
const PLAIN = { noNullPrototype: true } as const;

const kind = fc.constantFrom(...KINDS);
const number = fc.nat({ max: 3 });
const look = fc.constantFrom<Look>(0, 1, 2);
const READ = Object.keys(WATCHED);
const kinds = fc.oneof(fc.constant(READ), fc.subarray(READ, { minLength: 1 }));
/** Only reports are written in a way that can be verified against the truth. */
const PURPOSES: readonly Purpose[] = ['stream', 'page', 'watch', 'write'];
const purposes = fc.oneof(fc.constant(PURPOSES), fc.subarray([...PURPOSES], { minLength: 1 }));
const question = fc.nat({ max: 1 });
const WRITES: readonly Purpose[] = ['write'];
const faultOfWrites = fc.constantFrom(
  ...Object.keys(FAULTS).filter((name) => name.startsWith('answer ') || ['reset', 'stall', 'lose the answer'].includes(name)),
);
/** What costs minutes of the operator's clock to notice comes less often. */
const blow = fc.oneof(
  { weight: 1, arbitrary: fc.constant('lose') },
  { weight: 24, arbitrary: fc.constantFrom(...Object.keys(BLOWS).filter((name) => name !== 'lose')) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('put' as const), kind, number, look }, PLAIN) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('delete' as const), kind, number }, PLAIN) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('ask' as const), number: question, look }, PLAIN) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), number: question }, PLAIN) },
  {
    weight: 2,
    arbitrary: fc.record(
      { do: fc.constant('fault' as const), fault: faultOfWrites, kinds: fc.constant(['DualStackReport']), purposes: fc.constant(WRITES) },
      PLAIN,
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('fault' as const), fault: fc.constantFrom(...Object.keys(FAULTS)), kinds, purposes }, PLAIN),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('blow' as const), blow, kinds }, PLAIN) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('door' as const), door: fc.constantFrom<Door>('closing', 'resetting', 'mute') }, PLAIN),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('cut' as const, 'clear' as const) }, PLAIN) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 8_000 }) }) },
);

/** A cluster at the start, and what happens to it and to the way to it. */
export interface Schedule {
  readonly before: readonly Extract<Step, { do: 'put' }>[];
  readonly steps: readonly Step[];
}

export const schedule: fc.Arbitrary<Schedule> = fc.record({
  before: fc.array(fc.record({ do: fc.constant('put' as const), kind, number, look }, PLAIN), {
    maxLength: 8,
  }),
  steps: fc.array(step, { minLength: 4, maxLength: 20 }),
});

export interface Scene {
  readonly proxy: FaultProxy;
  readonly objects: Objects;
  readonly questions: Questions;
  readonly scale: number;
  readonly pass: (ms: number) => Promise<void>;
}

/** Lets a step happen. */
export async function play(one: Step, { proxy, objects, questions, scale, pass }: Scene): Promise<void> {
  switch (one.do) {
    case 'put':
      return objects.put(one.kind, one.number, one.look);
    case 'delete':
      return objects.delete(one.kind, one.number);
    case 'ask':
      return questions.put(one.number, one.look);
    case 'forget':
      return questions.delete(one.number);
    case 'fault':
      proxy.on(about(one.kinds, one.purposes), FAULTS[one.fault]!(scale));
      return;
    case 'blow':
      for (const watch of one.kinds.flatMap((each) => proxy.watches(WATCHED[each]))) BLOWS[one.blow]!(watch);
      return;
    case 'door':
      proxy.door = one.door;
      return;
    case 'cut':
      proxy.cut();
      return;
    case 'clear':
      proxy.clear();
      return;
    case 'pass':
      return pass(one.ms);
  }
}

function about(affected: readonly string[], when: readonly Purpose[]): (request: Asked) => boolean {
  const resources = new Set(affected.map((each) => WATCHED[each]));
  return ({ resource, purpose }) => resources.has(resource) && when.includes(purpose);
}
