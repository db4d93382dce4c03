import type { SharedWrites } from '../writes.ts';
import { nowInLua, script, type RedisConnection } from './connection.ts';
import { aliveMs, type Replicas } from './replicas.ts';

/** Replicas that have not said that they heard a write are looked for this often, where their messages are lost. */
const lookEveryMs = 50;

/** Longer than a replica that hears nothing counts as alive. */
const longestWaitMs = aliveMs + 200;

/** Counts those who are alive and have not heard of a write. */
const waitingInLua = `
local function waiting(replicas, heard, write)
  local count = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', replicas, nowMs, '+inf')) do
    if tonumber(redis.call('HGET', heard, id) or 0) < write then count = count + 1 end
  end
  return count
end
`;

/**
 * The number of a write. The first one after the server has lost its count is greater than all before it. A replica that has
 * heard all writes before its own has heard all: else the message of another one has yet to come.
 */
const write = script(`${nowInLua}${waitingInLua}
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SET', KEYS[1], string.format('%d', nowMs * 1000)) end
local hasHeardAll = redis.call('GET', KEYS[1]) == ARGV[2]
local number = redis.call('INCR', KEYS[1])
if hasHeardAll then redis.call('HSET', KEYS[2], ARGV[1], number) end
for _, id in ipairs(redis.call('HKEYS', KEYS[2])) do
  if id ~= ARGV[1] and not redis.call('ZSCORE', KEYS[3], id) then redis.call('HDEL', KEYS[2], id) end
end
redis.call('PUBLISH', KEYS[1], string.format('%d', number))
return {string.format('%d', number), waiting(KEYS[3], KEYS[2], number), hasHeardAll and 1 or 0}
`);

const waiting = script(`${nowInLua}${waitingInLua}
return waiting(KEYS[3], KEYS[2], tonumber(ARGV[1]))
`);

/** Says what a replica has heard, and answers the latest write. */
const hear = script(`
local latest = redis.call('GET', KEYS[1]) or '0'
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('PUBLISH', KEYS[2], '')
end
return latest
`);

/** Resolves with the next message of a channel, or soon. */
function nextMessage(connection: RedisConnection, channel: string): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(end, lookEveryMs);
    const stop = connection.subscribe(channel, end);
  });
}

/**
 * Each write has a number. A replica drops what it read, then says so; whoever wrote waits for all that are alive. One that hears
 * nothing is not alive for longer than its lease, and knows it.
 */
export function createWrites(connection: RedisConnection, replicas: Replicas): SharedWrites {
  const keys = [connection.key('writes'), connection.key('heard'), replicas.key] as const;
  const [writesKey, heardKey] = keys;
  const listeners = new Set<() => void>();
  let latest = '0';
  let heard = 0;
  let awaySinceMs = -Infinity;
  /** A write could not be told. */
  let isUntold = false;
  let looking: Promise<void> | undefined;

  const changed = (): void => {
    heard += 1;
    listeners.forEach((listener) => listener());
  };

  const hearOf = (number: string): boolean => {
    if (number === latest) return false;
    latest = number;
    changed();
    return true;
  };

  const look = async (): Promise<void> => {
    // Once more after a write: it is heard when it is said.
    for (;;) {
      const reply = await connection.eval(hear, [writesKey, heardKey], [replicas.id, latest]);
      if (typeof reply !== 'string' || !hearOf(reply)) return;
    }
  };

  const lookOnce = (): Promise<void> => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    return looking;
  };

  const hearAndSay = (number: string): void => {
    if (hearOf(number)) void (looking ?? Promise.resolve()).then(lookOnce);
  };

  /** Nobody can be told: within this time all replicas know that they may miss something. */
  const waitForLeases = async (): Promise<void> => {
    isUntold = true;
    const waitMs = Math.min(awaySinceMs + aliveMs - performance.now(), aliveMs);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  };

  const announce = async (): Promise<void> => {
    const beganMs = performance.now();
    const reply = await connection.eval(write, keys, [replicas.id, latest]);
    if (!Array.isArray(reply)) return waitForLeases();
    const [number, count, hasHeardAll] = reply as [string, number, number];
    if (hasHeardAll === 0) hearAndSay(number);
    else if (Number(number) > Number(latest)) latest = number;
    let left: unknown = count;
    while (left !== 0 && performance.now() - beganMs < longestWaitMs) {
      await nextMessage(connection, heardKey);
      left = await connection.eval(waiting, keys, [number]);
      if (left === undefined) return waitForLeases();
    }
  };

  // The message of an own write may come before its reply: what is dropped twice is read once more.
  connection.subscribe(writesKey, hearAndSay);
  connection.subscribe(heardKey, () => undefined);
  connection.onHealth(() => {
    if (connection.awayReason !== undefined && awaySinceMs < performance.now() - aliveMs)
      awaySinceMs = performance.now();
  });
  connection.onReturn(() => {
    changed();
    if (isUntold) void announce();
    isUntold = false;
    void lookOnce();
  });
  replicas.onLost(changed);
  replicas.onBeat(() => void lookOnce());

  return {
    areHeard: () => replicas.isAlive,
    heard: () => heard,
    announce,
    onWrite: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
