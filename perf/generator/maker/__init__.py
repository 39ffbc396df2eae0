"""Makes workload files: conversations as frames (wire), their kinds (hospital, tcp, hostile), and the file (workload)."""
