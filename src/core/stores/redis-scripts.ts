import { createHash } from 'node:crypto';

/** A Lua script and the name Redis knows it by. */
export interface RedisScript {
  readonly lua: string;
  readonly sha: string;
}

export function redisScript(lua: string): RedisScript {
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/**
 * Shared by both scripts. A counter is a text of whole numbers, `first last amount` of each slot, times in microseconds of
 * the server's clock. That clock may step back (another server took over): within one interval time stands still for the
 * counter, beyond it the counter begins anew.
 */
const WINDOW = `
local time = redis.call('TIME')
local clock = tonumber(time[1]) * 1000000 + tonumber(time[2])

local function read(key, interval)
  local window, now, used = {}, clock, 0
  local text = redis.call('GET', key)
  if not text then return window, now, used end
  local slots = {}
  for first, last, amount in string.gmatch(text, '(%d+) (%d+) (%d+)') do
    slots[#slots + 1] = {tonumber(first), tonumber(last), tonumber(amount)}
  end
  local newest = slots[#slots]
  if newest and newest[2] > clock then
    if newest[2] - clock > interval then return window, now, used end
    now = newest[2]
  end
  for _, slot in ipairs(slots) do
    if slot[2] + interval > now then
      window[#window + 1] = slot
      used = used + slot[3]
    end
  end
  return window, now, used
end

local function write(key, window, lifetime)
  local words = {}
  for _, slot in ipairs(window) do
    words[#words + 1] = string.format('%.0f %.0f %.0f', slot[1], slot[2], slot[3])
  end
  redis.call('SET', key, table.concat(words, ' '), 'PX', math.max(1, math.ceil(lifetime / 1000)))
end
`;

/**
 * ARGV: mode, slots per interval, then limit, interval (microseconds) and amount of each key.
 * Reply: clock, index of the first refusal (0: none), wait, then remaining, reset and slot of each key that was looked at.
 */
export const TAKE = redisScript(`${WINDOW}
local all = ARGV[1] == 'all'
local slots = tonumber(ARGV[2])
local reply = {clock, 0, 0}
local writes = {}
for i, key in ipairs(KEYS) do
  local limit, interval, amount = tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1]), tonumber(ARGV[3 * i + 2])
  local window, now, used = read(key, interval)
  local newest = window[#window]
  if used + amount > limit then
    local left, wait = used, interval
    for _, slot in ipairs(window) do
      left = left - slot[3]
      if left + amount <= limit then
        wait = slot[2] + interval - now
        break
      end
    end
    if reply[2] == 0 then reply[2] = i end
    reply[3] = math.max(reply[3], wait)
    reply[#reply + 1] = limit - used
    reply[#reply + 1] = newest and newest[2] + interval - now or 0
    reply[#reply + 1] = 0
    if not all then break end
  else
    if newest and now - newest[1] < interval / slots then
      newest[2] = now
      newest[3] = newest[3] + amount
    else
      newest = {now, now, amount}
      window[#window + 1] = newest
    end
    writes[#writes + 1] = {key, window, interval}
    reply[#reply + 1] = limit - used - amount
    reply[#reply + 1] = interval
    reply[#reply + 1] = newest[1]
  end
end
if not (all and reply[2] > 0) then
  for _, one in ipairs(writes) do write(one[1], one[2], one[3]) end
end
return reply
`);

/** ARGV: interval (microseconds), slot and delta of each key. */
export const CORRECT = redisScript(`${WINDOW}
for i, key in ipairs(KEYS) do
  local interval, first, delta = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
  local window, now = read(key, interval)
  for _, slot in ipairs(window) do
    if slot[1] == first then
      slot[3] = math.max(0, slot[3] + delta)
      write(key, window, window[#window][2] + interval - now)
    end
  end
end
return 1
`);
