import { createHash } from 'node:crypto';
import type { RedisConnection } from './connection.ts';

/** Hashes a name for keys and messages: names contain ids of leagues and accounts. */
export function hashOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 32);
}

/** Keys of one group of watches. */
export interface WatchKeys {
  readonly channel: string;
  readonly lease: string;
  /** A hash of `<replica> <watch>` to the encrypted name of the watch. */
  readonly watched: string;
  /** The name under which the log of a watch is encrypted. */
  readonly watch: (hash: string) => string;
  /** Its position and status, its entries, and the latest entry of each subject. */
  readonly log: (hash: string) => readonly [watch: string, log: string, latest: string];
}

export function watchKeys(connection: RedisConnection, groupName: string): WatchKeys {
  const id = hashOf(groupName);
  const key = (...parts: readonly string[]) => connection.key('watches', id, ...parts);
  const watch = (hash: string) => key('watch', hash);
  return {
    channel: key('channel'),
    lease: key('lease'),
    watched: key('watched'),
    watch,
    log: (hash) => [watch(hash), `${watch(hash)}:log`, `${watch(hash)}:latest`],
  };
}
