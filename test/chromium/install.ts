import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { cacheFolder } from '../control-plane/build.ts';
import { withDraft } from '../control-plane/drafts.ts';
import { withLock } from '../control-plane/lock.ts';
import { withProgress, type Output } from '../control-plane/progress.ts';
import { unpackWithDependencies } from '../support/debian-packages.ts';
import { findOnPath, isExecutable } from '../support/executables.ts';

const PROGRAMS = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'] as const;
const MEND = 'Put chromium or google-chrome on the PATH (apt-get install chromium, as root), or name one in CHROMIUM.';
/** Within Debian's packages; what is in usr/bin is a script that expects them to be installed. */
const BINARY = join('usr', 'lib', 'chromium', 'chromium');

export interface InstallOptions {
  /** Where PATH, HOME, the cache folder and CHROMIUM are looked up; the process's own by default. */
  readonly env?: NodeJS.ProcessEnv;
  /** Where progress is shown; stderr by default. */
  readonly output?: Output;
}

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
  const { env = process.env, output = process.stderr } = options;
  const named = env['CHROMIUM'];
  if (named && !isExecutable(named)) throw new Error(`CHROMIUM is ${named}, which is no program.`);
  const present = named || findOnPath(PROGRAMS, env['PATH']);
  if (present) return { executable: present, env: {} };

  const cache = join(cacheFolder(env), 'dualstack-operator');
  const folder = join(cache, `chromium-${process.arch}`);
  mkdirSync(cache, { recursive: true });
  const install = async (): Promise<void> => {
    if (!isExecutable(join(folder, BINARY)))
      await withProgress(
        output,
        () => 'downloading Chromium (first time only)',
        () => installInto(folder, env),
      );
  };
  if (!isExecutable(join(folder, BINARY))) await withLock(`${folder}.lock`, install, () => undefined);
  return { executable: join(folder, BINARY), env: { LD_LIBRARY_PATH: libraryFolders(folder).join(delimiter) } };
}

async function installInto(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  await withDraft(folder, async (draft) => {
    const work = mkdtempSync(join(draft, 'apt-'));
    try {
      const unpacked = join(work, 'unpacked');
      await unpackWithDependencies([{ name: 'chromium', dependencies: 'missing' }], work, () => unpacked, env);
      if (!isExecutable(join(unpacked, BINARY))) throw new Error(`the package chromium holds no ${BINARY}`);
      for (const part of readdirSync(unpacked)) renameSync(join(unpacked, part), join(draft, part));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Chromium, which tests of the page need, could not be downloaded as Debian's package: ${reason}\n${MEND}`, {
        cause: error,
      });
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
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
