import type { SharedKeys } from '../keys.ts';
import { script, type RedisConnection } from './connection.ts';
import type { Encryption } from './encryption.ts';

/** An encrypted text begins with its version, key id and random IV: no two share this prefix. */
const stampLength = 32;

const replace = script(`
if redis.call('GETRANGE', KEYS[1], 0, ${stampLength - 1}) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('PUBLISH', KEYS[1], '')
return 1
`);

/** Options of `createKeys`. */
export interface KeysOptions {
  readonly connection: RedisConnection;
  readonly encryption: Encryption;
  /** The keys are of another version or encrypted with another key. They are left alone. */
  readonly onUnreadable: (what: string) => void;
}

/** API keys, read again on each change message and on each {@link RedisKeys.poll}. */
export interface RedisKeys extends SharedKeys {
  readonly poll: () => Promise<void>;
}

export function createKeys({ connection, encryption, onUnreadable }: KeysOptions): RedisKeys {
  const name = connection.key('keys');
  const listeners = new Set<() => void>();
  let stamp: string | undefined;
  let text: string | null | undefined;
  let polling: Promise<void> | undefined;

  const read = async (): Promise<void> => {
    const found = await connection.run((client) => client.getrange(name, 0, stampLength - 1));
    if (found === undefined || found === stamp) return;
    const kept = await connection.run((client) => client.get(name));
    if (kept === undefined) return;
    stamp = (kept ?? '').slice(0, stampLength);
    const decrypted = kept === null ? null : encryption.decrypt(name, kept);
    if (decrypted === undefined) return onUnreadable('keys');
    text = decrypted;
    listeners.forEach((listener) => listener());
  };

  const poll = (): Promise<void> => {
    polling ??= read().finally(() => {
      polling = undefined;
    });
    return polling;
  };

  connection.subscribe(name, () => void (polling ?? Promise.resolve()).then(poll));
  connection.onReturn(() => void poll().then(() => listeners.forEach((listener) => listener())));

  return {
    poll,
    latest: () => text,
    replace: async (next) => {
      const before = stamp;
      if (before === undefined || text === undefined) return undefined;
      const encrypted = encryption.encrypt(name, next);
      const replaced = await connection.eval(replace, [name], [before, encrypted]);
      if (replaced === undefined) return undefined;
      // A poll under way may have read the former value.
      await polling;
      await poll();
      return replaced === 1 ? 'REPLACED' : 'CHANGED';
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
