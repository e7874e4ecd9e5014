/** One line of `--trace-gc`: when a collection ended, and the size of the heap before and after it. */
interface Collection {
  readonly atMs: number;
  readonly before: number;
  readonly after: number;
}

const LINE = /^\[\d+:0x[\da-f]+\]\s+(\d+) ms: (?:Scavenge|Mark-Compact)[^\d]*([\d.]+) \([\d.]+\) -> ([\d.]+) /;
const MEGABYTE = 2 ** 20;
const MINUTE_MS = 60_000;

/**
 * How much a program allocates on its JavaScript heap, from what `--trace-gc` writes. Buffers lie outside of it.
 * @returns bytes a minute between the first collection and the last; undefined where there are not two
 */
export function garbageRate(output: string): number | undefined {
  const collections = output.split('\n').flatMap(collectionOf);
  const [first, last] = [collections[0], collections.at(-1)];
  if (!first || !last || last.atMs === first.atMs) return undefined;
  const allocated = collections.slice(1).reduce((total, { before }, index) => total + before - (collections[index]?.after ?? before), 0);
  return (allocated * MEGABYTE * MINUTE_MS) / (last.atMs - first.atMs);
}

function collectionOf(line: string): Collection[] {
  const [, at, before, after] = LINE.exec(line) ?? [];
  return at === undefined ? [] : [{ atMs: Number(at), before: Number(before), after: Number(after) }];
}
