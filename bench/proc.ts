import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the kernel says that a process has used. */
export interface Usage {
  /** Of all its threads, those that ended included; counted in hundredths as a rule. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  readonly peakResidentBytes: number;
}

/** How the resident memory of a process is made up. */
export interface Memory {
  readonly anonymousBytes: number;
  /** The share of what is mapped from files, such as the program itself. */
  readonly fileBytes: number;
}

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
/** Where utime and stime are in /proc/PID/stat, counted after the name, which may have spaces in it. */
const USER_TIME = 11;
const SYSTEM_TIME = 12;

/** @throws Error where there is no such process */
export function usageOf(pid: number): Usage {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    cpuSeconds: (Number(fields[USER_TIME]) + Number(fields[SYSTEM_TIME])) / TICKS_PER_SECOND,
    residentBytes: kilobytesIn(status, 'VmRSS'),
    peakResidentBytes: kilobytesIn(status, 'VmHWM'),
  };
}

/** The name of a process's program, of which the kernel keeps 15 characters. @throws Error where there is no such process */
export function nameOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** @throws Error where there is no such process */
export function memoryOf(pid: number): Memory {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const anonymousBytes = kilobytesIn(rollup, 'Anonymous');
  return { anonymousBytes, fileBytes: kilobytesIn(rollup, 'Rss') - anonymousBytes };
}

function kilobytesIn(text: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) * 1024;
}
