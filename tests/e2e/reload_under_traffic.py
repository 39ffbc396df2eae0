#!/usr/bin/python3
"""A policy reload under traffic loses no packet, and flows go on under the new policy."""
# test: scripts/lab --driver af_packet {me}
# test: scripts/lab --driver af_xdp {me}
import subprocess
import time

import lab  # noqa: F401
import machines
import told
import wardline

SECONDS, RELOADS = 8, 6


def start(device, *arguments):
    return device.start("/usr/bin/python3", machines.HERE / "client.py", *arguments, stdout=subprocess.PIPE)


def new_policy(number):
    """Another policy in its hash, the same in what it allows: a comment is part of the text that is hashed."""
    with open(wardline.POLICY / "site.yaml", "a", encoding="utf-8") as site:
        site.write(f"# edit {number}\n")


def body(tell):
    ward = machines.devices()
    for name in ("pump", "monitor", "modality"):
        ward[name].lease()
    one = start(ward["monitor"], "stream", machines.HL7, 2575, SECONDS)
    many = start(ward["pump"], "count", machines.HL7, 2575, SECONDS)
    ticks = start(ward["monitor"], "ticks", machines.CLOCK, SECONDS)
    time.sleep(1)
    hashes = [wardline.policy_hash()]
    for number in range(RELOADS):
        new_policy(number)
        code, out, err = wardline.cli("policy", "reload")
        tell(code == 0, f"reload {number + 1} is accepted", out + err)
        hashes.append(wardline.policy_hash())
        time.sleep(0.8)
    tell(len(set(hashes)) == RELOADS + 1, "each reload put another policy in force", hashes)
    said = one.communicate()[0]
    tell(one.returncode == 0 and int(said) > 100, "one long HL7 connection lived through all of them", said)
    said = many.communicate()[0]
    tell(many.returncode == 0 and int(said) > 50, "every short HL7 connection in between was served", said)
    sent, answered = map(int, ticks.communicate()[0].split())
    tell(sent > 100 and sent == answered, f"no packet was lost: {sent} questions, each answered", f"{answered} answers to {sent}")
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
