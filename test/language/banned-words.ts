/**
 * Words that the project does not use, with what to write instead. `language.test.ts` fails where a tracked file has one. Add a row for a word
 * that readers stumble over.
 */
export interface BannedWord {
  /** Compared with lines in which identifiers are split into words: `passedOverCount` reads "passed over count". */
  readonly pattern: RegExp;
  readonly instead: string;
  /** The files in which it is banned; all if absent. */
  readonly within?: RegExp;
}

/** What users read, and the code that produces it. */
const NOT_TESTS = /^(?!test\/)/;

export const BANNED_WORDS: readonly BannedWord[] = [
  { pattern: /\bmend(s|ed|ing)?\b/i, instead: '"fix"; the field is `remediation`' },
  { pattern: /\bgood to know\b/i, instead: '"info"' },
  { pattern: /\bjudg(e|es|ed|ing|e?ment)\b/i, instead: '"evaluate"' },
  { pattern: /\b(left|leaves?|leaving) out\b/i, instead: '"skip", "omit"' },
  {
    pattern: /\b(tells?|telling|told)\b/i,
    instead: '"detect", "determine", "report", "say", "describe", "record"; of two things "distinguish"',
  },
  { pattern: /\b(stands|stood|stand for|standing for)\b/i, instead: '"is", "means", "represents"' },
  { pattern: /\banew\b/i, instead: '"again"; "restarted", "relisted"' },
  { pattern: /\bbegun\b/i, instead: '"started"' },
  { pattern: /\b(hold|holds|held|holding) to\b/i, instead: '"verify against"' },
  { pattern: /\b(come|comes|came|coming) to\b/i, instead: '"result in", "total"; name the result' },
  { pattern: /\bmade of\b/i, instead: '"consists of", "generated from"; name the parts' },
  { pattern: /\b(lacking|denied words|whatever expected|youngest asking)\b/i, instead: '"violation", "missing"; a noun of the field' },
  { pattern: /\b(Ledgers?|[Ii]nventor(y|ies)|[Dd]irt|[Ss]hel(f|ves))\b/, instead: '"findings", "store", "dirty set", "index"' },
  { pattern: /\btroubles?\b/i, instead: '"watch error", "problem"; name what failed' },
  { pattern: /\brefusals?\b/i, instead: '"unavailable resource", "denial"' },
  { pattern: /\bunheard\b/i, instead: '"stale source"' },
  { pattern: /\bgives? nothing\b/i, instead: '"could not list"; say what failed' },
  { pattern: /\bannouncers?\b/i, instead: '"event recorder"' },
  { pattern: /(?<!feature[ -])\bgates?\b/i, instead: '"authorization filter"' },
  { pattern: /\basked\b/i, instead: '"requested"; name the request', within: NOT_TESTS },
  { pattern: /\b(gave|gives?|given) the lease back\b/i, instead: '"released leader lease"' },
  { pattern: /\bany ?more\b/i, instead: '"no longer", "Resolved: …"' },
  { pattern: /\bthat is not headless\b/i, instead: '"non-headless"' },
  { pattern: /\bsee what causes this\b/i, instead: 'the name of the cause' },
  { pattern: /\bnot of the same pods\b/i, instead: '"the ready pods differ by family"' },
  { pattern: /\b(are|is) asking at once\b/i, instead: '"too many concurrent authorization requests"' },
  { pattern: /\bor a worse one\b/i, instead: '"or higher"' },
  { pattern: /\bthat of which\b/i, instead: 'two sentences' },
  {
    pattern: /(?<![\w-])--port\b/,
    instead: '`--metrics-bind-address`, `--health-probe-bind-address`, `--page-bind-address`, `--agents-bind-address`',
  },
];

/** What the words of others are in: recorded clusters, licenses, checksums, generated lists. */
export const QUOTATIONS: readonly RegExp[] = [
  /^LICENSE$/,
  /^package-lock\.json$/,
  /(^|\/)go\.(sum|mod)$/,
  /^test\/corpus\/.*\.(ya?ml|json)$/,
  /^test\/fuzz\/corpus\//,
  /^test\/language\//,
];
