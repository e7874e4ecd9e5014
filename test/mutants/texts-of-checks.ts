/** As much of a node of the syntax tree as is looked at here. */
interface Path {
  readonly node: { readonly type: string; readonly key?: { readonly name?: string } };
  readonly parentPath: Path | null;
}

const TEXTS = ['description', 'rationale', 'remediation'];

/** Whether this is one of the texts of a check as such: a property of a constant. Those of its findings are made by functions. */
function isText({ node, parentPath }: Path): boolean {
  if (node.type !== 'ObjectProperty' || !TEXTS.includes(node.key?.name ?? '')) return false;
  const constant = parentPath?.parentPath;
  return constant?.node.type === 'VariableDeclarator' && constant.parentPath?.parentPath?.node.type === 'ExportNamedDeclaration';
}

function shouldIgnore(path: Path): string | undefined {
  return isText(path) ? 'A text for docs/checks.md and the command explain, which are compared with it elsewhere.' : undefined;
}

/** A plugin of Stryker that leaves the texts of checks alone. It is determined by its shape, so nothing of Stryker is imported. */
export const strykerPlugins = [{ kind: 'Ignore', name: 'texts-of-checks', value: { shouldIgnore } }];
