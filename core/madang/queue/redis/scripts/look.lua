-- Say where the replies to a request are found; nothing when it is not known.
local r = load(ARGV[1])
if not r then return {} end
local more = redis.call('HMGET', key('req', r.id), 'replies', 'end', 'why')
return {r.bot, r.state, more[1] or '0-0', more[2] or '', more[3] or ''}
