"""docs/performance.md and its plots, from what perf/run --full wrote."""
import re

from . import plots, report, row

BEGIN, END = "<!-- made by perf/page: {} -->", "<!-- end -->"


def rows_table(run):
    lines = ["| what | at least | aim | measured | 95 % | |", "| --- | --- | --- | --- | --- | --- |"]
    for one in run["rows"]:
        less = "<= " if one["less_is_better"] else ""
        bound = lambda value: "" if value is None else f"{less}{report.figure_text(value)}"
        interval = f"{report.figure_text(one['interval'][0])} to {report.figure_text(one['interval'][1])}" if one["interval"] else ""
        figure = f"{report.figure_text(one['figure'])} {one['unit']}" if one["figure"] is not None else one["state"]
        state = {row.OK: "", row.SHOWN: ""}.get(one["state"], f"**{one['state']}**")
        if one["state"] == row.OK and one["aim"] is not None:
            reached = one["figure"] <= one["aim"] if one["less_is_better"] else one["figure"] >= one["aim"]
            state = "aim reached" if reached else ""
        lines.append(f"| {one['title']} (`{one['name']}`) | {bound(one['at_least'])} | {bound(one['aim'])} | {figure} | {interval} | {state} |")
    return "\n".join(lines)


def notes(run):
    return "\n".join(f"- `{one['name']}`: {one['note']}." for one in run["rows"] if one["note"])


def instructions_table(run):
    lines = ["| case | ns | instructions |", "| --- | --- | --- |"]
    for case in (case for one in run["rows"] for case in one["details"].get("cases", [])):
        text = lambda key: report.figure_text(case.get(key)) if case.get(key) is not None else ""
        lines.append(f"| `{case['name']}` | {text('ns')} | {text('instructions')} |")
    return "\n".join(lines)


def machine_text(run):
    machine = run["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    return (f"Measured {machine['time'][:10]} on {machine['processor']} (family {machine['family']}, model {machine['model']}), {machine['cores']} "
            f"cores, {machine['memory_mb'] / 1024:.0f} GiB, Linux {machine['kernel']}; {packages}; commit {(machine['commit'] or 'unknown')[:12]}; "
            f"`perf/run --{run['mode']}` took {run['seconds'] / 60:.0f} minutes.")


def points_of(run, name):
    return next((one["details"].get("points", []) for one in run["rows"] if one["name"] == name), [])


def pictures(run):
    """{file name: SVG} of the curves that were measured."""
    found = {}
    if points := points_of(run, "curve-flows"):
        found["flows.svg"] = plots.Plot("Settled flows, 64-byte frames, one core", "flows", "Mpps", {
            "wardline where testpmd does 40": [(p["flows"], p["at_40_mpps"], *p["interval"]) for p in points],
            "wardline": [(p["flows"], p["mpps"]["wardline"]) for p in points],
            "testpmd": [(p["flows"], p["mpps"]["testpmd"]) for p in points]}).svg()
    if points := points_of(run, "curve-signatures"):
        found["signatures.svg"] = plots.Plot("Hospital mix, inspect 64 KiB, one core", "threat signatures", "Gb/s carried", {
            "wardline": [(p["signatures"], p["gbps"]["wardline"]) for p in points],
            "raw Hyperscan": [(p["signatures"], p["gbps"]["raw"]) for p in points]}).svg()
    return found


def filled(text, run):
    """The page with its made parts made anew."""
    parts = {"machine": machine_text, "table": rows_table, "notes": notes, "instructions": instructions_table}
    for name, make in parts.items():
        begin = BEGIN.format(name)
        if text.count(begin) != 1:
            raise ValueError(f"expected {begin!r} once in the page, found it {text.count(begin)} times")
        text = re.sub(f"{re.escape(begin)}.*?{re.escape(END)}", lambda _: f"{begin}\n{make(run)}\n{END}", text, flags=re.DOTALL)
    return text


def write(root, run):
    page, folder = root / "docs/performance.md", root / "docs/performance"
    folder.mkdir(exist_ok=True)
    page.write_text(filled(page.read_text(), run))
    for name, svg in pictures(run).items():
        (folder / name).write_text(svg)
