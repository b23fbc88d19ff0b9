-- Sends requests of several kinds, which take turns twenty times a second, so
-- that what disturbs one of them disturbs all. What is on the way when a turn
-- begins is of the kind before; so nothing is counted until that is answered.
-- Those of a kind were made before, one for each line of a file of tokens, and
-- are sent in turn.
-- Arguments of a kind: method, path, file ("-" for none), how many of its
-- tokens to use (0 for all), how many to skip at first, body ("-" for none),
-- and the headers with a token, a line each, with {} in its place.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds, nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]]
local MONOTONIC, TURN, SETTLING = 1, 0.05, 0.01
local moment = ffi.new("moment")
local kinds, counted, since = {}, nil, 0
local threads = {}
requests, seconds = {}, {} -- of each kind; `done` asks for them

local function clock()
  ffi.C.clock_gettime(MONOTONIC, moment)
  return tonumber(moment.seconds) + tonumber(moment.nanoseconds) / 1e9
end

local function make(method, path, file, limit, skipped, body, credentials)
  local headers, made = { Host = wrk.headers["Host"] }, {}
  if body == "-" then
    body = nil
  else
    headers["Content-Type"] = "application/json"
  end
  if file == "-" then
    made[1] = wrk.format(method, path, headers, body)
  else
    for token in io.lines(file) do
      for name, value in credentials:gmatch("([^:\n]+): ([^\n]+)\n") do
        headers[name] = value:gsub("{}", token)
      end
      made[#made + 1] = wrk.format(method, path, headers, body)
      if #made == limit then break end
    end
  end
  return { made = made, next = skipped % #made }
end

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  for n = 1, #args, 7 do
    table.insert(kinds, make(args[n], args[n + 1], args[n + 2],
      tonumber(args[n + 3]), tonumber(args[n + 4]), args[n + 5],
      args[n + 6]))
    table.insert(requests, 0)
    table.insert(seconds, 0)
  end
end

function request()
  local now = clock()
  local turn, part = math.modf(now / TURN)
  local kind = turn % #kinds + 1
  if counted == kind then
    requests[kind] = requests[kind] + 1
    seconds[kind] = seconds[kind] + now - since
  end
  counted, since = part * TURN > SETTLING and kind or nil, now
  local one = kinds[kind]
  one.next = one.next % #one.made + 1
  return one.made[one.next]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write
    + errors.status + errors.timeout
  local counts, times = threads[1]:get("requests"), threads[1]:get("seconds")
  for n = 1, #counts do
    print(string.format("RESULT %d %d %d", counts[n], times[n] * 1e6, failed))
  end
end
