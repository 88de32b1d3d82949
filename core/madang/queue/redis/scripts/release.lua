-- Give a delivery back unfinished, or for good when its body cannot be read.
local id, attempt, malformed = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local r = load(id)
if not r or r.state ~= 'running' or r.attempt ~= attempt then return 0 end
if malformed == '1' then
  bury(r, 'malformed')
  stop(r)
else
  put_back(r)
end
return 1
