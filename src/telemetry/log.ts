import { isatty } from 'node:tty';
import { pino, type Logger } from 'pino';
import sonicBoom from 'sonic-boom';

/** The log of a process. Writing to it never blocks and never throws, whatever becomes of the output. */
export interface ProcessLog {
  readonly log: Logger;
  /** Lines that were dropped so far, because the output takes none. */
  readonly droppedLines: () => number;
  /** Resolves when all lines are written, or after this time. */
  readonly flush: (withinMs: number) => Promise<void>;
}

/** What the owner of the process is told. */
export interface ProcessLogOptions {
  /** The output was a terminal, which has been closed. */
  readonly onTerminalGone?: () => void;
}

/** Lines that wait to be written hold this much at most; further ones are dropped. */
const bufferBytes = 2_000_000;

/** Lines of so long are written together: a write for each is a twentieth of what a small query costs. */
const gatherMs = 10;
const gatherLength = 16_000;

const standardOutput = 1;

const lineFormat = {
  base: null,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** JSON lines on standard output, each written at once; `level` is pino's. */
export function createLog(level = 'info'): Logger {
  return pino({ level, ...lineFormat });
}

/**
 * Standard output without blocking writes: a write that blocks in the thread pool would keep the process from exiting. Node
 * opens pipes so by itself, terminals it does not.
 */
function unblockStandardOutput(): void {
  const { stdout, stderr } = process;
  for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
  if (!isatty(standardOutput)) return;
  const { _handle: handle } = stdout as { readonly _handle?: { readonly setBlocking?: (blocking: boolean) => void } };
  handle?.setBlocking?.(false);
}

/**
 * Opens the log of the process: JSON lines on standard output, through a bounded buffer. What can't be written (a full disk, a
 * reader that stands still or is gone) is dropped and counted, and the log says how much as soon as it can be written again.
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
  // pino gets no `flushSync`: it would wait for a reader that stands still.
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
  // The lines stay in the buffer, and are tried again with the next one.
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
