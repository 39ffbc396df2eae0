#!/usr/bin/python3
"""Instructions per operation of a micro-benchmark, counted by callgrind: the same build gives the same figures.

By itself: perf/harness/callgrind.py build-perf/perf/settled_bench [--only TEXT]"""
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path


def dumps(path):
    """{case: instructions} of the dumps that a benchmark asked for by CALLGRIND_DUMP_STATS_AT."""
    found = {}
    for file in sorted(Path(path).parent.glob(Path(path).name + "*")):
        case = None
        for line in file.read_text(errors="replace").splitlines():
            trigger = re.match(r"desc: Trigger: Client Request: (.*)", line)
            if trigger:
                case = trigger.group(1)
            elif case and (line.startswith("totals:") or line.startswith("summary:")):
                found[case] = int(line.split()[1])
    return found


def count(program, arguments=(), environment=None, timeout=600):
    """[{name, operations, instructions}] of the program's cases; instructions are of one operation."""
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out"
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--collect-atstart=no", "--error-exitcode=0",
                   f"--callgrind-out-file={out}", str(program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment or os.environ)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-500:]}")
        counted = dumps(out)
    cases = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    for case in cases:
        if case["name"] not in counted:
            raise RuntimeError(f"callgrind wrote no dump for {case['name']}, only for {sorted(counted)}")
        case["instructions"] = counted[case["name"]] / case["operations"]
    return cases


if __name__ == "__main__":
    for counted_case in count(sys.argv[1], sys.argv[2:]):
        print(json.dumps(counted_case))
