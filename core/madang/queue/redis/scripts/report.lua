-- Keep what a worker says of itself, and when it did, for as long as other keys of workers live.
local worker, workers, me = ARGV[1], key('workers'), key('worker', ARGV[1])
redis.call('HSET', me, 'report', ARGV[2])
redis.call('PEXPIRE', me, KEPT)
redis.call('ZADD', workers, text(NOW), worker)
redis.call('ZREMRANGEBYSCORE', workers, '-inf', text(NOW - KEPT))
redis.call('PEXPIRE', workers, KEPT)
return 1
