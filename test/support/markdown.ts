/** What links may lead to in a page, behind a `#`: the anchors that GitHub gives its headings, and those that it sets itself. */
export function anchorsIn(markdown: string): ReadonlySet<string> {
  const headings = [...withoutBlocks(markdown).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading));
  const set = [...markdown.matchAll(/<a id="([^"]+)"><\/a>/g)].map(([, anchor = '']) => anchor);
  return new Set([...headings, ...set]);
}

/** The addresses of the links of a page. */
export function linksIn(markdown: string): readonly string[] {
  return [...withoutBlocks(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, address = '']) => address);
}

/** What is shown as it is has neither headings nor links. */
function withoutBlocks(markdown: string): string {
  return markdown.replaceAll(/^ *```[^]*?^ *```$/gm, '');
}

function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}
