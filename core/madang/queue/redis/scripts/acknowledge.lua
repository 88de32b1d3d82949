-- Keep the ends that a bot has delivered for a little while only.
for _, id in ipairs(ARGV) do
  local req = key('req', id)
  if redis.call('HGET', req, 'state') == 'ended' then redis.call('PEXPIRE', req, ACKNOWLEDGED) end
end
return 1
