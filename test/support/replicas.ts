import { expect } from 'vitest';
import type { Caller, CallerRequest } from '../../src/callers/caller.ts';
import { parseConfig, type RedisConfig, type TicsConfig } from '../../src/config/config.ts';
import type { Gateway } from '../../src/gateway/gateway.ts';
import type { Sandbox } from '../../src/sandbox/start.ts';
import { startServer, type GatewayServer } from '../../src/server/server.ts';
import { openShared } from '../../src/shared/redis/open.ts';
import type { Shared } from '../../src/shared/shared.ts';
import { askGateway, configFor, gatewayFor } from './gateway.ts';
import { overWebSocket, quick, type Client } from './subscribe.ts';

/** The budget of each caller. */
export const callerCallsPerMinute = 60;

/** For what comes when it comes, on a machine that is busy. */
export const within = { timeout: 20_000, interval: 20 };

const { limits } = parseConfig('', {}, 'none');

/** A socket has fifty at most, and each subscription costs its caller something. */
const subscriptionsPerSocket = 5;

export interface WatchEvent {
  readonly status: string;
  readonly gap: boolean;
  readonly final: boolean;
  readonly cursor: string;
}

/** Events of one subscription, in the order in which they come. */
export interface WatchStream {
  readonly events: readonly WatchEvent[];
  readonly errors: readonly unknown[];
  readonly ended: Promise<void>;
}

/** Subscribes to the status of an instance. */
export function watchInstance(client: Client, id: string, after: string | null = null): WatchStream {
  const query =
    'subscription ($id: ID!, $after: String) { event: instanceStatus(id: $id, after: $after) { status gap final cursor } }';
  const answers = client.ask<{ event: WatchEvent }>({ query, variables: { id, after } });
  const [events, errors]: [WatchEvent[], unknown[]] = [[], []];
  const readAll = async (): Promise<void> => {
    try {
      for (let next = await answers.next(); next !== undefined; next = await answers.next()) {
        if (next.errors) errors.push(...next.errors);
        else events.push(next.data.event);
      }
    } catch (error) {
      errors.push(error);
    }
  };
  return { events, errors, ended: readAll() };
}

/** What streams were told, each status once. */
export function statusesOf(streams: readonly WatchStream[]): readonly (readonly string[])[] {
  return streams.map(({ events }) => [...new Set(events.map(({ status }) => status))]);
}

interface Replica {
  readonly shared: Shared;
  readonly gateway: Gateway;
  readonly server: GatewayServer;
  readonly clients: Client[];
  subscriptions: number;
}

/** How replicas are started. */
export interface ReplicasOptions {
  readonly tics?: TicsConfig;
  /** Answers are kept for so long: only a write ends them sooner. */
  readonly freshMs?: number;
  readonly onUnreadable?: (what: string) => void;
}

function byKey({ headers }: CallerRequest): Caller {
  const name = headers.get('x-api-key') ?? '';
  return { upstreamScope: 'account', name, roles: ['ADMINISTRATOR'], leagues: 'ALL' };
}

/** Gateways of one process that share through a Redis, and clients of them. */
export class Replicas {
  readonly all: Replica[] = [];
  readonly #sandbox: Sandbox;

  constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  async start(config: RedisConfig, count: number, options: ReplicasOptions = {}): Promise<void> {
    const { tics = configFor(this.#sandbox), freshMs = 0, onUnreadable = () => undefined } = options;
    for (let started = 0; started < count; started += 1) {
      const shared = await openShared(config, { onHealth: () => undefined, onUnreadable });
      const gateway = gatewayFor(
        tics,
        {
          shared,
          identify: byKey,
          watching: quick,
          resilience: { sharing: freshMs > 0, cache: { freshMs, staleMs: freshMs, staleIfErrorMs: 0 } },
        },
        { limits: { ...limits, callerCallsPerMinute } },
      );
      const server = await startServer(gateway, { host: '127.0.0.1', port: 0 });
      this.all.push({ shared, gateway, server, clients: [], subscriptions: 0 });
    }
    await this.areAll(count);
  }

  /** Resolves when all of them share again. */
  async areAll(replicas: number): Promise<void> {
    await expect
      .poll(() => this.all.map(({ shared }) => shared.health()), within)
      .toEqual(this.all.map(() => ({ answers: true, replicas })));
  }

  ask<Data>(index: number, key: string, query: string, variables = {}) {
    const { gateway } = this.all[index % this.all.length] as Replica;
    return askGateway<Data>(gateway, query, variables, { 'x-api-key': key });
  }

  /** Calls of a budget that were given, to a caller who asks all of them at once for more than it has. */
  async spend(key: string): Promise<number> {
    const answers = await Promise.all(
      Array.from({ length: 90 }, (_, index) =>
        this.ask(index, key, `{ leagues(first: ${index + 1}) { nodes { id } } }`),
      ),
    );
    const codes = answers.flatMap(({ errors }) => errors?.map(({ extensions }) => extensions?.['code']) ?? []);
    expect(new Set(codes)).toEqual(new Set(['THROTTLED']));
    return answers.length - codes.length;
  }

  watch(index: number, id: string, after: string | null = null): WatchStream {
    const replica = this.all[index % this.all.length] as Replica;
    const { clients, server } = replica;
    if (replica.subscriptions % subscriptionsPerSocket === 0)
      clients.push(overWebSocket(server.url, { 'x-api-key': `watcher ${index} ${clients.length}` }));
    replica.subscriptions += 1;
    return watchInstance(clients.at(-1) as Client, id, after);
  }

  leases(): readonly number[] {
    return this.all.map(({ shared }) => shared.figures().watches.leases).sort();
  }

  async close(): Promise<void> {
    for (const { clients, server, shared } of this.all.splice(0)) {
      clients.forEach((client) => client.close());
      await server.close();
      await shared.close();
    }
  }
}

/** A run under way. It changes when a test says so. */
export async function startRun({ world, client }: Sandbox) {
  const { id, leagueId } = world.instances[0] ?? { id: '', leagueId: '' };
  await client.setInstanceStatus(id, 'RUNNING');
  return { id, globalId: `Instance:${leagueId}/${id}` };
}
