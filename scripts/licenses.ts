import { appendFile, readFile, readdir } from 'node:fs/promises';
import { fromRoot } from './root.ts';

/** What is read of the package.json of a package. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

const FOLDER = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENCE_FILE = /^(un)?licen[cs]e(\.|$)/i;
const README = /^readme(\.|$)/i;
/** The section of a README, up to the next heading or its end. */
const SECTION = /^(?:#+ *)?licen[cs]e *\n(?:-+\n)?(.*?)(?=^#|(?![^]))/ims;

/**
 * Appends the license of each package that a bundle keeps to a file, packages with the same one together.
 * @param files the bundled files, as paths from the repository's root; those of no package are passed over
 * @throws Error that names a package without one
 */
export async function appendLicenses(files: readonly string[], output: string): Promise<void> {
  const folders = new Set(files.flatMap((file) => FOLDER.exec(file) ?? []));
  const byText = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(await readFile(fromRoot(folder, 'package.json'), 'utf8')) as Package;
    const text = await licenseIn(folder);
    const heading = `${name} ${version} (${license})`;
    byText.set(text, [...(byText.get(text) ?? []), heading]);
  }
  for (const [text, headings] of byText) await appendFile(output, `\n${headings.map((each) => `=== ${each}\n`).join('')}\n${text}\n`);
}

/** The words of its license. */
async function licenseIn(folder: string): Promise<string> {
  const names = (await readdir(fromRoot(folder))).sort();
  const license = names.find((name) => LICENCE_FILE.test(name));
  if (license !== undefined) return (await readFile(fromRoot(folder, license), 'utf8')).trim();
  const readme = names.find((name) => README.test(name));
  const section = readme === undefined ? undefined : SECTION.exec(await readFile(fromRoot(folder, readme), 'utf8'))?.[1];
  if (!section) throw new Error(`${folder} has neither a file of its license nor a section of its README about it`);
  return section.trim();
}
