import { COUNTED, LAYERS, type Layer } from '../core/overview/layers.ts';
import { alikeWords, groupAlike, type AlikeFindings } from '../core/report/alike.ts';
import type {
  Condition,
  DualStackReportStatus,
  FamilyCounts,
  FindingSummary,
  ListedFinding,
  Remediation,
  RemediationStep,
  StackLayer,
} from '../core/report/types.ts';
import { affectedWords, countWords, DISRUPTION_WORDS, headlineWords, objectWords, stackWords } from '../core/report/words.ts';

/** What text is marked with on a terminal. */
export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'blue';

export interface TextOptions {
  /** How many characters a line may have; a command, which is to be copied, has one line whatever its length. */
  readonly width: number;
  readonly paint: (style: Style, text: string) => string;
}

const SEVERITY_STYLES = { Critical: 'red', Warning: 'yellow', Info: 'blue' } as const;
const HEALTH_STYLES = { True: 'green', False: 'red', Unknown: 'yellow' } as const;

/** How far what belongs to a layer or a finding is indented. */
const INDENT = ' '.repeat(12);
const STEP_INDENT = ' '.repeat(15);

/**
 * The status of a report as people read it on a terminal.
 * @param causes its root causes in words, the worst first
 */
export function scanText(status: DualStackReportStatus, causes: readonly string[], options: TextOptions): string {
  const sections = [
    headline(status, options),
    stack(status, options),
    rootCauses(causes, status.summary, options),
    findings(status, options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function headline(status: DualStackReportStatus, { width, paint }: TextOptions): readonly string[] {
  const healthy = conditionOf(status, 'Healthy');
  const stalled = conditionOf(status, 'Stalled');
  const style = HEALTH_STYLES[healthy?.status ?? 'Unknown'];
  return [
    ...wrap(headlineWords(healthy), '', width).map((line) => paint(style, line)),
    ...(stalled?.status === 'True' ? wrap(stalled.message, '', width) : []),
  ];
}

/** What is counted and is no layer. */
const OTHERS = COUNTED.filter(({ name }) => LAYERS.every((one) => one.name !== name));

function stack(status: DualStackReportStatus, options: TextOptions): readonly string[] {
  const { stack: layers, migration } = status;
  if (!layers) return [];
  return [
    `${options.paint('bold', 'Stack by layer')}: ${stackWords(layers.overall)}`,
    ...LAYERS.flatMap((one) => layer(one, layers[one.name], status[one.name], conditionOf(status, one.condition), options)),
    ...OTHERS.flatMap((one) => {
      const counts = status[one.name];
      return counts ? entry(one.title, countWords(counts, one).join(', '), options) : [];
    }),
    ...(migration ? entry('Migration', migration.message, options) : []),
  ];
}

function layer(
  { title, ...counted }: Layer,
  { families, primary, evidence }: StackLayer,
  counts: FamilyCounts | undefined,
  health: Condition | undefined,
  options: TextOptions,
): readonly string[] {
  const words = [stackWords(families), ...(primary ? [`${primary} first`] : [])].join(', ');
  const detail = counts ? `${words}; ${countWords(counts, counted).join(', ')}` : words;
  // Where it cannot be determined, the reason says what to do about it.
  const why = health?.status === 'Unknown' ? `${health.reason}: ${health.message}` : evidence;
  return [...entry(title, detail, options), ...wrap(why, INDENT, options.width).map((line) => options.paint('dim', line))];
}

function entry(title: string, words: string, { width }: TextOptions): readonly string[] {
  return wrap(words, INDENT, width, `  ${title}`);
}

function rootCauses(causes: readonly string[], summary: FindingSummary | undefined, { width, paint }: TextOptions): readonly string[] {
  if (causes.length === 0) return [];
  const more = (summary?.rootCauses ?? 0) - causes.length;
  return [
    paint('bold', 'Root causes'),
    ...causes.flatMap((words) => wrap(words, '    ', width, '  -')),
    ...(more > 0 ? [`    and ${more} more`] : []),
  ];
}

function findings({ findings: listed = [], findingsOmitted = 0 }: DualStackReportStatus, options: TextOptions): readonly string[] {
  if (listed.length === 0) return [];
  return [
    options.paint('bold', 'Findings'),
    ...findingsText(listed, options),
    ...(findingsOmitted > 0 ? [`  and ${findingsOmitted} more, which are counted and not listed (--max-findings)`] : []),
  ];
}

/** The lines of findings, in their order. */
export function findingsText(listed: readonly ListedFinding[], options: TextOptions): readonly string[] {
  const ids = new Set(listed.map(({ id }) => id));
  return groupAlike(listed).flatMap((alike) => findingLines(alike, ids, options));
}

/** What is wrong, why, what that affects, and what fixes it: what fixes a cause fixes its effects. */
function findingLines(alike: AlikeFindings, ids: ReadonlySet<string>, { width, paint }: TextOptions): readonly string[] {
  const { severity, check, message, causedBy, affects = [], remediation } = alike.first;
  const areMany = alike.others.length > 0;
  const hasCause = causedBy !== undefined && ids.has(causedBy.id);
  const title = `  ${paint(SEVERITY_STYLES[severity], severity.padEnd(INDENT.length - 2))}${paint('bold', check)}`;
  return [
    title,
    ...(areMany
      ? [...wrap(alikeWords(alike), INDENT, width), ...wrap(`for example: ${message}`, INDENT, width)]
      : wrap(message, INDENT, width)),
    ...(causedBy ? wrap(`because of ${causedBy.check} on ${objectWords(causedBy.object)}`, INDENT, width) : []),
    ...(affects.length > 0 ? wrap(`affects ${affects.map(affectedWords).join(' and ')}`, INDENT, width) : []),
    ...(hasCause ? [] : fixLines(remediation, areMany ? 'Fix each:' : 'Fix:', width, paint)),
  ];
}

function fixLines({ summary, steps }: Remediation, title: string, width: number, paint: TextOptions['paint']): readonly string[] {
  const [first = '', ...rest] = wrap(`${title} ${summary}`, INDENT, width);
  const numbered = steps.length > 1;
  return [
    first.replace(title, paint('green', title)),
    ...rest,
    ...steps.flatMap((step, index) => stepLines(step, numbered ? `${index + 1}.` : '-', width, paint)),
  ];
}

/** A step with what it disturbs and opens. */
function stepLines(
  { description, command, disruption, exposes }: RemediationStep,
  mark: string,
  width: number,
  paint: TextOptions['paint'],
): readonly string[] {
  const text = disruption === 'None' ? description : `${description} (${DISRUPTION_WORDS[disruption]})`;
  return [
    ...wrap(text, STEP_INDENT, width, `${INDENT}${mark}`),
    ...(exposes === undefined ? [] : wrap(`Exposes: ${exposes}`, STEP_INDENT, width)),
    ...(command === undefined ? [] : [`${STEP_INDENT}${paint('green', '$')} ${command}`]),
  ];
}

function conditionOf({ conditions = [] }: DualStackReportStatus, type: string): Condition | undefined {
  return conditions.find((condition) => condition.type === type);
}

/**
 * Breaks text between words into lines of so many characters where it can.
 * @param title is on the first line in place of the indent
 */
export function wrap(text: string, indent: string, width: number, title = ''): readonly string[] {
  const lines: string[] = [];
  let line = title.padEnd(indent.length);
  let isEmpty = true;
  for (const word of text.split(' ')) {
    if (!isEmpty && line.length + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    isEmpty = false;
  }
  return [...lines, line];
}
