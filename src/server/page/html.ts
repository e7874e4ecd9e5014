import { printable } from '../../core/words.ts';

/** What a template takes: text, which is escaped, markup that is made already, and lists of both; nothing is shown of what is undefined or false. */
export type Content = string | number | Html | undefined | false | readonly Content[];

/** Markup that is safe to send: only the tag `html` makes it. */
export class Html {
  readonly markup: string;

  constructor(markup: string) {
    this.markup = markup;
  }
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/**
 * Markup from a template whose values are escaped, for text and for attributes in quotes. A name may be anything in a dump, so what would be acted on
 * instead of shown, such as a change of direction, is replaced too. An address in an attribute is the caller's to encode.
 */
export function html(texts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return new Html(texts.map((text, index) => text + markupOf(values[index])).join(''));
}

function markupOf(content: Content): string {
  if (content === undefined || content === false) return '';
  if (content instanceof Html) return content.markup;
  if (typeof content === 'object') return content.map(markupOf).join('');
  return escaped(String(content));
}

function escaped(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
