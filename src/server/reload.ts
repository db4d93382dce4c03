import { ConfigError, type Config, type ConfigWithTics, type TicsConfig } from '../config/config.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { GatewayLeases } from './leases.ts';
import type { Served } from './server.ts';

type Readiness = Awaited<ReturnType<Gateway['readiness']>>;

/** The result of a reload. */
export type ReloadOutcome = 'RELOADED' | 'UNCHANGED' | 'REFUSED';

/** A gateway whose configuration can be exchanged while it serves. */
export interface ReloadableGateway extends Served {
  /** The configuration in use. */
  readonly config: () => ConfigWithTics;
  /**
   * Reads the configuration again and uses it for new operations. Running ones finish with the old one. Keeps the old one when the
   * new one has faults, or when an upstream that answers would no longer answer. Logs the result. One reload runs at a time. Never
   * throws.
   */
  readonly reload: () => Promise<ReloadOutcome>;
}

/** Options of {@link createReloadable}. */
export interface ReloadOptions {
  /** The configuration file. Without `tics` when the embedded TICS is used. */
  readonly file: Config;
  /** The configuration in use. */
  readonly config: ConfigWithTics;
  /** Reads it again; throws ConfigError. */
  readonly read: () => Config;
  readonly build: (config: ConfigWithTics) => Gateway;
  /** Called with the new configuration after a reload. */
  readonly onReload?: (config: ConfigWithTics) => void;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** Keys that a reload applies. The others belong to the listening sockets or the process, and need a restart. */
const exchangeable = ['tics', 'callers', 'cache', 'watching', 'limits', 'sharing', 'introspection', 'tls'] as const;

/** The new gateway probes its upstreams for at most this long. */
const trialMs = 10_000;

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function keysOf(config: Config): readonly (keyof Config)[] {
  return Object.keys(config) as (keyof Config)[];
}

/** Top-level keys whose values differ. */
function changedKeys(one: Config, other: Config): readonly (keyof Config)[] {
  const keys = new Set([...keysOf(one), ...keysOf(other)]);
  return [...keys].filter((key) => !isSame(one[key], other[key]));
}

/** Upstreams that answer with the old settings and not with the new ones, with the reason. Keys: `SPACE` or an agent id. */
function lostUpstreams(
  old: { readonly tics: TicsConfig; readonly readiness: Readiness },
  next: { readonly tics: TicsConfig; readonly readiness: Readiness },
): Readonly<Record<string, string>> {
  const { agents: oldAgents, ...oldSpace } = old.tics;
  const { agents: nextAgents, ...nextSpace } = next.tics;
  const lost: Record<string, string> = {};
  const isLost = old.readiness.space.answers && next.readiness.space.answers === false;
  if (isLost && !isSame(oldSpace, nextSpace)) lost['SPACE'] = next.readiness.space.reason ?? 'UNKNOWN';
  for (const agent of nextAgents) {
    const { answers, reason = 'UNKNOWN' } = next.readiness.agents[agent.id] ?? { answers: null };
    const before = oldAgents.find(({ id }) => id === agent.id);
    if (old.readiness.agents[agent.id]?.answers && answers === false && !isSame(before, agent)) lost[agent.id] = reason;
  }
  return lost;
}

/** Exchanges the gateway when the configuration has changed. */
class Reloading {
  readonly leases: GatewayLeases;
  readonly #options: ReloadOptions;
  #file: Config;
  #config: ConfigWithTics;
  #running: Promise<ReloadOutcome> | undefined;

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#file = options.file;
    this.#config = options.config;
    this.leases = new GatewayLeases(options.build(options.config));
  }

  get config(): ConfigWithTics {
    return this.#config;
  }

  /** Waits for a running reload and starts another one: the file may have changed since that one read it. */
  async reload(): Promise<ReloadOutcome> {
    await this.#running;
    this.#running ??= this.#reload()
      .catch((error: unknown): ReloadOutcome => {
        this.#options.log.error({ err: error }, 'internal error');
        return 'REFUSED';
      })
      .finally(() => {
        this.#running = undefined;
      });
    return this.#running;
  }

  async close(): Promise<void> {
    await this.#running;
    await this.leases.close();
  }

  async #reload(): Promise<ReloadOutcome> {
    const { log } = this.#options;
    const next = this.#read();
    if (next === undefined) return 'REFUSED';
    const taken = this.#takenKeys(next);
    if (taken.length === 0) {
      log.info('configuration read again: nothing to take over');
      return 'UNCHANGED';
    }
    const values = Object.fromEntries(taken.map((key) => [key, next[key]]));
    const file = { ...this.#file, ...values };
    const config = { ...this.#config, ...values };
    // A new certificate needs no new gateway: subscriptions continue.
    if (taken.some((key) => key !== 'tls')) return this.#tryOut(file, config, taken);
    this.#takeOver(file, config);
    log.info({ keys: taken }, 'configuration taken over');
    return 'RELOADED';
  }

  #read(): Config | undefined {
    try {
      return this.#options.read();
    } catch (error) {
      const faults = error instanceof ConfigError ? error.faults : [];
      this.#options.log.error({ faults }, 'configuration refused: the old one stays');
      return undefined;
    }
  }

  /** Changed keys that a reload applies. Logs those that need a restart. */
  #takenKeys(next: Config): readonly (keyof Config)[] {
    const changed = changedKeys(this.#file, next);
    // Whether the embedded TICS runs, and whether TLS is on, is decided at the start.
    const isSwitched = (key: 'tics' | 'tls'): boolean => (next[key] === undefined) !== (this.#file[key] === undefined);
    const taken = exchangeable.filter(
      (key) => changed.includes(key) && !((key === 'tics' || key === 'tls') && isSwitched(key)),
    );
    const needRestart = changed.filter((key) => !taken.some((one) => one === key));
    if (needRestart.length > 0)
      this.#options.log.warn({ keys: needRestart }, 'configuration: these keys change only with a restart');
    return taken;
  }

  /** Builds a gateway and probes its upstreams before it becomes the current one. */
  async #tryOut(file: Config, config: ConfigWithTics, keys: readonly string[]): Promise<ReloadOutcome> {
    const { build, log } = this.#options;
    const gateway = build(config);
    const [before, readiness] = await Promise.all([this.leases.current.readiness(trialMs), gateway.readiness(trialMs)]);
    const lost = lostUpstreams({ tics: this.#config.tics, readiness: before }, { tics: config.tics, readiness });
    if (Object.keys(lost).length > 0) {
      log.error({ keys, lost }, 'configuration refused: upstreams that answer would not any more');
      await gateway.close();
      return 'REFUSED';
    }
    this.leases.exchange(gateway);
    this.#takeOver(file, config);
    const { status, space, agents } = readiness;
    log[status === 'ready' ? 'info' : 'warn']({ keys, status, space, agents }, 'configuration taken over');
    return 'RELOADED';
  }

  #takeOver(file: Config, config: ConfigWithTics): void {
    this.#file = file;
    this.#config = config;
    this.#options.onReload?.(config);
  }
}

/** A gateway whose configuration can be exchanged while it serves. */
export function createReloadable(options: ReloadOptions): ReloadableGateway {
  const reloading = new Reloading(options);
  const { leases } = reloading;
  return {
    handle: async (request, response, progress) => {
      const { gateway, leave } = leases.take();
      response.once('close', leave);
      await gateway.handle(request, response, progress);
    },
    open: (operation, ended = () => undefined) => {
      const { gateway, leave } = leases.take();
      return gateway.open(operation, () => {
        leave();
        ended();
      });
    },
    identify: (request) => leases.current.identify(request),
    planes: (deadline) => leases.current.planes(deadline),
    endStreams: () => leases.current.endStreams(),
    cutOperations: () => leases.cutOperations(),
    readiness: (waitMs) => leases.current.readiness(waitMs),
    metrics: options.metrics,
    config: () => reloading.config,
    reload: () => reloading.reload(),
    close: () => reloading.close(),
  };
}
