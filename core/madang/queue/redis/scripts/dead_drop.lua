-- Forget dead letters.
for _, entry in ipairs(ARGV) do redis.call('XDEL', key('dead'), entry) end
return 1
