-- Hand out waiting requests for a worker's free slots, the fairest first.
-- Returns 'ok' or 'replaced', how long to sleep at most, the bells' last entries, and the jobs.
local worker, boot, first, slots = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local models = {unpack(ARGV, 5)}
local me, held = key('worker', worker), key('held', worker)
local known, offered, offered_at, claimed =
  unpack(redis.call('HMGET', me, 'boot', 'offered', 'offered_at', 'suspect'))
local jobs, running, running_here, running_bulk = {}, 0, 0, 0
-- What is written once for all jobs: how many of a model, and how far the fair time got.
local takes, taken, passed = 0, {}, {}

-- A worker that starts anew has lost what the one of its name before it held.
local function register()
  if known == boot then return true end
  if known and first ~= '1' then return false end
  redis.call('HSET', me, 'boot', boot)
  redis.call('HDEL', me, 'suspect', 'suspect_model')
  for _, id in ipairs(redis.call('HKEYS', held)) do
    local r = load(id)
    if r and r.state == 'running' and r.worker == worker then fail(r) end
  end
  redis.call('DEL', held)
  offered, claimed = nil, nil
  return true
end

local function serves(model)
  for _, each in ipairs(models) do if each == model then return true end end
  return false
end

local function count(class, model)
  running = running + 1
  if serves(model) then
    running_here = running_here + 1
    if class == 'bulk' then running_bulk = running_bulk + 1 end
  end
end

local function keep_shared(model)
  for _, name in ipairs({'serving', 'slots', 'bell', 'lease', 'pace'}) do keep(key(name, model)) end
  for _, class in ipairs(CLASSES) do
    keep(key('q', model, class))
    keep(key('fair', model, class))
  end
  keep(key('q', model, 'suspect'))
end

-- An offer holds for much longer than the part of a lease after which it is made again.
local function offer()
  local now, offers = slots + running_here .. ' ' .. table.concat(models, ' '), key('offers', worker)
  if now == offered and NOW - tonumber(offered_at) < LEASE / 4 then return end
  redis.call('HSET', me, 'offered', now, 'offered_at', text(NOW))
  redis.call('SADD', offers, unpack(models))
  redis.call('PEXPIRE', offers, ALIVE)
  redis.call('PEXPIRE', me, KEPT)
  for _, model in ipairs(models) do
    local serving, per_worker = key('serving', model), key('slots', model)
    for _, gone in ipairs(redis.call('ZRANGEBYSCORE', serving, '-inf', NOW)) do
      redis.call('ZREM', serving, gone)
      redis.call('HDEL', per_worker, gone)
    end
    redis.call('ZADD', serving, text(NOW + ALIVE), worker)
    redis.call('HSET', per_worker, worker, slots + running_here)
    keep_shared(model)
  end
  redis.call('SADD', key('models'), unpack(models))
  keep(key('models')) keep(key('number')) keep(key('waiting'))
end

local function hand_out(r)
  local req, attempt, fair = key('req', r.id), r.attempt + 1, key('fair', r.model, r.class)
  redis.call('HSET', req, 'state', 'running', 'attempt', attempt, 'worker', worker,
    'taken', text(NOW))
  leave(r)
  redis.call('ZADD', key('lease', r.model), text(NOW + LEASE), r.id)
  redis.call('HSET', held, r.id, r.class .. ' ' .. r.model)
  count(r.class, r.model)
  takes, taken[r.model] = takes + 1, (taken[r.model] or 0) + 1
  passed[fair] = math.max(passed[fair] or 0, r.start)
  jobs[#jobs + 1] = {r.id, attempt, r.bot, redis.call('HGET', req, 'body') or ''}
end

local function note_jobs()
  if #jobs > 0 then keep(held) end
  for model, number in pairs(taken) do
    keep(key('lease', model))
    local pace = key('pace', model)
    if redis.call('HINCRBY', pace, 'takes', number) == number then keep(pace) end
  end
  for fair, start in pairs(passed) do
    local now = redis.call('HGET', fair, 'now')
    if start > tonumber(now or 0) then redis.call('HSET', fair, 'now', start) end
    if not now then keep(fair) end
  end
end

-- The first ticket of a queue whose request can be served; all before it are cleared away.
local function head(queue)
  while true do
    local ticket = redis.call('ZRANGE', queue, 0, 0)[1]
    if not ticket then return nil end
    local r = load(string.sub(ticket, 18))
    if r and r.state == 'waiting' and r.ticket == ticket then
      if due(r) > NOW then return r end
      over(r, 'why', 'overdue')
      leave_unserved(r)
    else
      redis.call('ZREM', queue, ticket)
    end
  end
end

local function alive(other)
  local offers = key('offers', other)
  return redis.call('EXISTS', offers) == 1
end

-- The request that this worker runs alone, or keeps its slots free for; nil when there is none.
local function suspect()
  local r = claimed and load(claimed)
  local running = r and r.state == 'running' and r.worker == worker
  if r and (running or (r.state == 'waiting' and suspected(r))) then return r end
  if claimed then redis.call('HDEL', me, 'suspect', 'suspect_model') end
  for _, model in ipairs(models) do
    r = head(key('q', model, 'suspect'))
    local claim = r and redis.call('HGET', key('req', r.id), 'claim')
    if r and (not claim or claim == worker or not alive(claim)) then
      redis.call('HSET', key('req', r.id), 'claim', worker)
      redis.call('HSET', me, 'suspect', r.id, 'suspect_model', r.model)
      return r
    end
  end
  return nil
end

local function classes()
  if takes % BULK_EVERY == BULK_EVERY - 1 then return {CLASSES[3], CLASSES[2], CLASSES[1]} end
  return CLASSES
end

-- Bulk work gets half of the slots while people chat.
local function has_room(class, total)
  if class ~= 'bulk' or running_bulk < math.max(1, math.floor(total / 2)) then
    return true
  end
  for _, model in ipairs(models) do
    local last = redis.call('HGET', key('fair', model, 'interactive'), 'last')
    if NOW - tonumber(last or 0) < RECENT then return false end
  end
  return true
end

local function next_one(total)
  for _, class in ipairs(classes()) do
    local best
    for _, model in ipairs(has_room(class, total) and models or {}) do
      local r = head(key('q', model, class))
      if r and (not best or r.ticket < best.ticket) then best = r end
    end
    if best then return best end
  end
  return nil
end

local function pick()
  local alone = suspect()
  if alone then
    if running == 0 and alone.state == 'waiting' and serves(alone.model) then hand_out(alone) end
    return
  end
  for _, model in ipairs(models) do
    takes = takes + tonumber(redis.call('HGET', key('pace', model), 'takes') or 0)
  end
  local total = running_here + slots
  while #jobs < slots do
    local r = next_one(total)
    if not r then return end
    hand_out(r)
  end
end

-- Make the bell of a model if need be; what rings after its last entry is heard.
local function listen(model)
  local bell = key('bell', model)
  local last = last_of(bell)
  if last == '0-0' then
    last = redis.call('XADD', bell, '*', 'r', 1)
    keep(bell)
  end
  return last
end

if not register() then return {'replaced', 0, {}, {}} end
reap(models)
for _, what in ipairs(redis.call('HVALS', held)) do count(string.match(what, '^(%S+) (.*)$')) end
offer()
if slots > 0 then pick() end
note_jobs()
if #jobs > 0 then return {'ok', 0, {}, jobs} end
local bells, sleep = {}, LEASE
for n, model in ipairs(models) do
  bells[n] = listen(model)
  local lease = redis.call('ZRANGE', key('lease', model), 0, 0, 'WITHSCORES')[2]
  if lease then sleep = math.min(sleep, math.max(1, tonumber(lease) - NOW + 1)) end
end
return {'ok', sleep, bells, jobs}
