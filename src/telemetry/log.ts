import { pino, type Logger } from 'pino';

/** JSON lines on standard output; `level` is pino's. */
export const createLog = (level = 'info'): Logger =>
  pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });

export type { Logger };
