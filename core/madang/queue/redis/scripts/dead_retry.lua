-- Put a dead letter back among those who wait, and then take it off the dead letters; with
-- `failures` as many as they may be but once, it runs alone. The same again gets the same answer.
-- Returns the admission, the position, and 1 where nobody waits to hear of its end any more.
local entry, id, nonce, conversation, user = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local model, class, bot, remaining = ARGV[6], ARGV[7], ARGV[8], tonumber(ARGV[9])
local body, failures, delivered = ARGV[10], tonumber(ARGV[11]), tonumber(ARGV[12])
local max_waiting = tonumber(ARGV[13])
local req, conv = key('req', id), key('conv', conversation)
local known, holder = load(id), redis.call('GET', conv)

if known then
  local before = redis.call('HMGET', req, 'letter', 'position', 'told')
  if before[1] == entry then return {'ok', tonumber(before[2]), tonumber(before[3])} end
end
if not redis.call('XRANGE', key('dead'), entry, entry)[1] then return {'gone', 0, 0} end
if known and known.state ~= 'ended' then return {'under_way', 0, 0} end
local other = holder and holder ~= id and load(holder)
if other and other.state ~= 'ended' then return {'conversation_busy', 0, 0} end
if redis.call('ZCOUNT', key('serving', model), text(NOW), '+inf') == 0 then
  return {'no_worker', 0, 0}
end
if redis.call('ZCARD', key('waiting')) >= max_waiting then return {'busy', 0, 0} end

local told = redis.call('PTTL', req) <= ACKNOWLEDGED and 1 or 0
local attempt = known and known.attempt or delivered
local number, replies = redis.call('INCR', key('number')), last_of(key('r', bot))
keep(key('number'))
redis.call('DEL', req)
-- It is owed its turn, and nobody pays for it.
local start = tonumber(redis.call('HGET', key('fair', model, class), 'now') or 0)
local r = {id = id, model = model, class = class, user = user, conversation = conversation,
  bot = bot, start = start, ticket = string.format('%016d:', number) .. id,
  deadline = NOW + remaining, stood = stood(model), failures = failures}
redis.call('HSET', req, 'state', 'waiting', 'nonce', nonce, 'model', model, 'class', class,
  'user', user, 'conversation', conversation, 'bot', bot, 'ticket', r.ticket, 'start', start,
  'deadline', text(r.deadline), 'stood', text(r.stood), 'attempt', attempt, 'failures', failures,
  'replies', replies, 'body', body, 'submitted', text(NOW), 'letter', entry, 'told', told)
redis.call('SET', conv, id)
outlive(r, remaining + KEPT)
enter(r)
local place = position(r)
redis.call('HSET', req, 'position', place, 'eta', eta(model, place))
redis.call('XDEL', key('dead'), entry)
return {'ok', place, told}
