import type { SharedWrites } from '../writes.ts';
import { nowInLua, script, type RedisConnection } from './connection.ts';
import { aliveMs, type Replicas } from './replicas.ts';

/** Interval of checks for missing acknowledgements, in case their messages are lost. */
const checkEveryMs = 50;

/** Longer than a replica without messages counts as alive. */
const maxWaitMs = aliveMs + 200;

/** Counts the live replicas that have not acknowledged a write. */
const waitingInLua = `
local function waiting(replicas, acknowledged, write)
  local count = 0
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', replicas, nowMs, '+inf')) do
    if tonumber(redis.call('HGET', acknowledged, id) or 0) < write then count = count + 1 end
  end
  return count
end
`;

/**
 * Numbers a write and publishes it. The first number after the server has lost its count is greater than all before it. A replica
 * that had acknowledged all earlier writes acknowledges its own at once; any other has a message still to come.
 */
const write = script(`${nowInLua}${waitingInLua}
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SET', KEYS[1], string.format('%d', nowMs * 1000)) end
local wasCurrent = redis.call('GET', KEYS[1]) == ARGV[2]
local number = redis.call('INCR', KEYS[1])
if wasCurrent then redis.call('HSET', KEYS[2], ARGV[1], number) end
for _, id in ipairs(redis.call('HKEYS', KEYS[2])) do
  if id ~= ARGV[1] and not redis.call('ZSCORE', KEYS[3], id) then redis.call('HDEL', KEYS[2], id) end
end
redis.call('PUBLISH', KEYS[1], string.format('%d', number))
return {string.format('%d', number), waiting(KEYS[3], KEYS[2], number), wasCurrent and 1 or 0}
`);

const waiting = script(`${nowInLua}${waitingInLua}
return waiting(KEYS[3], KEYS[2], tonumber(ARGV[1]))
`);

/** Acknowledges writes up to a number. Returns the number of the latest write. */
const acknowledge = script(`
local latest = redis.call('GET', KEYS[1]) or '0'
if redis.call('HGET', KEYS[2], ARGV[1]) ~= ARGV[2] then
  redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
  redis.call('PUBLISH', KEYS[2], '')
end
return latest
`);

/** Resolves on the next message of a channel, or after {@link checkEveryMs}. */
function nextMessage(connection: RedisConnection, channel: string): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(end, checkEveryMs);
    const stop = connection.subscribe(channel, end);
  });
}

/** What this replica knows of the writes of all. For each it drops its cached reads, then acknowledges it. */
class KnownWrites {
  readonly #acknowledge: (latest: string) => Promise<unknown>;
  readonly #listeners = new Set<() => void>();
  #acknowledging: Promise<void> | undefined;
  /** Number of the latest write. */
  latest = '0';
  epoch = 0;

  constructor(acknowledge: (latest: string) => Promise<unknown>) {
    this.#acknowledge = acknowledge;
  }

  onWrite(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    this.epoch += 1;
    this.#listeners.forEach((listener) => listener());
  }

  receive(number: string): void {
    if (this.#isNew(number)) void (this.#acknowledging ?? Promise.resolve()).then(() => this.acknowledge());
  }

  acknowledge(): Promise<void> {
    this.#acknowledging ??= this.#acknowledgeLatest().finally(() => {
      this.#acknowledging = undefined;
    });
    return this.#acknowledging;
  }

  #isNew(number: string): boolean {
    if (number === this.latest) return false;
    this.latest = number;
    this.changed();
    return true;
  }

  async #acknowledgeLatest(): Promise<void> {
    // Repeats after a new write, so that it is acknowledged too.
    for (;;) {
      const reply = await this.#acknowledge(this.latest);
      if (typeof reply !== 'string' || !this.#isNew(reply)) return;
    }
  }
}

/**
 * Each write has a number. A replica drops its cached reads, then acknowledges the number; the writer waits for all live replicas.
 * A replica that receives no messages stops counting as alive when its lease ends, and knows it.
 */
export function createWrites(connection: RedisConnection, replicas: Replicas): SharedWrites {
  const keys = [connection.key('writes'), connection.key('acknowledged'), replicas.key] as const;
  const [writesKey, acknowledgedKey] = keys;
  const known = new KnownWrites((latest) =>
    connection.eval(acknowledge, [writesKey, acknowledgedKey], [replicas.id, latest]),
  );
  let awaySinceMs = -Infinity;
  /** A write could not be announced. It is announced when the server answers again. */
  let hasUnannounced = false;

  /** The write can't be announced. After this time all replicas know that they may have missed messages. */
  const waitForLeases = async (): Promise<void> => {
    hasUnannounced = true;
    const waitMs = Math.min(awaySinceMs + aliveMs - performance.now(), aliveMs);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
  };

  const announce = async (): Promise<void> => {
    const beganMs = performance.now();
    const reply = await connection.eval(write, keys, [replicas.id, known.latest]);
    if (!Array.isArray(reply)) return waitForLeases();
    const [number, count, wasCurrent] = reply as [string, number, number];
    if (wasCurrent === 0) known.receive(number);
    else if (Number(number) > Number(known.latest)) known.latest = number;
    let missing: unknown = count;
    while (missing !== 0 && performance.now() - beganMs < maxWaitMs) {
      await nextMessage(connection, acknowledgedKey);
      missing = await connection.eval(waiting, keys, [number]);
      if (missing === undefined) return waitForLeases();
    }
  };

  // The message of our own write may arrive before its reply. The cache is then dropped twice, which costs one more read.
  connection.subscribe(writesKey, (number) => known.receive(number));
  connection.subscribe(acknowledgedKey, () => undefined);
  connection.onHealth(() => {
    if (connection.awayReason !== undefined && awaySinceMs < performance.now() - aliveMs)
      awaySinceMs = performance.now();
  });
  connection.onReturn(() => {
    known.changed();
    if (hasUnannounced) void announce();
    hasUnannounced = false;
    void known.acknowledge();
  });
  replicas.onLost(() => known.changed());
  replicas.onBeat(() => void known.acknowledge());

  return {
    isCurrent: () => replicas.isAlive,
    epoch: () => known.epoch,
    announce,
    onWrite: (listener) => known.onWrite(listener),
  };
}
