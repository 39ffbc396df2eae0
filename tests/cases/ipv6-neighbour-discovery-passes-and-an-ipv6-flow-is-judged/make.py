#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import struct

from frames import ICMP6, Host, Wire, icmp6_message, ip_bytes, ip_packet, mac_bytes
from payloads import client_hello, server_hello
from ward import PUMP as PUMP4
from ward import ROUTER as ROUTER_MAC

PUMP = Host(PUMP4.mac, "2001:db8:20::11")
LINK_LOCAL = Host(PUMP4.mac, "fe80::ff:fe00:101")
NOTHING_YET = Host(PUMP4.mac, "::")
ROUTER = Host(ROUTER_MAC, "fe80::1")
PUMP_SERVER = Host(ROUTER_MAC, "2001:db8:40::5")
SOLICITED = Host("33:33:ff:00:00:11", "ff02::1:ff00:11")
ALL_NODES = Host("33:33:00:00:00:01", "ff02::1")
ALL_ROUTERS = Host("33:33:00:00:00:02", "ff02::2")
MLD_ROUTERS = Host("33:33:00:00:00:16", "ff02::16")


def link_address(kind, host):
    return bytes([kind, 1]) + mac_bytes(host.mac)


wire = Wire()
wire.icmp6(NOTHING_YET, SOLICITED, 135, 0, bytes(4) + ip_bytes(PUMP.ip))  # is the address free?
wire.icmp6(LINK_LOCAL, ALL_ROUTERS, 133, 0, bytes(4) + link_address(1, PUMP))
wire.icmp6(ROUTER, ALL_NODES, 134, 0, struct.pack(">BBHII", 64, 0, 1800, 0, 0) + link_address(1, ROUTER))
listens = icmp6_message(LINK_LOCAL.ip, MLD_ROUTERS.ip, 143, 0, struct.pack(">HH", 0, 1) + b"\x04\0\0\0" + ip_bytes(SOLICITED.ip))
wire.ip(LINK_LOCAL, MLD_ROUTERS, 0, b"\x3a\0\x05\x02\0\0\x01\0" + listens, hop_limit=1)  # behind a router alert
wire.icmp6(PUMP, Host(ROUTER_MAC, ROUTER.ip), 135, 0, bytes(4) + ip_bytes(ROUTER.ip) + link_address(1, PUMP))
wire.icmp6(ROUTER, PUMP, 136, 0, b"\xe0\0\0\0" + ip_bytes(ROUTER.ip) + link_address(2, ROUTER))

talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())
talk.answer(server_hello())
talk.close()
with wire.dropped():
    wire.syn(PUMP, PUMP_SERVER, 23, times=2)

wire.save(__file__)
