import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { appendLicenses } from './licenses.ts';
import { fromRoot } from './root.ts';

/** The name of the bundled program in its folder. */
export const BUNDLE_NAME = 'dualstack-operator.mjs';

/** CommonJS code in the bundle calls require, which an ES module does not have. */
const REQUIRE = "import { createRequire as bundleRequire } from 'node:module'; const require = bundleRequire(import.meta.url);";

/** What @dot-i/k8s-operator uses of the client. Because it requires the package as a whole, the bundle would hold all of it: 12 MB and 30 MB of memory more. */
const CLIENT_FOR_OPERATOR = "export { ApiextensionsV1Api, CoreV1Api, KubeConfig, loadYaml, Watch } from '@kubernetes/client-node';";

/** node-fetch 2 takes Node's URL and needs whatwg-url on old Node only; that package loads the deprecated punycode, with a warning. */
const URL_OF_NODE = 'export const { URL, URLSearchParams } = globalThis;';

interface Replacement {
  readonly filter: RegExp;
  readonly importer: RegExp;
  readonly contents: string;
}

/**
 * Bundles a program and all that it imports into one file in a folder of its own, with the licenses of what it holds in another.
 * @returns the size of the program in bytes
 */
export async function bundle(entry: string, outputFolder: string): Promise<number> {
  await rm(outputFolder, { recursive: true, force: true });
  const outfile = join(outputFolder, BUNDLE_NAME);
  const { metafile } = await build({
    metafile: true,
    entryPoints: [entry],
    outfile,
    absWorkingDir: fromRoot(),
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    banner: { js: REQUIRE },
    // Less text is less memory, since V8 keeps it. Names stay and lines are short, so stacks can be read.
    minifySyntax: true,
    minifyWhitespace: true,
    lineLimit: 160,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'external',
    logLevel: 'warning',
    // Packages take colors from it where it is; here it would be one of development, which no SBOM lists.
    external: ['supports-color'],
    plugins: [
      replace('operator-client', { filter: /^@kubernetes\/client-node$/, importer: /@dot-i/, contents: CLIENT_FOR_OPERATOR }),
      replace('node-url', { filter: /^whatwg-url$/, importer: /node-fetch/, contents: URL_OF_NODE }),
    ],
  });
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const files = bundled.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : []));
  await appendLicenses(files, `${outfile}.LEGAL.txt`);
  return (await stat(outfile)).size;
}

function replace(name: string, { filter, importer, contents }: Replacement): Plugin {
  return {
    name,
    setup(building) {
      building.onResolve({ filter }, ({ path, importer: from }) => (importer.test(from) ? { path, namespace: name } : undefined));
      building.onLoad({ filter: /./, namespace: name }, () => ({ contents, resolveDir: fromRoot() }));
    },
  };
}
