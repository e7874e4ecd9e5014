import { groupAlike } from '../../core/report/alike.ts';
import type { ListedFinding } from '../../core/report/types.ts';

/** A finding with those that it explains. */
export interface CauseNode {
  readonly finding: ListedFinding;
  /** Findings that say the same of other objects, and explain nothing either. */
  readonly alike: readonly ListedFinding[];
  readonly effects: readonly CauseNode[];
  /** How many more it explains than are shown. */
  readonly effectsOmitted: number;
}

/** The findings of a report as trees. */
export interface CauseTrees {
  /** The root causes, as many as are shown: a critical finding or a warning is in each. */
  readonly causes: readonly CauseNode[];
  /** Those that are only info. */
  readonly notes: readonly CauseNode[];
  /** How many findings these are in all, those included that are not shown. */
  readonly notesInAll: number;
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
  const notes = trees.filter((tree) => !matters(tree));
  return {
    causes: trees.filter(matters).slice(0, MOST_TREES),
    notes: withAlike(notes).slice(0, MOST_TREES),
    notesInAll: notes.reduce((sum, note) => sum + sizeOf(note), 0),
  };
}

/** Those without effects that say the same are one. */
function withAlike(trees: readonly CauseNode[]): readonly CauseNode[] {
  const single = trees.filter(({ effects }) => effects.length === 0).map(({ finding }) => finding);
  const alike = new Map(groupAlike(single).map(({ first, others }) => [first, others]));
  return trees.flatMap((tree) => {
    if (tree.effects.length > 0) return [tree];
    const others = alike.get(tree.finding);
    return others ? [{ ...tree, alike: others }] : [];
  });
}

function sizeOf({ effects, effectsOmitted }: CauseNode): number {
  return effects.reduce((sum, effect) => sum + sizeOf(effect), 1 + effectsOmitted);
}

/** A tree has no more levels than checks explain one another; a list that goes in circles has no root to begin with. */
function treeOf(finding: ListedFinding, effects: ReadonlyMap<string, readonly ListedFinding[]>): CauseNode {
  const own = effects.get(finding.id) ?? [];
  return {
    finding,
    alike: [],
    effects: own.slice(0, MOST_EFFECTS).map((effect) => treeOf(effect, effects)),
    effectsOmitted: Math.max(0, own.length - MOST_EFFECTS),
  };
}

function matters({ finding, effects }: CauseNode): boolean {
  return finding.severity !== 'Info' || effects.some(matters);
}
