import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { fromRoot } from './root.ts';

const run = promisify(execFile);

/** The name of the list of the parts of the program, in the folder of the program. */
export const SBOM_NAME = 'dualstack-operator.cdx.json';

/** What is read of CycloneDX. */
interface Sbom {
  readonly serialNumber: string;
  readonly metadata: { readonly timestamp: string; readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Component {
  readonly 'bom-ref': string;
  readonly properties: readonly { readonly name: string }[];
}

/**
 * Writes the software bill of materials beside the program: its production packages as package-lock.json has them, in CycloneDX.
 * The same packages make the same file, but for its time, which is SOURCE_DATE_EPOCH (https://reproducible-builds.org/specs/source-date-epoch/) where that is set.
 * @returns how many packages it lists
 */
export async function writeSbom(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const args = ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only'];
  const { stdout } = await run('npm', args, { cwd: fromRoot(), maxBuffer: 2 ** 26 });
  const sbom = reproducible(production(JSON.parse(stdout) as Sbom), env['SOURCE_DATE_EPOCH']);
  await writeFile(join(folder, SBOM_NAME), `${JSON.stringify(sbom, undefined, 2)}\n`);
  return sbom.components.length;
}

/** npm's own --omit=dev omits too what production and development have in common. */
function production({ metadata, components, dependencies, ...rest }: Sbom): Sbom {
  const kept = components.filter(({ properties }) => properties.every(({ name }) => name !== 'cdx:npm:package:development'));
  // npm calls the program by the folder that it is in.
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

/** npm numbers each list again; here it is numbered by what it says. */
function reproducible({ metadata, ...rest }: Sbom, epoch: string | undefined): Sbom {
  const timestamp = epoch ? new Date(Number(epoch) * 1000).toISOString() : metadata.timestamp;
  const timeless = JSON.stringify({ ...rest, metadata: { ...metadata, timestamp: '' }, serialNumber: '' });
  const hash = createHash('sha256').update(timeless).digest('hex');
  // A UUID of version 8, whose bits are anybody's: RFC 9562, section 5.8.
  const parts = [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `8${hash.slice(17, 20)}`, hash.slice(20, 32)];
  return { ...rest, serialNumber: `urn:uuid:${parts.join('-')}`, metadata: { ...metadata, timestamp } };
}
