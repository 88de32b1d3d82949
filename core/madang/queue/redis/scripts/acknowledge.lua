-- Keep the ends that a bot has delivered for a little while only.
for _, id in ipairs(ARGV) do
  local r = load(id)
  if r and r.state == 'ended' then redis.call('PEXPIRE', key('req', id), ACKNOWLEDGED) end
end
return 1
