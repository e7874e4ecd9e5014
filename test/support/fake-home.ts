import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A home folder, the only programs on whose PATH are scripts that a test writes. */
export class FakeHome {
  readonly path = mkdtempSync(join(tmpdir(), 'dualstack-home-'));
  /** What is shown as progress. */
  shown = '';

  constructor() {
    mkdirSync(join(this.path, 'bin'));
  }

  get env(): NodeJS.ProcessEnv {
    return { HOME: this.path, PATH: join(this.path, 'bin') };
  }

  readonly output = {
    write: (text: string): void => {
      this.shown += text;
    },
  };

  /** The folder in which what was downloaded is kept. */
  get cache(): string {
    return join(this.path, '.cache', 'dualstack-operator');
  }

  /** Writes a shell script that sees this folder as $HOME, into a folder of it. @returns its path */
  script(name: string, lines = '', folder = 'bin'): string {
    mkdirSync(join(this.path, folder), { recursive: true });
    const file = join(this.path, folder, name);
    writeFileSync(file, `#!/bin/sh\nPATH=/usr/bin:/bin\n${lines}\n`);
    chmodSync(file, 0o755);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
