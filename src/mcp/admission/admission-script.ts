/**
 * The one store call of admission, atomic in Redis. The twin of `memory-admission-store.ts`, line for line in its order:
 * marks, revocation, allow-list, rates, lease, quota, then everything is spent at once. It writes, so a read-only replica
 * refuses it instead of answering from old data.
 *
 * KEYS: `marks` mark keys, then the 15 keys of `redis-admission-store.ts`. ARGV: see the same place; numbers in decimal.
 * Security keys are read with GET, which fails on a value of another type where MGET would say "absent".
 * Answers: `{'passed', credential}` | `{'unprimed'}` | `{'revoked', by}` | `{'unlisted'}` | `{'limited', limit, retryMs}`.
 */
export const ADMISSION_SCRIPT = `
local marks = tonumber(ARGV[1])
for i = 1, marks do
  local mark = redis.call('GET', KEYS[i])
  if not mark or tonumber(mark) < tonumber(ARGV[1 + i]) then return {'unprimed'} end
end
local function key(n) return KEYS[marks + n] end
local function arg(n) return ARGV[1 + marks + n] end

if redis.call('GET', key(1)) then return {'revoked', 'token'} end
if redis.call('GET', key(2)) then return {'revoked', 'grant'} end
local attested = tonumber(arg(1))
local watermarks = {{3, 'user'}, {4, 'client'}, {5, 'environment'}, {6, 'key'}, {7, 'key'}, {14, 'time'}}
for _, watermark in ipairs(watermarks) do
  local mark = redis.call('GET', key(watermark[1]))
  if mark and attested <= tonumber(mark) then return {'revoked', watermark[2]} end
end
local windows = redis.call('GET', key(15))
for window in string.gmatch(windows or '', '%S+') do
  local from, to = string.match(window, '^(%d+)%-(%d+)$')
  if not from or (attested >= tonumber(from) and attested <= tonumber(to)) then return {'revoked', 'window'} end
end
if arg(2) == 'ci' and not redis.call('GET', key(8)) then return {'unlisted'} end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local CALL = 60000

local function look(name, per_minute, burst)
  local full = burst * CALL
  local level = full
  local text = redis.call('GET', name)
  if text then
    local held, at = string.match(text, '^(%-?%d+) (%d+)$')
    local elapsed = math.max(0, now - tonumber(at))
    level = math.min(full, tonumber(held) + elapsed * per_minute)
  end
  return level, math.max(0, math.ceil((CALL - level) / per_minute))
end
local function take(name, level, per_minute, burst)
  local ttl = math.ceil(burst * CALL / per_minute) + 1000
  redis.call('SET', name, string.format('%.0f %.0f', level - CALL, now), 'PX', string.format('%.0f', ttl))
end

local profile_rate, profile_burst = tonumber(arg(4)), tonumber(arg(5))
local tool_rate, tool_burst = tonumber(arg(6)), tonumber(arg(7))
local profile_level, tool_level, wait
if profile_rate > 0 then
  profile_level, wait = look(key(10), profile_rate, profile_burst)
  if wait > 0 then return {'limited', 'profile_rate', wait} end
end
if tool_rate > 0 then
  tool_level, wait = look(key(11), tool_rate, tool_burst)
  if wait > 0 then return {'limited', 'tool_rate', wait} end
end

local lease_limit = tonumber(arg(8))
local lease_ms = tonumber(arg(10))
if lease_limit > 0 then
  redis.call('ZREMRANGEBYSCORE', key(12), '-inf', string.format('%.0f', now))
  if redis.call('ZCARD', key(12)) >= lease_limit then return {'limited', 'concurrent_calls', tonumber(arg(11))} end
end

local DAY = 86400000
local units = tonumber(arg(13))
local today = math.floor(now / DAY)
local used = 0
if units > 0 then
  local text = redis.call('GET', key(13))
  if text then
    local day, count = string.match(text, '^(%d+) (%d+)$')
    if tonumber(day) == today then used = tonumber(count) end
  end
  if used + units > tonumber(arg(12)) then return {'limited', 'daily_quota', (today + 1) * DAY - now} end
end

if profile_rate > 0 then take(key(10), profile_level, profile_rate, profile_burst) end
if tool_rate > 0 then take(key(11), tool_level, tool_rate, tool_burst) end
if lease_limit > 0 then
  redis.call('ZADD', key(12), string.format('%.0f', now + lease_ms), arg(9))
  redis.call('PEXPIRE', key(12), lease_ms)
end
if units > 0 then
  redis.call('SET', key(13), string.format('%.0f %.0f', today, used + units), 'PX', 2 * DAY)
end

local saved = redis.call('GET', key(9))
if saved then
  local version = string.match(saved, '^(%d+)%.')
  if version and tonumber(version) > tonumber(arg(3)) then return {'passed', saved} end
end
return {'passed', ''}
`

/** KEYS: the leases. ARGV: lease id, milliseconds. 1 when the lease was still there. */
export const RENEW_LEASE_SCRIPT = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local score = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not score or tonumber(score) <= now then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + tonumber(ARGV[2])), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
`
