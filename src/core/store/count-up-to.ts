/**
 * How many of some items are not beyond a number, by a binary search.
 * @param items in the order of their numbers
 * @param numberOf the number of an item
 */
export function countUpTo<T>(items: readonly T[], numberOf: (item: T) => number, most: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item === undefined || numberOf(item) > most) high = middle;
    else low = middle + 1;
  }
  return low;
}
