-- What wrk tells at the end, one figure a line, for running.py.
done = function(summary, latency, requests)
  local errors = summary.errors
  print(string.format("requests=%d", summary.requests))
  print(string.format("duration_us=%d", summary.duration))
  print(string.format("p50_us=%d", latency:percentile(50)))
  print(string.format("p95_us=%d", latency:percentile(95)))
  print(string.format("refused=%d", errors.status + errors.connect + errors.read + errors.write + errors.timeout))
end
