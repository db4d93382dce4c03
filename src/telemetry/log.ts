import { pino, type Logger } from 'pino';

/** JSON lines on standard output; `level` is pino's. */
export function createLog(level = 'info'): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
}

export type { Logger };
