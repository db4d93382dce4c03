import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Logger } from '../../src/telemetry/log.ts';

/** A log whose lines can be read. */
export function logTo(lines: Readonly<Record<string, unknown>>[]): Logger {
  return pino(
    { level: 'debug', base: null, formatters: { level: (label) => ({ level: label }) } },
    new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(JSON.parse(String(chunk)) as Readonly<Record<string, unknown>>);
        done();
      },
    }),
  );
}
