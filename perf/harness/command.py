"""perf/run: what Wardline does on this machine, row by row, beside dpdk-testpmd on the same traffic in the same minute."""
import argparse
import signal
import sys
import time

from . import build, catalogue, huge_pages, machine, report, row
from .session import FULL, QUICK, ROOT, Session


EPILOG = """Exit code: 0 all rows reach what they must (or could not be measured now), 1 one is below, 2 bad usage or no way to
measure. Figures of a machine that others use drift; ratios of neighbours in time do not. perf/README.md says more."""


def arguments(words):
    parser = argparse.ArgumentParser(prog="perf/run", description=__doc__, epilog=EPILOG)
    parser.add_argument("names", metavar="NAME", nargs="*", help="rows, or the beginnings of their names; all if none is named")
    pace = parser.add_mutually_exclusive_group()
    pace.add_argument("--quick", action="store_true", help="short windows, no long rows: under 5 minutes (the default)")
    pace.add_argument("--full", action="store_true", help="15 pairs a row and all rows, about 25 minutes: what the figures in docs are made of")
    parser.add_argument("--json", metavar="FILE", help="write everything, pairs included; perf/compare reads it")
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--peer", choices=["suricata"], help="measure this program on the same traffic instead")
    return parser.parse_args(words)


def chosen(names, full):
    if not names:
        return [one for one in catalogue.ROWS if full or one.quick]
    every = {one.name for one in catalogue.ROWS}
    fits = lambda one, name: one.name == name if name in every else one.name.startswith(name)
    found = [one for one in catalogue.ROWS if any(fits(one, name) for name in names)]
    strangers = [name for name in names if not any(fits(one, name) for one in catalogue.ROWS)]
    if strangers:
        raise RuntimeError(f"no row begins with {', '.join(strangers)}; perf/run --list names them")
    return found


def listed():
    for one in catalogue.ROWS:
        bounds = f"{report.bound_text(one, one.at_least)}, aim {report.bound_text(one, one.aim)} {one.unit}"
        print(f"{one.name:18} {one.title} ({bounds}){'' if one.quick else ' [full]'}")


def measured(one, session):
    """A row that fails is a row that was not measured: the others go on."""
    began = time.monotonic()
    try:
        outcome = one.measure(session)
    except (RuntimeError, TimeoutError, OSError) as fault:
        outcome = row.Outcome(state=row.ABSENT, note=str(fault))
    outcome.seconds = time.monotonic() - began
    return outcome


def run(rows, pace, mode, json_path):
    if not machine.enough_cores():
        raise RuntimeError(f"needs cores {machine.CONTROL_CORE} (control) and {machine.WORKER_CORE} (worker)")
    missing = build.missing_packages(ROOT)
    progress = report.Progress()
    if missing:
        progress.begin(f"installing {' '.join(missing)}")
        build.install(missing)
    began = time.monotonic()
    results = []
    with huge_pages.at_least(pace.huge_mb), Session(pace, progress.say) as session:
        machine.run_apart()
        for number, one in enumerate(rows, 1):
            progress.begin(f"[{number}/{len(rows)}] {one.name}")
            results.append((one, measured(one, session)))
            if json_path:  # each time: a run that is broken off keeps what it measured
                report.write_json(json_path, report.as_json(machine.facts(ROOT), mode, results, time.monotonic() - began))
    progress.end()
    print(report.table(results, sys.stdout.isatty()))
    return 1 if any(row.judged(one, outcome) == row.BELOW for one, outcome in results) else 0


def main(words=None):
    given = arguments(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is ended, what was changed is put back
    if given.list:
        return listed()
    if given.peer:
        from . import peer
        return peer.run(given.names, FULL if given.full else QUICK)
    try:
        return run(chosen(given.names, given.full), FULL if given.full else QUICK, "full" if given.full else "quick", given.json)
    except (RuntimeError, OSError) as fault:
        print(f"perf/run: {fault}", file=sys.stderr)
        return 2
