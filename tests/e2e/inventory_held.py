#!/usr/bin/python3
"""While another program holds the inventory's database, the worker forwards as fast as before and loses no frame; what is true is written
afterwards, and each record that was not is counted."""
# test: scripts/lab --driver af_packet {me}
import json
import pathlib
import re
import selectors
import socket
import sqlite3
import statistics
import struct
import sys
import threading
import time

QUESTIONS_A_SECOND, BLOCKED_A_SECOND, BLOCKED_PORT = 200, 40, 9999
SECONDS, HELD_SECONDS = 5, 12  # the daemon leaves a database that is held alone for 10 s


def question(number):
    labels = b"".join(bytes([len(label)]) + label for label in (b"web", b"hospital", b"lab"))
    return struct.pack("!HHHHHH", number & 0xFFFF, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!HH", 1, 1)


def send(resolver, seconds):
    """On a device: each question from a port of its own, so that it is a flow, and between them datagrams that no rule allows.
    Prints what was sent, and how long each answer took in milliseconds."""
    waiting, took, blocked = selectors.DefaultSelector(), [], 0
    stray = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(int(seconds * BLOCKED_A_SECOND))]
    began, count = time.monotonic(), int(seconds * QUESTIONS_A_SECOND)

    def take(wait):
        for key, _ in waiting.select(wait):
            key.fileobj.recv(512)
            took.append((time.monotonic() - key.data) * 1000)
            waiting.unregister(key.fileobj)
            key.fileobj.close()

    for number in range(count):
        due = began + number / QUESTIONS_A_SECOND
        while (left := due - time.monotonic()) > 0:
            take(left)
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        link.connect((resolver, 53))
        waiting.register(link, selectors.EVENT_READ, time.monotonic())
        link.send(question(number))
        if blocked < len(stray) and number * BLOCKED_A_SECOND >= blocked * QUESTIONS_A_SECOND:
            stray[blocked].sendto(b"stray", ("203.0.113.10", BLOCKED_PORT))
            blocked += 1
    end = time.monotonic() + 3
    while waiting.get_map() and time.monotonic() < end:
        take(0.1)
    print(json.dumps({"asked": count, "blocked": blocked, "took": took}))


if len(sys.argv) == 4 and sys.argv[1] == "send":
    sys.exit(send(sys.argv[2], float(sys.argv[3])))

import lab  # noqa: E402, F401
import machines  # noqa: E402
import told  # noqa: E402
import wardline  # noqa: E402

STORE = wardline.WORK / "state/inventory.db"


def begin_anew():
    """An empty inventory; attempts end soon, and open flows are reported seldom: the lab's live view has that every two seconds."""
    wardline.middle("stop")
    for path in STORE.parent.glob(STORE.name + "*"):
        path.unlink()
    wardline.SETTINGS.write_text(wardline.SETTINGS.read_text().replace("flow_report: 2s", "flow_report: 5m"))
    site = wardline.POLICY / "site.yaml"
    site.write_text(re.sub(r"udp_one_way: *\w+", "udp_one_way: 5s", site.read_text()))
    wardline.middle("start")


def in_store(sql, *values):
    connection = sqlite3.connect(f"file:{STORE}?mode=ro", uri=True, timeout=10)
    try:
        return connection.execute(sql, values).fetchone()[0]
    finally:
        connection.close()


class Held:
    """The database, held for writing as a careless backup or a person's shell would, until the block ends."""

    def __enter__(self):
        self.connection = sqlite3.connect(STORE, isolation_level=None, timeout=10)
        self.connection.execute("BEGIN EXCLUSIVE")

    def __exit__(self, *_):
        self.connection.execute("ROLLBACK")
        self.connection.close()


def losses(status):
    """Frames that were lost, by where: not those that a rule dropped."""
    lost = {reason: count for reason, count in status["counters"]["dropped"].items() if reason != "no_rule"}
    for name in ("missed", "no_buffers"):
        lost[name] = sum(port[name] for port in status["ports"])
    return {name: count for name, count in lost.items() if count}


def phase(device, seconds, meanwhile=lambda: None):
    """Traffic for so long; what it saw, and what the counters of the worker gained."""
    before = wardline.status()
    helper = threading.Thread(target=meanwhile)
    helper.start()
    ok, said = device.run("/usr/bin/python3", pathlib.Path(__file__).resolve(), "send", machines.NAMES, seconds, seconds=seconds + 20)
    helper.join()
    after = wardline.status()
    if not ok:
        raise RuntimeError(said)
    saw = json.loads(said.splitlines()[-1])
    gained = {name: after["counters"][name] - before["counters"][name] for name in ("received", "forwarded")}
    gained["no_rule"] = after["counters"]["dropped"].get("no_rule", 0) - before["counters"]["dropped"].get("no_rule", 0)
    took = sorted(saw.pop("took")) or [float("inf")]
    return {**saw, **gained, "answered": len(took), "median": statistics.median(took), "late": took[len(took) * 99 // 100 - 1],
            "losses": losses(after), "busy": sum(lane["busy_cycles"] for lane in after["lanes"]) - sum(lane["busy_cycles"] for lane in before["lanes"])}


def shown(phase_):
    return (f"{phase_['answered']} of {phase_['asked']} answered, half within {phase_['median']:.2f} ms, 99 of 100 within {phase_['late']:.1f} ms; "
            f"{phase_['forwarded']} frames forwarded, {phase_['busy'] // max(phase_['received'], 1)} cycles each")


def unwritten():
    """Records made and not in the store, and those that it says it lost."""
    status = wardline.status()
    made = sum(count for type_, count in status["records"].items() if type_ != "device")
    return made - in_store("SELECT count(*) FROM record"), status["store"]["lost"]


def body(tell):
    begin_anew()
    ward = machines.devices()
    ward["tv"].lease()
    tv = wardline.wait_for(lambda: (record := wardline.record_of(ward["tv"])) and record["class"] == "smart-tv" and record, 20)
    tell(tv, "the TV is known", wardline.record_of(ward["tv"]))
    before = phase(ward["tv"], SECONDS)
    tell(before["answered"] == before["asked"] and not before["losses"], f"before: {shown(before)}", before)
    gap, lost = wardline.wait_for(lambda: (pair := unwritten())[0] == pair[1] and pair, 10) or unwritten()
    tell(gap == lost == 0, "before: every record is in the store", f"{gap} are not, {lost} counted as lost")

    newcomer = machines.plug_in("newcomer", "02:00:5e:10:00:77")
    with Held():
        held = phase(ward["tv"], HELD_SECONDS, newcomer.lease)
        status = wardline.status()
        known = wardline.record_of(newcomer)
        written = known and in_store("SELECT count(*) FROM device WHERE id = ?", known["device_id"])
    tell(status["store"]["failures"] > 0 and known and not written, "held: a device that comes is known and can't be written", status["store"])
    tell(held["answered"] == held["asked"] and not held["losses"], f"held: no frame is lost: {shown(held)}", held)
    tell(held["no_rule"] == held["blocked"], f"held: all {held['blocked']} datagrams that no rule allows are dropped", held)
    tell(held["median"] <= 2 * before["median"] + 1 and held["late"] < 250,  # the daemon waits 500 ms for the database
         "held: answers come as fast as before", f"{before}\n{held}")
    tallies = {name: status["counters"][name] for name in ("flow_records_lost", "violations_lost", "observations_lost")}
    tell(not any(tallies.values()), "held: the worker got rid of every event", tallies)
    tell(status["store"]["lost"] >= held["blocked"] // 2, f"held: {status['store']['lost']} records that can't be written are counted", status["store"])

    after = phase(ward["tv"], SECONDS)
    tell(after["answered"] == after["asked"] and not after["losses"], f"released: {shown(after)}", after)
    sent = before["blocked"] + held["blocked"] + after["blocked"]
    began = time.monotonic()
    attempts = lambda: in_store("SELECT total(packets) FROM conversation WHERE device_id = ? AND port = ?", tv["device_id"], BLOCKED_PORT)  # noqa: E731
    caught_up = wardline.wait_for(lambda: attempts() == sent, 30)
    tell(caught_up, f"released: the inventory has all {sent} attempts, those of the time it was held too, {time.monotonic() - began:.1f} s later",
         attempts())
    tell(known and in_store("SELECT count(*) FROM device WHERE id = ?", known["device_id"]), "released: and the device that came meanwhile")
    gap, lost = wardline.wait_for(lambda: (pair := unwritten())[0] == pair[1] and pair, 10) or unwritten()
    tell(gap == lost > 0, f"released: each of the {gap} records that are not in it was counted", f"{gap} are not, {lost} counted as lost")
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
