-- Draws once on every budget of KEYS, or on none when one is used up: the arithmetic of gcra.py, word for word.
-- ARGV has three numbers for each key, in microseconds: interval, capacity, and the level it has at least.
-- Returns 1 or 0 (allowed or not) and the level of each budget. Keys expire when their budget is full again.
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answer = {1}
for i = 1, #KEYS do
    local interval, capacity, floor = tonumber(ARGV[3 * i - 2]), tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i])
    local ahead = (tonumber(redis.call('GET', KEYS[i]) or 0) or 0) - now
    if ahead > 2 * capacity then
        ahead = 0
    end
    local level = math.min(math.max(ahead, floor, 0), capacity)
    if level + interval > capacity then
        answer[1] = 0
    end
    answer[i + 1] = level
end
if answer[1] == 1 then
    for i = 1, #KEYS do
        local level = answer[i + 1] + tonumber(ARGV[3 * i - 2])
        -- tostring() would round to 14 digits. Two milliseconds more, because expiry counts whole ones.
        redis.call('SET', KEYS[i], string.format('%.0f', now + level), 'PX', math.floor(level / 1000) + 2)
        answer[i + 1] = level
    end
end
return answer
