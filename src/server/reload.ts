import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigError, type Config, type TicsConfig } from '../config/config.ts';
import type { Gateway, Progress } from '../gateway/gateway.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Served } from './server.ts';

type Configured = Config & { readonly tics: TicsConfig };

/** What came of reading the configuration again. */
export type ReloadOutcome = 'RELOADED' | 'UNCHANGED' | 'REFUSED';

/** A gateway whose configuration can be exchanged while it serves. */
export interface ReloadableGateway extends Served {
  /**
   * Reads the configuration again and serves by it from then on; operations in flight finish by the old one. One with faults is
   * refused and the old one stays. All of it is said in the log. One reload runs at a time; it never throws.
   */
  readonly reload: () => Promise<ReloadOutcome>;
}

/** What a reloadable gateway is made of. */
export interface ReloadOptions {
  /** The configuration as it was read; without `tics` when the embedded TICS stands in for it. */
  readonly file: Config;
  /** The configuration in use. */
  readonly config: Configured;
  /** Reads it again; throws ConfigError. */
  readonly read: () => Config;
  readonly build: (config: Configured) => Gateway;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** One gateway and how many requests it is answering. */
interface Lease {
  readonly gateway: Gateway;
  inFlight: number;
  isRetired: boolean;
}

/** What is taken over while the gateway runs: all that a gateway is built from. The rest is the server's and the process's. */
const exchangeable: ReadonlySet<string> = new Set(['tics', 'callers', 'cache', 'watching']);

/** How long a new gateway may try out its upstreams before it takes over, whatever it found. */
const trialMs = 10_000;

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Keys of the whole file whose values differ. */
function changedKeys(one: Config, other: Config): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].filter(
    (key) => !isSame(one[key as keyof Config], other[key as keyof Config]),
  );
}

/** Makes a gateway that takes its configuration anew when it is told to. */
export function createReloadable({
  file: startedWith,
  config,
  read,
  build,
  metrics,
  log,
}: ReloadOptions): ReloadableGateway {
  const lease = (gateway: Gateway): Lease => ({ gateway, inFlight: 0, isRetired: false });
  let file = startedWith;
  let current = lease(build(config));
  const leases = new Set([current]);
  const retiring = new Set<Promise<void>>();
  let running: Promise<ReloadOutcome> | undefined;

  const closeRetired = (retired: Lease): void => {
    leases.delete(retired);
    const closing = retired.gateway.close().finally(() => retiring.delete(closing));
    retiring.add(closing);
  };

  const leave = (left: Lease): void => {
    left.inFlight -= 1;
    if (left.isRetired && left.inFlight === 0) closeRetired(left);
  };

  const exchange = (gateway: Gateway): void => {
    const old = current;
    current = lease(gateway);
    leases.add(current);
    old.isRetired = true;
    // Whoever is subscribed subscribes again, and finds the new one.
    old.gateway.endStreams();
    if (old.inFlight === 0) closeRetired(old);
  };

  const refetchIds = (): Config | undefined => {
    try {
      return read();
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [];
      log.error({ faults }, 'configuration refused: the old one stays');
      return undefined;
    }
  };

  const reload = async (): Promise<ReloadOutcome> => {
    const next = refetchIds();
    if (next === undefined) return 'REFUSED';
    // The embedded TICS is a process of its own, which is started, or not, at the beginning.
    const startsTics = (next.tics === undefined) !== (file.tics === undefined);
    const changed = changedKeys(file, next);
    const needRestart = changed.filter((key) => !exchangeable.has(key) || (key === 'tics' && startsTics));
    if (needRestart.length > 0) log.warn({ keys: needRestart }, 'configuration: these keys change only with a restart');
    const taken = changed.filter((key) => !needRestart.includes(key));
    if (taken.length === 0) {
      log.info('configuration read again: nothing to take over');
      return 'UNCHANGED';
    }
    const used: Config = { ...file, ...Object.fromEntries(taken.map((key) => [key, next[key as keyof Config]])) };
    const { tics = config.tics, callers, cache, watching } = used;
    const gateway = build({ ...config, tics, callers, cache, watching });
    const { status, space, agents } = await gateway.readiness(trialMs);
    exchange(gateway);
    file = used;
    log[status === 'ready' ? 'info' : 'warn']({ keys: taken, status, space, agents }, 'configuration taken over');
    return 'RELOADED';
  };

  const close = async (): Promise<void> => {
    await running;
    current.isRetired = true;
    closeRetired(current);
    await Promise.all(retiring);
  };

  return {
    handle: async (request: IncomingMessage, response: ServerResponse, progress?: Progress) => {
      const used = current;
      used.inFlight += 1;
      response.once('close', () => leave(used));
      await used.gateway.handle(request, response, progress);
    },
    open: (operation, ended = () => undefined) => {
      const used = current;
      used.inFlight += 1;
      return used.gateway.open(operation, () => {
        leave(used);
        ended();
      });
    },
    identify: (request) => current.gateway.identify(request),
    planes: (deadline) => current.gateway.planes(deadline),
    endStreams: () => current.gateway.endStreams(),
    cutOperations: () => leases.forEach(({ gateway }) => gateway.cutOperations()),
    readiness: (waitMs) => current.gateway.readiness(waitMs),
    metrics,
    reload: async () => {
      // Whoever asks while one runs may have changed the file since: it is read once more.
      await running;
      running ??= reload()
        .catch((error: unknown): ReloadOutcome => {
          log.error({ err: error }, 'internal error');
          return 'REFUSED';
        })
        .finally(() => {
          running = undefined;
        });
      return running;
    },
    close,
  };
}
