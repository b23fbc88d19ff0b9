-- Sends requests made before, one for each line of a file of tokens, in turn.
-- Arguments: method, path, file ("-" for none), how many of its tokens to use
-- (0 for all), how many to skip at first, body ("-" for none).

local requests, turn = {}, 0

function init(args)
  local method, path, file = args[1], args[2], args[3]
  local limit, skipped, body = tonumber(args[4]), tonumber(args[5]), args[6]
  local headers = { Host = wrk.headers["Host"] }
  if body == "-" then
    body = nil
  else
    headers["Content-Type"] = "application/json"
  end
  if file == "-" then
    requests[1] = wrk.format(method, path, headers, body)
  else
    for token in io.lines(file) do
      headers["Authorization"] = "Bearer " .. token
      requests[#requests + 1] = wrk.format(method, path, headers, body)
      if #requests == limit then break end
    end
  end
  turn = skipped % #requests
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write
    + errors.status + errors.timeout
  print(string.format("RESULT %d %d %d",
    summary.requests, summary.duration, failed))
end
