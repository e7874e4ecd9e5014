import { durationWords } from './duration-words.ts';
import { html, type Html } from './html.ts';

/** A time with how long ago it was; a text that is no time is shown as it is. */
export function timeElement(time: number | string, now: number): Html {
  const ms = typeof time === 'number' ? time : Date.parse(time);
  if (!Number.isFinite(ms)) return html`${time}`;
  const iso = new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return html`<time datetime="${iso}">${durationWords(now - ms)} ago</time>`;
}

/** A time of the clock. */
export function clockElement(ms: number): Html {
  const iso = new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
  return html`<time datetime="${iso}">${iso.replace('T', ' ').replace('Z', ' UTC')}</time>`;
}
