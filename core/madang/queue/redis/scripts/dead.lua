-- Read dead letters from an entry on; with their bodies, or with how long these are.
local from, count, whole = ARGV[1], ARGV[2], ARGV[3]
local letters = {}
for n, entry in ipairs(redis.call('XRANGE', key('dead'), from, '+', 'COUNT', count)) do
  local letter = {}
  for f = 1, #entry[2], 2 do letter[entry[2][f]] = entry[2][f + 1] end
  local body = letter.body or ''
  letters[n] = {entry[1], letter.id or '', letter.why or '', letter.model or '', letter.user or '',
    letter.bot or '', tonumber(letter.failures) or 0, whole == '1' and body or #body}
end
return letters
