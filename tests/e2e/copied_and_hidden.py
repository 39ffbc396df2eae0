#!/usr/bin/python3
"""A machine that has taken a pump's MAC is found at its first lease and keeps what a patient depends on; machines behind a router that
hides them (NAT) are found by their openings."""
# test: scripts/lab {me}
import datetime
import subprocess
import time

import lab  # noqa: F401
import machines
import told
import wardline

LIBRARY = f"http://{machines.WEB}/library.bin"  # a rule of pumps that is not essential
ROUTER_MAC = "98:e7:43:10:00:31"
LINUX_PARAMETERS = "1,28,2,3,15,6,119,12,44,47,26,121,42"  # what dhclient asks for by itself


def findings_of(device_id, kind):
    return wardline.records("finding", "list", "--device", device_id, "--kind", kind)


def time_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def a_pump_at_work(tell, pump):
    pump.lease()
    pump.send_hl7("pump", "COPY-1")
    pump.fetch(f"{machines.PUMP_SERVER}/library.bin")
    record = wardline.wait_for(lambda: (found := wardline.record_of(pump)) and found["class"] == "infusion-pump" and found)
    tell(record, "the pump is known as a pump", wardline.record_of(pump))
    tell(pump.fetch(LIBRARY)[0], "it fetches its library over HTTP, which is not essential")
    tell(not findings_of(record["id"], "forged_mac"), "nothing speaks against its MAC")
    return record["id"]


def copied_mac(tell, pump):
    device_id = a_pump_at_work(tell, pump)
    subprocess.run(["ip", "-n", pump.name, "link", "set", "eth0", "down"], check=True)
    copy = machines.plug_in("copy", pump.mac)
    copy.parameters = LINUX_PARAMETERS
    begun = time.monotonic()
    ok, said = copy.lease()
    tell(ok, "a Linux host with the pump's MAC gets a lease", said)
    found = wardline.wait_for(lambda: findings_of(device_id, "forged_mac"))
    tell(found, f"it is found as a forged MAC, {time.monotonic() - begun:.2f} s after it was told to ask for its lease")
    held = wardline.wait_for(lambda: wardline.quarantines_of(device_id))
    tell(held and held[0]["profile"] == "contain", "and is contained", held)
    evidence = next(piece for piece in wardline.record_of(pump)["evidence"] if piece["value"] == LINUX_PARAMETERS)
    apart = (time_of(held[0]["time"]) - time_of(evidence["first_seen"])).total_seconds()
    tell(apart < 0.5, f"the quarantine began {apart * 1000:.1f} ms after the first evidence against it ({evidence['first_seen']})")
    tell(not copy.fetch(LIBRARY, 3)[0], "the library over HTTP is cut")
    tell(not copy.fetch(f"http://{machines.INTERNET}/", 3)[0], "so is everything else")
    tell(copy.send_hl7("pump", "COPY-2")[0], "HL7, which is essential, goes on: it may be the pump after all")
    tell(copy.fetch(f"{machines.PUMP_SERVER}/library.bin")[0], "and so does the pump server")
    tell(copy.lease()[0], "and its lease is renewed")


def hidden_machines():
    """Two machines of different systems behind a ward machine that hides them."""
    router = machines.plug_in("router", ROUTER_MAC)
    router.lease()
    subprocess.run(["bash", "-c", r'''
        . "$0/plan.sh"; . "$0/network.sh"
        for number in 1 2; do
          machine=hidden-$number
          mkdir -p "$LAB_WORK/machines/$machine"; : >"$LAB_WORK/machines/$machine/resolv.conf"
          silent_namespace "$machine"
          cable "$machine" eth0 router "inside$number" 1500
          ip -n router address add "192.168.7$number.1/24" dev "inside$number"
          ip -n router link set "inside$number" up
          ip -n "$machine" address add "192.168.7$number.2/24" dev eth0
          ip -n "$machine" link set eth0 up
          ip -n "$machine" route add default via "192.168.7$number.1"
        done
        ip netns exec hidden-2 sysctl -qw net.ipv4.ip_default_ttl=128
        ip netns exec router sysctl -qw net.ipv4.ip_forward=1
        ip netns exec router nft -f - <<<'table ip hide { chain out { type nat hook postrouting priority 100; oif eth0 masquerade; }; };'
        ''', machines.HERE], check=True)
    return router, [machines.Device(f"hidden-{number}", "", "", "", "", "") for number in (1, 2)]


def hidden_router(tell):
    router, hidden = hidden_machines()
    begun = time.monotonic()
    for _ in range(3):
        for machine in hidden:
            machine.fetch(f"http://{machines.WEB}/", 1)
    record = wardline.record_of(router)
    found = record and wardline.wait_for(lambda: findings_of(record["id"], "hidden_router"))
    tell(found, f"two machines behind one address are found as a hidden router, {time.monotonic() - begun:.2f} s after the first spoke",
         record)
    text = found[0]["explanation"] if found else ""
    tell("64 hops" in text and "128 hops" in text and "from behind 1 router" in text, "the finding says how they differ", text)
    taken = {finding["device_id"] for finding in wardline.records("finding", "list", "--kind", "hidden_router")}
    tell(taken == {record["id"]}, "no other device of the ward is taken for one", taken)


def body(tell):
    ward = machines.devices()
    for name in ("monitor", "workstation", "tv"):
        ward[name].lease()
        ward[name].fetch(f"http://{machines.WEB}/", 2)
    hidden_router(tell)
    copied_mac(tell, ward["pump"])
    came, went = wardline.accounting()
    tell(came == went, "received + created = forwarded + dropped + held", f"{came}, {went}")


told.run(body)
