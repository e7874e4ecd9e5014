/** A count with its noun: `1 pod`, `3 pods`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** The first of some texts, and how many more there are: `a, b, c and 2 more`. */
export function firstOf(texts: readonly string[], most: number): string {
  const more = texts.length - most;
  return `${texts.slice(0, most).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

/** The text, cut where it is longer than so many characters, and never within one. */
export function clip(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}

/**
 * The text with nothing in it that a terminal would act on instead of showing, and that comes back from the API server as it went: an
 * object may have any text where an address should be.
 */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\ufffd');
}

/** A moment in UTC, to the minute: `2026-11-29 03:00`. */
export function minuteWords(moment: number): string {
  return new Date(moment).toISOString().slice(0, 16).replace('T', ' ');
}

/** Several things in a sentence: `nodes, pods and Services`. */
export function joinWithAnd(things: readonly string[]): string {
  const last = things.at(-1) ?? '';
  return things.length < 2 ? last : `${things.slice(0, -1).join(', ')} and ${last}`;
}

/** The text as a sentence begins. */
export function capitalized(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
