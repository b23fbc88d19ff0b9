"""The atomic steps, as Lua scripts that run on the server.

All keys of a shard share a hash tag, so they are on one node of a cluster and
a script may access keys of its shard that the caller does not know. While a
slot moves to another node, its keys may be on two nodes: Redis runs a script
where all the keys are that it is called with, and `assert_local` makes sure
of the others.

Times come from the caller and are stored as the text that was received. The
time to live of a key is the difference of two of them. Every key expires.

A script that revokes publishes the revocation before it applies it, and begins
with a write that Redis accepts even when it is out of memory: after the first
write, Redis no longer stops a script.
"""

from __future__ import annotations

from hashlib import sha1

from ..model import REVOKED_FOR, SLACK, STEP


class Script:
    """The text of a script, and its SHA-1 for `EVALSHA`."""

    def __init__(self, *parts: str) -> None:
        self.text: str = "".join(parts)
        self.digest: str = sha1(
            self.text.encode(), usedforsecurity=False
        ).hexdigest()


_SHARD = (
    """
local shard, now = ARGV[1], tonumber(ARGV[2])
-- For a caller whose clock is behind, expired entries may still matter.
local slack = """
    f"{SLACK:.0f}"
    """
local purge_limit = """
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

-- The sessions of a user, by expiry and by last use.
local function index_of(owner)
    return shard .. 'u:' .. owner
end

local function recent_of(owner)
    return shard .. 'l:' .. owner
end

-- All sessions of the shard, by expiry.
local all_sessions = shard .. 'all'

-- While a slot moves: fail unless all keys are on this node, so that a key
-- on the other node is neither taken for missing nor created again.
local function assert_local(...)
    redis.call('EXISTS', ...)
end

local function add_to_indexes(owner, id, expires, last_used)
    for _, index in ipairs({index_of(owner), all_sessions}) do
        redis.call('ZADD', index, expires, id)
        keep(index, (tonumber(expires) - now) * 1000)
    end
    redis.call('ZADD', recent_of(owner), last_used, id)
    keep(recent_of(owner), (tonumber(expires) - now) * 1000)
end

local function remove_from_indexes(owner, id)
    redis.call('ZREM', index_of(owner), id)
    redis.call('ZREM', recent_of(owner), id)
    redis.call('ZREM', all_sessions, id)
end

-- Remove expired entries, at most purge_limit in one call.
local function purge(index)
    local expired = redis.call('ZCOUNT', index, '-inf', now - slack)
    if expired > 0 then
        redis.call(
            'ZREMRANGEBYRANK', index, 0, math.min(expired, purge_limit) - 1)
    end
end

local function purge_user(owner)
    local expired = redis.call('ZRANGEBYSCORE', index_of(owner), '-inf',
        now - slack, 'LIMIT', 0, purge_limit)
    for _, id in ipairs(expired) do remove_from_indexes(owner, id) end
end
"""
)
"""The prologue of every script; its first arguments are `shard, now`."""

_REVOKING = (
    """
local function remove(id, owner)
    remove_from_indexes(owner, id)
    redis.call('DEL', session_key(id))
end

-- A session is published for a while even if its tokens have expired.
local session_until = string.format('%.3f', now + """
    f"{REVOKED_FOR:.0f}"
    """)

local function publish(revoked, channel, version, is_token)
    local set, last = shard .. 'revoked', 0
    redis.call('ZREM', set, '')
    purge(set)
    for i = 1, #revoked, 2 do
        local ends = revoked[i + 1]
        if not is_token then ends = later(ends, session_until) end
        redis.call('ZADD', set, 'GT', ends, revoked[i])
        last = math.max(last, tonumber(ends))
    end
    local previous = redis.call('GET', shard .. 'version')
    redis.call('SET', shard .. 'version', version, 'KEEPTTL')
    keep(set, (last - now + slack) * 1000)
    keep(shard .. 'version', (last - now + slack) * 1000)
    redis.call('PUBLISH', channel, cjson.encode(
        {shard, previous or '', version, revoked}))
end
"""
)
"""The prologue of every script that revokes."""

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
purge(all_sessions)
add_to_indexes(owner, id, expires, last_used)
if not limit then return ended end
local living = redis.call('ZCOUNT', index_of(owner), '(' .. ARGV[2], '+inf')
local surplus = math.min(living - limit, step)
if surplus < 1 then return ended end
for i = 11, #ARGV, 2 do names[#names + 1] = ARGV[i] end
-- `living` does not count sessions that are expired by our clock: read more
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
publish(revoked, ARGV[9], ARGV[10])
for i = 1, #revoked, 2 do remove(revoked[i], owner) end
return ended
""",
)
"""`id, owner, expires, last_used, limit, step, channel, version, *fields and
values`: store a session; return the values of the sessions that it has ended
because the user exceeded the limit.

The keys are all keys that it writes, except those of the ended sessions: while
they move, no session can be started.
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
assert_local(key, index_of(owner), recent_of(owner), all_sessions)
local outcome = 'again'
if found[3] == presented then
    outcome = 'swapped'
    redis.call('HSET', key, 'token', successor, 'predecessor', presented,
        'swapped', ARGV[2])
elseif found[4] == presented
    and grace > math.max(0, now - tonumber(found[5])) then
    if found[3] ~= successor then return 'refused' end
else
    publish({id, found[7]}, ARGV[10], ARGV[11])
    remove(id, owner)
    return 'reused'
end
local last_used = ARGV[2]
if now < tonumber(found[9]) then  -- our clock is behind: shorten nothing
    last_used, expires = found[9], later(expires, found[1])
end
if tonumber(found[6]) < tonumber(expires) then expires = found[6] end
redis.call('HSET', key, 'last_used', last_used, 'expires', expires,
    'access_until', later(access_until, found[7]))
keep(key, (tonumber(expires) - now) * 1000)
add_to_indexes(owner, id, expires, last_used)
return outcome
""",
)
"""`id, family, presented, successor, grace, expires, access_until, channel,
version`: swap a refresh token; return the outcome.

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
    -- the rank of the cursor: bisect among sessions with equal last_used
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
    assert_local(session_key(ids[i]), index)
    found[#found + 1] = redis.call(
        'HMGET', session_key(ids[i]), unpack(ARGV, 7))
end
if #ids > 2 * limit then
    found[1] = {ids[2 * limit], ids[2 * limit - 1]}
end
return found
""",
)
"""`owner, limit, last_used, id, *fields`: return the cursor of the next page,
if there is one, and the values of each session on this page.

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
assert_local(
    session_key(id), index_of(found[3]), recent_of(found[3]), all_sessions)
local revoked = {id, found[2]}
publish(revoked, ARGV[4], ARGV[5])
remove(id, found[3])
return revoked
""",
)
"""`id, channel, version`: end a session; return the revocation.

The keys are those of the session, the revocations and their version.
"""

REVOKE_SOME = Script(
    _SHARD,
    _REVOKING,
    """
local index, since, but, step =
    shard .. ARGV[3], ARGV[4], ARGV[5], tonumber(ARGV[6])
local listed, revoked = {}, {}
-- one more, in case one of them is `but`
local ids = redis.call(
    'ZRANGEBYSCORE', index, since, '+inf', 'LIMIT', 0, step + 1)
for _, id in ipairs(ids) do
    if id ~= but then
        assert_local(session_key(id), index)
        local owner = redis.call('HGET', session_key(id), 'owner')
        if owner then
            assert_local(session_key(id), index_of(owner), recent_of(owner),
                all_sessions)
            revoked[#revoked + 1] = id
            revoked[#revoked + 1] = redis.call(
                'HGET', session_key(id), 'access_until')
        end
        listed[id] = owner or ''
    end
end
if #revoked > 0 then publish(revoked, ARGV[7], ARGV[8]) end
for id, owner in pairs(listed) do
    redis.call('ZREM', index, id)
    remove(id, owner)
end
return {#ids > step and 1 or 0, revoked}
""",
)
"""`index, since, but, step, channel, version`: end the sessions that expire
first after a time; return whether there may be more, and the revocations.

The keys are those of the index, the revocations and their version.
"""

REVOKE_TOKEN = Script(
    _SHARD,
    _REVOKING,
    """
publish({ARGV[3], ARGV[4]}, ARGV[5], ARGV[6], true)
""",
)
"""`id, until, channel, version`: revoke one access token.

The keys are those of the revocations and their version.
"""
