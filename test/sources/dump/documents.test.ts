import { expect } from 'chai';
import { DEEPEST_LEVEL, JsonDocuments, OBJECT_LIMIT_BYTES } from '../../../src/sources/dump/json-documents.ts';
import {
  DEEPEST_LEVEL as DEEPEST_OF_YAML,
  MOST_LEXEMES,
  YAML_LIMIT_BYTES,
  YamlDocuments,
} from '../../../src/sources/dump/yaml-documents.ts';
import type { DocumentReader, DocumentSink } from '../../../src/sources/dump/documents.ts';
import { DumpError } from '../../../src/sources/dump/dump-error.ts';
import { Documents } from '../../../src/sources/dump/dump-files.ts';

type Make = new (sink: DocumentSink) => DocumentReader;

interface Came {
  readonly items: readonly (readonly [value: unknown, index: number])[];
  readonly documents: readonly (readonly [value: unknown, items: number | undefined])[];
}

function read(make: Make, text: string | Buffer, chunkBytes = 65_536): Came {
  const items: (readonly [unknown, number])[] = [];
  const documents: (readonly [unknown, number | undefined])[] = [];
  const reader = new make({
    item: (value, _head, index) => items.push([value, index]),
    document: (value, count) => documents.push([value, count]),
  });
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  reader.end();
  return { items, documents };
}

/** The values as they are, whole again. */
function wholes({ items, documents }: Came): unknown[] {
  let next = 0;
  return documents.map(([value, count]) => {
    if (count === undefined) return value;
    const elements = items.slice(next, (next += count)).map(([element]) => element);
    return Array.isArray(value) ? elements : { ...(value as object), items: elements };
  });
}

const JSON_TEXTS: readonly string[] = [
  '{}',
  '[]',
  ' { "a" : [ 1 , 2 ] , "b" : { "items" : [ 3 ] } } ',
  '{"items":[]}',
  '{"items":[ ]}',
  '{"items":null}',
  '{"items":{"a":[1]}}',
  '{"items":"[1]"}',
  '{"items":[1,"two",null,true,{"a":["}"]},[[]],-1.5e3,"",{}],"kind":"List"}',
  '{"a":{"b":[1]},"items":[{"items":[1,2]}],"c":[1,{"d":2}]}',
  '{"items":["a\\"b","\\\\","[","]","{","}",",",":"]}',
  '{"x":"items","y":[1,2],"z":["items"]}',
  '{"\\u0069tems":[1]}',
  '[1,[2,[3]],{"items":[4]}]',
  '[ "a" , 1 , {} ]',
  '{"items":["\u00e4\ud83e\udd8a"],"\u00e4":"\ud83e\udd8a"}',
  '{"__proto__":{"a":1},"items":[{"__proto__":1}]}',
];

describe('documents of JSON', () => {
  for (const text of JSON_TEXTS) {
    it(`are read in chunks of any size: ${text}`, () => {
      for (const chunkBytes of [1, 2, 3, 7, 1000])
        expect(JSON.stringify(wholes(read(JsonDocuments, text, chunkBytes)))).to.equal(JSON.stringify([JSON.parse(text)]));
    });
  }

  it('are read one after the other', () => {
    const documents = JSON_TEXTS.map((text): unknown => JSON.parse(text));
    for (const between of ['', '\n', ' \r\n\t'])
      expect(JSON.stringify(wholes(read(JsonDocuments, JSON_TEXTS.join(between), 5)))).to.equal(JSON.stringify(documents));
  });

  it('come with the elements of a list first, each with its place', () => {
    const { items, documents } = read(JsonDocuments, '{"kind":"List","items":["a",{"b":1}],"metadata":{}}');
    expect(items).to.deep.equal([
      ['a', 0],
      [{ b: 1 }, 1],
    ]);
    expect(documents).to.deep.equal([[{ kind: 'List', items: [0, 0], metadata: {} }, 2]]);
  });

  const faults: readonly (readonly [text: string, words: RegExp | string])[] = [
    ['{', 'it ends inside a JSON document, after 1 bytes'],
    ['{"items":[{"a":1}', 'it ends inside a JSON document, after 17 bytes'],
    ['{"a":"b', 'it ends inside'],
    ['[1,2', 'it ends inside'],
    ['{}}', 'it is not JSON: at byte 2 neither an object nor a list begins'],
    ['{} x', 'it is not JSON: at byte 3'],
    ['{}"a"', 'it is not JSON: at byte 2'],
    ['==== START logs', 'it is not JSON: at byte 0'],
    ['{a:1}', 'it is not JSON: there is a fault at byte 5'],
    ['{"a":1,}', 'there is a fault'],
    ['[1,,2]', 'there is a fault'],
    ['[1 2]', 'there is a fault'],
    ['[{}{}]', 'there is a fault'],
    ['[,]', 'there is a fault'],
    ['[1,]', 'there is a fault'],
    ['[nul]', 'there is a fault'],
    ['[01]', 'there is a fault'],
    ['["\n"]', 'there is a fault'],
    ['["\\x"]', 'there is a fault'],
    ['{"items":[{"a"}]}', 'there is a fault'],
    ['{"items":[1}', 'it ends inside'],
    ['{"items" [1]}', 'there is a fault'],
    ['{"items":[1] "a":2}', 'there is a fault'],
    ['{"items"[1]:2}', 'there is a fault'],
    ['[1]]', 'it is not JSON: at byte 3'],
  ];
  for (const [text, words] of faults) {
    it(`are refused where they are none: ${JSON.stringify(text)}`, () => {
      for (const chunkBytes of [1, 3, 1000]) expect(() => read(JsonDocuments, text, chunkBytes)).to.throw(DumpError, words);
    });
  }

  it('are refused where they are nested too deep', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
    expect(read(JsonDocuments, nested(DEEPEST_LEVEL)).documents).to.have.length(1);
    expect(() => read(JsonDocuments, nested(DEEPEST_LEVEL + 1))).to.throw(DumpError, 'it is nested more deeply than 500 levels');
    expect(() => read(JsonDocuments, '['.repeat(1_000_000))).to.throw(DumpError, 'it is nested more deeply');
    expect(() => read(JsonDocuments, '{"a":'.repeat(1_000_000))).to.throw(DumpError, 'it is nested more deeply');
  });

  it('are of any length, while no object in them is too long', () => {
    const item = `"${'x'.repeat(OBJECT_LIMIT_BYTES - 2)}"`;
    expect(read(JsonDocuments, `[${item},${item}]`).items).to.have.length(2);
    const tooLong = 'an object in it is longer than 8 MiB';
    expect(() => read(JsonDocuments, `[1,"x${item.slice(1)}]`)).to.throw(DumpError, tooLong);
    expect(() => read(JsonDocuments, `{"a":${item}}`)).to.throw(DumpError, tooLong);
  });
});

describe('documents of YAML', () => {
  it('are read one after the other', () => {
    const text = 'kind: List\nitems: [1]\n---\n# nothing\n---\na: &a {b: c}\n0: "*a"\n...\n';
    expect(read(YamlDocuments, text).documents).to.deep.equal([
      [{ kind: 'List', items: [1] }, undefined],
      [null, undefined],
      [{ 0: '*a', a: { b: 'c' } }, undefined],
    ]);
  });

  /** Nine levels of ten: a billion in a few bytes. */
  const bomb = `a0: &a0 lol\n${Array.from({ length: 9 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join()}]\n`).join('')}`;

  const faults: readonly (readonly [what: string, text: string, words: RegExp | string])[] = [
    ['nested too deep in brackets', '['.repeat(DEEPEST_OF_YAML + 1), 'it is nested more deeply than 100 levels'],
    ['nested very deep in brackets', '['.repeat(1_000_000), 'it is nested more deeply than 100 levels'],
    ['nested too deep in dashes', '- '.repeat(1_000_000), 'it is nested more deeply than 100 levels'],
    ['nested too deep in keys', '? '.repeat(1_000_000), 'it is nested more deeply than 100 levels'],
    [
      'nested too deep in lines',
      Array.from({ length: 300 }, (_, level) => `${' '.repeat(level)}a:\n`).join(''),
      'it is nested more deeply',
    ],
    ['an alias of more than there can be', bomb, 'it has aliases (*name)'],
    ['an alias that leads nowhere', 'a: *b', 'alias'],
    ['an alias of itself', 'a: &a [*a]', 'it has aliases (*name)'],
    ['a list that does not end', 'a: [1\nb: 2', /^line \d+ is not YAML: /],
    ['keys that are lists', '? [a]\n: b', /^line 1 is not YAML: /],
    ['a tab for an indent', 'a:\n\t- b', /^line 2 is not YAML: /],
    ['too many words', '- a\n'.repeat(MOST_LEXEMES / 4), 'YAML of more than 3 million words and marks takes too long to read'],
  ];
  for (const [what, text, words] of faults) {
    it(`are refused: ${what}`, function () {
      this.timeout(60_000);
      expect(() => read(YamlDocuments, text)).to.throw(DumpError, words);
    });
  }

  it('are refused where they are too long, before they are read', () => {
    expect(() => read(YamlDocuments, '#'.repeat(YAML_LIMIT_BYTES + 1))).to.throw(
      DumpError,
      'YAML of more than 16 MiB takes too long to read',
    );
  });

  it('quote nothing of the file where they are refused', () => {
    expect(() => read(YamlDocuments, 'password: "secret\nother: ['))
      .to.throw(DumpError)
      .with.property('message')
      .that.does.not.contain('secret');
  });
});

describe('a file', () => {
  for (const [what, text] of [
    ['JSON', '{"a":1}'],
    ['JSON after white space', '\n\t {"a":1}'],
    ['JSON after the mark of UTF-8', '\ufeff{"a":1}'],
    ['YAML', 'a: 1'],
    ['YAML after the mark of UTF-8', '\ufeffa: 1'],
    ['YAML after comments', '# {\n---\na: 1'],
    ['YAML with an indent', '  \n  a: 1\n'],
  ] as const) {
    it(`is taken for what it is: ${what}`, () => {
      for (const chunkBytes of [1, 2, 1000]) expect(read(Documents, text, chunkBytes).documents).to.deep.equal([[{ a: 1 }, undefined]]);
    });
  }

  for (const encoding of ['utf16le', 'utf16be'] as const) {
    it(`is refused in ${encoding}`, () => {
      const bytes = Buffer.from('\ufeff{"a":1}', 'utf16le');
      if (encoding === 'utf16be') bytes.swap16();
      expect(() => read(Documents, bytes)).to.throw(DumpError, 'it is UTF-16: have it written as UTF-8');
    });
  }

  it('of white space alone is nothing', () => {
    expect(read(Documents, ' \n'.repeat(100_000)).documents).to.deep.equal([]);
  });
});
