import type { SharedWatches } from '../watches.ts';
import { createConcurrencyLimit } from './concurrency.ts';
import type { RedisConnection } from './connection.ts';
import type { Encryption } from './encryption.ts';
import { Farewells } from './farewells.ts';
import type { Replicas } from './replicas.ts';
import { checkMs, WatchGroup } from './watchGroup.ts';

/** Concurrent joins: thousands of watches may join at once, and each has a deadline. */
const joinsAtOnce = 32;

/** Options of `createWatches`. */
export interface WatchesOptions {
  readonly connection: RedisConnection;
  readonly replicas: Replicas;
  readonly encryption: Encryption;
  /** A log is of another version or encrypted with another key. It is left alone. */
  readonly onUnreadable: (what: string) => void;
  /** See `checkMs` of watchGroup.ts. */
  readonly checkMs?: number;
}

/** Watches that replicas share through Redis: one log per watch, one lease per group. */
export function createWatches(options: WatchesOptions): SharedWatches {
  const { connection, replicas } = options;
  const groups = new Set<WatchGroup>();
  const counts = { published: 0, applied: 0, failovers: 0 };
  const farewells = new Farewells(replicas);
  const joinLimit = createConcurrencyLimit(joinsAtOnce);
  const written = connection.key('watches', 'written');
  let isReset = false;
  let known = replicas.ids;

  replicas.onLost(() => {
    isReset = true;
    groups.forEach((group) => group.lose());
  });
  connection.onReturn(() => {
    isReset = true;
    void replicas.beat();
  });
  connection.onHealth(() => {
    if (connection.awayReason !== undefined) groups.forEach((group) => group.away());
  });
  replicas.onBeat(() => {
    // Another caller may have joined meanwhile.
    const hasReplicaLeft = known.some((id) => replicas.isDead(id));
    known = replicas.ids;
    const wasReset = isReset;
    isReset = false;
    groups.forEach((group) => (wasReset ? group.reset() : group.beat(hasReplicaLeft)));
  });

  return {
    open: (name, rememberMs, listener) => {
      const group = new WatchGroup(
        { checkMs, ...options, farewells, joinLimit, counts, onClose: (closed) => void groups.delete(closed) },
        name,
        rememberMs,
        listener,
      );
      groups.add(group);
      return group;
    },
    publishWrite: (text) => {
      const encrypted = options.encryption.encrypt(written, text);
      void connection.run((client) => client.publish(written, `${replicas.id} ${encrypted}`));
    },
    onWrite: (listener) =>
      connection.subscribe(written, (message) => {
        const [replica, encrypted = ''] = message.split(' ');
        const text = replica === replicas.id ? undefined : options.encryption.decrypt(written, encrypted);
        if (text !== undefined) listener(text);
      }),
    pollingReplicas: () => replicas.share.replicas,
    figures: () => ({ ...counts, leases: [...groups].filter(({ isLeader }) => isLeader).length }),
  };
}
