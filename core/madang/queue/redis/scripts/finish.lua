-- End the current delivery of a request; the same end again gets the same answer.
local id, attempt, whole, learns = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]
local r = load(id)
if not r then return 0 end
if r.state ~= 'running' or r.attempt ~= attempt then
  return redis.call('HGET', key('req', id), 'end') == whole and 1 or 0
end
over(r, 'end', whole)
stop(r)
if learns == '1' then
  local pace, seconds = key('pace', r.model), (NOW - r.taken) / 1000
  local known = tonumber(redis.call('HGET', pace, 'seconds'))
  if known then seconds = known + WEIGHT * (seconds - known) end
  redis.call('HSET', pace, 'seconds', text(seconds))
  if not known then keep(pace) end
end
return 1
