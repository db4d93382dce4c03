import { isatty } from 'node:tty';

/** Signals that stop the process. `SIGHUP` only does when its terminal was closed. */
export type StopSignal = 'SIGTERM' | 'SIGINT' | 'SIGHUP';

/** Signal handlers once the gateway listens. */
export interface SignalHandlers {
  readonly stop: (signal: StopSignal) => void;
  readonly reload: () => void;
}

/** Signals of the process, caught from its start. */
export interface Signals {
  /** Sets the handlers. A reload that was requested earlier runs now. */
  readonly handle: (handlers: SignalHandlers) => void;
  /** Stops, unless it is stopping already. */
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
    // SIGHUP means both: reload the configuration, and the terminal was closed.
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
