import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ENVIRONMENT } from '../../scripts/docs.ts';
import { fromRoot } from '../../scripts/root.ts';
import { proxyFor } from '../../src/client/auth/proxy-environment.ts';

/** The ways in which the source reads the environment, each with the names that it gives; anything else is not understood here. */
const READS: readonly (readonly [pattern: RegExp, names: (match: RegExpExecArray) => readonly string[]])[] = [
  [/process\.env\['(\w+)'\]/g, ([, name = '']) => [name]],
  [/const \{ ([\w, ]+) \} = process\.env;/g, ([, names = '']) => names.split(', ')],
  // The variables of the flags, which the page has beside these.
  [/Object\.entries\(process\.env\)/g, () => []],
  [/Reflect\.deleteProperty\(process\.env, name\)/g, () => []],
  [/proxyFor\(cluster\.server, process\.env\)/g, () => proxyVariables()],
];

describe('the environment variables of docs/configuration.md', () => {
  const sources = globSync(fromRoot('src', '**', '*.ts')).map((file) => readFileSync(file, 'utf8'));

  it('are those that the source reads', () => {
    const read = sources.flatMap((source) =>
      READS.flatMap(([pattern, names]) => [...source.matchAll(pattern)].flatMap((match) => names(match))),
    );
    expect([...new Set(read)]).to.have.members(Object.keys(ENVIRONMENT));
  });

  it('are read in no other way', () => {
    const count = (pattern: RegExp): number => sources.reduce((total, source) => total + [...source.matchAll(pattern)].length, 0);
    const understood = READS.reduce((total, [pattern]) => total + count(pattern), 0);
    expect(count(/process\.env\b/g))
      .to.equal(understood)
      .and.above(0);
  });
});

/** What is looked up for the proxy of an API server, each in upper and in lower case. */
function proxyVariables(): readonly string[] {
  const names: string[] = [];
  for (const server of ['https://server', 'http://server']) {
    const environment = new Proxy<Record<string, string>>(
      {},
      {
        get: (_, name) => {
          names.push(String(name));
          // As one that has a proxy has it, so that exceptions are looked up too.
          return /^HTTPS?_PROXY$/.test(String(name)) ? 'http://proxy' : '';
        },
      },
    );
    proxyFor(server, environment);
  }
  return [...new Set(names.map((name) => name.toUpperCase()))];
}
