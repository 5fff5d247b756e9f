/**
 * The limiters and the quota in Lua, for the admission script: the twins of the files beside this one, in their order.
 * `now` is the store's time in milliseconds; `whole` writes a number without exponent or fraction.
 *
 * Each limiter returns the milliseconds to wait (0: the call fits) and a function that takes the call and returns what is
 * left and when there is more. Before that function is called nothing is written.
 */
export const LIMITERS_LUA = `
local CALL, SLACK, DAY = 60000, 60000, 86400000
local function whole(number) return string.format('%.0f', number) end
local limiters = {}

function limiters.b(name, per_minute, burst)
  local full = burst * CALL
  local level = full
  local held, at = string.match(redis.call('GET', name) or '', '^(%-?%d+) (%d+)$')
  if held then
    local elapsed = math.max(0, now - tonumber(at))
    level = math.min(full, tonumber(held) + elapsed * per_minute)
  end
  return math.max(0, math.ceil((CALL - level) / per_minute)), function()
    local rest = level - CALL
    redis.call('SET', name, whole(rest) .. ' ' .. whole(now), 'PX', whole(math.ceil(full / per_minute) + SLACK))
    local remaining = math.floor(rest / CALL)
    return remaining, math.ceil(((remaining + 1) * CALL - rest) / per_minute)
  end
end

function limiters.s(name, calls, seconds)
  local edge = now - seconds * 1000
  local function at(index) return tonumber(redis.call('LINDEX', name, index)) end
  local kept = redis.call('LLEN', name)
  local first, last = 0, kept
  if kept > 0 and at(0) > edge then last = 0 end
  while first < last do
    local middle = math.floor((first + last) / 2)
    if at(middle) > edge then last = middle else first = middle + 1 end
  end
  local counted = kept - first
  local wait = 0
  if counted >= calls then wait = at(kept - calls) - edge end
  return wait, function()
    local time = now
    if counted > 0 then time = math.max(now, at(-1)) end
    if first > 0 then redis.call('LTRIM', name, first, -1) end
    redis.call('RPUSH', name, whole(time))
    redis.call('PEXPIRE', name, whole(time - edge + SLACK))
    return calls - counted - 1, at(0) - edge
  end
end

function limiters.f(name, calls, seconds)
  local window = seconds * 1000
  local from, used = math.floor(now / window) * window, 0
  local begun, counted = string.match(redis.call('GET', name) or '', '^(%d+) (%d+)$')
  if begun and tonumber(begun) >= from then from, used = tonumber(begun), tonumber(counted) end
  local reset = math.floor(from / window) * window + window - now
  local wait = 0
  if used >= calls then wait = reset end
  return wait, function()
    redis.call('SET', name, whole(from) .. ' ' .. whole(used + 1), 'PX', whole(reset + SLACK))
    return calls - used - 1, reset
  end
end

local function first_of_month(day)
  local of_era = (day + 719468) % 146097
  local year = math.floor((of_era - math.floor(of_era / 1460) + math.floor(of_era / 36524)
    - math.floor(of_era / 146096)) / 365)
  local of_year = of_era - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * of_year + 2) / 153)
  return day - (of_year - math.floor((153 * month + 2) / 5))
end

local function quota(name, per_day, per_month, units)
  local today = math.floor(now / DAY)
  local month = first_of_month(today)
  local next_day = (today + 1) * DAY - now
  local next_month = first_of_month(month + 31) * DAY - now
  local day, day_units, held_month, month_units =
    string.match(redis.call('GET', name) or '', '^(%d+) (%d+) (%d+) (%d+)$')
  local used = tonumber(day) == today and tonumber(day_units) + units or units
  local used_in_month = tonumber(held_month) == month and tonumber(month_units) + units or units
  if per_month >= 0 and used_in_month > per_month then return 'monthly_quota', next_month end
  if per_day >= 0 and used > per_day then return 'daily_quota', next_day end
  return nil, function()
    redis.call('SET', name, table.concat({whole(today), whole(used), whole(month), whole(used_in_month)}, ' '),
      'PX', whole(32 * DAY))
    return per_day - used, next_day, per_month - used_in_month, next_month
  end
end
`
