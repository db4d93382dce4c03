import { isatty } from 'node:tty';
import { pino, type Logger } from 'pino';
import sonicBoom from 'sonic-boom';

/** The log of a process. Writing never blocks and never throws, even when the output fails. */
export interface ProcessLog {
  readonly log: Logger;
  /** Number of lines dropped so far. */
  readonly droppedLines: () => number;
  /** Resolves when all lines are written, or after `timeoutMs`. */
  readonly flush: (withinMs: number) => Promise<void>;
}

/** Options of {@link openProcessLog}. */
export interface ProcessLogOptions {
  /** Called when the output was a terminal and has been closed. */
  readonly onTerminalGone?: () => void;
}

/** Lines beyond this much buffered output are dropped. */
const bufferBytes = 2_000_000;

/** Lines within this time are written together: one write per line is 5% of the cost of a small query. */
const gatherMs = 10;
const gatherLength = 16_000;

const standardOutput = 1;

const lineFormat = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** JSON lines on standard output, written synchronously. `level` is pino's. */
export function createLog(level = 'info'): Logger {
  return pino({ level, ...lineFormat });
}

/**
 * Makes standard output non-blocking, as Node does for pipes but not for terminals: a blocked write in the thread pool would
 * keep the process from exiting.
 */
function unblockStandardOutput(): void {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  if (!isatty(standardOutput)) return;
  const { _handle: handle } = stdout as { readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void } };
  handle?.setBlocking?.(false);
}

/**
 * Opens the log of the process: JSON lines on standard output, through a bounded buffer. Lines that can't be written (full disk,
 * reader stalled or gone) are dropped and counted. A line tells how many as soon as the output works again.
 */
export function openProcessLog({ onTerminalGone = () => undefined }: ProcessLogOptions = {}): ProcessLog {
  const isTerminal = isatty(standardOutput);
  unblockStandardOutput();
  const output = new sonicBoom.SonicBoom({ fd: standardOutput, sync: false, maxLength: bufferBytes });
  let droppedLines = 0;
  let reportedLines = 0;
  let isWritten = true;
  let gathered = '';
  let timer: NodeJS.Timeout | undefined;
  const writeGathered = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (gathered !== '') output.write(gathered);
    gathered = '';
  };
  // Without `flushSync`: pino would block on a stalled reader.
  const log = pino(
    { level: 'info', ...lineFormat },
    {
      write: (line) => {
        isWritten = false;
        gathered += line;
        if (gathered.length >= gatherLength) writeGathered();
        else timer ??= setTimeout(writeGathered, gatherMs);
      },
    },
  );
  output.on('drop', (lines: string) => (droppedLines += lines.split('\n').length - 1));
  // The lines stay buffered and are retried with the next one.
  output.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EIO' && isTerminal) onTerminalGone();
  });
  output.on('drain', () => {
    isWritten = gathered === '';
    if (droppedLines === reportedLines) return;
    log.warn({ lines: droppedLines - reportedLines }, 'log lines dropped');
    reportedLines = droppedLines;
  });

  const flush = (withinMs: number): Promise<void> =>
    new Promise((resolve) => {
      writeGathered();
      if (isWritten) return resolve();
      const timer = setTimeout(resolve, withinMs);
      output.once('drain', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  return { log, droppedLines: () => droppedLines, flush };
}

export type { Logger };
