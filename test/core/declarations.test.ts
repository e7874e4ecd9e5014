import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import ts from 'typescript';
import { fromRoot } from '../../scripts/root.ts';
import { CHECKS } from '../../src/core/checks/registry.ts';
import { ALL_KINDS } from '../../src/core/kinds/registry.ts';

/** What works on kinds and checks by their declarations alone, so that one more of them changes nothing here. */
const GENERIC: Readonly<Record<string, readonly string[]>> = {
  engine: ['src/core/engine/*.ts', 'src/core/store/*.ts'],
  report: ['src/core/report/*.ts'],
  server: ['src/server/**/*.ts'],
  outputs: ['src/outputs/*.ts'],
};

/** Written by a program from the definition of DualStackReport, which names the kinds that a report may name. */
const GENERATED = 'src/core/report/types.ts';

/** What the files of kinds and of checks have for all of them. */
const SHARED = [
  'kinds/registry.ts',
  'kinds/kind.ts',
  'kinds/source.ts',
  'kinds/facts.ts',
  'kinds/labels.ts',
  'kinds/label-selector.ts',
  'checks/registry.ts',
  'checks/check.ts',
];

const NAMES: ReadonlySet<string> = new Set([
  ...ALL_KINDS.flatMap(({ name, resource }) => [name, resource.kind]),
  ...CHECKS.map(({ name }) => name),
]);

/** Facts of one kind: `PodFacts`. */
const FACTS: ReadonlySet<string> = new Set(ALL_KINDS.map(({ name }) => `${name}Facts`));

/** What a source names of single kinds and checks, as `line: text`. */
function namedIn(path: string, text: string): string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const named: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isNamed(node)) named.push(`${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}: ${node.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return named;
}

function isNamed(node: ts.Node): boolean {
  if (ts.isImportSpecifier(node)) return FACTS.has((node.propertyName ?? node.name).text);
  if (!ts.isStringLiteralLike(node)) return false;
  return isSource(node) ? isOfOne(node.text) : NAMES.has(node.text);
}

/** Whether a text says what to import. */
function isSource({ parent }: ts.StringLiteralLike): boolean {
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) || (ts.isCallExpression(parent) && isImport(parent));
}

function isImport({ expression }: ts.CallExpression): boolean {
  return expression.kind === ts.SyntaxKind.ImportKeyword;
}

/** Whether a file is of one kind or of one check. */
function isOfOne(source: string): boolean {
  return /\/(?:kinds|checks)\//.test(source) && !SHARED.some((shared) => source.endsWith(`/${shared}`));
}

describe('what works by declarations', () => {
  for (const [part, patterns] of Object.entries(GENERIC)) {
    const files = patterns.map((pattern) => globSync(pattern, { cwd: fromRoot('.') }));

    it(`is all there: ${part}`, () => {
      for (const [index, found] of files.entries()) expect(found, patterns[index]).to.not.be.empty;
    });

    for (const path of files.flat().filter((file) => file !== GENERATED)) {
      it(`names no kind and no check: ${path}`, () => {
        expect(namedIn(path, readFileSync(fromRoot(path), 'utf8'))).to.deep.equal([]);
      });
    }
  }

  const rows: readonly (readonly [text: string, isFound: boolean])[] = [
    [`import { pod } from './kinds/pod.ts';`, true],
    [`import type { PodFacts } from './facts.ts';`, true],
    [`import type { PodFacts as Facts } from './facts.ts';`, true],
    [`import { podFamilyMissing } from '../checks/pod-family-missing.ts';`, true],
    [`export { podFamilyMissing } from '../checks/pod-family-missing.ts';`, true],
    [`const found = await import('../checks/pod-family-missing.ts');`, true],
    [`const kind = 'EndpointSlice';`, true],
    [`type Kind = 'Node' | 'Cluster';`, true],
    ['const kind = `Service`;', true],
    [`const check = 'PodFamilyMissing';`, true],
    [`import { ALL_KINDS } from '../kinds/registry.ts';`, false],
    [`import { CHECKS } from '../checks/registry.ts';`, false],
    [`import type { Facts } from './facts.ts';`, false],
    [`const words = 'Services and nodes: NodesHealthy';`, false],
    [`// Not a Pod.`, false],
  ];
  for (const [text, isFound] of rows) {
    it(`${isFound ? 'may not' : 'may'} say ${text}`, () => {
      expect(namedIn('one.ts', text)).to.have.length(isFound ? 1 : 0);
    });
  }
});
