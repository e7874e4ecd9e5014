import type { ListedFinding } from '../../core/report/types.ts';

/** A finding with those that it explains. */
export interface CauseNode {
  readonly finding: ListedFinding;
  readonly effects: readonly CauseNode[];
  /** How many more it explains than are shown. */
  readonly effectsOmitted: number;
}

/** The findings of a report as trees. */
export interface CauseTrees {
  /** Those that matter: a critical finding or a warning is in each. */
  readonly causes: readonly CauseNode[];
  readonly causesOmitted: number;
  /** Those that are only info. */
  readonly notes: readonly CauseNode[];
  readonly notesOmitted: number;
}

const MOST_TREES = 50;
const MOST_EFFECTS = 12;

/**
 * The findings that a report lists as trees: under each those that it explains. One whose cause the report does not list, as it was excluded or
 * did not fit, begins a tree of its own. The order is that of the report.
 */
export function causeTrees(findings: readonly ListedFinding[]): CauseTrees {
  const byId = new Map<string, ListedFinding>();
  // A status that somebody wrote by hand might say a thing twice, and so make it its own cause.
  for (const finding of findings) if (!byId.has(finding.id)) byId.set(finding.id, finding);
  const isListed = (finding: ListedFinding): boolean => byId.has(finding.causedBy?.id ?? '');
  const roots = [...byId.values()].filter((one) => !isListed(one));
  const effects = Map.groupBy([...byId.values()].filter(isListed), ({ causedBy }) => causedBy?.id ?? '');
  const trees = roots.map((root) => treeOf(root, effects));
  const causes = trees.filter(matters);
  const notes = trees.filter((tree) => !matters(tree));
  return {
    causes: causes.slice(0, MOST_TREES),
    causesOmitted: Math.max(0, causes.length - MOST_TREES),
    notes: notes.slice(0, MOST_TREES),
    notesOmitted: Math.max(0, notes.length - MOST_TREES),
  };
}

/** A tree has no more levels than checks explain one another; a list that goes in circles has no root to begin with. */
function treeOf(finding: ListedFinding, effects: ReadonlyMap<string, readonly ListedFinding[]>): CauseNode {
  const own = effects.get(finding.id) ?? [];
  return {
    finding,
    effects: own.slice(0, MOST_EFFECTS).map((effect) => treeOf(effect, effects)),
    effectsOmitted: Math.max(0, own.length - MOST_EFFECTS),
  };
}

function matters({ finding, effects }: CauseNode): boolean {
  return finding.severity !== 'Info' || effects.some(matters);
}
