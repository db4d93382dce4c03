import { createHash } from 'node:crypto';
import type { BudgetReply, SharedBudgets } from '../budgets.ts';
import { nowInLua, script, type RedisConnection } from './connection.ts';
import type { Replicas } from './replicas.ts';

/** Arguments of the script for each change. */
const argumentsPerChange = 4;

/** A stored budget: version, used calls and the time of the last change. It expires when it is full again. */
const exchange = script(`${nowInLua}
local maximum, perMs = tonumber(ARGV[1]), tonumber(ARGV[2])
local replies = {}
for i, key in ipairs(KEYS) do
  local at = 4 + (i - 1) * ${argumentsPerChange}
  local calls, ahead = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
  local isSpent, known = ARGV[at + 2] == '1', tonumber(ARGV[at + 3])
  local kept = redis.pcall('GET', key)
  local used, atMs = 0, nowMs
  local isReadable = true
  if kept then
    local usedText, atText = string.match(type(kept) == 'string' and kept or '', '^1 ([%d.]+) (%d+)$')
    isReadable = usedText ~= nil
    if isReadable then used, atMs = tonumber(usedText), tonumber(atText) end
  end
  if not isReadable then
    replies[i] = 'UNREADABLE'
  else
    used = math.max(known, used - math.max(0, nowMs - atMs) * perMs, 0)
    local taken = nil
    if isSpent or used + calls <= maximum then
      taken = calls + math.max(0, math.min(ahead, math.floor(maximum - used - calls)))
      used = math.max(0, used + taken)
    end
    if used > 0 then
      redis.call('SET', key, string.format('1 %.3f %d', used, nowMs), 'PX', math.ceil(used / perMs) + 1000)
    else
      redis.call('DEL', key)
    end
    if taken and calls > 0 and used + 1 > maximum then
      redis.call('PUBLISH', ARGV[3], string.format('%s %.3f', string.match(key, '[^:]+$'), used))
    end
    replies[i] = string.format('%s %.3f', taken or 'REFUSED', used)
  end
end
return replies
`);

function replyOf(text: string): BudgetReply | undefined {
  if (text === 'UNREADABLE') return undefined;
  const [taken, used] = text.split(' ');
  return { taken: taken === 'REFUSED' ? undefined : Number(taken), used: Number(used) };
}

/** Options of `createBudgets`. */
export interface BudgetsOptions {
  readonly connection: RedisConnection;
  readonly replicas: Replicas;
  /** A stored budget is of another version. It is left alone. */
  readonly onUnreadable: (what: string) => void;
}

export function createBudgets({ connection, replicas, onUnreadable }: BudgetsOptions): SharedBudgets {
  const unreadable = new Set<string>();

  const tell = (name: string, isReadable: boolean): void => {
    if (isReadable) unreadable.delete(name);
    else if (!unreadable.has(name)) {
      unreadable.add(name);
      onUnreadable('budget');
    }
  };

  return {
    nameOf: (caller) => createHash('sha256').update(caller).digest('base64url'),
    exchange: async (kind, { maximum, perMs }, changes) => {
      const replies = await connection.eval(
        exchange,
        changes.map(({ name }) => connection.key('budget', kind, name)),
        [maximum, perMs, connection.key('budget', kind)].concat(
          changes.flatMap(({ calls, ahead, isSpent, knownUsed = 0 }) => [calls, ahead, isSpent ? 1 : 0, knownUsed]),
        ),
      );
      return changes.map(({ name }, index) => {
        const text: unknown = Array.isArray(replies) ? replies[index] : undefined;
        if (typeof text !== 'string') return undefined;
        const reply = replyOf(text);
        tell(`${kind}:${name}`, reply !== undefined);
        return reply;
      });
    },
    onUsedUp: (kind, listener) =>
      connection.subscribe(connection.key('budget', kind), (message) => {
        const [name = '', used] = message.split(' ');
        listener(name, Number(used));
      }),
    answers: () => connection.awayReason === undefined,
    replicas: () => replicas.share.replicas,
  };
}
