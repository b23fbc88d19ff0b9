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

from ..model import SLACK


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

local function index_of(owner)
    return shard .. 'u:' .. owner
end

-- A slot on the move: fails unless both are here, so that none is taken for
-- missing, or made anew, that is still where the others come from.
local function together(one, another)
    redis.call('EXISTS', one, another)
end

local function enlist(owner, id, expires)
    redis.call('ZADD', index_of(owner), expires, id)
    keep(index_of(owner), (tonumber(expires) - now) * 1000)
end

local function purge(owner)
    redis.call('ZREMRANGEBYSCORE', index_of(owner), '-inf', now - slack)
end
"""
)
"""What every script begins with: `shard, now` are its first arguments."""

_REVOKING = """
local function forget(id, owner)
    redis.call('ZREM', index_of(owner), id)
    redis.call('DEL', session_key(id))
end

local function tell(revoked, channel, version)
    local set, last = shard .. 'revoked', 0
    redis.call('ZREMRANGEBYSCORE', set, '-inf', now - slack)
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
    """
local id, owner, expires = ARGV[3], ARGV[4], ARGV[5]
redis.call('HSET', session_key(id), unpack(ARGV, 6))
keep(session_key(id), (tonumber(expires) - now) * 1000)
purge(owner)
enlist(owner, id, expires)
""",
)
"""`id, owner, expires, *fields and values`: keep a session.

The keys are those of the session and of the index of its user.
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
together(key, index_of(owner))
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
enlist(owner, id, expires)
return outcome
""",
)
"""`id, family, presented, successor, grace, expires, access_until, channel,
version`: swap a refresh token; returns the outcome.

The keys are those of the session, the revocations and their version.
"""

OF_USER = Script(
    _SHARD,
    """
local owner, found = ARGV[3], {}
purge(owner)
for _, id in ipairs(redis.call('ZRANGE', index_of(owner), 0, -1)) do
    together(session_key(id), index_of(owner))
    found[#found + 1] = redis.call('HMGET', session_key(id), unpack(ARGV, 4))
end
return found
""",
)
"""`owner, *fields`: returns the values of each session of a user.

The key is that of the index of the user.
"""

REVOKE = Script(
    _SHARD,
    _REVOKING,
    """
local id = ARGV[3]
local found = redis.call(
    'HMGET', session_key(id), 'expires', 'access_until', 'owner')
if not found[1] or now >= tonumber(found[1]) then return {} end
together(session_key(id), index_of(found[3]))
local revoked = {id, found[2]}
tell(revoked, ARGV[4], ARGV[5])
forget(id, found[3])
return revoked
""",
)
"""`id, channel, version`: end a session; returns what was revoked.

The keys are those of the session, the revocations and their version.
"""

REVOKE_ALL = Script(
    _SHARD,
    _REVOKING,
    """
local owner, but, revoked = ARGV[3], ARGV[4], {}
for _, id in ipairs(redis.call('ZRANGE', index_of(owner), 0, -1)) do
    together(session_key(id), index_of(owner))
    local found = redis.call(
        'HMGET', session_key(id), 'expires', 'access_until')
    if found[1] and now < tonumber(found[1]) and id ~= but then
        revoked[#revoked + 1] = id
        revoked[#revoked + 1] = found[2]
    end
end
if #revoked == 0 then return revoked end
tell(revoked, ARGV[5], ARGV[6])
for i = 1, #revoked, 2 do forget(revoked[i], owner) end
return revoked
""",
)
"""`owner, but, channel, version`: end the sessions of a user; returns what was
revoked.

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
