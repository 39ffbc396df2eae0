"""What perf/run and perf/compare are made of: one module a subject."""
