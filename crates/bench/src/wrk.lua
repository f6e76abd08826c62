-- Plays the requests of a file, `METHOD PATH TOKEN` a line (`-` for no token), and says what came of it as JSON. Each
-- thread plays lines of its own, in their order, so that what is granted is what is revoked later.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
  thread:set("threads", threads)
end

local requests, at, total = {}, 0, 0

function init(args)
  local line_number = 0
  local every = tonumber(args[2])
  for line in io.lines(args[1]) do
    if line_number % every == number % every then
      local method, path, token, body = line:match("^(%S+) (%S+) (%S+) ?(.*)$")
      local headers = {}
      if token ~= "-" then headers["Authorization"] = "Bearer " .. token end
      if body ~= "" then headers["Content-Type"] = "application/json" else body = nil end
      total = total + 1
      requests[total] = wrk.format(method, path, headers, body)
    end
    line_number = line_number + 1
  end
end

function request()
  at = at % total + 1
  return requests[at]
end

function done(summary, latency, _)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"micros":%d,"refused":%d,"broken":%d,"p50":%.0f,"p99":%.0f}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
