"""Every report answers in every form, and its figures are those that SQL gives when the inventory's tables are asked directly."""
import collections
import csv
import html.parser
import io
import json
import pathlib
import re
import sqlite3
import subprocess
import time

import yaml

QUESTIONS = ("connected", "unauthorised", "behaviour", "accuracy", "counts", "vendors", "switches", "purpose", "changes", "coverage",
             "assessment")
MANUAL = pathlib.Path(__file__).resolve().parents[2] / "docs/reports.md"
YEAR = 365 * 86_400


class Reports:
    """The answers about one database. `rows(question)` gives table -> list of rows."""

    def __init__(self, wardline, database, policy):
        self.wardline, self.database, self.policy = wardline, database, policy

    def ask(self, question, *form):
        command = [self.wardline, "report", question, "--db", self.database, "--policy", self.policy, *form]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)

    def rows(self, question, *more):
        tables = collections.defaultdict(list)
        for line in self.ask(question, "--json", *more).stdout.splitlines():
            record = json.loads(line)
            if record["type"] == "row":
                tables[record["table"]].append(record)
        return tables


def sound_page(text):
    """One page that needs nothing from elsewhere: every tag that opens also closes, and no address is fetched."""
    open_tags, strange = [], []

    class Reader(html.parser.HTMLParser):
        def handle_starttag(self, tag, attributes):
            if tag not in ("meta", "br", "hr", "img", "input"):
                open_tags.append(tag)
            strange.extend(value for name, value in attributes if name in ("src", "href"))

        def handle_endtag(self, tag):
            if not open_tags or open_tags.pop() != tag:
                strange.append(tag)

    Reader(convert_charrefs=True).feed(text)
    return not open_tags and not strange and "<script" not in text


def check_forms(reports, tell):
    wrong = []
    for question in QUESTIONS:
        for form, sound in (((), lambda text: len(text.splitlines()) > 1), (("--json",), lambda text: json.loads(text.splitlines()[0])),
                            (("--csv",), lambda text: list(csv.reader(io.StringIO(text), strict=True))), (("--html",), sound_page)):
            done = reports.ask(question, *form)
            if done.returncode != 0 or (done.stderr and "--csv" not in form) or not sound(done.stdout):
                wrong.append(f"{question} {' '.join(form)}: exit {done.returncode}, {done.stderr.strip()[:200] or done.stdout[:200]}")
    tell(not wrong, f"{len(QUESTIONS)} reports answer as text, JSON, CSV and a page", "\n".join(wrong))


def classes_of(policy):
    """class -> purpose"""
    return {read["class"]: read["purpose"] for path in policy.glob("classes/*.yaml") if (read := yaml.safe_load(path.read_text()))}


def opaque():
    """The applications that the manual calls opaque, as SQL; and those that are not known."""
    named = re.search(r"application is encrypted \(([^)]*)\)", MANUAL.read_text())[1].split(", ")
    return ", ".join(f"'{name}'" for name in [*named, "", "unknown", "unclassified"])


def figures(reports, sql):
    """(what, as reported, as SQL has it)"""
    def column(query):
        return [row[0] for row in sql.execute(query)]

    devices = column("SELECT id FROM device")
    counts, rows = reports.rows("counts"), reports.rows
    yield "devices connected", sorted(row["device_id"] for row in rows("connected")["devices"]), sorted(devices)
    yield ("devices by class", {row["class"]: row["devices"] for row in counts["class"]},
           dict(sql.execute("SELECT class, count(*) FROM device GROUP BY class")))
    yield "devices by purpose", sum(row["devices"] for row in counts["purpose"]), len(devices)
    told = rows("vendors")["vendors"]
    known = dict(sql.execute("SELECT vendor, count(*) FROM device WHERE vendor<>'' GROUP BY vendor"))
    most = sorted(known.values(), reverse=True)[:5]
    yield "the five makers with most devices", [row["devices"] for row in told if row["vendor"] in known][:5], most
    yield "each maker's devices", [(row["vendor"], known.get(row["vendor"])) for row in told if row["vendor"] in known], \
        [(row["vendor"], row["devices"]) for row in told if row["vendor"] in known]
    yield ("devices by switch", {row["switch"]: row["devices"] for row in rows("switches")["switches"]},
           dict(sql.execute("SELECT CASE switch WHEN '' THEN 'unplaced' ELSE switch END, count(*) FROM device GROUP BY switch")))
    yield from behaviour(rows("behaviour"), sql)
    yield from findings(rows("unauthorised"), sql)
    none = {name for name, purpose in classes_of(reports.policy).items() if purpose == "none"}
    told = {row["device_id"] for row in rows("purpose")["devices"] if row["purpose"] == "none"}
    yield "devices without a purpose", told, {id for id, name in sql.execute("SELECT id, class FROM device WHERE class<>'unidentified'") if name in none}
    yield ("devices new within a year", {row["device_id"] for row in rows("changes", "--since", "365d")["new_devices"]},
           set(column(f"SELECT id FROM device WHERE first_seen>={int((time.time() - YEAR) * 1e6)}")))
    limits = {row["what"]: row for row in rows("coverage")["limits"]}
    yield "conversations", limits["opaque conversations"]["of"], column("SELECT count(*) FROM conversation")[0]
    yield "opaque conversations", limits["opaque conversations"]["count"], column(f"SELECT count(*) FROM conversation WHERE app IN ({opaque()})")[0]
    yield ("one-sided conversations", limits["one-sided TCP conversations"]["count"],
           column("SELECT count(*) FROM conversation WHERE proto='tcp' AND (bytes_from_device=0 OR bytes_to_device=0)")[0])
    shown = rows("assessment")["requirements"][0]["shown"]
    identified = column("SELECT count(*) FROM device WHERE class<>'unidentified'")[0]
    yield "the assessment's inventory", re.findall(r"(\d+) devices, (\d+) of them", shown), [(str(len(devices)), str(identified))]


def behaviour(told, sql):
    refused = {id: [blocked, would] for id, blocked, would in sql.execute(
        "SELECT device_id, sum(verdict='block'), sum(verdict='would_block') FROM conversation "
        "WHERE verdict IN ('block', 'would_block') GROUP BY device_id")}
    yield ("refused conversations by device",
           {row["device_id"]: [row["blocked"], row["would_block"]] for row in told["devices"] if row["blocked"] or row["would_block"]}, refused)
    yield ("detections by signature", {row["signature"]: row["detections"] for row in told["detections"]},
           dict(sql.execute("SELECT json_extract(json, '$.signature') AS name, count(*) FROM record WHERE type='detection' GROUP BY name")))


def findings(told, sql):
    kinds = {row["kind"] for row in told["findings"]}
    ask = f"SELECT kind, count(*) FROM finding WHERE state<>'resolved' AND kind IN ({','.join('?' * len(kinds))}) GROUP BY kind"
    yield "findings by kind", dict(collections.Counter(row["kind"] for row in told["findings"])), dict(sql.execute(ask, tuple(kinds)))


def check(wardline, database, policy, tell):
    """`policy` is a path. The figures are taken from one database that nobody writes to meanwhile."""
    reports = Reports(wardline, database, policy)
    check_forms(reports, tell)
    sql = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    compared = list(figures(reports, sql))
    wrong = [f"{what}: the report says {str(said)[:300]}, SQL {str(asked)[:300]}" for what, said, asked in compared if said != asked]
    tell(not wrong, f"{len(compared)} figures of the reports are those of the tables", "\n".join(wrong))
    empty = [what for what, said, _ in compared if not said]
    return empty
