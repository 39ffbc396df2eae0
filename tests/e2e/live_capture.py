#!/usr/bin/python3
"""`wardline capture`: both legs, a verdict on each frame, and none of what the pump says to its gateway."""
# test: scripts/lab --driver af_packet {me}
import json
import pathlib
import socket
import struct
import subprocess

import lab  # noqa: F401
import machines
import told
import wardline

SECONDS = 8


def options_of(data):
    found, at = {}, 0
    while at + 4 <= len(data):
        code, length = struct.unpack_from("<HH", data, at)
        if code == 0:
            break
        found[code] = data[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def read_file(content):
    """The names of the interfaces, and a dictionary for each packet of a pcapng file."""
    legs, packets, at = [], [], 0
    while at < len(content):
        kind, length = struct.unpack_from("<II", content, at)
        body = content[at + 8:at + length - 4]
        if kind == 1:
            legs.append(options_of(body[8:])[2].decode())
        elif kind == 6:
            leg, high, low, captured, wire = struct.unpack_from("<IIIII", body)
            options = options_of(body[20 + (captured + 3) // 4 * 4:])
            packets.append({"leg": legs[leg], "bytes": body[20:20 + captured], "wire": wire, "time": (high << 32 | low) / 1e6,
                            "comment": options[1].decode(), "out": options[2][0] & 3 == 2})
        at += length
    return legs, packets


def addresses(packet):
    """Source and target of an untagged IPv4 frame."""
    frame = packet["bytes"]
    if frame[12:14] != b"\x08\x00":
        return "", ""
    return socket.inet_ntoa(frame[26:30]), socket.inet_ntoa(frame[30:34])


def header_length(frame):
    """From Ethernet to the end of the TCP or UDP header."""
    ip = 14 + 4 * (frame[14] & 15)
    return ip + (4 * (frame[ip + 12] >> 4) if frame[23] == 6 else 8)


def address_of(device):
    record = wardline.wait_for(lambda: (found := wardline.record_of(device)) and found["interfaces"][0]["ips"] and found)
    return record["interfaces"][0]["ips"][-1]


def take(ward, tell, out):
    """Lets the pump talk and the TV try while a capture of both runs; its end, and how long it took."""
    pump, tv = address_of(ward["pump"]), address_of(ward["tv"])
    command = [wardline.BUILD / "controlplane/cli/wardline", "capture", "host", pump, "or", "host", tv, "--for", f"{SECONDS}s",
               "--out", out, "--json"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    tell(wardline.wait_for(lambda: '"state":"started"' in wardline.daemon_log()), "the log says that a capture has started")
    tell(ward["pump"].send_hl7("pump", "CAPTURED")[0], "the pump's HL7 is acknowledged meanwhile")
    attempt = ward["tv"].start("curl", "--silent", "--max-time", 2, "--output", "none", f"http://{machines.INTERNET}/")
    code, _, err = wardline.cli("capture", "arp", "--for", "1s", "--out", str(out) + ".second")
    tell(code == 1 and "root captures" in err, "a second capture is refused, and told who runs the first", err)
    tell(not pathlib.Path(str(out) + ".second").exists(), "and leaves no file")
    attempt.wait()
    said, err = running.communicate(timeout=SECONDS + 20)
    tell(running.returncode == 0, "it ends by itself", err)
    return pump, tv, json.loads(said)


def body(tell):
    ward = machines.devices()
    for name in ("pump", "tv"):
        tell(ward[name].lease()[0], f"the {name} gets its lease")
    tell(ward["pump"].send_hl7("pump", "BEFORE")[0], "the pump's HL7 is acknowledged")
    out = wardline.WORK / "taken.pcapng"
    pump, tv, end = take(ward, tell, out)
    content = out.read_bytes()
    legs, packets = read_file(content)
    tell(end["frames"] == len(packets) > 10 and end["not_written"] == 0 and end["ended"] == "time", "its counts are those of the file", end)
    tell(out.stat().st_mode & 0o777 == 0o600, "the file is its owner's alone")
    tell(len(legs) == 2 and "/device (" in legs[0] and "/core (" in legs[1], "both legs are interfaces of the file", legs)

    hl7 = [packet for packet in packets if set(addresses(packet)) == {pump, machines.HL7}]
    comments = {packet["comment"] for packet in hl7}
    tell({packet["leg"] for packet in hl7} == set(legs) and not any(packet["out"] for packet in hl7), "the pump's talk came in by both", hl7)
    tell(comments and all(comment.startswith("forwarded") for comment in comments), "each frame of it was forwarded", comments)
    tell(any("flow: allow, rule " in comment and "(classes/" in comment for comment in comments), "by a rule at its file and line", comments)
    tried = [packet for packet in packets if addresses(packet) == (tv, machines.INTERNET)]
    comments = {packet["comment"] for packet in tried}
    tell(comments == {"dropped: no_rule; flow: block (no_rule), step default"}, "the TV's attempt was dropped, and why", comments)
    tell(all("/device (" in packet["leg"] for packet in tried), "at the leg that it came in by")

    spoken = [word for word in (b"MSH|", b"PID|", b"LAB-1", b"CAPTURED", b"HTTP/1.") if word in content]
    tell(not spoken and any(packet["wire"] > len(packet["bytes"]) for packet in hl7), "no payload of the HL7 message is in it", spoken)
    ports = [packet for packet in packets if addresses(packet)[0] and packet["bytes"][23] in (6, 17)]
    tell(all(len(packet["bytes"]) == header_length(packet["bytes"]) for packet in ports), "every frame ends with its headers")
    read = subprocess.run(["tcpdump", "-n", "-r", out], capture_output=True, text=True)
    tell(read.returncode == 0 and len(read.stdout.splitlines()) == len(packets), "tcpdump reads all of it", read.stderr)
    log = wardline.daemon_log()
    tell('"by":"root"' in log and '"state":"ended"' in log, "the log says who captured, and that it is over", log)
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
