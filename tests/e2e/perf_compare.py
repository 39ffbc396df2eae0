#!/usr/bin/python3
"""The gate of perf/: two runs of one commit pass, a tenth more instructions in the settled path fail, and so does a ratio that fell.
And what a row says: its interval, and that it could not be measured."""
# test: {me}
import copy
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "perf"))
from harness import board, row, statistics, turns  # noqa: E402

BENCH = pathlib.Path(os.environ.get("WARDLINE_PERF_BUILD", ROOT / "build-perf")) / "perf/settled_bench"
CASE = "settled/udp4/flows=1000"
failed = False


def tell(good, sentence, why=""):
    global failed
    failed = failed or not good
    print(f"{'ok' if good else 'not ok'} - {sentence}" + (f"\n      {why}" if why and not good else ""))


def a_row(name, pairs=(), **more):
    return {"name": name, "title": name, "unit": "x", "at_least": None, "aim": None, "less_is_better": False, "state": "ok",
            "figure": 0.5, "interval": None, "note": "", "pairs": list(pairs), "details": {}, **more}


def a_run(instructions=800.0, ratio=0.5):
    """Fifteen pairs that differ by some percent, as they do."""
    spread = [1 + 0.01 * (number - 7) for number in range(15)]
    cases = [{"name": CASE, "operations": 16384, "ns": 60.0, "mad": 1.0, "instructions": instructions}]
    return {"schema": 1, "mode": "full", "machine": {"processor": "any"}, "seconds": 1.0,
            "rows": [a_row("instructions", details={"cases": cases}), a_row("settled-1k", [ratio * one for one in spread]),
                     a_row("memory", figure=90.0, less_is_better=True), a_row("latency", figure=9.0, less_is_better=True)]}


def compared(old, new):
    with tempfile.TemporaryDirectory() as folder:
        for name, run in (("old", old), ("new", new)):
            pathlib.Path(folder, name).write_text(json.dumps(run) if isinstance(run, dict) else run)
        return subprocess.run([ROOT / "perf/compare", f"{folder}/old", f"{folder}/new"], capture_output=True, text=True)


def expect(sentence, old, new, code, word=""):
    done = compared(old, new)
    tell(done.returncode == code and word in done.stdout + done.stderr, sentence, f"exit {done.returncode}: {done.stdout}{done.stderr}")


def with_row(run, name, **changes):
    run = copy.deepcopy(run)
    next(one for one in run["rows"] if one["name"] == name).update(changes)
    return run


def canned():
    base = a_run()
    expect("the same figures pass", base, base, 0, "Nothing is worse")
    expect("a tenth more instructions fail and are named", base, a_run(instructions=880), 1, f"Worse: {CASE}")
    expect("a percent more instructions pass", base, a_run(instructions=808), 0)
    expect("fewer instructions pass", base, a_run(instructions=400), 0, "better")
    expect("a ratio within its interval passes", base, a_run(ratio=0.49), 0, "intervals overlap")
    expect("intervals that barely miss each other pass", base, a_run(ratio=0.45), 0, "now")
    expect("a ratio that fell by a fifth fails", base, a_run(ratio=0.4), 1, "Worse: settled-1k")
    expect("a ratio that rose passes", base, a_run(ratio=0.7), 0)
    expect("a larger flow record fails", base, with_row(base, "memory", figure=98.0), 1, "Worse: memory")
    expect("a row that could not be measured is skipped", base, with_row(base, "settled-1k", state="not measurable now"), 0, "skipped")
    shared = with_row(base, "settled-1k", pairs=[0.3] * 15, details={"core_whole": False})
    expect("a ratio of a shared core is not held against one of a whole core", with_row(base, "settled-1k", details={"core_whole": True}), shared, 0,
           "shared in the other")
    expect("a rate without a reference is not held against another minute's", base, with_row(base, "latency", figure=90.0), 0)
    expect("a case that is gone fails", base, with_row(base, "instructions", details={"cases": []}), 1, "lacks it")
    expect("a quick run is not compared with a full one", base, {**base, "mode": "quick"}, 2, "measure both alike")
    expect("what is no result is refused", base, "nonsense", 2, "no result of perf/run")


def pairs(ours, reference):
    """Windows of a second, from what both forwarded."""
    window = lambda frames: board.Window(1.0, {"tx_frames": frames, "tx_bytes": 64 * frames}, [])
    found = [{"wardline": window(one), "testpmd": window(other)} for one, other in zip(ours, reference)]
    return turns.Rounds(found, found, len(found))


def judged():
    tell(statistics.interval(range(1, 16)) == (4, 12), "of 15 values the 4th and the 12th enclose the median with 95 %",
         statistics.interval(range(1, 16)))
    tell(statistics.interval([3, 1, 2]) == (1, 3), "of three values it is the smallest and the largest")
    quiet = turns.judge(pairs([50] * 15, [100] * 15), "wardline", "testpmd")
    tell(quiet.figure == 0.5 and quiet.state is None, "a steady reference gives a figure", quiet)
    drifting = turns.judge(pairs([50 + n for n in range(15)], [100 + 2 * n for n in range(15)]), "wardline", "testpmd")
    tell(abs(drifting.figure - 0.5) < 1e-9 and drifting.state is None, "a machine that gets faster changes no ratio", drifting)
    restless = turns.judge(pairs([50] * 15, [100, 100, 120] * 5), "wardline", "testpmd")
    jumping = turns.judge(pairs([50] * 15, [100 if n % 2 else 120 for n in range(15)]), "wardline", "testpmd")
    tell(restless.state is None and jumping.state == row.NOT_NOW, "a reference that differs from itself by a fifth says: not now", jumping)


def slices(whole, shared):
    """Windows of ten milliseconds: four in which the core was whole, and twenty in which it was not. Frames that were forwarded in each."""
    one = lambda frames, cycles: board.Window(0.01, {"tx_frames": frames, "tx_bytes": 64 * frames, "probes": 100, "probe_cycles": 100 * cycles}, [])
    return [one(whole, 500), *[one(shared, 900)] * 20, *[one(whole, 510)] * 3]


def of_a_shared_core():
    core = turns.Core()
    turn = {"wardline": slices(50, 20), "testpmd": slices(100, 90)}
    for window in (window for found in turn.values() for window in found):
        core.see(window)
    found = turns.judge(turns.Rounds.of([turn] * 15, core, 15), "wardline", "testpmd")
    tell(found.figure == 0.5 and "17% of the time" in turns.of_the_core(found), "the time counts in which the core was whole", found)
    tell("0.27 x testpmd" in turns.of_the_core(found), "what all of the time would have said stands beside it", turns.of_the_core(found))
    bound = row.Row("any", "any", None, "x", at_least=0.6)
    tell(row.judged(bound, found) == row.BELOW, "what a whole core misses is below", found)
    few = turns.judge(turns.Rounds.of([turn] * 14 + [{**turn, "testpmd": turn["testpmd"][1:-2]}], core, 15), "wardline", "testpmd")
    tell(few.figure < 0.28 and "shared" in turns.of_the_core(few), "where it was whole too seldom all of the time counts, and says so", few)
    tell(row.judged(bound, few) == row.NOT_NOW, "what a shared core misses could not be measured", few)
    tell(row.judged(dataclasses.replace(bound, at_least=0.2), few) == row.OK, "what a shared core reaches is reached", few)


def counted(burden):
    environment = {**os.environ, "WARDLINE_POLICY": str(ROOT / "policies"), "WARDLINE_CACHE": str(ROOT / ".cache/perf/signatures"),
                   "WARDLINE_BURDEN": str(burden)}
    done = subprocess.run([ROOT / "perf/harness/callgrind.py", BENCH, "--only", CASE], capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-500:])
    return json.loads(done.stdout)["instructions"]


def real():
    if not BENCH.exists() or shutil.which("valgrind") is None:
        print("skip - instructions counted by callgrind: perf/ is not built here (perf/README.md)")
        return
    first, again = counted(0), counted(0)
    expect(f"callgrind counts the same twice ({first:.0f} instructions a packet)", a_run(first), a_run(again), 0)
    burdened = counted(round(first / 10))
    expect(f"a burden of a tenth ({burdened:.0f}) fails", a_run(first), a_run(burdened), 1, f"Worse: {CASE}")


canned()
judged()
of_a_shared_core()
real()
sys.exit(1 if failed else 0)
