"""The steps that have to be atomic, as scripts for the server.

All keys of a shard have its hash tag in common, so they are on one node of a
cluster, and a script may name keys of its shard that only it can know. Times
come from the caller and are kept as the text they came as; how long a key
lives follows from the difference of two of them. Nothing is kept for ever.

A script that revokes tells it before it does it, and begins with a write that
a server without memory takes: from there on it is not stopped in the middle.
"""

from __future__ import annotations

from hashlib import sha1


class Script:
    """A script, and the name that a server which has seen it knows it by."""

    def __init__(self, *parts: str) -> None:
        self.text: str = "".join(parts)
        self.digest: str = sha1(
            self.text.encode(), usedforsecurity=False
        ).hexdigest()


_SHARD = """
local shard = KEYS[1]
local now = tonumber(ARGV[1])

local function keep(key, milliseconds)
    milliseconds = math.max(1, math.ceil(milliseconds))
    if redis.call('PTTL', key) < milliseconds then
        redis.call('PEXPIRE', key, string.format('%d', milliseconds))
    end
end

local function session_key(id)
    return shard .. 's:' .. id
end

local function index_of(owner)
    return shard .. 'u:' .. owner
end

local function enlist(owner, id, expires)
    redis.call('ZADD', index_of(owner), expires, id)
    keep(index_of(owner), (tonumber(expires) - now) * 1000)
end

-- Whose clock is behind may still use what has just expired here.
local function purge(owner)
    redis.call('ZREMRANGEBYSCORE', index_of(owner), '-inf', now - 60)
end
"""
"""What every script begins with: it is given the shard and the time."""

_REVOKING = """
local function forget(id)
    local key = session_key(id)
    local owner = redis.call('HGET', key, 'owner')
    if owner then redis.call('ZREM', index_of(owner), id) end
    redis.call('DEL', key)
end

local function tell(revoked, channel, version)
    local set, last = shard .. 'revoked', 0
    redis.call('ZREMRANGEBYSCORE', set, '-inf', ARGV[1])
    for i = 1, #revoked, 2 do
        redis.call('ZADD', set, 'GT', revoked[i + 1], revoked[i])
        last = math.max(last, tonumber(revoked[i + 1]))
    end
    local previous = redis.call('GET', shard .. 'version')
    redis.call('SET', shard .. 'version', version, 'KEEPTTL')
    keep(set, (last - now) * 1000)
    keep(shard .. 'version', (last - now) * 1000)
    redis.call('PUBLISH', channel, cjson.encode(
        {shard, previous or '', version, revoked}))
end

local function living(id)
    local found = redis.call(
        'HMGET', session_key(id), 'expires', 'access_until')
    if found[1] and now < tonumber(found[1]) then return found[2] end
    return false
end
"""
"""What a script begins with that revokes something."""

START = Script(
    _SHARD,
    """
local id, owner, expires = ARGV[2], ARGV[3], ARGV[4]
redis.call('HSET', session_key(id), unpack(ARGV, 5))
keep(session_key(id), (tonumber(expires) - now) * 1000)
purge(owner)
enlist(owner, id, expires)
""",
)
"""`now, id, owner, expires, *fields and values`: keep a session."""

SWAP = Script(
    _SHARD,
    _REVOKING,
    """
local id, family, presented, successor = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local grace, expires, access_until = tonumber(ARGV[6]), ARGV[7], ARGV[8]
local key = session_key(id)
local found = redis.call(
    'HMGET', key, 'expires', 'family', 'token', 'predecessor', 'swapped',
    'ends', 'access_until', 'owner')
if not found[1] or now >= tonumber(found[1]) or found[2] ~= family then
    return 'refused'
end
local outcome = 'again'
if found[3] == presented then
    outcome = 'swapped'
    redis.call('HSET', key, 'token', successor, 'predecessor', presented,
        'swapped', ARGV[1])
elseif found[4] == presented and now - tonumber(found[5]) < grace then
    if found[3] ~= successor then return 'refused' end
else
    tell({id, found[7]}, ARGV[9], ARGV[10])
    forget(id)
    return 'reused'
end
if tonumber(found[6]) < tonumber(expires) then expires = found[6] end
if tonumber(found[7]) > tonumber(access_until) then access_until = found[7] end
redis.call('HSET', key, 'last_used', ARGV[1], 'expires', expires,
    'access_until', access_until)
keep(key, (tonumber(expires) - now) * 1000)
enlist(found[8], id, expires)
return outcome
""",
)
"""`now, id, family, presented, successor, grace, expires, access_until,
channel, version`: swap a refresh token; returns the outcome."""

OF_USER = Script(
    _SHARD,
    """
local found = {}
purge(ARGV[2])
for _, id in ipairs(redis.call('ZRANGE', index_of(ARGV[2]), 0, -1)) do
    found[#found + 1] = redis.call('HMGET', session_key(id), unpack(ARGV, 3))
end
return found
""",
)
"""`now, owner, *fields`: returns the values of each session of a user."""

REVOKE = Script(
    _SHARD,
    _REVOKING,
    """
local access_until = living(ARGV[2])
if not access_until then return {} end
local revoked = {ARGV[2], access_until}
tell(revoked, ARGV[3], ARGV[4])
forget(ARGV[2])
return revoked
""",
)
"""`now, id, channel, version`: end a session; returns what was revoked."""

REVOKE_ALL = Script(
    _SHARD,
    _REVOKING,
    """
local revoked = {}
for _, id in ipairs(redis.call('ZRANGE', index_of(ARGV[2]), 0, -1)) do
    local access_until = living(id)
    if access_until and id ~= ARGV[3] then
        revoked[#revoked + 1] = id
        revoked[#revoked + 1] = access_until
    end
end
if #revoked == 0 then return revoked end
tell(revoked, ARGV[4], ARGV[5])
for i = 1, #revoked, 2 do forget(revoked[i]) end
return revoked
""",
)
"""`now, owner, but, channel, version`: end the sessions of a user; returns
what was revoked."""

REVOKE_TOKEN = Script(
    _SHARD,
    _REVOKING,
    """
tell({ARGV[2], ARGV[3]}, ARGV[4], ARGV[5])
""",
)
"""`now, id, until, channel, version`: revoke one access token."""
