#!/usr/bin/env node
const OLDEST_NODE = 24;

/** The only place that ends the process. */
async function main(): Promise<void> {
  const major = Number(process.versions.node.split('.', 1)[0]);
  if (major < OLDEST_NODE) {
    process.stderr.write(
      `dualstack-operator needs Node.js ${OLDEST_NODE} or newer and this is ${process.version}; run it by npm, which brings its own\n`,
    );
    process.exit(1);
  }
  // An older Node cannot even load these.
  const { runProgram } = await import('./cli/program.ts');
  process.exit(await runProgram(process.argv.slice(2)));
}

await main();
