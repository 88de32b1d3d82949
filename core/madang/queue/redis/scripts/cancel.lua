-- End a waiting request, and have the worker of a running one told.
local r = load(ARGV[1])
if not r or r.state == 'ended' then return 0 end
redis.call('HSET', key('req', r.id), 'cancelled', 1)
if r.state == 'waiting' then
  over(r, 'why', 'cancelled')
  leave_unserved(r)
else
  local control = key('ctl', r.worker)
  redis.call('XADD', control, 'MAXLEN', '~', 16, '*', 'c', 1)
  redis.call('PEXPIRE', control, KEPT)
end
return 1
