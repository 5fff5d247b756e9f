import { LIMITERS_LUA } from './limiters/limiters-lua.ts'

/**
 * The one store call of admission, atomic in Redis. The twin of `memory-admission-store.ts`, line for line in its order:
 * marks, revocation, allow-list, rates, lease, quota, then everything is spent at once. It writes, so a read-only replica
 * refuses it instead of answering from old data.
 *
 * KEYS: the 15 keys of `redis-admission-store.ts`, then `marks` mark keys. ARGV: one line of words, see the same place.
 * Security keys are read with GET, which fails on a value of another type where MGET would say "absent".
 * Answers: `{'passed', credential, left}` | `{'unprimed'}` | `{'revoked', by}` | `{'unlisted'}` | `{'limited', limit, retryMs}`.
 * `left`: eight whole numbers with blanks between them: of the profile's rate, the tool's, the day and the month, each what
 * remains and the milliseconds until there is more; negative where there is no such limit.
 */
export const ADMISSION_SCRIPT = `
local words = {}
for word in string.gmatch(ARGV[1], '%S+') do words[#words + 1] = word end
local marks = tonumber(words[1])
for i = 1, marks do
  local mark = redis.call('GET', KEYS[15 + i])
  if not mark or tonumber(mark) < tonumber(words[1 + i]) then return {'unprimed'} end
end
local function arg(n) return words[1 + marks + n] end

if redis.call('GET', KEYS[1]) then return {'revoked', 'token'} end
if redis.call('GET', KEYS[2]) then return {'revoked', 'grant'} end
local attested = tonumber(arg(1))
local watermarks = {{3, 'user'}, {4, 'client'}, {5, 'environment'}, {6, 'key'}, {7, 'key'}, {12, 'time'}}
for _, watermark in ipairs(watermarks) do
  local mark = redis.call('GET', KEYS[watermark[1]])
  if mark and attested <= tonumber(mark) then return {'revoked', watermark[2]} end
end
local windows = redis.call('GET', KEYS[13])
for window in string.gmatch(windows or '', '%S+') do
  local from, to = string.match(window, '^(%d+)%-(%d+)$')
  if not from or (attested >= tonumber(from) and attested <= tonumber(to)) then return {'revoked', 'window'} end
end
if arg(2) == 'ci' and not redis.call('GET', KEYS[8]) then return {'unlisted'} end

local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
${LIMITERS_LUA}
local function look(letter, name, a, b)
  if letter == '-' then return 0, function() return -1, -1 end end
  return limiters[letter](name, tonumber(a), tonumber(b))
end
local profile_wait, take_profile = look(arg(4), KEYS[14], arg(5), arg(6))
if profile_wait > 0 then return {'limited', 'profile_rate', profile_wait} end
local tool_wait, take_tool = look(arg(7), KEYS[15], arg(8), arg(9))
if tool_wait > 0 then return {'limited', 'tool_rate', tool_wait} end

local lease_limit = tonumber(arg(10))
local lease_ms = tonumber(arg(12))
if lease_limit > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[10], '-inf', whole(now))
  if redis.call('ZCARD', KEYS[10]) >= lease_limit then return {'limited', 'concurrent_calls', tonumber(arg(13))} end
end

local units = tonumber(arg(16))
local day_left, day_reset, month_left, month_reset = -1, -1, -1, -1
local spent, spend = nil, nil
if units > 0 then
  spent, spend = quota(KEYS[11], tonumber(arg(14)), tonumber(arg(15)), units)
  if spent then return {'limited', spent, spend} end
end

local profile_left, profile_reset = take_profile()
local tool_left, tool_reset = take_tool()
if lease_limit > 0 then
  redis.call('ZADD', KEYS[10], whole(now + lease_ms), arg(11))
  redis.call('PEXPIRE', KEYS[10], lease_ms)
end
if spend then day_left, day_reset, month_left, month_reset = spend() end
local left = string.format('%.0f %.0f %.0f %.0f %.0f %.0f %.0f %.0f',
  profile_left, profile_reset, tool_left, tool_reset, day_left, day_reset, month_left, month_reset)

local saved = redis.call('GET', KEYS[9])
if saved then
  local version = string.match(saved, '^(%d+)%.')
  if version and tonumber(version) > tonumber(arg(3)) then return {'passed', saved, left} end
end
return {'passed', '', left}
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
