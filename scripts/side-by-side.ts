/** Runs scripts of package.json at once, and shows what each printed when it ends: `node scripts/side-by-side.ts typecheck lint`. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';

/** @returns whether the script ended with 0 */
async function run(name: string): Promise<boolean> {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', name], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve);
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  process.stdout.write(stdout);
  process.stderr.write(stderr);
  const seconds = Math.round((performance.now() - started) / 1000);
  process.stdout.write(code === 0 ? `${name}: ${seconds} s\n` : `${name} failed with ${code ?? 'a signal'} after ${seconds} s\n`);
  return code === 0;
}

const outcomes = await Promise.all(process.argv.slice(2).map(run));
process.exitCode = outcomes.every(Boolean) ? 0 : 1;
