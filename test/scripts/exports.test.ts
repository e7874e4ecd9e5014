import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import ts from 'typescript';
import { fromRoot } from '../../scripts/root.ts';

/** What is run, beside the tests. */
const PROGRAMS = ['src', 'bench', 'demo', 'scripts', 'monitoring'].map((folder) => `${folder}/**/*.ts`);
const TESTS = 'test/**/*.ts';
/** Written by a program from the definition of DualStackReport, whose parts all have a type. */
const GENERATED = 'src/core/report/types.ts';

/** What a file gives to others, and what it takes. */
interface Source {
  readonly path: string;
  /** The names of what it exports, types left aside: those of its own functions' parameters are exported for their readers. */
  readonly exported: readonly string[];
  /** The names of methods, getters and fields of its classes, but those that a class which it extends calls. */
  readonly members: readonly string[];
  /** What it imports: `src/core/words.ts#counted`, and `src/core/words.ts#*` for all of a file. */
  readonly imported: ReadonlySet<string>;
  /** The identifiers in it, each with how often it is there beside where it is declared. */
  readonly used: ReadonlyMap<string, number>;
}

function sourceOf(path: string, text: string): Source {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const exported: string[] = [];
  const members: string[] = [];
  const imported = new Set<string>();
  const used = new Map<string, number>();
  const visit = (node: ts.Node): void => {
    exported.push(...exportedBy(node));
    if (isMember(node)) members.push(node.name.getText());
    for (const name of importedBy(node, path)) imported.add(name);
    if (ts.isIdentifier(node) && !isDeclared(node)) used.set(node.text, (used.get(node.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { path, exported, members, imported, used };
}

function exportedBy(node: ts.Node): string[] {
  if (!hasModifier(node, ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText());
  return (ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node)) && node.name ? [node.name.text] : [];
}

function isMember(node: ts.Node): node is ts.MethodDeclaration | ts.PropertyDeclaration | ts.GetAccessorDeclaration {
  const isOfClass = ts.isMethodDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isGetAccessor(node);
  return isOfClass && ts.isClassDeclaration(node.parent) && !hasModifier(node, ts.SyntaxKind.OverrideKeyword);
}

function hasModifier(node: ts.Node, kind: ts.SyntaxKind): boolean {
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);
}

/** Imports are by name, from the file that defines it: the linter sees to that. */
function importedBy(node: ts.Node, path: string): string[] {
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return [`${target(path, node.arguments[0])}#*`];
  if (!ts.isImportDeclaration(node)) return [];
  const bindings = node.importClause?.namedBindings;
  const names =
    bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name, propertyName }) => (propertyName ?? name).text) : ['*'];
  return names.map((name) => `${target(path, node.moduleSpecifier)}#${name}`);
}

function target(path: string, specifier: ts.Node | undefined): string {
  return specifier && ts.isStringLiteral(specifier) ? join(dirname(path), specifier.text) : '';
}

/** Whether an identifier is where what it names is declared. */
function isDeclared(node: ts.Identifier): boolean {
  const { parent } = node;
  const declares =
    ts.isMethodDeclaration(parent) ||
    ts.isPropertyDeclaration(parent) ||
    ts.isGetAccessor(parent) ||
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isFunctionDeclaration(parent) ||
    ts.isClassDeclaration(parent) ||
    ts.isVariableDeclaration(parent) ||
    ts.isImportSpecifier(parent);
  return declares && (parent.name === node || ts.isImportSpecifier(parent));
}

/** What nobody needs of these sources: exports of which no program makes use, exports that no file imports, and members that no program names. */
function unneeded(programs: readonly Source[], tests: readonly Source[]): string[] {
  const importedIn = (sources: readonly Source[]): ReadonlySet<string> => new Set(sources.flatMap(({ imported }) => [...imported]));
  const [byPrograms, byTests] = [importedIn(programs), importedIn(tests)];
  const named = new Set(programs.flatMap(({ used }) => [...used.keys()]));
  return programs
    .filter(({ path }) => path.startsWith('src/') && path !== GENERATED)
    .flatMap(({ path, exported, members, used }) => [
      ...exported
        .filter((name) => !byPrograms.has(`${path}#${name}`) && !byPrograms.has(`${path}#*`))
        .filter((name) => !used.has(name) || !byTests.has(`${path}#${name}`))
        .map((name) => `${path}: ${name}${used.has(name) ? ' is exported for nobody' : ' is used by no program'}`),
      ...members.filter((name) => !named.has(name) && !name.startsWith('#')).map((name) => `${path}: ${name} is used by no program`),
    ]);
}

function sourcesIn(...patterns: readonly string[]): Source[] {
  const paths = patterns.flatMap((pattern) => globSync(pattern, { cwd: fromRoot('.') }));
  return paths.map((path) => sourceOf(path, readFileSync(fromRoot(path), 'utf8')));
}

describe('what src exports', function () {
  this.timeout(30_000);

  it('is needed by a program, or by a test of what a program needs', () => {
    const programs = sourcesIn(...PROGRAMS);
    expect(programs).to.have.length.above(200);
    expect(unneeded(programs, sourcesIn(TESTS))).to.deep.equal([]);
  });

  const rows: readonly (readonly [what: string, one: string, other: string, test: string, found: readonly string[]])[] = [
    ['what another file imports', 'export const a = 1;', "import { a } from './one.ts';", '', []],
    ['what another file imports by another name', 'export const a = 1;', "import { a as b } from './one.ts';", '', []],
    ['what another file loads', 'export const a = 1;', "await import('./one.ts');", '', []],
    ['a type', 'export interface A { readonly b: number }', '', '', []],
    ['what a test imports and its own file uses', 'export const a = 1;\nf(a);', '', "import { a } from '../src/one.ts';", []],
    ['what only a test uses', 'export const a = 1;', '', "import { a } from '../src/one.ts';", ['a is used by no program']],
    ['what nobody uses', 'export function a(): void {}', '', '', ['a is used by no program']],
    ['what only its own file uses', 'export class A {}\nnew A();', '', '', ['A is exported for nobody']],
    [
      'what a file of that name elsewhere gives',
      'export const a = 1;',
      "import { a } from './sub/one.ts';",
      '',
      ['a is used by no program'],
    ],
    ['a member that is named', 'class A { b = 1 }', 'f(new A().b);', '', []],
    ['a member that is taken apart', 'class A { b = 1 }', 'const { b } = new A();\nf(b);', '', []],
    ['a member of its own', 'class A { #b = 1 }', '', '', []],
    ['a member for the class that it extends', 'class A extends B { override b(): void {} }', '', '', []],
    ['a member that only a test names', 'class A { get b(): number { return 1; } }', '', 'f(new A().b);', ['b is used by no program']],
  ];
  for (const [what, one, other, test, found] of rows) {
    it(`${found.length > 0 ? 'may not be' : 'may be'} ${what}`, () => {
      const programs = [sourceOf('src/one.ts', one), sourceOf('src/other.ts', other)];
      expect(unneeded(programs, [sourceOf('test/one.test.ts', test)])).to.deep.equal(found.map((words) => `src/one.ts: ${words}`));
    });
  }
});
