#!/usr/bin/python3
"""Runs the tests that scripts/test has built, and counts them. Use scripts/test.

A GoogleTest program is counted by its JSON report. Every other test program tells a line for each statement, `ok - …`,
`not ok - …` or `skip - …`; one that ends with another code than 0 without having told why counts as one failure more.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS_FOR_ONE = {"unit": 300, "cases": 300, "fuzz": 600, "e2e": 180}
LINES_SHOWN = 60


class Result:
    def __init__(self, name):
        self.name, self.passed, self.failed, self.skipped = name, 0, 0, 0
        self.seconds, self.output, self.reasons = 0.0, "", []

    def line(self):
        mark = "FAILED" if self.failed else "ok"
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return f"   {mark:<6} {self.name}: {self.passed} passed{failed}{skipped} ({self.seconds:.1f} s)"


def run(name, kind, command, count, environment=None):
    """Runs one test program to its end or to its time limit; `count(result, exit code)` fills in the numbers."""
    result, began = Result(name), time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        output, _ = process.communicate(timeout=SECONDS_FOR_ONE[kind])
    except subprocess.TimeoutExpired:
        process.terminate()
        try:
            output, _ = process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        output += f"\nnot ok - ended within {SECONDS_FOR_ONE[kind]} s\n".encode()
    result.output, result.seconds = output.decode(errors="replace"), time.monotonic() - began
    count(result, process.returncode)
    return result


def count_lines(result, code):
    lines = [line.strip() for line in result.output.splitlines()]
    result.passed = sum(line.startswith("ok ") for line in lines)
    result.reasons = [line[5:].lstrip("- ") for line in lines if line.startswith("skip ")]
    result.skipped = len(result.reasons)
    result.failed = sum(line.startswith(("not ok ", "FAILED ")) for line in lines)
    if not result.failed and (code != 0 or not result.passed + result.skipped):
        result.failed = 1
        result.output += f"\n{result.name} ended with exit code {code} and had told {result.passed} statements\n"


def count_report(result, code, report):
    """GoogleTest's own counts. Without a report (the program died, or is none of GoogleTest's) its exit code counts as one."""
    try:
        suites = json.loads(report.read_text())["testsuites"]
    except (OSError, ValueError):
        result.passed, result.failed = int(code == 0), int(code != 0)
        return
    for test in (test for suite in suites for test in suite["testsuite"]):
        if test.get("failures"):
            result.failed += 1
        elif test["result"] == "SKIPPED":
            result.skipped += 1
            result.reasons.append(f"{test['classname']}.{test['name']}")
        elif test["result"] == "COMPLETED":
            result.passed += 1
    if code != 0 and not result.failed:  # a sanitizer's report at the end, or a crash after the last test
        result.failed = 1
        result.output += f"\n{result.name} ended with exit code {code}\n"


def unit_tests(folder, reports):
    listing = subprocess.run(["meson", "introspect", "--tests", ROOT / folder], check=True, text=True, capture_output=True)
    for number, test in enumerate(json.loads(listing.stdout)):
        report = pathlib.Path(reports) / f"{folder}-{number}.json"
        command = [*test["cmd"], f"--gtest_output=json:{report}", "--gtest_brief=1"]
        yield (test["name"], "unit", command, lambda result, code, report=report: count_report(result, code, report),
               {"UBSAN_OPTIONS": "print_stacktrace=1", **test.get("env", {})})


def program(path, kind):
    """A test program of a folder, if the folder has one."""
    if os.access(ROOT / path, os.X_OK):
        yield (path, kind, [ROOT / path], count_lines, None)


def end_to_end_tests():
    """Lines `# test: COMMAND` in a test say how it is to be run, once for each line; `{me}` is the file itself."""
    for path in sorted(path for path in (ROOT / "tests/e2e").iterdir() if path.suffix in (".py", ".sh")):
        for way in re.findall(r"^# test: *(.*)$", path.read_text(), re.MULTILINE):
            command = [str(path) if word == "{me}" else word for word in way.split()]
            options = " ".join(word for word in way.split()[1:] if word != "{me}")
            yield (f"{path.stem} {options}".strip(), "e2e", command, count_lines, None)


def section(title, tests, only, at_once=1):
    tests = [test for test in tests if only in test[0]]
    if not tests:
        return []
    print(f"== {title}", flush=True)
    began, results = time.monotonic(), []
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        for result in pool.map(lambda test: run(*test), tests):
            print(result.line(), flush=True)
            for reason in result.reasons:
                print(f"          skipped: {reason}", flush=True)
            if result.failed:
                print("\n".join("      | " + line for line in result.output.splitlines()[-LINES_SHOWN:]), flush=True)
            results.append(result)
    print(f"   {time.monotonic() - began:.0f} s", flush=True)
    return results


def main():
    arguments = argparse.ArgumentParser(prog="scripts/test")
    arguments.add_argument("kinds", nargs="*", metavar="unit|cases|fuzz|e2e")
    arguments.add_argument("--only", default="", metavar="WORD")
    given = arguments.parse_args()
    if unknown := set(given.kinds) - {"unit", "cases", "fuzz", "e2e"}:
        arguments.error(f"{', '.join(unknown)}: not a kind of test")
    wanted = set(given.kinds) or {"unit", "cases", "fuzz", "e2e"}
    results, cores = [], os.cpu_count() or 1
    if "unit" in wanted:
        with tempfile.TemporaryDirectory() as reports:
            results += section("unit tests, release", unit_tests("build", reports), given.only, cores)
            results += section("unit tests, sanitizer", unit_tests("build-asan", reports), given.only, cores)
    if "cases" in wanted:
        results += section("cases", program("tests/cases/run", "cases"), given.only)
    if "fuzz" in wanted:
        results += section("fuzz targets", program("tests/fuzz/run", "fuzz"), given.only)
    if "e2e" in wanted:
        results += section("end to end, in the lab", end_to_end_tests(), given.only)
    passed, failed, skipped = (sum(getattr(result, what) for result in results) for what in ("passed", "failed", "skipped"))
    failed += not results  # a run that found no test has shown nothing
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
