import { isatty } from 'node:tty';

/** Signals that end the process. `SIGHUP` does when the terminal is gone from which it was started. */
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** What signals do once the gateway listens. */
export interface SignalHandlers {
  readonly stop: (signal: StopSignal) => void;
  readonly reload: () => void;
}

/** The signals of the process, which are caught from the beginning. */
export interface Signals {
  /** A reload that was asked for before takes place now. */
  readonly handle: (handlers: SignalHandlers) => void;
  /** Stops, unless it does already. */
  readonly stop: (signal: StopSignal) => void;
}

const standardStreams = [0, 1, 2];

/**
 * Catches SIGTERM, SIGINT and SIGHUP. Until there are handlers nothing is served yet, so the process ends at once. Further
 * signals to stop change nothing: Ctrl-C reaches a process twice, from the terminal and through npm.
 */
export function catchSignals(): Signals {
  const hadTerminal = standardStreams.some((fd) => isatty(fd));
  let handlers: SignalHandlers | undefined;
  let isStopping = false;
  let isReloadDue = false;

  const stop = (signal: StopSignal): void => {
    if (isStopping) return;
    isStopping = true;
    if (handlers === undefined) process.exit(0);
    handlers.stop(signal);
  };

  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => {
    // The same signal asks a service to read its configuration again, and tells that a terminal was closed.
    if (hadTerminal && !standardStreams.some((fd) => isatty(fd))) return stop('SIGHUP');
    if (handlers === undefined) isReloadDue = true;
    else handlers.reload();
  });

  return {
    stop,
    handle: (given) => {
      handlers = given;
      if (isReloadDue) given.reload();
    },
  };
}
