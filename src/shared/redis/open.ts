import type { RedisConfig } from '../../config/config.ts';
import type { SharedHealth } from '../health.ts';
import type { SharedKeys } from '../keys.ts';
import type { Shared } from '../shared.ts';
import { createBudgets } from './budgets.ts';
import { Claims } from './claims.ts';
import { RedisConnection, script } from './connection.ts';
import { createEncryption } from './encryption.ts';
import { createKeys } from './keys.ts';
import { createProbes } from './probes.ts';
import { Replicas } from './replicas.ts';
import { createSignIns } from './signIns.ts';
import { createWatches } from './watches.ts';
import { createWrites } from './writes.ts';

/** Events for the operators' log. */
export interface SharedObserver {
  /** The server stopped answering, or answers again. */
  readonly onHealth: (health: SharedHealth) => void;
  /** A stored value can't be read, and is left alone. */
  readonly onUnreadable: (what: string) => void;
}

/** Connects to Valkey or Redis. Resolves within a deadline, connected or not. */
export async function openShared(config: RedisConfig, observer: SharedObserver): Promise<Shared> {
  return shareThrough(await RedisConnection.open(config), config, observer);
}

/** Shares through a connection. */
export async function shareThrough(
  connection: RedisConnection,
  config: Omit<RedisConfig, 'url'>,
  { onHealth, onUnreadable }: SharedObserver,
  { checkMs }: { readonly checkMs?: number } = {},
): Promise<Shared> {
  const replicas = new Replicas(connection, config.replicas);
  const encryption = createEncryption(config.encryptionKeys);
  let unreadable = 0;
  const onUnread = (what: string): void => {
    unreadable += 1;
    onUnreadable(what);
  };

  const health = (): SharedHealth => {
    const reason = connection.awayReason;
    return { answers: reason === undefined, ...(reason !== undefined && { reason }), replicas: replicas.count };
  };
  connection.onHealth(() => onHealth(health()));
  const claims = new Claims(connection, replicas);
  const watches = createWatches({
    connection,
    replicas,
    encryption,
    onUnreadable: onUnread,
    ...(checkMs !== undefined && { checkMs }),
  });
  await connection.connected(config.timeoutMs);
  const keys = createKeys({ connection, encryption, onUnreadable: onUnread });
  const writes = createWrites(connection, replicas);
  await replicas.beat();
  await keys.poll();
  // Messages may be lost.
  replicas.onBeat(() => void keys.poll());

  return {
    signIns: createSignIns({ connection, replicas, encryption, onUnreadable: onUnread }),
    keys,
    writes,
    budgets: createBudgets({ connection, replicas, onUnreadable: onUnread }),
    watches,
    probes: createProbes({ connection, replicas, encryption, onUnreadable: onUnread }),
    claim: (what) => claims.take(what),
    health,
    figures: () => ({ ...health(), ...connection.figures, unreadable, watches: watches.figures() }),
    close: async () => {
      await replicas.close();
      connection.close();
    },
  };
}

const hello = script('return 1');

/** The keys of all replicas, for a command line that is not a replica itself. */
export async function openSharedKeys(
  config: RedisConfig,
  { onUnreadable }: Pick<SharedObserver, 'onUnreadable'>,
): Promise<{ readonly keys: SharedKeys; readonly close: () => void }> {
  const connection = await RedisConnection.open(config);
  await connection.connected(config.timeoutMs);
  await connection.probe(hello, [connection.key('keys')], []);
  const keys = createKeys({ connection, encryption: createEncryption(config.encryptionKeys), onUnreadable });
  await keys.poll();
  return { keys, close: () => connection.close() };
}
