/** 0: fine; 1: failed; 2: used wrongly; 3: `scan` has found what `--fail-on` names. */
export type ExitCode = 0 | 1 | 2 | 3;
