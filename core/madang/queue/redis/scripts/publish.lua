-- Send one flush to each bot concerned, and note which models begin or end to load.
local bots = tonumber(ARGV[1])
for n = 2, 2 * bots, 2 do tell(ARGV[n], 'events', ARGV[n + 1]) end

local function begin(model, id)
  local name, loading = key('load', model), key('loading', model)
  local till = redis.call('HGET', name, 'until')
  if till and tonumber(till) < NOW then loaded(model) end
  redis.call('HSETNX', name, 'since', text(NOW))
  redis.call('HSET', name, 'until', text(NOW + ALIVE))
  redis.call('SADD', loading, id)
  keep(name) keep(loading)
end

for n = 2 * bots + 2, #ARGV, 2 do
  if ARGV[n + 1] == '' then loaded(ARGV[n]) else begin(ARGV[n], ARGV[n + 1]) end
end
return 1
