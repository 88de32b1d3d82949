-- Admit a request, or say why not. The same id and nonce again gets the same answer.
-- Returns the admission, position, eta, where its replies begin, and 1 for an old answer.
local id, nonce, conversation, user, model = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local class, bot, remaining, body = ARGV[6], ARGV[7], tonumber(ARGV[8]), ARGV[9]
local max_waiting, max_per_user, needs_worker = tonumber(ARGV[10]), tonumber(ARGV[11]), ARGV[12]
local delivered, heard = ARGV[13], ARGV[14]
local req, conv, queue = key('req', id), key('conv', conversation), key('q', model, class)
-- A bot that reads its replies needs none from before those that it has heard of.
local replies = heard ~= '' and heard or last_of(key('r', bot))

local function refused(why)
  local place = redis.call('ZCARD', key('waiting')) + 1
  return {why, place, eta(model, place), replies, 0}
end

-- Forget who is not owed anything. Where nobody is that, the round that goes on counts as over.
local function forget_passed(fair)
  local now = tonumber(redis.call('HGET', fair, 'now') or 0)
  local all, least = redis.call('HGETALL', fair), math.huge
  for n = 1, #all, 2 do
    if string.sub(all[n], 1, 2) == 'u:' then least = math.min(least, tonumber(all[n + 1])) end
  end
  local passed = math.max(now, least)
  for n = 1, #all, 2 do
    if string.sub(all[n], 1, 2) == 'u:' and tonumber(all[n + 1]) <= passed then
      redis.call('HDEL', fair, all[n])
    end
  end
  redis.call('HSET', fair, 'now', passed)
end

local function push(ahead)
  local fair, tag = key('fair', model, class), 'u:' .. user
  local tags = redis.call('HLEN', fair)
  if tags > 2 * ahead + 64 then forget_passed(fair) end
  local values = redis.call('HMGET', fair, 'now', tag)
  local start = math.max(tonumber(values[1] or 0), tonumber(values[2] or 0))
  redis.call('HSET', fair, tag, start + 1, 'last', text(NOW))
  if tags == 0 then
    redis.call('SADD', key('models'), model)
    keep(key('models')) keep(fair)
  end
  return start
end

local known = load(id)
if known then
  if redis.call('HGET', req, 'nonce') == nonce then
    local answer = redis.call('HMGET', req, 'position', 'eta', 'replies')
    return {'ok', tonumber(answer[1]), answer[2], answer[3], 1}
  end
  if known.state ~= 'ended' then return refused('conversation_busy') end
end
local holder = redis.call('GET', conv)
if holder and holder ~= id then
  local other = load(holder)
  if other and other.state ~= 'ended' then return refused('conversation_busy') end
end
expire()
if needs_worker == '1' and redis.call('ZCOUNT', key('serving', model), NOW, '+inf') == 0 then
  return refused('no_worker')
end
if redis.call('SCARD', key('user', user)) >= max_per_user then return refused('user_busy') end
local waiting, ahead = redis.call('ZCARD', key('waiting')), redis.call('ZCARD', queue)
if waiting >= max_waiting then return refused('busy') end

local number = redis.call('INCR', key('number'))
redis.call('DEL', req)
local r = {id = id, model = model, class = class, user = user, conversation = conversation,
  bot = bot, start = push(ahead), ticket = string.format('%016d:', number) .. id,
  deadline = NOW + remaining, stood = stood(model), failures = 0}
line_up(r)
if number == 1 then keep(key('number')) end
if waiting == 0 then keep(key('waiting')) end
if ahead == 0 then keep(queue) end
local place = position(r)
local wait = eta(model, place)
local lives = math.max(0, remaining) + KEPT
redis.call('HSET', req, 'state', 'waiting', 'nonce', nonce, 'model', model, 'class', class,
  'user', user, 'conversation', conversation, 'bot', bot, 'ticket', r.ticket, 'start', r.start,
  'deadline', text(r.deadline), 'stood', text(r.stood), 'attempt', delivered, 'failures', 0,
  'replies', replies, 'body', body, 'submitted', text(NOW), 'position', place, 'eta', wait)
redis.call('PEXPIRE', req, lives)
redis.call('SET', conv, id, 'PX', lives)
return {'ok', place, wait, replies, 0}
