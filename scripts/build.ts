import { relative } from 'node:path';
import { cwd, stdout } from 'node:process';
import { bundle, BUNDLE_NAME } from './bundle.ts';
import { fromRoot } from './root.ts';
import { SBOM_NAME, writeSbom } from './sbom.ts';

const folder = fromRoot('dist');
const size = await bundle(fromRoot('src', 'main.ts'), folder);
stdout.write(`${relative(cwd(), folder)}/${BUNDLE_NAME} written, ${(size / 1e6).toFixed(1)} MB\n`);
const packages = await writeSbom(folder);
stdout.write(`${relative(cwd(), folder)}/${SBOM_NAME} written, ${packages} packages\n`);
