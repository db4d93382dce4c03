import { nowInLua, script } from './connection.ts';

/**
 * Takes a free lease, announces the watch to the other replicas, and reads the log. `LATER` while this replica does not count as
 * alive. The lease is `<replica> <token> <key>`: tokens rise with each taking, even when the server has lost its data.
 *
 * KEYS lease, replicas, watched, watch, log, latest. ARGV replica, watch, its encrypted name, life, channel, own key, readable keys, epoch,
 * sequence.
 */
export const join = script(`${nowInLua}
local function isAlive(replica)
  local untilMs = replica and redis.call('ZSCORE', KEYS[2], replica)
  return untilMs and tonumber(untilMs) > nowMs
end
local function isReadable(key)
  return string.find(ARGV[7], ' ' .. (key or '?') .. ' ', 1, true)
end
if not isAlive(ARGV[1]) then return {'LATER'} end
local kept = redis.call('HMGET', KEYS[4], 'epoch', 'sequence', 'known', 'status')
if redis.call('EXISTS', KEYS[4]) == 1 and not isReadable(string.match(kept[4] or '', '^[^.]*%.[^.]*')) then return {'UNREADABLE'} end
local lease = redis.call('GET', KEYS[1])
local holder, token, key = string.match(lease or '', '^(%x+) (%d+) (%S+)$')
local failover = 0
if isAlive(holder) then
  if not isReadable(key) then return {'UNREADABLE'} end
else
  if holder then failover = 1 end
  holder = ARGV[1]
  token = string.format('%.0f', math.max(nowMs, (tonumber(token) or 0) + 1))
  lease = holder .. ' ' .. token .. ' ' .. ARGV[6]
  redis.call('SET', KEYS[1], lease)
end
redis.call('PEXPIRE', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[1] .. ' ' .. ARGV[2], ARGV[3])
redis.call('PEXPIRE', KEYS[3], ARGV[4])
if holder ~= ARGV[1] then redis.call('PUBLISH', ARGV[5], '{"type":"WATCHES"}') end
local from = tonumber(kept[2] or '0') - tonumber(ARGV[9])
local entries, latest = {}, 0
if kept[1] and kept[1] == ARGV[8] and from >= 0 and from <= redis.call('LLEN', KEYS[5]) then
  if from > 0 then entries = redis.call('LRANGE', KEYS[5], -from, -1) end
elseif kept[1] then
  entries = redis.call('LRANGE', KEYS[5], 0, -1)
  latest = redis.call('HVALS', KEYS[6])
end
return {'JOINED', lease, failover, kept[1] or '', kept[2] or '0', kept[3] == lease and 1 or 0, kept[4] or '', entries, latest}
`);

/**
 * Appends to a log, or rewrites it, under the lease it was polled with.
 *
 * KEYS lease, watch, log, latest. ARGV lease, NEXT or WHOLE, epoch, sequence before, sequence, known, status, kept entries, life,
 * channel, message, readable keys, number of entries; then entries; then subjects with their latest entries.
 */
export const publish = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'LOST' end
local kept = redis.call('HMGET', KEYS[2], 'epoch', 'sequence', 'status')
if ARGV[2] == 'NEXT' then
  if redis.call('EXISTS', KEYS[2]) == 0 then return 'EXPIRED' end
  if kept[1] ~= ARGV[3] or kept[2] ~= ARGV[4] then return 'UNREADABLE' end
else
  local key = string.match(kept[3] or '', '^[^.]*%.[^.]*')
  if redis.call('EXISTS', KEYS[2]) == 1 and not string.find(ARGV[12], ' ' .. (key or '?') .. ' ', 1, true) then return 'UNREADABLE' end
  redis.call('DEL', KEYS[2], KEYS[3], KEYS[4])
end
redis.call('HSET', KEYS[2], 'epoch', ARGV[3], 'sequence', ARGV[5], 'status', ARGV[7])
if ARGV[6] == '1' then redis.call('HSET', KEYS[2], 'known', ARGV[1]) end
local first = 14 + tonumber(ARGV[13])
for index = 14, first - 1 do redis.call('RPUSH', KEYS[3], ARGV[index]) end
for index = first, #ARGV, 2 do redis.call('HSET', KEYS[4], ARGV[index], ARGV[index + 1]) end
redis.call('LTRIM', KEYS[3], -tonumber(ARGV[8]), -1)
for index = 2, 4 do redis.call('PEXPIRE', KEYS[index], ARGV[9]) end
redis.call('PUBLISH', ARGV[10], ARGV[11])
return 'PUBLISHED'
`);

/**
 * Leaves a watch. States that the leader stops polling become unknown; cursors stay valid for a while.
 *
 * KEYS lease, watched, watch, log, latest. ARGV lease, replica, watch, life, channel.
 */
export const leave = script(`
redis.call('HDEL', KEYS[2], ARGV[2] .. ' ' .. ARGV[3])
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('HDEL', KEYS[3], 'known')
  for index = 3, 5 do redis.call('PEXPIRE', KEYS[index], ARGV[4]) end
else redis.call('PUBLISH', ARGV[5], '{"type":"WATCHES"}') end
return 1
`);

/** KEYS lease. ARGV lease, channel. */
export const release = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('PUBLISH', ARGV[2], '{"type":"FREE"}')
return 1
`);

/** Renews the expiry of watched keys. KEYS lease, all others. ARGV lease, life. */
export const touch = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for index = 1, #KEYS do redis.call('PEXPIRE', KEYS[index], ARGV[2]) end
return 1
`);

/** Reads who holds the lease, and the statuses of watches: empty for those without a log. KEYS lease, watches. */
export const read = script(`
local found = {redis.call('GET', KEYS[1]) or ''}
for index = 2, #KEYS do found[index] = redis.call('HGET', KEYS[index], 'status') or '' end
return found
`);
