import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from './root.ts';

const run = promisify(execFile);

/** The name of the list of what the program is made of, in the folder of the program. */
export const SBOM_NAME = 'dualstack-operator.cdx.json';

/** What is read of CycloneDX. */
interface Sbom {
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly 'bom-ref': string;
  readonly properties: readonly { readonly name: string }[];
}

/**
 * Writes the software bill of materials beside the program: its production packages as package-lock.json has them, in CycloneDX.
 * @returns how many packages it lists
 */
export async function writeSbom(folder: string): Promise<number> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  const { stdout } = await run('npm', args, { cwd: fromRoot(), maxBuffer: 2 ** 26 });
  const sbom = production(JSON.parse(stdout) as Sbom);
  await writeFile(join(folder, SBOM_NAME), `${JSON.stringify(sbom, undefined, 2)}\n`);
  return sbom.components.length;
}

/** npm's own --omit=dev leaves out too what production and development have in common. */
function production({ metadata, components, dependencies, ...rest }: Sbom): Sbom {
  const kept = components.filter(({ properties }) => properties.every(({ name }) => name !== 'cdx:npm:package:development'));
  // npm calls the program by the folder that it stands in.
  const component = { ...metadata.component, name: 'dualstack-operator' };
  const refs = new Set([component, ...kept].map((one) => one['bom-ref']));
  return {
    ...rest,
    metadata: { ...metadata, component },
    components: kept,
    dependencies: dependencies
      .filter(({ ref }) => refs.has(ref))
      .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => refs.has(one)) })),
  };
}
