-- Extend a worker's leases. Returns the end of its control stream, the cancelled and the lost.
-- Chats whose bot has not been heard of for long count as cancelled.
-- `asked` are what the worker asks about, `known` what else it was handed; what it holds besides
-- came with an answer that never arrived, and goes back.
local worker, boot, n_asked, n_known = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local held, control = key('held', worker), key('ctl', worker)
local registered = redis.call('HGET', key('worker', worker), 'boot')
local cancelled, lost, mine = {}, {}, {}

local graceful = in_grace()

local function forsaken(r)
  return r.class == 'interactive' and NOW - r.taken > FORSAKEN and not graceful
    and redis.call('EXISTS', key('bot', r.bot)) == 0
end

local function renew(id, asked)
  local r = load(id)
  mine[id] = true
  if not r or r.state ~= 'running' or r.worker ~= worker then
    if asked then lost[#lost + 1] = id end
    return
  end
  redis.call('ZADD', key('lease', r.model), text(NOW + LEASE), id)
  if redis.call('PTTL', key('req', id)) < KEPT / 2 then outlive(r, KEPT) end
  if not r.cancelled and forsaken(r) then
    redis.call('HSET', key('req', id), 'cancelled', 1)
    r.cancelled = 1
  end
  local told = tonumber(redis.call('HGET', key('req', id), 'told') or 0)
  if r.cancelled and (asked or told ~= r.attempt) then
    redis.call('HSET', key('req', id), 'told', r.attempt)
    cancelled[#cancelled + 1] = id
  end
end

local function give_back_strange()
  for _, id in ipairs(redis.call('HKEYS', held)) do
    local r = not mine[id] and load(id)
    if r and r.state == 'running' and r.worker == worker and NOW - r.taken > LEASE / 2 then
      put_back(r)
    end
  end
end

local ids = {unpack(ARGV, 5, 4 + n_asked + n_known)}
if registered and registered ~= boot then
  return {last_of(control), {}, {unpack(ids, 1, n_asked)}}
end
for n, id in ipairs(ids) do renew(id, n <= n_asked) end
give_back_strange()
keep(held)
for n = 5 + #ids, #ARGV do
  local name = key('load', ARGV[n])
  if redis.call('HEXISTS', name, 'since') == 1 then
    redis.call('HSET', name, 'until', text(NOW + ALIVE))
  end
end
for _, model in ipairs(redis.call('SMEMBERS', key('offers', worker))) do
  redis.call('ZADD', key('serving', model), text(NOW + ALIVE), worker)
end
redis.call('PEXPIRE', key('offers', worker), ALIVE)
redis.call('PEXPIRE', key('worker', worker), KEPT)
return {last_of(control), cancelled, lost}
