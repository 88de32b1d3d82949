-- Shared by every script, put in front of it together with the limits, such as LEASE.
-- KEYS[1] is the prefix of all keys; times are milliseconds of the server's own clock.
-- A request is kept in `req:<id>`; a record is that hash with the numbers made numbers.

local CLASSES = {'interactive', 'background', 'bulk'}
local FIELDS = {'state', 'model', 'class', 'user', 'conversation', 'bot', 'ticket', 'worker',
  'cancelled', 'start', 'deadline', 'stood', 'attempt', 'failures', 'taken'}
local FIRST_NUMBER = 10

local clock = redis.call('TIME')
local NOW = clock[1] * 1000 + math.floor(clock[2] / 1000)

local PREFIX = KEYS[1]
local function key(kind, name, class)
  if class then return PREFIX .. kind .. ':' .. name .. ':' .. class end
  return name and PREFIX .. kind .. ':' .. name or PREFIX .. kind
end

-- What requests share gets its time to live when it comes to be, and again with each offer.
local function keep(name) redis.call('PEXPIRE', name, SHARED) end

local function text(value) return string.format('%.17g', value) end

-- What somebody else wrote under one of our names counts as not there.
local function load(id)
  local values = redis.pcall('HMGET', key('req', id), unpack(FIELDS))
  if values.err or not values[1] or not values[2] then return nil end
  local r = {id = id}
  for n = 1, FIRST_NUMBER - 1 do r[FIELDS[n]] = values[n] end
  for n = FIRST_NUMBER, #FIELDS do r[FIELDS[n]] = tonumber(values[n]) or 0 end
  return r
end

local function outlive(r, ms)
  redis.call('PEXPIRE', key('req', r.id), ms)
  redis.call('PEXPIRE', key('conv', r.conversation), ms)
end

-- Workers make the bells that they listen to; where there is none, nobody would hear it.
local function ring(model)
  redis.call('XADD', key('bell', model), 'NOMKSTREAM', 'MAXLEN', '~', 16, '*', 'r', 1)
end

local function last_of(stream)
  local last = redis.call('XREVRANGE', stream, '+', '-', 'COUNT', 1)
  return last[1] and last[1][1] or '0-0'
end

local function tell(bot, ...)
  local replies = key('r', bot)
  redis.call('XADD', replies, 'MAXLEN', '~', REPLIES, '*', ...)
  redis.call('PEXPIRE', replies, KEPT)
end

-- The deadline stands while a model loads: `stood` is for how long it did so until now. That a
-- load begins or ends now changes nothing about it.
local known_stood = {}
local function stood(model)
  if not known_stood[model] then
    local values = redis.call('HMGET', key('load', model), 'total', 'since', 'until')
    local total = tonumber(values[1] or 0)
    if values[2] then
      total = total + math.max(0, math.min(NOW, tonumber(values[3])) - tonumber(values[2]))
    end
    known_stood[model] = total
  end
  return known_stood[model]
end

local function due(r) return r.deadline + stood(r.model) - r.stood end

local function loaded(model)
  local name = key('load', model)
  if redis.call('HEXISTS', name, 'since') == 0 then return end
  redis.call('HSET', name, 'total', text(stood(model)))
  redis.call('HDEL', name, 'since', 'until')
  redis.call('DEL', key('loading', model))
end

-- A request that was lost as often as it may be but once runs alone, so that it harms no other.
local function suspected(r) return r.failures > 0 and r.failures >= ATTEMPTS - 1 end

local function queue_of(r) return key('q', r.model, suspected(r) and 'suspect' or r.class) end

local function line_up(r)
  local user = key('user', r.user)
  redis.call('ZADD', queue_of(r), r.start, r.ticket)
  redis.call('ZADD', key('waiting'), text(due(r)), r.id)
  redis.call('SADD', user, r.id)
  keep(user)
  ring(r.model)
end

local function enter(r)
  redis.call('HSET', key('req', r.id), 'state', 'waiting')
  line_up(r)
  keep(queue_of(r)) keep(key('waiting'))
end

local function leave(r)
  redis.call('ZREM', queue_of(r), r.ticket)
  redis.call('ZREM', key('waiting'), r.id)
  redis.call('SREM', key('user', r.user), r.id)
end

-- Who leaves unserved does not make the next one of the same user pay for it.
local function leave_unserved(r)
  leave(r)
  local fair, tag = key('fair', r.model, r.class), 'u:' .. r.user
  if tonumber(redis.call('HGET', fair, tag) or 0) == r.start + 1 then
    redis.call('HSET', fair, tag, r.start)
  end
end

local function stop(r)
  redis.call('ZREM', key('lease', r.model), r.id)
  redis.call('HDEL', key('held', r.worker), r.id)
  local loading = key('loading', r.model)
  if redis.call('SREM', loading, r.id) == 1 and redis.call('SCARD', loading) == 0 then
    loaded(r.model)
  end
  local waits_for = redis.call('HGET', key('worker', r.worker), 'suspect_model')
  if waits_for then ring(r.model) ring(waits_for) end
end

-- End a request; `name` is 'end' with the whole end as the worker encoded it, or 'why'.
local function over(r, name, value)
  local req, conversation = key('req', r.id), key('conv', r.conversation)
  redis.call('HSET', req, 'state', 'ended', name, value)
  redis.call('HDEL', req, 'body')
  redis.call('PEXPIRE', req, KEPT)
  if redis.call('GET', conversation) == r.id then redis.call('DEL', conversation) end
  if name == 'end' then tell(r.bot, 'end', value) else tell(r.bot, 'id', r.id, 'why', value) end
end

local function bury(r, why)
  local dead, body = key('dead'), redis.call('HGET', key('req', r.id), 'body') or ''
  redis.call('XADD', dead, 'MAXLEN', '~', DEAD, '*', 'id', r.id, 'why', why, 'model', r.model,
    'user', r.user, 'bot', r.bot, 'failures', r.failures, 'body', body)
  redis.call('PEXPIRE', dead, BURIED)
  over(r, 'why', why)
end

-- Give a running request back to those who wait, or end it where somebody cancelled it.
local function put_back(r)
  if r.cancelled then over(r, 'why', 'cancelled') else enter(r) end
  stop(r)
end

local function fail(r)
  r.failures = redis.call('HINCRBY', key('req', r.id), 'failures', 1)
  if r.failures >= ATTEMPTS and not r.cancelled then
    bury(r, 'dead')
    stop(r)
  else
    put_back(r)
  end
end

-- After a time in which nobody could renew, since the server was away, leases get a grace.
local function in_grace()
  local beat, grace = key('beat'), key('grace')
  local values = redis.call('MGET', beat, grace)
  local silent = NOW - tonumber(values[1] or 0)
  if silent > LEASE / 8 then redis.call('SET', beat, text(NOW), 'PX', SHARED) end
  if not values[1] or silent <= LEASE then return values[2] ~= false end
  redis.call('SET', grace, 1, 'PX', LEASE)
  return true
end

local function reap(models)
  if in_grace() then return end
  for _, model in ipairs(models) do
    local leases = key('lease', model)
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', leases, '-inf', NOW, 'LIMIT', 0, 100)) do
      local r = load(id)
      if r and r.state == 'running' then fail(r) else redis.call('ZREM', leases, id) end
    end
  end
end

local function expire()
  local waiting = key('waiting')
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', waiting, '-inf', NOW, 'LIMIT', 0, 100)) do
    local r = load(id)
    if not r or r.state ~= 'waiting' then
      redis.call('ZREM', waiting, id)
    elseif due(r) > NOW then
      redis.call('ZADD', waiting, text(due(r)), id)
    else
      over(r, 'why', 'overdue')
      leave_unserved(r)
    end
  end
end

local function position(r)
  local rank = redis.call('ZRANK', queue_of(r), r.ticket)
  if suspected(r) then return (rank or 0) + 1 end
  local ahead = redis.call('ZCARD', key('q', r.model, 'suspect'))
  for _, class in ipairs(CLASSES) do
    if class == r.class then break end
    ahead = ahead + redis.call('ZCARD', key('q', r.model, class))
  end
  return ahead + (rank or 0) + 1
end

-- Seconds until the one at a position starts; empty before anything was served.
local function eta(model, place)
  local seconds = redis.call('HGET', key('pace', model), 'seconds')
  if not seconds then return '' end
  local slots = 0
  for _, each in ipairs(redis.call('HVALS', key('slots', model))) do
    slots = slots + (tonumber(each) or 0)
  end
  slots = math.max(1, slots)
  local ahead = place - (slots - redis.call('ZCARD', key('lease', model)))
  return text(seconds * math.max(0, ahead) / slots)
end
