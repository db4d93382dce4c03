import { createHash } from 'node:crypto';
import type { SharedProbes, UpstreamHealth } from '../probes.ts';
import { nowInLua, script, type RedisConnection } from './connection.ts';
import type { Encryption } from './encryption.ts';
import type { Replicas } from './replicas.ts';

/** Lifetime of results that are not renewed. */
const keptMs = 60_000;

const publish = script(`${nowInLua}
redis.call('HSET', KEYS[1], ARGV[1], string.format('%d %s', nowMs, ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 1
`);

/** Results of other replicas within a time. Older ones are of replicas that are gone or whose readiness nobody asks for. */
const found = script(`${nowInLua}
local texts = {}
local all = redis.call('HGETALL', KEYS[1])
for index = 1, #all, 2 do
  local atMs, text = string.match(all[index + 1], '^(%d+) (.*)$')
  if atMs and nowMs - tonumber(atMs) > ${keptMs} then redis.call('HDEL', KEYS[1], all[index])
  elseif atMs and all[index] ~= ARGV[1] and nowMs - tonumber(atMs) <= tonumber(ARGV[2]) then texts[#texts + 1] = text end
end
return texts
`);

/** Options of {@link createProbes}. */
export interface ProbesOptions {
  readonly connection: RedisConnection;
  readonly replicas: Replicas;
  readonly encryption: Encryption;
  /** A result is of another version or encrypted with another key. It is left alone. */
  readonly onUnreadable: (what: string) => void;
}

/** Divides upstreams among the live replicas by the hash of their names. */
export function createProbes({ connection, replicas, encryption, onUnreadable }: ProbesOptions): SharedProbes {
  const key = connection.key('probes');
  const places = new Map<string, number>();
  let isUnreadable = false;

  const placeOf = (upstream: string): number => {
    const place = places.get(upstream) ?? createHash('sha256').update(upstream).digest().readUInt32BE();
    places.set(upstream, place);
    return place;
  };

  return {
    isOwn: (upstream) => {
      if (connection.awayReason !== undefined) return true;
      const { replicas: count, rank } = replicas.share;
      return placeOf(upstream) % count === rank;
    },
    found: async (withinMs) => {
      const reply = await connection.eval(found, [key], [replicas.id, withinMs]);
      const texts = Array.isArray(reply)
        ? (reply as readonly string[]).map((text) => encryption.decrypt(key, text))
        : [];
      if (texts.includes(undefined) && !isUnreadable) onUnreadable('probes');
      // No results at all does not mean that they are readable again.
      if (texts.length > 0) isUnreadable = texts.includes(undefined);
      const all = texts.filter((text) => text !== undefined);
      return Object.assign({}, ...all.map((text) => JSON.parse(text) as object)) as Record<string, UpstreamHealth>;
    },
    publish: async (own) => {
      await connection.eval(publish, [key], [replicas.id, encryption.encrypt(key, JSON.stringify(own)), keptMs]);
    },
  };
}
