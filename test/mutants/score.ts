import { readFileSync } from 'node:fs';

/** As much of Stryker's report as is read here. */
interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string; readonly statusReason?: string }[] }>>;
}

interface Counts {
  detected: number;
  timeouts: number;
  missed: number;
}

/** The statuses with a verdict. A mutant that does not load, or is not in the sample, has none. */
const COUNTED_AS: Readonly<Record<string, keyof Counts>> = {
  Killed: 'detected',
  Timeout: 'timeouts',
  Survived: 'missed',
  NoCoverage: 'missed',
};
/** An endless loop, by the number of passes. Other timeouts are of a clock, and a busy machine has them too. */
const ENDLESS = 'Hit limit reached';
/** For 95 % of a normal distribution. */
const Z = 1.96;

/** Wilson's interval of a share, in percent: it is right for small samples and for shares near 100 %. */
function intervalOf(part: number, total: number): readonly [low: number, high: number] {
  const share = part / total;
  const scale = 1 + Z ** 2 / total;
  const middle = (share + Z ** 2 / (2 * total)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  return [100 * (middle - half), 100 * (middle + half)];
}

function countsByFolder({ files }: Report): Map<string, Counts> {
  const folders = new Map<string, Counts>();
  for (const [file, { mutants }] of Object.entries(files)) {
    for (const folder of ['all', file.slice(0, file.lastIndexOf('/'))]) {
      const counts = folders.get(folder) ?? { detected: 0, timeouts: 0, missed: 0 };
      folders.set(folder, counts);
      for (const { status, statusReason = '' } of mutants) {
        const key = statusReason.startsWith(ENDLESS) ? 'detected' : COUNTED_AS[status];
        if (key) counts[key] += 1;
      }
    }
  }
  return folders;
}

function lineOf(folder: string, { detected, timeouts, missed }: Counts): string {
  const total = detected + timeouts + missed;
  if (total === 0) return `${folder}: no mutant`;
  const percent = ((100 * detected) / total).toFixed(1);
  const [low, high] = intervalOf(detected, total).map((bound) => bound.toFixed(1));
  return `${folder}: ${percent} % of ${total} detected (95 % interval ${low} to ${high}), ${missed} missed, ${timeouts} timeouts`;
}

const report = JSON.parse(readFileSync('coverage/mutants/mutants.json', 'utf8')) as Report;
for (const [folder, counts] of [...countsByFolder(report)].sort()) console.log(lineOf(folder, counts));
