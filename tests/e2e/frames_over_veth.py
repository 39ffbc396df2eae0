#!/usr/bin/python3
"""Frames that cross a live Wardline come out with the same bytes: over af_packet and over af_xdp.

usage: frames_over_veth.py WARDLINED [--policy DIR] [--mode bypass|run] [--driver af_packet|af_xdp]

Two veth pairs in network namespaces of its own; nothing is left behind. Needs root. Sends each frame both ways: 64
bytes to full size, untagged, tagged, tagged twice, link-local protocols, a ping in fragments, and 9,000 bytes over af_packet; then a leg is unplugged for a while.
"""
# test: {me} build/controlplane/daemon/wardlined --mode bypass
# test: {me} build/controlplane/daemon/wardlined --mode run
import argparse
import fcntl
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

DEVICE_MAC = bytes.fromhex("02000a000001")
CORE_MAC = bytes.fromhex("02000a000002")
ETH_P_ALL = 3
PACKET_AUXDATA, SOL_PACKET, PACKET_IGNORE_OUTGOING = 8, 263, 23
TP_STATUS_VLAN_VALID, TP_STATUS_VLAN_TPID_VALID = 1 << 4, 1 << 6
FRAMES_READY_SECONDS = 20


def ip_checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def udp_packet(size, down):
    """An IPv4/UDP packet of `size` bytes; `down` is core to device."""
    ends = [bytes([10, 20, 0, 1]), bytes([10, 20, 9, 9])]
    source, target = (ends[1], ends[0]) if down else (ends[0], ends[1])
    ports = (40001, 40000) if down else (40000, 40001)
    payload = bytes((i * 7 + size) & 0xFF for i in range(size - 28))
    header = struct.pack("!BBHHHBBH", 0x45, 0, size, size & 0xFFFF, 0x4000, 64, 17, 0) + source + target
    header = header[:10] + struct.pack("!H", ip_checksum(header)) + header[12:]
    return header + struct.pack("!HHHH", *ports, size - 20, 0) + payload


def ip_frame(length, tags, down):
    """A frame of `length` bytes in all, with the given tags: [(tpid, tci), ...]."""
    macs = DEVICE_MAC + CORE_MAC if down else CORE_MAC + DEVICE_MAC
    inside = b"".join(struct.pack("!HH", tpid, tci) for tpid, tci in tags) + b"\x08\x00"
    return macs + inside + udp_packet(length - 12 - len(inside), down)


def ping_in_fragments(size, down):
    """An echo request of `size` bytes of data as frames, each with 1,480 bytes of it."""
    macs = DEVICE_MAC + CORE_MAC if down else CORE_MAC + DEVICE_MAC
    ends = (bytes([10, 20, 9, 9]), bytes([10, 20, 0, 1])) if down else (bytes([10, 20, 0, 1]), bytes([10, 20, 9, 9]))
    message = struct.pack("!BBHHH", 8, 0, 0, 7, 1) + bytes(i * 11 & 0xFF for i in range(size))
    message = message[:2] + struct.pack("!H", ip_checksum(message)) + message[4:]
    for at in range(0, len(message), 1480):
        piece = message[at:at + 1480]
        flags = at // 8 | (0x2000 if at + 1480 < len(message) else 0)
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(piece), 4711, flags, 64, 1, 0) + ends[0] + ends[1]
        header = header[:10] + struct.pack("!H", ip_checksum(header)) + header[12:]
        yield (macs + b"\x08\x00" + header + piece).ljust(60, b"\0")


def llc(target, body):
    return bytes.fromhex(target) + DEVICE_MAC + struct.pack("!H", len(body)) + body


def link_local_frames():
    def padded(frame):
        return frame.ljust(60, b"\0")
    typed = lambda target, kind, body: bytes.fromhex(target) + DEVICE_MAC + bytes.fromhex(kind) + body
    tlvs = b"\x02\x07\x04" + DEVICE_MAC + b"\x04\x03\x05\x67\x31" + b"\x06\x02\x00\x78" + b"\x00\x00"
    lacp = b"\x01\x01\x01\x14" + bytes(18) + b"\x02\x14" + bytes(18) + b"\x03\x10" + bytes(14) + bytes(52)
    bpdu = b"\x42\x42\x03" + bytes(5) + bytes(30)
    cdp = b"\xaa\xaa\x03\x00\x00\x0c\x20\x00" + b"\x02\xb4\x00\x00" + b"\x00\x01\x00\x08sw-1"
    return {
        "LLDP": padded(typed("0180c200000e", "88cc", tlvs)),
        "STP": padded(llc("0180c2000000", bpdu)),
        "LACP": padded(typed("0180c2000002", "8809", lacp)),
        "EAPOL": padded(typed("0180c2000003", "888e", b"\x02\x01\x00\x00")),
        "CDP": padded(llc("01000ccccccc", cdp)),
    }


class Wire:
    """A raw socket at an outer end of the wire. The kernel hands a tag over beside the frame; it is put back here."""

    def __init__(self, namespace, interface):
        with open(f"/run/netns/{namespace}", "rb") as target, open("/proc/self/ns/net", "rb") as home:
            enter_namespace(target.fileno())
            self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
            self.socket.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
            self.socket.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            self.socket.bind((interface, ETH_P_ALL))
            enter_namespace(home.fileno())

    def send(self, frame):
        self.socket.send(frame)

    def receive(self, seconds):
        if not select.select([self.socket], [], [], seconds)[0]:
            return None
        data, extra, _, _ = self.socket.recvmsg(65536, 256)
        for level, kind, value in extra:
            if level == SOL_PACKET and kind == PACKET_AUXDATA:
                status, _, _, _, _, tci, tpid = struct.unpack("=IIIHHHH", value[:20])
                if status & TP_STATUS_VLAN_VALID:
                    tpid = tpid if status & TP_STATUS_VLAN_TPID_VALID else 0x8100
                    data = data[:12] + struct.pack("!HH", tpid, tci) + data[12:]
        return data

    def forget_that_it_was_down(self):
        self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)

    def drain(self):
        while self.receive(0) is not None:
            pass

    def await_frame(self, wanted, seconds):
        """None when it came; else what came in its stead."""
        nearest, deadline = b"", time.monotonic() + seconds
        while (rest := deadline - time.monotonic()) > 0:
            got = self.receive(rest)
            if got == wanted:
                return None
            if got is not None and got[:12] == wanted[:12]:
                nearest = got
        return nearest


def enter_namespace(descriptor):
    import ctypes
    if ctypes.CDLL(None, use_errno=True).setns(descriptor, 0) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def run(*command):
    subprocess.run(command, check=True, capture_output=True)


def make_wires(mtu):
    """ward -(veth)- middle -(veth)- core, each end with one queue and no offloads."""
    for namespace in ("ward", "middle", "core"):
        run("ip", "netns", "add", namespace)
        # No neighbour discovery between our frames.
        run("ip", "netns", "exec", namespace, "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
    for outer, namespace, inner in (("w0", "ward", "device0"), ("c0", "core", "core0")):
        queues = ["numtxqueues", "1", "numrxqueues", "1"]
        run("ip", "link", "add", outer, "netns", namespace, "mtu", str(mtu), *queues,
            "type", "veth", "peer", "name", inner, "netns", "middle", "mtu", str(mtu), *queues)
        for place, name in ((namespace, outer), ("middle", inner)):
            run("ip", "netns", "exec", place, "ethtool", "-K", name, "tx", "off", "tso", "off", "gso", "off", "gro", "off",
                "txvlan", "off", "tx-vlan-stag-hw-insert", "off")
            run("ip", "-n", place, "link", "set", name, "up")


def remove_wires():
    for namespace in ("ward", "middle", "core"):
        subprocess.run(["ip", "netns", "del", namespace], capture_output=True)


def write_settings(folder, driver, policy):
    path = os.path.join(folder, "wardlined.yaml")
    with open(path, "w") as file:
        file.write(f"""name: frames-over-veth
control_socket: "{folder}/wardlined.sock"
state: "{folder}/state"
slots: "{folder}/slots"
policy: "{policy}"
bundles:
  - name: wire
    pairs:
      - {{device: {{interface: device0, driver: {driver}}}, core: {{interface: core0, driver: {driver}}}}}
""")
    return path


def start(arguments, folder, driver):
    os.mkdir(os.path.join(folder, "state"))
    settings = write_settings(folder, driver, os.path.abspath(arguments.policy))
    log = open(os.path.join(folder, "log"), "wb")
    command = [part.format(settings=settings, driver=driver, mode=arguments.mode) for part in arguments.command]
    return subprocess.Popen(["ip", "netns", "exec", "middle", *command], stdout=log, stderr=subprocess.STDOUT)


def cases(driver, mtu):
    """(sentence, frame) one way; only frames that the driver can carry unchanged."""
    full = mtu + 14
    tag_sets = {"untagged": [], "tagged": [(0x8100, 0xA19A)], "priority tagged": [(0x8100, 0xE000)],
                "tagged twice with 0x8100": [(0x8100, 0x6064), (0x8100, 0x2065)]}
    if driver == "af_xdp":
        tag_sets["tagged with 0x88A8 and 0x8100"] = [(0x88A8, 0x6064), (0x8100, 0x2065)]
    for name, tags in tag_sets.items():
        for length in sorted({60, 64, 65, 128, 594, 1000, 1514, full - 1, full}):
            yield f"{length} bytes {name}", lambda down, length=length, tags=tags: ip_frame(length, tags, down)
    for name, frame in link_local_frames().items():
        yield name, lambda down, frame=frame: frame


def wait_until_it_forwards(process, ward, core):
    probe = ip_frame(100, [], False)
    deadline = time.monotonic() + FRAMES_READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        ward.send(probe)
        if core.await_frame(probe, 0.2) is None:
            return True
    return False


def wait_until_it_judges(process, folder, mode):
    """Forwarding may begin before the first policy is compiled; what is asked here is that it passes judged."""
    deadline = time.monotonic() + FRAMES_READY_SECONDS
    while mode == "run" and time.monotonic() < deadline and process.poll() is None:
        with open(os.path.join(folder, "log")) as log:
            if " is in force: " in log.read():
                return True
        time.sleep(0.1)
    return mode != "run"


def check_fragments(ward, core):
    """A ping of 3,000 bytes each way: every fragment comes out as it was sent. Not over af_packet, whose driver has the
    kernel put fragments of IPv4 together (PACKET_FANOUT_FLAG_DEFRAG) before anyone sees them."""
    bad = []
    for way, down, sender, receiver in (("device to core", False, ward, core), ("core to device", True, core, ward)):
        frames = list(ping_in_fragments(3000, down))
        receiver.drain()
        for frame in frames:
            sender.send(frame)
        for number, frame in enumerate(frames, 1):
            if receiver.await_frame(frame, 0.5) is not None:  # held for a second if it were not put together
                bad.append(f"fragment {number} of a ping of 3,000 bytes, {way}: it did not come")
    return bad


def check_unplugged_leg(ward, core):
    """A leg that loses its link and finds it again; sentences of what went wrong."""
    def passes(frame, sender, receiver):
        sender.send(frame)
        return receiver.await_frame(frame, 0.2) is None

    run("ip", "-n", "core", "link", "set", "c0", "down")
    time.sleep(0.3)
    for _ in range(10000):  # more than a ring holds: nothing may jam
        ward.send(ip_frame(64, [], False))
    run("ip", "-n", "core", "link", "set", "c0", "up")
    core.forget_that_it_was_down()
    for attempt in range(15):
        if passes(ip_frame(200 + attempt, [], False), ward, core) and passes(ip_frame(200 + attempt, [], True), core, ward):
            return []
    return ["nothing passes after the core leg was unplugged and plugged in again"]


def check_driver(arguments, driver, mtu):
    """Number of frames that came out with the same bytes, and sentences of those that did not."""
    good, bad = 0, []
    with tempfile.TemporaryDirectory() as folder:
        make_wires(mtu)
        ward, core = Wire("ward", "w0"), Wire("core", "c0")
        process = start(arguments, folder, driver)
        try:
            if not wait_until_it_forwards(process, ward, core) or not wait_until_it_judges(process, folder, arguments.mode):
                with open(os.path.join(folder, "log")) as log:
                    return 0, [f"{driver}, MTU {mtu}: it does not forward under a policy\n{log.read()}"]
            for sentence, make in cases(driver, mtu):
                for down, sender, receiver in ((False, ward, core), (True, core, ward)):
                    frame = make(down)
                    receiver.drain()
                    sender.send(frame)
                    instead = receiver.await_frame(frame, 1.0)
                    if instead is None:
                        good += 1
                    else:
                        way = "core to device" if down else "device to core"
                        bad.append(f"{driver}, MTU {mtu}, {sentence}, {way}: " +
                                   (f"{len(instead)} other bytes came: {instead[:24].hex()}" if instead else "nothing came"))
            bad += [f"{driver}, MTU {mtu}: {sentence}"
                    for sentence in (check_fragments(ward, core) if driver == "af_xdp" else []) + check_unplugged_leg(ward, core)]
            process.send_signal(signal.SIGTERM)
            if process.wait(timeout=10) != 0:
                bad.append(f"{driver}: exit status {process.returncode} after SIGTERM")
            if arguments.verbose:
                with open(os.path.join(folder, "log")) as log:
                    print(log.read())
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            remove_wires()
    return good, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("wardlined")
    parser.add_argument("--policy", default="policies")
    parser.add_argument("--mode", choices=["bypass", "run"], default="bypass")
    parser.add_argument("--driver", choices=["af_packet", "af_xdp"], action="append")
    parser.add_argument("--command", nargs="+", help="another way to start it: words with {settings}, {mode}, {driver}")
    parser.add_argument("--verbose", action="store_true", help="show what the program said")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if os.geteuid() != 0:
        print("skip - network namespaces need root")
        return 0
    if not arguments.inside:
        # A mount and network namespace of its own: whatever happens, nothing stays.
        return subprocess.call(["unshare", "-m", "-n", "-p", "--fork", "--kill-child", "--propagation", "private", "sh", "-c",
                                "mount -t proc proc /proc && mkdir -p /run/netns && mount -t tmpfs tmpfs /run/netns && "
                                'exec "$0" "$@"', sys.executable, os.path.abspath(__file__), *sys.argv[1:], "--inside"])
    arguments.command = arguments.command or [os.path.abspath(arguments.wardlined), "{mode}", "--config", "{settings}"]
    total, failures = 0, []
    for driver in arguments.driver or ["af_packet", "af_xdp"]:
        for mtu in (1508, 9000) if driver == "af_packet" else (1508, 3400):
            good, bad = check_driver(arguments, driver, mtu)
            total += good
            failures += bad
            print(f"{'not ok' if bad else 'ok'} - {driver}, MTU {mtu}: {good} frames came out with the same bytes, {len(bad)} did not",
                  flush=True)
    for sentence in failures:
        print("   ", sentence)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
