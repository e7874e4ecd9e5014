const FIXED = 20_240_917;
const LARGEST = 2 ** 31 - 1;

/**
 * The seed of random tests: the same in each run, so that a red run is red again. `DUALSTACK_SEED` names another, as a failure prints it;
 * `DUALSTACK_SEED=random` has a new one in each run, to look for what is rare.
 * @throws Error where it is neither
 */
export function seedOf(env: NodeJS.ProcessEnv): number {
  const wanted = env['DUALSTACK_SEED'];
  if (!wanted) return FIXED;
  if (wanted === 'random') return Date.now() % LARGEST;
  const seed = Number(wanted);
  if (Number.isInteger(seed) && seed >= 0 && seed <= LARGEST) return seed;
  throw new Error(`DUALSTACK_SEED is ${wanted}: it has to be "random" or a whole number up to ${LARGEST}`);
}
