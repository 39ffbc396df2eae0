#!/usr/bin/python3
"""`device show`, `trace` and `top` of a living daemon say what really happened to real traffic."""
# test: scripts/lab {me}
import json
import os
import pty
import signal
import subprocess
import time

import lab  # noqa: F401
import machines
import told
import wardline

PRINTER, PRINTER_MAC = "10.20.0.51", "02:c0:00:00:00:51"  # of the role print-servers; nobody has this address
WIDTH, HEIGHT = 80, 45


def trace(*arguments):
    return wardline.records("trace", *arguments)[0]


def follow(tell, sentence, outcome, *arguments, seconds=10):
    """Traces until the outcome is the one wanted; shows the text that a person gets."""
    found = wardline.wait_for(lambda: (told := trace(*arguments))["outcome"] == outcome and told, seconds, 0.5)
    tell(found, sentence, json.dumps(trace(*arguments), indent=1))
    code, out, err = wardline.cli("trace", *arguments)
    page(tell, "trace " + " ".join(arguments), code, out, err)
    return found or trace(*arguments)


def page(tell, command, code, out, err):
    for line in out.splitlines():
        print(f"      {line}", flush=True)
    lines = out.splitlines()
    tell(code == 0 and 0 < len(lines) <= HEIGHT and max(map(len, lines)) <= WIDTH,
         f"`wardline {command}` fits {WIDTH} columns and {HEIGHT} lines", f"{code}, {len(lines)} lines, {err}")


def answered(tell, ward):
    tell(ward["pump"].send_hl7("pump", "TRACE")[0], "the pump's HL7 message is acknowledged")
    found = follow(tell, "trace: it was answered", "answered", ward["pump"].address, machines.HL7, "2575")
    flow = found["flows"][0]
    tell(flow["rule_at"] and flow["bundle"] == "ward" and flow["segment"] == "ward-4b", "its rule, bundle and segment are told", flow)
    _, out, _ = wardline.cli("trace", ward["pump"].address, machines.HL7)
    text = " ".join(out.split())
    tell("In by the device leg wire-dev of bundle ward" in text and "Out by the core leg wire-core" in text, "and the legs it came and left by", out)
    reverse = trace(machines.HL7, "spectrum-4b-07")
    tell(reverse["outcome"] == "answered", "the ends may be given the other way round, and by host name", reverse)


def unanswered(tell, ward):
    """The workstation may print, but where the printer should be is only its MAC: SYNs cross, nothing comes back."""
    nurse = ward["workstation"]
    nurse.run("ip", "neigh", "replace", PRINTER, "lladdr", PRINTER_MAC, "dev", "eth0", "nud", "permanent")
    nurse.run("curl", "--silent", "--max-time", 3, f"http://{PRINTER}:631/", seconds=6)
    found = follow(tell, "trace: it was forwarded, and nobody answered", "unanswered", nurse.address, PRINTER, "631")
    tell(found["conclusion"].startswith("not Wardline: forwarded "), "and the conclusion says that it is not Wardline", found["conclusion"])


def dropped(tell, ward):
    tv = ward["tv"]
    watching = subprocess.Popen([wardline.BUILD / "controlplane/cli/wardline", "trace", tv.address, machines.INTERNET, "--live", "--for", "5s"],
                                text=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    time.sleep(1.5)
    tell(not tv.fetch(f"http://{machines.INTERNET}/", 2)[0], "the TV gets no page from the internet")
    said, _ = watching.communicate(timeout=20)
    tell(watching.returncode == 0 and said.count("Wardline dropped it") >= 2, "`trace --live` tells of it as it comes, and at its end", said)
    found = follow(tell, "trace: Wardline dropped it", "dropped", "tv-room-12", machines.INTERNET, "80")
    tell(found["flows"][0]["reason"] == "no_rule" and "classes/smart-tv.yaml" in found["flows"][0]["explanation"],
         "the reason and the file are told", found["flows"][0])


def would_block(tell, ward):
    """The ward is in monitor mode from here on."""
    site = wardline.POLICY / "site.yaml"
    site.write_text(site.read_text().replace("    mode: enforce\n", "    mode: monitor\n"))
    code, out, err = wardline.cli("policy", "reload")
    tell(code == 0, "the ward is put into monitor mode", out + err)
    tell(ward["tv"].fetch(f"http://{machines.INTERNET}/", 5)[0], "the TV gets its page from the internet now")
    found = follow(tell, "trace: it would have been blocked", "would_block", ward["tv"].address, machines.INTERNET, "80")
    tell(found["conclusion"].startswith("monitor mode: would have been blocked (no rule"), "and the conclusion says that the mode is monitor",
         found["conclusion"])


def never_seen(tell, ward):
    found = follow(tell, "trace: what never came was not seen", "not_seen", ward["monitor"].address, machines.WEB, "9999")
    tell("9999" in found["conclusion"] and "since" in found["conclusion"] and found["untold"],
         "and what cannot be known yet is told", found["conclusion"])


def show(tell, ward):
    code, out, err = wardline.cli("device", "show", ward["tv"].address)
    page(tell, "device show", code, out, err)
    for part in ("Smart TV", "smart-tv", "EVIDENCE", "TALKS", "BLOCK AT", "CHANGE AT", "ward-4b", ward["tv"].mac):
        tell(part in out, f"the page has {part}", out)
    record = wardline.records("device", "show", ward["tv"].address)[0]
    tell(record["type"] == "device" and record["violations"] and
         any(talk["verdict"] == "block" and talk["peer"] == machines.INTERNET for talk in record["conversations"]),
         "as JSON it is one device record with its blocks and conversations", json.dumps(record))


def top(tell, ward):
    command = [wardline.BUILD / "controlplane/cli/wardline", "top", "--interval", "1s"]
    looking = subprocess.Popen([*command, "--count", "4", "--json"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    for number in range(6):
        ward["pump"].send_hl7("pump", f"TOP{number}")
        time.sleep(0.5)
    out, err = looking.communicate(timeout=30)
    samples = [json.loads(line) for line in out.splitlines()]
    tell(len(samples) == 4 and any((sample["packets_per_second"] or 0) > 1 for sample in samples), "top: rates of a second with traffic", out + err)
    tell(any(device["hostname"] == "tv-room-12" for device in samples[-1]["lately"]["violations"]), "top: the TV is among those with most violations",
         samples[-1]["lately"])
    code, out, err = wardline.cli("top", "--interval", "1s", "--count", "1")
    page(tell, "top", code, out, err)
    tell_terminal(tell, command)
    tell_restart(tell, command)


def all_of(terminal):
    """What was written to it so far."""
    os.set_blocking(terminal, False)
    said = b""
    try:
        while part := os.read(terminal, 65536):
            said += part
    except BlockingIOError:
        pass
    return said.decode()


def tell_terminal(tell, command):
    ours, theirs = pty.openpty()
    looking = subprocess.Popen(command, stdout=theirs, stdin=subprocess.DEVNULL)
    time.sleep(2.5)
    looking.send_signal(signal.SIGINT)
    code = looking.wait(10)
    drawn = all_of(ours)
    tell(code == 0, "top: Ctrl-C ends it cleanly", f"{code}")
    tell(drawn.startswith("\x1b[2J") and drawn.count("\x1b[H") >= 2 and drawn.endswith("\x1b[?25h"),
         "top: on a terminal each page takes the place of the former", repr(drawn))


def tell_restart(tell, command):
    looking = subprocess.Popen([*command, "--count", "3", "--json"], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(1.5)
    wardline.middle("stop")
    time.sleep(1.5)
    wardline.middle("start")
    out, err = looking.communicate(timeout=60)
    tell(looking.returncode == 0 and len(out.splitlines()) == 3 and "Asking again" in err, "top: a daemon that went away is told of and waited for",
         out + err)


def body(tell):
    ward = machines.devices()
    for name in ("pump", "monitor", "tv", "workstation"):
        tell(ward[name].lease()[0], f"the {name} has its address")
    answered(tell, ward)
    unanswered(tell, ward)
    dropped(tell, ward)
    never_seen(tell, ward)
    show(tell, ward)
    top(tell, ward)
    would_block(tell, ward)


told.run(body)
