import { readdirSync, renameSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cachedFolder, type InstallOptions } from '../support/cached-folder.ts';
import { unpackWithDependencies, withAptFolder } from '../support/debian-packages.ts';
import { findOnPath, isExecutable } from '../support/executables.ts';

const PROGRAMS = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'] as const;
const FIX = 'Put chromium or google-chrome on the PATH (apt-get install chromium, as root), or name one in CHROMIUM.';
/** Within Debian's packages; what is in usr/bin is a script that expects them to be installed. */
const BINARY = join('usr', 'lib', 'chromium', 'chromium');

/** A browser, and the variables that it takes to run where it is. */
export interface Chromium {
  readonly executable: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Finds a Chromium: the one that `$CHROMIUM` names, else one on the PATH, else the one in the cache, where Debian's package is put with those of its
 * libraries that are missing: apt-get downloads them without being root and without installing anything. Two processes at once download once.
 *
 * @throws Error that says how to get one, where CHROMIUM names none or it cannot be downloaded
 */
export async function ensureChromium(options: InstallOptions = {}): Promise<Chromium> {
  const { env = process.env } = options;
  const named = env['CHROMIUM'];
  if (named && !isExecutable(named)) throw new Error(`CHROMIUM is ${named}, which is no program.`);
  const present = named || findOnPath(PROGRAMS, env['PATH']);
  if (present) return { executable: present, env: {} };
  const folder = await cachedFolder({ name: `chromium-${process.arch}`, label, isComplete: holdsChromium, fill: download }, options);
  return { executable: join(folder, BINARY), env: { LD_LIBRARY_PATH: libraryFolders(folder).join(delimiter) } };
}

function label(): string {
  return 'downloading Chromium (first time only)';
}

function holdsChromium(folder: string): boolean {
  return isExecutable(join(folder, BINARY));
}

async function download(draft: string, env: NodeJS.ProcessEnv): Promise<void> {
  const failing = (reason: string): string =>
    `Chromium, which tests of the page need, could not be downloaded as Debian's package: ${reason}\n${FIX}`;
  await withAptFolder(draft, failing, async (folder) => {
    const unpacked = join(folder, 'unpacked');
    await unpackWithDependencies([{ name: 'chromium', dependencies: 'missing' }], folder, () => unpacked, env);
    if (!holdsChromium(unpacked)) throw new Error(`the package chromium holds no ${BINARY}`);
    for (const part of readdirSync(unpacked)) renameSync(join(unpacked, part), join(draft, part));
  });
}

/** The folders of shared libraries, some of which are in one of a library's own. */
function libraryFolders(folder: string): readonly string[] {
  const libraries = [join(folder, 'usr', 'lib'), join(folder, 'lib')];
  const files = libraries.flatMap((path) => {
    try {
      return readdirSync(path, { recursive: true, withFileTypes: true });
    } catch {
      // An older layout has lib beside usr/lib, a newer one has not.
      return [];
    }
  });
  return [...new Set(files.filter(({ name }) => /\.so(\.\d+)*$/.test(name)).map(({ parentPath }) => parentPath))].sort();
}

if (import.meta.main) {
  const { executable } = await ensureChromium();
  process.stdout.write(`${executable}\n`);
}
