-- Say how requests fare, after ending what is overdue and taking back what was lost.
-- Returns for each its id, its state and what goes with that. Who asks is heard of as their bot.
local found, bots = {}, {}
reap(redis.call('SMEMBERS', key('models')))
expire()
for n = 1, #ARGV do
  local r = load(ARGV[n])
  if r then bots[r.bot] = true end
  if not r then
    found[#found + 1] = {ARGV[n], 'unknown'}
  elseif r.state == 'waiting' then
    local place = position(r)
    found[#found + 1] = {r.id, 'waiting', r.attempt, place, eta(r.model, place)}
    if redis.call('PTTL', key('req', r.id)) < KEPT / 2 then outlive(r, KEPT) end
  elseif r.state == 'ended' then
    local how = redis.call('HMGET', key('req', r.id), 'end', 'why')
    found[#found + 1] = {r.id, 'ended', r.attempt, how[1] or '', how[2] or ''}
  else
    found[#found + 1] = {r.id, 'running', r.attempt}
  end
end
for bot in pairs(bots) do redis.call('SET', key('bot', bot), 1, 'PX', FORSAKEN) end
return found
