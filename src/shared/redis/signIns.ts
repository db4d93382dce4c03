import { randomUUID } from 'node:crypto';
import type { SharedAccount, SharedSignIns, SignInRecord } from '../signIns.ts';
import { nowInLua, script, type RedisConnection } from './connection.ts';
import type { Encryption } from './encryption.ts';
import type { Replicas } from './replicas.ts';

/** Longer than any sign-in. The lock of a dead replica is taken over sooner. */
const lockMs = 30_000;

/** A replica that was taken for dead may only have been busy: most sign-ins are answered by then. */
const busyMs = 5_000;

/** Lifetime of a record without a token, which says how long a refused password is not tried again. */
const recordMs = 24 * 3_600_000;

/** The lock is free, or its replica is dead. */
const take = script(`${nowInLua}
local held = redis.call('GET', KEYS[1])
if held then
  local aliveUntil = redis.call('ZSCORE', KEYS[2], string.match(held, '^%x+'))
  if aliveUntil and tonumber(aliveUntil) > nowMs then return 0 end
  if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[2]) - ${busyMs} then return 0 end
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

const write = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
return 1
`);

const release = script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);

/** Options of `createSignIns`. */
export interface SignInsOptions {
  readonly connection: RedisConnection;
  readonly replicas: Replicas;
  readonly encryption: Encryption;
  /** A record is of another version or encrypted with another key. It is left alone. */
  readonly onUnreadable: (what: string) => void;
}

export function createSignIns({ connection, replicas, encryption, onUnreadable }: SignInsOptions): SharedSignIns {
  const nameOf = ({ upstreamScope, name }: SharedAccount): string => connection.key('account', upstreamScope, name);
  /** Names of unreadable records, which are not overwritten. */
  const unreadable = new Set<string>();

  const parse = (name: string, text: string): SignInRecord | undefined => {
    const decrypted = encryption.decrypt(name, text);
    if (decrypted === undefined) {
      if (!unreadable.has(name)) onUnreadable('token');
      unreadable.add(name);
      return undefined;
    }
    unreadable.delete(name);
    return JSON.parse(decrypted) as SignInRecord;
  };

  return {
    read: async (account) => {
      const name = nameOf(account);
      const text = await connection.run((client) => client.get(name));
      if (text === undefined) return undefined;
      if (text === null) {
        unreadable.delete(name);
        return null;
      }
      const record = parse(name, text);
      // Another fingerprint: the password was changed.
      return record === undefined ? undefined : record.fingerprint === account.fingerprint ? record : null;
    },
    lock: async (account) => {
      const name = nameOf(account);
      const lock = `${name}:lock`;
      const holder = `${replicas.id} ${randomUUID()}`;
      const taken = await connection.eval(take, [lock, replicas.key], [holder, lockMs]);
      if (taken === undefined) return undefined;
      if (taken !== 1) return 'BUSY';
      return {
        write: async (record) => {
          const lifeMs = Math.max(1_000, (record.token?.expiresAtMs ?? Date.now() + recordMs) - Date.now());
          await connection.eval(
            write,
            [lock, name],
            [holder, encryption.encrypt(name, JSON.stringify(record)), lifeMs],
          );
        },
        release: async () => {
          await connection.eval(release, [lock], [holder]);
        },
      };
    },
    share: () => replicas.share,
  };
}
