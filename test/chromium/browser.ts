import { chromium, type Browser } from 'playwright-core';
import { ensureChromium } from './install.ts';

const START_MS = 60_000;

/**
 * Starts a Chromium without a window.
 *
 * Its sandbox is off: a container and root have none to give, and it is shown pages of this project only.
 * @throws Error that says how to get one
 */
export async function startChromium(): Promise<Browser> {
  const { executable, env } = await ensureChromium();
  return chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'],
    env: { ...process.env, ...env },
    timeout: START_MS,
  });
}
