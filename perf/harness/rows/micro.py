"""Micro-benchmarks: time of an operation, and instructions by callgrind, which say the same on every machine of a kind."""
import json
import os
import subprocess

from .. import callgrind, machine, row

PROGRAMS = ("settled_bench", "switch_bench", "parse_bench", "flow_table_bench", "decide_bench", "new_flow_bench", "new_session_bench",
            "shipped_bench", "hello_bench")
GATED = ("settled_bench", "switch_bench", "parse_bench", "decide_bench")  # whose instructions are counted in --quick, too


def environment(session):
    return {**os.environ, "WARDLINE_POLICY": str(session.policies.shipped), "WARDLINE_CACHE": str(session.signature_cache)}


def cases_of(session, program, counted):
    bench = session.build.bench(program)
    command = ["taskset", "-c", str(machine.WORKER_CORE), bench, "--rounds", str(session.pace.rounds)]
    if session.pace.largest_flows < 10_000_000 and program == "settled_bench":
        command += ["--only", "flows=1000"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment(session), check=True)
    cases = {case["name"]: case for case in map(json.loads, done.stdout.splitlines())}
    for case in callgrind.count(bench, environment=environment(session)) if counted else ():
        cases.setdefault(case["name"], {"name": case["name"]})["instructions"] = case["instructions"]
    return list(cases.values())


def measure(session):
    full = session.pace.largest_flows >= 10_000_000
    cases = [case for program in (PROGRAMS if full else GATED) for case in cases_of(session, program, True)]
    settled = next(case for case in cases if case["name"] == "settled/udp4/flows=1000")
    note = f"a settled packet in Worker::process, {settled['ns']:.0f} ns; {len(cases)} cases are in the JSON file"
    return row.Outcome(settled["instructions"], note=note, details={"cases": cases})
