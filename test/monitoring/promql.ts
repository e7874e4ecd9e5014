/** A metric with what an expression asks of its labels, and how it aggregates it. */
export interface Selector {
  readonly metric: string;
  readonly matchers: readonly Matcher[];
  /** The labels of the `max by` that is around it, or around its `rate`; undefined where there is none. */
  readonly maxBy: readonly string[] | undefined;
}

export interface Matcher {
  readonly label: string;
  readonly operator: string;
  readonly value: string;
}

const METRIC = /\b(?:dualstack|process|nodejs)_\w+/g;
const SELECTOR = /(?:max by \(([^)]*)\) \((?:rate\()?)?(\b[a-z]\w*)\{([^}]*)\}/g;

/**
 * The selectors of an expression.
 * @throws Error where it names a metric of the operator without asking anything of its labels
 */
export function selectorsOf(expression: string): readonly Selector[] {
  const selectors = [...expression.matchAll(SELECTOR)].map(([, by, metric = '', matchers = '']) => ({
    metric,
    matchers: matchersOf(matchers),
    maxBy: by?.split(', '),
  }));
  const named = expression.match(METRIC) ?? [];
  if (named.length !== selectors.length) throw new Error(`${expression}: ${named.length} metrics, and ${selectors.length} selectors`);
  return selectors;
}

function matchersOf(text: string): readonly Matcher[] {
  return [...text.matchAll(/(\w+)(=~|!=|!~|=)"([^"]*)"/g)].map(([, label = '', operator = '', value = '']) => ({ label, operator, value }));
}
