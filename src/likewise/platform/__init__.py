"""Postgres, events, jobs, cache, limits, files, egress: everything that knows no feature."""
