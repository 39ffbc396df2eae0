"""The appliance of the lab: its daemon (started, stopped, killed) and its command line."""
import json
import os
import pathlib
import subprocess
import time

from machines import HERE, ROOT, WORK

BUILD = pathlib.Path(os.environ.get("WARDLINE_BUILD", ROOT / "build"))
POLICY = WORK / "policy"
SETTINGS = WORK / "wardlined.yaml"


def middle(verb):
    """start, stop or kill what stands between the two sides."""
    subprocess.run([HERE / "middle", verb], check=True)


def daemon_runs():
    return pathlib.Path(f"/proc/{(WORK / 'middle.pid').read_text().strip()}").exists()


def daemon_log():
    path = WORK / "middle.log"
    return path.read_text(errors="replace") if path.exists() else ""


def cli(*arguments, seconds=20):
    """Runs `wardline`; (exit code, output, error output)."""
    done = subprocess.run([BUILD / "controlplane/cli/wardline", *map(str, arguments)], text=True, capture_output=True,
                          timeout=seconds, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


def records(*arguments):
    """Runs `wardline … --json`; the records it prints, one a line."""
    code, out, err = cli(*arguments, "--json")
    if code not in (0, 1):
        raise RuntimeError(f"wardline {' '.join(map(str, arguments))} --json ended with {code}: {err.strip() or out.strip()}")
    return [json.loads(line) for line in out.splitlines() if line.strip()]


def status():
    return records("status")[0]


def policy_hash():
    return status()["policy"]["policy_hash"]


def device_records():
    """Device records by the MAC of their first interface."""
    return {record["interfaces"][0]["mac"]: record for record in records("device", "list") if record["interfaces"]}


def record_of(device):
    return device_records().get(device.mac)


def quarantines_of(device_id, states=("active",)):
    return [record for record in records("quarantine", "list")
            if record["device_id"] == device_id and record["state"] in states]


def wait_for(condition, seconds=10, pause=0.1):
    """What `condition` gives as soon as it is true in Python's sense; else what it gave last."""
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(pause)
    return found


def accounting():
    """received + created, and forwarded + dropped + held, once they have come to rest."""
    def sides():
        packets = status()["counters"]
        return (packets["received"] + packets["created"],
                packets["forwarded"] + sum(packets["dropped"].values()) + packets["held"])
    wait_for(lambda: (pair := sides())[0] == pair[1], 3)
    return sides()
