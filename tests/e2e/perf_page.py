#!/usr/bin/python3
"""docs/performance.md as perf/page makes it: of a quick and of a full run, with the limits of rows that miss and without a broken link."""
# test: {me}
import json
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "perf"))
from harness import catalogue, page  # noqa: E402

PAGE = (ROOT / "docs/performance.md").read_text()
LIMITS = {"settled-1k": "The bucket's line is waited for (perf record)."}
failed = False


def tell(good, sentence, why=""):
    global failed
    failed = failed or not good
    print(f"{'ok' if good else 'not ok'} - {sentence}" + (f"\n      {why}" if why and not good else ""))


def a_row(name, figure, state="ok", **more):
    return {"name": name, "title": name, "unit": "x", "at_least": 0.45, "aim": 0.55, "less_is_better": False, "state": state, "figure": figure,
            "interval": [figure, figure], "note": "", "pairs": [], "details": {}, **more}


def a_run(*rows, mode="full"):
    machine = {"processor": "any", "family": "25", "model": "1", "cores": 2, "kernel": "6", "memory_mb": 1024, "packages": {"dpdk": ""},
               "commit": "0123456789abcdef-dirty", "time": "2026-01-02T00:00:00+00:00"}
    return {"schema": 1, "mode": mode, "machine": machine, "seconds": 60.0, "rows": list(rows)}


def the_curve():
    points = [{"flows": flows, "at_40_mpps": 20.0, "interval": [19.0, 21.0], "mpps": {"wardline": 20.0, "testpmd": 40.0}} for flows in (1000, 10000)]
    return a_row("curve-flows", 1.0, details={"points": points})


def last_cell(run, name):
    line = next(line for line in page.filled(PAGE, run, LIMITS).splitlines() if f"(`{name}`)" in line)
    return line.split("|")[-2].strip()


def expect_cell(sentence, one, cell):
    found = last_cell(a_run(one), one["name"])
    tell(found == cell, sentence, f"found {found!r}")


def limits_of_rows():
    expect_cell("a row that reaches its aim says so", a_row("settled-1k", 0.6), "aim reached")
    expect_cell("a row that misses its aim has its limit beside it", a_row("settled-1k", 0.5), f"aim missed: {LIMITS['settled-1k']}")
    expect_cell("so has one that is below", a_row("settled-1k", 0.3, "below"), f"**below**: {LIMITS['settled-1k']}")
    expect_cell("a limit that nobody looked for is not explained yet", a_row("settled-1m", 0.3, "below"), "**below**: not explained yet")
    expect_cell("what could not be measured is not explained", a_row("settled-1k", 0.3, "not measurable now"), "**not measurable now**")
    expect_cell("less may be better", a_row("latency", 0.3, less_is_better=True), "aim reached")
    expect_cell("a row that only shows something misses nothing", a_row("instructions", 300, "shown", at_least=None, aim=None), "")
    strangers = page.read_limits().keys() - {one.name for one in catalogue.ROWS}
    tell(not strangers, "each limit that is kept belongs to a row", f"not in the catalogue: {strangers}")


def modes():
    quick, full = (page.filled(PAGE, a_run(a_row("settled-1k", 0.6), mode=mode), {}) for mode in ("quick", "full"))
    tell("This is a quick run" in quick and "No full run stands here" in quick, "a quick run is called one", quick)
    tell("quick run" not in full and "No full run stands here" not in full, "a full run takes the place of the sentence that there is none", full)
    tell("commit 0123456789ab with changes" in full, "changes that were not committed are told", full)
    tell(page.filled(full, a_run(a_row("settled-1k", 0.6)), {}) == full, "the same run made into the page again changes nothing")


def broken_links(text, folder):
    return [link for link in re.findall(r"!\[[^]]*\]\(([^)]*)\)", text) if not (folder / link).exists()]


def made_by_command(run, at):
    file = at.with_name("run.json")
    file.write_text(json.dumps(run))
    done = subprocess.run([ROOT / "perf/page", file, "--page", at], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def pictures():
    tell(not broken_links(PAGE, ROOT / "docs"), "the page that is kept shows no picture that is not there", broken_links(PAGE, ROOT / "docs"))
    with tempfile.TemporaryDirectory() as folder:
        at = pathlib.Path(folder, "performance.md")
        picture = at.with_suffix("") / "flows.svg"
        at.write_text(PAGE)
        code, said = made_by_command(a_run(the_curve()), at)
        tell(code == 0 and picture.exists() and "performance/flows.svg" in at.read_text(), "a curve that was measured is drawn and shown", said)
        tell("signatures.svg" not in at.read_text() and not broken_links(at.read_text(), at.parent), "one that was not measured is not", at.read_text())
        code, said = made_by_command(a_run(a_row("settled-1k", 0.6), mode="quick"), at)
        tell(code == 0 and not picture.exists() and "flows.svg" not in at.read_text(), "a run without curves leaves no picture of another run", said)
        at.write_text("no marks")
        code, said = made_by_command(a_run(), at)
        tell(code == 1 and "made by perf/page: machine" in said, "a page without marks is refused", said)


limits_of_rows()
modes()
pictures()
sys.exit(1 if failed else 0)
