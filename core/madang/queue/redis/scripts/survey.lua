-- Tell how workers, queues and dead letters stand, changing nothing.
-- Of more names than MOST, of longer queues than LOOKED_AT and of longer reports than LONGEST, the
-- rest is not looked at. Times are milliseconds before now, -1 where nobody knows.
local MOST, LOOKED_AT, LONGEST = 256, 256, 65536
local heard, workers, models = {}, {}, {}

local function hear(worker, at) heard[worker] = math.max(heard[worker] or 0, at) end

local function hear_all(name, later)
  local found = redis.call('ZREVRANGE', name, 0, MOST - 1, 'WITHSCORES')
  for n = 1, #found, 2 do hear(found[n], tonumber(found[n + 1]) - later) end
end

-- Tickets begin with the number of the submission: the lowest is the oldest.
local function oldest(queues)
  local first
  for _, queue in ipairs(queues) do
    for _, ticket in ipairs(redis.call('ZRANGE', queue, 0, LOOKED_AT - 1)) do
      if not first or ticket < first then first = ticket end
    end
  end
  local submitted = first and redis.call('HGET', key('req', string.sub(first, 18)), 'submitted')
  return submitted and math.max(0, NOW - (tonumber(submitted) or NOW)) or -1
end

local function loading(model)
  local found = redis.call('HMGET', key('load', model), 'since', 'until')
  return found[1] and tonumber(found[2]) > NOW and NOW - tonumber(found[1]) or -1
end

local function look_at(model)
  local queues, counts = {}, {}
  for n, class in ipairs({'interactive', 'background', 'bulk', 'suspect'}) do
    queues[n] = key('q', model, class)
    counts[n] = redis.call('ZCARD', queues[n])
  end
  hear_all(key('serving', model), ALIVE)
  local serving = redis.call('ZCOUNT', key('serving', model), text(NOW), '+inf')
  local running = redis.call('ZCARD', key('lease', model))
  return {model, counts, running, serving, oldest(queues), loading(model)}
end

local function look_after(worker)
  local me, offers = key('worker', worker), redis.call('SRANDMEMBER', key('offers', worker), MOST)
  local report = ''
  if redis.call('HSTRLEN', me, 'report') <= LONGEST then
    report = redis.call('HGET', me, 'report') or ''
  end
  local silent, running = NOW - heard[worker], redis.call('HLEN', key('held', worker))
  return {worker, math.max(0, silent), running, offers, report}
end

for n, model in ipairs(redis.call('SRANDMEMBER', key('models'), MOST)) do
  models[n] = look_at(model)
end
hear_all(key('workers'), 0)
for worker in pairs(heard) do workers[#workers + 1] = look_after(worker) end
local newest = tonumber(string.match(last_of(key('dead')), '^%d+'))
return {NOW, workers, models, redis.call('XLEN', key('dead')), newest > 0 and NOW - newest or -1}
