import { createHash } from 'node:crypto';
import { Html } from './html.ts';

/** The whole style of the page: it requests no file, font or image. */
const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --line: #dde1e7; --ink: #1a2230; --soft: #556070; --link: #0b57b8; --code: #f0f2f5;
  --good: #17693a; --good-ground: #e4f4ea; --bad: #a81d1d; --bad-ground: #fdeaea; --warn: #855000; --warn-ground: #fdf1dc;
  --calm: #49566a; --calm-ground: #e9edf2; --v4: #0f5fa8; --v4-ground: #e3effa; --v6: #6a35a8; --v6-ground: #f1e9fb;
  --bar-dual: #2b9a5b; --bar-v4: #4a90d9; --bar-v6: #9a6bd6; --bar-none: #b9c0ca;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #10141b; --card: #181e27; --line: #2e3743; --ink: #e6eaf0; --soft: #a3aebd; --link: #7db8ff; --code: #10151d;
    --good: #7ddca2; --good-ground: #12301f; --bad: #ff9d9d; --bad-ground: #3c1a1c; --warn: #f5c475; --warn-ground: #37290f;
    --calm: #b5c0cf; --calm-ground: #28313d; --v4: #8ec5ff; --v4-ground: #15304a; --v6: #cfb0ff; --v6-ground: #2f2147;
    --bar-dual: #3fae70; --bar-v4: #4f93d8; --bar-v6: #9c74d6; --bar-none: #566172;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 1.5rem; }
footer { padding-top: 1rem; padding-bottom: 2.5rem; color: var(--soft); font-size: .875rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0; font-weight: 650; overflow-wrap: anywhere; }
h2 { font-size: 1.125rem; margin: 2rem 0 .75rem; font-weight: 650; overflow-wrap: anywhere; }
h3 { font-size: 1rem; margin: 0; font-weight: 650; }
p { margin: .375rem 0; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; }
.skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem .75rem; z-index: 1; }
.over { margin: 0 0 .125rem; color: var(--soft); font-size: .875rem; }
.soft { color: var(--soft); }
nav ul { list-style: none; margin: .75rem 0 0; padding: 0; display: flex; flex-wrap: wrap; gap: .375rem .5rem; }
nav a { display: inline-block; padding: .125rem .75rem; border: 1px solid var(--line); border-radius: 1rem; background: var(--card); overflow-wrap: anywhere; }
nav a[aria-current] { background: var(--ink); color: var(--ground); border-color: var(--ink); text-decoration: none; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .625rem; padding: 1rem 1.25rem; }
.verdict { margin-top: 1.25rem; border-left-width: .375rem; }
.verdict h2 { margin: 0; font-size: 1.375rem; }
.healthy { border-left-color: var(--bar-dual); } .healthy h2 { color: var(--good); }
.broken { border-left-color: var(--bad); } .broken h2 { color: var(--bad); }
.unknown, .outdated { border-left-color: var(--calm); } .unknown h2, .outdated h2 { color: var(--calm); }
.notice { margin-top: .75rem; padding: .625rem 1rem; border-radius: .5rem; background: var(--warn-ground); color: var(--warn); }
.facts { display: flex; flex-wrap: wrap; gap: .25rem 2rem; margin: .75rem 0 0; padding: .75rem 0 0; border-top: 1px solid var(--line); }
.facts div { min-width: 6rem; } dt { color: var(--soft); font-size: .8125rem; } dd { margin: 0; font-weight: 600; }
.layers { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
.layers .top { display: flex; justify-content: space-between; align-items: center; gap: .5rem; flex-wrap: wrap; }
.layers svg { display: block; width: 100%; height: .5rem; border-radius: .25rem; margin: .75rem 0 .375rem; background: var(--bar-none); }
.bar-dual { fill: var(--bar-dual); } .bar-v4 { fill: var(--bar-v4); } .bar-v6 { fill: var(--bar-v6); } .bar-none { fill: var(--bar-none); }
.key { font-size: .875rem; } .key i { display: inline-block; width: .625rem; height: .625rem; border-radius: 2px; margin-right: .3rem; }
.key span { display: inline-block; margin-right: .75rem; }
i.bar-dual { background: var(--bar-dual); } i.bar-v4 { background: var(--bar-v4); } i.bar-v6 { background: var(--bar-v6); } i.bar-none { background: var(--bar-none); }
.tag { display: inline-block; padding: 0 .5rem; border-radius: .75rem; font-size: .8125rem; font-weight: 600; white-space: nowrap; background: var(--calm-ground); color: var(--calm); }
.tag.good { background: var(--good-ground); color: var(--good); } .tag.bad { background: var(--bad-ground); color: var(--bad); }
.tag.warn { background: var(--warn-ground); color: var(--warn); }
.tag.v4 { background: var(--v4-ground); color: var(--v4); } .tag.v6 { background: var(--v6-ground); color: var(--v6); }
.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree > li { margin-bottom: .75rem; }
.tree ul { margin: .5rem 0 0 .375rem; padding-left: 1rem; border-left: 2px solid var(--line); }
.tree ul > li { padding: .25rem 0; }
.what { font-weight: 600; } .what .tag { margin-right: .5rem; }
.meta { font-size: .875rem; color: var(--soft); }
details { margin: .375rem 0 0; } summary { cursor: pointer; color: var(--link); width: fit-content; }
pre { margin: .5rem 0 0; padding: .5rem .75rem; background: var(--code); border: 1px solid var(--line); border-radius: .375rem; white-space: pre-wrap; overflow-wrap: anywhere; }
code, pre, .mono { font: .8125rem/1.5 ui-monospace, SFMono-Regular, Menlo, "DejaVu Sans Mono", monospace; }
.scroll { overflow-x: auto; padding: 0; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; padding: .75rem 1rem; color: var(--soft); font-size: .875rem; }
th, td { text-align: left; vertical-align: top; padding: .4375rem 1rem; border-top: 1px solid var(--line); }
thead th { color: var(--soft); font-size: .8125rem; font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; min-width: 9rem; }
dl.card.facts { margin: 0; padding: 1rem 1.25rem; border: 1px solid var(--line); }
.tags { white-space: nowrap; }
.migration { margin-top: 1rem; }
.meta::first-letter { text-transform: uppercase; }
td .tag { margin: 0 .25rem .125rem 0; } td .mono { display: block; color: var(--soft); white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pages { display: flex; flex-wrap: wrap; gap: 1rem; margin: .75rem 0 0; }
@media print { body { background: none; } .skip, nav, .pages { display: none; } }
`;

/** The element, to the byte as the digest below is of it. */
export const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);

/** The source in a Content-Security-Policy that allows this style and no other. */
export const STYLE_SOURCE = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;
