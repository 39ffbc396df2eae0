#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SECOND, Host, Wire
from payloads import dns_answer, dns_question
from ward import GATEWAY, MONITOR, NAME_SERVER, PUMP, ROUTER, TV, WORKSTATION

PUMP_2 = Host("02:00:00:00:01:06", "10.20.1.16")
VIRTUAL_ROUTER = Host("00:00:5e:00:01:0a", "10.20.1.2")  # VRRP (RFC 9568 section 7.3)

wire = Wire()


def asks(wing, device, core=(ROUTER,)):
    """For a name, as it does every ten seconds."""
    with wire.bundle(wing, core):
        port = wire.client_port()
        wire.udp(device, NAME_SERVER, port, 53, dns_question())
        wire.udp(NAME_SERVER, device, 53, port, dns_answer())
    wire.wait(10 * SECOND)


for _ in range(4):
    asks("east", PUMP)
    asks("west", PUMP)
for wing in ("east", "west", "east", "west", "east"):
    for _ in range(3):
        asks(wing, PUMP_2)
for _ in range(4):
    asks("east", WORKSTATION)
    with wire.bundle("east", core=(ROUTER,)):
        wire.arp(WORKSTATION, GATEWAY)
    with wire.bundle("west", core=(ROUTER, WORKSTATION.mac)):
        wire.arp(WORKSTATION, GATEWAY)
for _ in range(4):
    asks("east", MONITOR)
    with wire.bundle("east", core=(ROUTER,)):
        wire.udp(MONITOR, TV, 40_000, 4_000, b"hello")
    with wire.bundle("east", core=(ROUTER, MONITOR.mac)):
        wire.udp(MONITOR, TV, 40_000, 4_000, b"hello")
    with wire.bundle("east", core=(ROUTER,)):
        wire.udp(Host(ROUTER, MONITOR.ip), TV, 40_000, 4_000, b"hello")
for _ in range(4):
    asks("east", VIRTUAL_ROUTER)
    asks("west", VIRTUAL_ROUTER)
wire.save(__file__)
