#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Host, SECOND, Wire
from ward import FILE_SERVER, GATEWAY, SIGNAGE_SERVER, TV

GROUP = Host("01:00:5e:7f:ff:fa", "239.255.255.250")

wire = Wire()
wire.arp(TV, GATEWAY)
wire.udp(TV, GROUP, 45000, 3702, b"<Probe/>")
wire.udp(SIGNAGE_SERVER, TV, 3702, 45000, b"<ProbeMatches/>")
wire.udp(FILE_SERVER, TV, 51000, 45000, b"<ProbeMatches/>")
wire.udp(TV, FILE_SERVER, 45000, 51000, b"<Resolve/>")
with wire.dropped():
    wire.udp(FILE_SERVER, TV, 51000, 45001, b"<ProbeMatches/>")
    wire.wait(11 * SECOND)
    wire.udp(FILE_SERVER, TV, 51001, 45000, b"<ProbeMatches/>")

wire.save(__file__)
