"""The steps that have to be atomic, as scripts for the server.

All keys of a shard have its hash tag in common, so they are on one node of a
cluster, and a script may name keys of its shard that only it can know. While
they move to another node they may be on two: a script that is given two keys
runs where both are, and `together` does the same for the others.

Times come from the caller and are kept as the text they came as; how long a
key lives follows from the difference of two of them. Nothing is kept for ever.

A script that revokes tells it before it does it, and begins with a write that
a server without memory takes: from there on it is not stopped in the middle.
"""

from __future__ import annotations

from hashlib import sha1

from ..model import SLACK, STEP


class Script:
    """A script, and the name that a server which has seen it knows it by."""

    def __init__(self, *parts: str) -> None:
        self.text: str = "".join(parts)
        self.digest: str = sha1(
            self.text.encode(), usedforsecurity=False
        ).hexdigest()


_SHARD = (
    """
local shard, now = ARGV[1], tonumber(ARGV[2])
-- For whom the clock is behind, what is over here may matter still.
local slack = """
    f"{SLACK:.0f}"
    """
local most = """
    f"{2 * STEP}"
    """

local function keep(key, milliseconds)
    milliseconds = math.max(1, math.ceil(milliseconds))
    if redis.call('PTTL', key) < milliseconds then
        redis.call('PEXPIRE', key, string.format('%d', milliseconds))
    end
end

local function later(one, another)
    return tonumber(one) < tonumber(another) and another or one
end

local function session_key(id)
    return shard .. 's:' .. id
end

-- The sessions of a user by the time they expire, and by their last use.
local function index_of(owner)
    return shard .. 'u:' .. owner
end

local function recent_of(owner)
    return shard .. 'l:' .. owner
end

-- All sessions of the shard, by the time they expire.
local everyone = shard .. 'all'

-- A slot on the move: fails unless all are here, so that none is taken for
-- missing, or made anew, that is still where the others come from.
local function together(...)
    redis.call('EXISTS', ...)
end

local function enlist(owner, id, expires, last_used)
    for _, index in ipairs({index_of(owner), everyone}) do
        redis.call('ZADD', index, expires, id)
        keep(index, (tonumber(expires) - now) * 1000)
    end
    redis.call('ZADD', recent_of(owner), last_used, id)
    keep(recent_of(owner), (tonumber(expires) - now) * 1000)
end

local function unlist(owner, id)
    redis.call('ZREM', index_of(owner), id)
    redis.call('ZREM', recent_of(owner), id)
    redis.call('ZREM', everyone, id)
end

-- What is over goes a few at a time, however much of it there is.
local function purge(index)
    local over = redis.call('ZCOUNT', index, '-inf', now - slack)
    if over > 0 then
        redis.call('ZREMRANGEBYRANK', index, 0, math.min(over, most) - 1)
    end
end

local function purge_user(owner)
    local over = redis.call('ZRANGEBYSCORE', index_of(owner), '-inf',
        now - slack, 'LIMIT', 0, most)
    for _, id in ipairs(over) do unlist(owner, id) end
end
"""
)
"""What every script begins with: `shard, now` are its first arguments."""

_REVOKING = """
local function forget(id, owner)
    unlist(owner, id)
    redis.call('DEL', session_key(id))
end

local function tell(revoked, channel, version)
    local set, last = shard .. 'revoked', 0
    redis.call('ZREM', set, '')
    purge(set)
    for i = 1, #revoked, 2 do
        redis.call('ZADD', set, 'GT', revoked[i + 1], revoked[i])
        last = math.max(last, tonumber(revoked[i + 1]))
    end
    local previous = redis.call('GET', shard .. 'version')
    redis.call('SET', shard .. 'version', version, 'KEEPTTL')
    keep(set, (last - now + slack) * 1000)
    keep(shard .. 'version', (last - now + slack) * 1000)
    redis.call('PUBLISH', channel, cjson.encode(
        {shard, previous or '', version, revoked}))
end
"""
"""What a script begins with that revokes something."""

START = Script(
    _SHARD,
    _REVOKING,
    """
local id, owner, expires, last_used = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local limit, step, names, revoked, ended =
    tonumber(ARGV[7]), tonumber(ARGV[8]), {}, {}, {}
redis.call('HSET', session_key(id), unpack(ARGV, 11))
keep(session_key(id), (tonumber(expires) - now) * 1000)
purge_user(owner)
purge(everyone)
enlist(owner, id, expires, last_used)
if not limit then return ended end
local living = redis.call('ZCOUNT', index_of(owner), '(' .. ARGV[2], '+inf')
local surplus = math.min(living - limit, step)
if surplus < 1 then return ended end
for i = 11, #ARGV, 2 do names[#names + 1] = ARGV[i] end
-- what is over for us but not for all may stand in the way
for _, other in ipairs(
    redis.call('ZRANGE', recent_of(owner), 0, surplus + step)) do
    local key = session_key(other)
    local found = redis.call('HMGET', key, 'expires', 'access_until')
    if other ~= id and found[1] and now < tonumber(found[1]) then
        revoked[#revoked + 1], revoked[#revoked + 2] = other, found[2]
        ended[#ended + 1] = redis.call('HMGET', key, unpack(names))
        if #ended == surplus then break end
    end
end
if #ended == 0 then return ended end
tell(revoked, ARGV[9], ARGV[10])
for i = 1, #revoked, 2 do forget(revoked[i], owner) end
return ended
""",
)
"""`id, owner, expires, last_used, limit, step, channel, version, *fields and
values`: keep a session; returns the values of those that it has ended, which
are more than the limit of the user.

The keys are all that it writes, but for the sessions that it ends: while they
move, no session is started.
"""

SWAP = Script(
    _SHARD,
    _REVOKING,
    """
local id, family, presented, successor = ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local grace, expires, access_until = tonumber(ARGV[7]), ARGV[8], ARGV[9]
local key = session_key(id)
local found = redis.call(
    'HMGET', key, 'expires', 'family', 'token', 'predecessor', 'swapped',
    'ends', 'access_until', 'owner', 'last_used')
if not found[1] or now >= tonumber(found[1]) or found[2] ~= family then
    return 'refused'
end
local owner = found[8]
together(key, index_of(owner), recent_of(owner), everyone)
local outcome = 'again'
if found[3] == presented then
    outcome = 'swapped'
    redis.call('HSET', key, 'token', successor, 'predecessor', presented,
        'swapped', ARGV[2])
elseif found[4] == presented
    and grace > math.max(0, now - tonumber(found[5])) then
    if found[3] ~= successor then return 'refused' end
else
    tell({id, found[7]}, ARGV[10], ARGV[11])
    forget(id, owner)
    return 'reused'
end
local last_used = ARGV[2]
if now < tonumber(found[9]) then  -- this clock is behind: nothing shrinks
    last_used, expires = found[9], later(expires, found[1])
end
if tonumber(found[6]) < tonumber(expires) then expires = found[6] end
redis.call('HSET', key, 'last_used', last_used, 'expires', expires,
    'access_until', later(access_until, found[7]))
keep(key, (tonumber(expires) - now) * 1000)
enlist(owner, id, expires, last_used)
return outcome
""",
)
"""`id, family, presented, successor, grace, expires, access_until, channel,
version`: swap a refresh token; returns the outcome.

The keys are those of the session, the revocations and their version.
"""

PAGE = Script(
    _SHARD,
    """
local owner, limit = ARGV[3], tonumber(ARGV[4])
local last_used, after = ARGV[5], ARGV[6]
local index, first = recent_of(owner), 0
purge_user(owner)
if after ~= '' then
    -- how many come before the place, among the many of one moment as well
    first = redis.call('ZCOUNT', index, '(' .. last_used, '+inf')
    local last = redis.call('ZCOUNT', index, last_used, '+inf')
    while first < last do
        local middle = math.floor((first + last) / 2)
        local there = redis.call('ZREVRANGE', index, middle, middle)[1]
        if there >= after then first = middle + 1 else last = middle end
    end
end
local ids = redis.call(
    'ZREVRANGE', index, first, first + limit, 'WITHSCORES')
local found = {{}}
for i = 1, math.min(#ids, 2 * limit), 2 do
    together(session_key(ids[i]), index)
    found[#found + 1] = redis.call(
        'HMGET', session_key(ids[i]), unpack(ARGV, 7))
end
if #ids > 2 * limit then
    found[1] = {ids[2 * limit], ids[2 * limit - 1]}
end
return found
""",
)
"""`owner, limit, last_used, id, *fields`: returns the place where the next
page begins, if there is one, and the values of each session on this page.

The keys are those of the two indexes of the user.
"""

REVOKE = Script(
    _SHARD,
    _REVOKING,
    """
local id = ARGV[3]
local found = redis.call(
    'HMGET', session_key(id), 'expires', 'access_until', 'owner')
if not found[1] or now >= tonumber(found[1]) then return {} end
together(
    session_key(id), index_of(found[3]), recent_of(found[3]), everyone)
local revoked = {id, found[2]}
tell(revoked, ARGV[4], ARGV[5])
forget(id, found[3])
return revoked
""",
)
"""`id, channel, version`: end a session; returns what was revoked.

The keys are those of the session, the revocations and their version.
"""

REVOKE_SOME = Script(
    _SHARD,
    _REVOKING,
    """
local index, since, but, step =
    shard .. ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local gone, revoked = {}, {}
-- one more, for the one that may go on
local ids = redis.call(
    'ZRANGEBYSCORE', index, since, '+inf', 'LIMIT', 0, step + 1)
for _, id in ipairs(ids) do
    if id ~= but then
        together(session_key(id), index)
        local owner = redis.call('HGET', session_key(id), 'owner')
        if owner then
            together(
                session_key(id), index_of(owner), recent_of(owner), everyone)
            revoked[#revoked + 1] = id
            revoked[#revoked + 1] = redis.call(
                'HGET', session_key(id), 'access_until')
        end
        gone[id] = owner or ''
    end
end
if #revoked > 0 then tell(revoked, ARGV[7], ARGV[8]) end
for id, owner in pairs(gone) do
    redis.call('ZREM', index, id)
    forget(id, owner)
end
return {#ids > step and 1 or 0, revoked}
""",
)
"""`index, since, but, step, channel, version`: end the sessions that expire
first after a time; returns whether there may be more, and what was revoked.

The keys are those of the index, the revocations and their version.
"""

REVOKE_TOKEN = Script(
    _SHARD,
    _REVOKING,
    """
tell({ARGV[3], ARGV[4]}, ARGV[5], ARGV[6])
""",
)
"""`id, until, channel, version`: revoke one access token.

The keys are those of the revocations and their version.
"""
