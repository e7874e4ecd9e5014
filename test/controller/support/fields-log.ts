import type { Log } from '../../../src/client/transport/log.ts';

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Keeps what is logged, with its fields. */
export class FieldsLog implements Log {
  readonly lines: LogLine[] = [];

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  /** The messages of a level and worse ones, as `level message`. */
  from(level: 'warn' | 'error'): string[] {
    const levels = level === 'warn' ? ['warn', 'error'] : ['error'];
    return this.lines.filter((line) => levels.includes(line.level)).map((line) => `${line.level} ${line.message}`);
  }

  #add(level: LogLine['level'], fields: object, message: string): void {
    this.lines.push({ level, message, fields: { ...fields } });
  }
}
