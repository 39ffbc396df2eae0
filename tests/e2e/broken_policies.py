#!/usr/bin/python3
"""Each of twelve broken policies is refused with file:line:column and a sentence; a running daemon keeps its policy and traffic."""
# test: scripts/lab {me}
import re
import shutil
import subprocess

import lab  # noqa: F401
import machines
import told
import wardline

CLASS = "classes/infusion-pump.yaml"


def append(file, text):
    def edit(folder):
        with open(folder / file, "a", encoding="utf-8") as out:
            out.write(text)
    return edit


def replace(file, pattern, text):
    """Changes the first place that fits; a pattern that fits nowhere would test nothing, so that is an error."""
    def edit(folder):
        old = (folder / file).read_text()
        new, count = re.subn(pattern, text, old, count=1, flags=re.MULTILINE)
        if not count:
            raise ValueError(f"{file} has nothing like {pattern}")
        (folder / file).write_text(new)
    return edit


def write(file, content):
    return lambda folder: (folder / file).write_bytes(content)


def cut(folder):
    content = (folder / CLASS).read_bytes()
    (folder / CLASS).write_bytes(content[:content.index(b"rules:") + 20])


BROKEN = {
    "an unknown key": append(CLASS, "on_violations: {action: drop}\n"),
    "a duplicate key": append(CLASS, "class: infusion-pump\n"),
    "port 70000": replace(CLASS, r"port: \[\d+", "port: [70000"),
    "an unknown role": replace(CLASS, r"opens_to: [\w-]+", "opens_to: no-such-role"),
    "a bad regular expression": replace(CLASS, r"matches: '[^']*'", "matches: '(unclosed'"),
    "a missing class": replace("site.yaml", r"expects: \[[\w-]+", "expects: [no-such-class"),
    "an unquoted MAC": replace("devices.yaml", r"devices: \[\]", 'devices:\n  - {id: "ws-1", macs: [00:11:22:33:44:55], class: workstation}'),
    "`yes` for a boolean": replace(CLASS, r"essential: true", "essential: yes"),
    "a wrong type": replace(CLASS, r"^criticality: .*$", "criticality: [life-critical]"),
    "an empty file": write(CLASS, b""),
    "a file of 20 MB": write(CLASS, b"# " + b"x" * 20_000_000 + b"\n"),
    "a truncated file": cut,
}


def check(tell, name, edit):
    folder = machines.WORK / "broken"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(wardline.POLICY, folder)
    edit(folder)
    code, out, err = wardline.cli("policy", "check", folder)
    tell(code == 1 and re.search(r"\.yaml:\d+:\d+: .{15}", out + err), f"{name}: `policy check` says where and what", f"exit {code}: {(out + err)[:800]}")
    return folder


def reload_with(tell, name, broken, good, ward):
    before = wardline.policy_hash()
    shutil.rmtree(wardline.POLICY)
    shutil.copytree(broken, wardline.POLICY)
    code, out, err = wardline.cli("policy", "reload")
    tell(code == 1 and ".yaml:" in out + err, f"{name}: the running daemon refuses it", f"exit {code}: {(out + err)[:800]}")
    kept = wardline.policy_hash() == before
    tell(kept and ward["pump"].send_hl7("pump", "KEPT")[0], f"{name}: it keeps its policy, and the pump its traffic")
    shutil.rmtree(wardline.POLICY)
    shutil.copytree(good, wardline.POLICY)


def body(tell):
    ward = machines.devices()
    ward["pump"].lease()
    good = machines.WORK / "good"
    shutil.copytree(wardline.POLICY, good)
    code, out, err = wardline.cli("policy", "check", good)
    tell(code == 0, "the policy of the lab is fine", out + err)
    ticks = ward["pump"].start("/usr/bin/python3", machines.HERE / "client.py", "ticks", machines.CLOCK, 5, stdout=subprocess.PIPE)
    for name, edit in BROKEN.items():
        reload_with(tell, name, check(tell, name, edit), good, ward)
    sent, answered = map(int, ticks.communicate()[0].split())
    tell(sent == answered > 100, "no packet was lost meanwhile", f"{answered} answers to {sent}")
    tell(wardline.cli("policy", "reload")[0] == 0, "the good policy still loads")


told.run(body)
