#!/usr/bin/python3
"""Every shipped file of a policy fits the schema that `wardline policy schema` prints, and a wrong one does not; the generated
pages of the manual are those of the shipped policy."""
# test: {me}
import json
import os
import pathlib
import subprocess
import sys

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build"))
WARDLINE = BUILD / "controlplane/cli/wardline"
FILES = {"signature": "signatures/**/*.yaml", "class": "classes/*.yaml", "site": "site.yaml", "devices": "devices.yaml",
         "fingerprints": "fingerprints/*.yaml", "tests": "tests/*.yaml"}
failed = False


def tell(good, sentence, why=""):
    global failed
    failed = failed or not good
    print(f"{'ok' if good else 'not ok'} - {sentence}" + (f"\n      {why}" if why and not good else ""))


class Plain(yaml.SafeLoader):
    """Dates stay the text that they are written as."""


Plain.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}


def read(path):
    return yaml.load(path.read_text(), Plain)


def schema_of(word):
    schema = json.loads(subprocess.run([WARDLINE, "policy", "schema", word], check=True, capture_output=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def first_problem(validator, value):
    problem = jsonschema.exceptions.best_match(validator.iter_errors(value))
    return f"{problem.json_path}: {problem.message[:300]}" if problem else ""


def shipped_files():
    for word, pattern in FILES.items():
        validator = schema_of(word)
        paths = sorted((ROOT / "policies").glob(pattern))
        wrong = [f"{path.relative_to(ROOT)} {problem}" for path in paths if (problem := first_problem(validator, read(path)))]
        tell(paths and not wrong, f"the {len(paths)} shipped files of kind {word} fit their schema", "\n      ".join(wrong))
        for path in paths[:1]:
            value = read(path)
            value["no-such-key"] = 1
            tell(first_problem(validator, value), f"a key that is not known does not fit the schema of {word}")


def wrong_signatures():
    validator = schema_of("signature")
    good = {"id": "x", "threat": "x", "severity": "high", "transport": ["tcp"], "side": "client", "pattern": "^HELLO",
            "source": "RFC 1", "examples": {"match": ["HELLO"], "no_match": ["OTHER"]}}
    tell(not first_problem(validator, {"signatures": [good]}), "a good signature fits")
    for change in ({"severity": "hihg"}, {"application": "x"}, {"side": "both"}, {"group": ["wurm"]}, {"severty": "low"},
                   {"technique": "1210"}, {"ports": [70000]}, {"patterns": [{"caseless": True}], "match": "any"},
                   {"examples": {"match": ["HELLO"]}}):
        tell(first_problem(validator, {"signatures": [{**good, **change}]}), f"a signature with {json.dumps(change)} does not fit")


def manual():
    checked = subprocess.run([ROOT / "scripts/docs", "--build", BUILD, "--check"], capture_output=True, text=True)
    tell(checked.returncode == 0, "docs/detections.md, docs/applications.md and docs/findings.md are those of the shipped policy and of the program", checked.stderr)


if not os.access(WARDLINE, os.X_OK):
    print(f"not ok - {WARDLINE} is built")
    sys.exit(1)
shipped_files()
wrong_signatures()
manual()
sys.exit(failed)
