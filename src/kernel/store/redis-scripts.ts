/** KEYS: counter. ARGV: window in ms. Returns the count and what is left of the window. */
export const COUNT_LUA = `
local count = redis.call('INCR', KEYS[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[1])
  left = tonumber(ARGV[1])
end
return {count, left}
`

/**
 * KEYS: window, as `<slot>:<sum>` separated by spaces. ARGV: slot, what is added, oldest slot, life in ms. Returns the sum of
 * the slots that are not too old. A hash would need commands that the least rights of a Redis user leave out.
 */
export const TALLY_LUA = `
local slot, by, oldest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept, sum, isNew = {}, 0, by > 0 and slot >= oldest
local function keep(at, amount)
  sum = sum + amount
  kept[#kept + 1] = string.format('%d:%d', at, amount)
end
for at, amount in string.gmatch(redis.call('GET', KEYS[1]) or '', '(%d+):(%d+)') do
  at, amount = tonumber(at), tonumber(amount)
  if at == slot then
    amount = amount + by
    isNew = false
  end
  if at >= oldest then keep(at, amount) end
end
if isNew then keep(slot, by) end
if by > 0 and #kept > 0 then redis.call('SET', KEYS[1], table.concat(kept, ' '), 'PX', ARGV[4]) end
return {sum}
`

/**
 * KEYS: mark, then one key per write. ARGV: last and first sequence, then operation, value and life in ms per write.
 * Returns {0, mark} when the mark is not right before them, {1, sequence} when applied, {2, mark} when it has them already.
 */
export const PROJECT_LUA = `
local seq = tonumber(ARGV[1])
local mark = tonumber(redis.call('GET', KEYS[1]) or '0')
if mark == nil then return redis.error_reply('ERR the mark is not a number') end
if mark >= seq then return {2, mark} end
if mark ~= tonumber(ARGV[2]) - 1 then return {0, mark} end
for i = 2, #KEYS do
  local at = (i - 2) * 3 + 3
  local op, value, life = ARGV[at], ARGV[at + 1], tonumber(ARGV[at + 2])
  if op == 'remove' then
    redis.call('DEL', KEYS[i])
  elseif op == 'atLeast' then
    if tonumber(redis.call('GET', KEYS[i]) or '0') < tonumber(value) then
      redis.call('SET', KEYS[i], value)
    end
  elseif op == 'newest' then
    local standing = string.match(redis.call('GET', KEYS[i]) or '', '^(%d+)%.')
    if not standing or tonumber(standing) <= tonumber(string.match(value, '^(%d+)%.')) then
      redis.call('SET', KEYS[i], value)
    end
  elseif op == 'range' then
    local held = redis.call('GET', KEYS[i])
    if not held then
      redis.call('SET', KEYS[i], value)
    elseif not string.find(' ' .. held .. ' ', ' ' .. value .. ' ', 1, true) then
      redis.call('SET', KEYS[i], held .. ' ' .. value)
    end
  elseif op == 'set' or redis.call('EXISTS', KEYS[i]) == 0 then
    if life == 0 then
      redis.call('DEL', KEYS[i])
    elseif life < 0 then
      redis.call('SET', KEYS[i], value)
    else
      redis.call('SET', KEYS[i], value, 'PX', life)
    end
  end
end
redis.call('SET', KEYS[1], ARGV[1])
return {1, seq}
`

/** KEYS: any, so that a cluster asks the server whose clock the other scripts read. Returns seconds and microseconds. */
export const TIME_LUA = `
local time = redis.call('TIME')
return {tonumber(time[1]), tonumber(time[2])}
`
