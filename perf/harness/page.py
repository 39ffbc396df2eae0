"""docs/performance.md and its plots, from what perf/run wrote."""
import re
from pathlib import Path

import yaml

from . import plots, report, row

BEGIN, END = "<!-- made by perf/page: {} -->", "<!-- end -->"
LIMITS = Path(__file__).with_name("limits.yaml")


def read_limits(path=LIMITS):
    """{row: sentence}, with the profile that the sentence stands on."""
    text = lambda found: f"{found['limit']} ({found['profile']})"
    return {name: text(found) for name, found in (yaml.safe_load(path.read_text()) or {}).items()}


def reached(one, bound):
    return row.reaches(one["figure"], bound, one["less_is_better"])


def verdict(one, limits):
    """The last cell: whether the row reaches what it must, and if not all of that, what the limit is."""
    if one["state"] in (row.NOT_NOW, row.ABSENT):
        return f"**{one['state']}**"
    if one["at_least"] is None and one["aim"] is None:
        return ""
    if not reached(one, one["at_least"]) or one["state"] == row.BELOW:
        said = f"**{row.BELOW}**"
    elif reached(one, one["aim"]):
        return "" if one["aim"] is None else "aim reached"
    else:
        said = "aim missed"
    return f"{said}: {limits.get(one['name'], 'not explained yet')}"


def rows_table(run, limits):
    lines = ["| what | at least | aim | measured | 95 % | |", "| --- | --- | --- | --- | --- | --- |"]
    for one in run["rows"]:
        less = "<= " if one["less_is_better"] else ""
        bound = lambda value: "" if value is None else f"{less}{report.figure_text(value)}"
        interval = f"{report.figure_text(one['interval'][0])} to {report.figure_text(one['interval'][1])}" if one["interval"] else ""
        figure = f"{report.figure_text(one['figure'])} {one['unit']}" if one["figure"] is not None else ""
        lines.append(f"| {one['title']} (`{one['name']}`) | {bound(one['at_least'])} | {bound(one['aim'])} | {figure} | {interval} | {verdict(one, limits)} |")
    return "\n".join(lines)


def notes(run):
    return "\n".join(f"- `{one['name']}`: {one['note']}." for one in run["rows"] if one["note"])


def instructions_table(run):
    lines = ["| case | ns | instructions |", "| --- | --- | --- |"]
    for case in (case for one in run["rows"] for case in one["details"].get("cases", [])):
        text = lambda key: report.figure_text(case.get(key)) if case.get(key) is not None else ""
        lines.append(f"| `{case['name']}` | {text('ns')} | {text('instructions')} |")
    return "\n".join(lines)


def mode_text(run):
    if run["mode"] == "full":
        return ""
    return (f"**This is a {run['mode']} run**: few and short windows, so its intervals are wide, and the long rows are missing. No full run stands "
            "here yet.\n\n")


def machine_text(run):
    machine = run["machine"]
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items() if version)
    commit, _, dirty = (machine["commit"] or "unknown").partition("-")
    return mode_text(run) + (
        f"Measured {machine['time'][:10]} on {machine['processor']} (family {machine['family']}, model {machine['model']}), {machine['cores']} "
        f"cores, {machine['memory_mb'] / 1024:.0f} GiB, Linux {machine['kernel']}; {packages}; commit {commit[:12]}"
        f"{' with changes' if dirty else ''}; `perf/run --{run['mode']}` took {run['seconds'] / 60:.0f} minutes.")


def points_of(run, name):
    return next((one["details"].get("points", []) for one in run["rows"] if one["name"] == name), [])


def flows_plot(points):
    return plots.Plot("Settled flows, 64-byte frames, one core", "flows", "Mpps", {
        "wardline where testpmd does 40": [(p["flows"], p["at_40_mpps"], *p["interval"]) for p in points],
        "wardline": [(p["flows"], p["mpps"]["wardline"]) for p in points],
        "testpmd": [(p["flows"], p["mpps"]["testpmd"]) for p in points]})


def signatures_plot(points):
    return plots.Plot("Hospital mix, inspect 64 KiB, one core", "threat signatures", "Gb/s carried", {
        "wardline": [(p["signatures"], p["gbps"]["wardline"]) for p in points],
        "raw Hyperscan": [(p["signatures"], p["gbps"]["raw"]) for p in points]})


# File name: (heading, row whose points are drawn, who draws them).
PICTURES = {"flows.svg": ("Cost against flows", "curve-flows", flows_plot),
            "signatures.svg": ("Cost against signatures", "curve-signatures", signatures_plot)}


def pictures(run):
    """{file name: SVG} of the curves that were measured."""
    return {name: draw(points).svg() for name, (_, curve, draw) in PICTURES.items() if (points := points_of(run, curve))}


def plots_text(run):
    drawn = pictures(run)
    return "\n\n".join(f"## {PICTURES[name][0]}\n\n![{PICTURES[name][0].lower()}](performance/{name})" for name in drawn)


def filled(text, run, limits):
    """The page with its made parts made anew."""
    parts = {"machine": machine_text(run), "table": rows_table(run, limits), "notes": notes(run), "plots": plots_text(run),
             "instructions": instructions_table(run)}
    for name, made in parts.items():
        begin = BEGIN.format(name)
        if text.count(begin) != 1:
            raise ValueError(f"expected {begin!r} once in the page, found it {text.count(begin)} times")
        text = re.sub(f"{re.escape(begin)}.*?{re.escape(END)}", lambda _: "\n".join(filter(None, (begin, made, END))), text, flags=re.DOTALL)
    return text


def write(page, run, limits):
    """The page, and beside it the pictures of this run alone: one of an earlier run would belong to other figures."""
    page.write_text(filled(page.read_text(), run, limits))
    folder, drawn = page.with_suffix(""), pictures(run)
    for name in PICTURES.keys() - drawn.keys():
        (folder / name).unlink(missing_ok=True)
    for name, svg in drawn.items():
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(svg)
