#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Host, Wire, mac_bytes
from ward import GATEWAY, PUMP, STRANGER

SWITCH = Host("02:00:00:00:00:02")


def llc(target, content):
    """A frame with a length in place of the ethertype (IEEE 802.3)."""
    frame = mac_bytes(target) + mac_bytes(SWITCH.mac) + len(content).to_bytes(2, "big") + content
    wire.raw(frame + bytes(60 - len(frame)))


wire = Wire()
wire.arp(PUMP, GATEWAY)
wire.arp(STRANGER, GATEWAY)
wire.arp(GATEWAY, PUMP)
wire.ethernet(STRANGER, "01:80:c2:00:00:0e", 0x88CC, bytes.fromhex("0207040200000001990403077000060200780000"))  # LLDP
wire.ethernet(SWITCH, "01:80:c2:00:00:0e", 0x88CC, bytes.fromhex("0207040200000000020403077000060200780000"))
wire.ethernet(STRANGER, "01:80:c2:00:00:03", 0x888E, bytes.fromhex("01010000"))  # EAPOL start
wire.ethernet(SWITCH, STRANGER.mac, 0x888E, bytes.fromhex("010000050101000501"))  # and the switch's question
wire.ethernet(SWITCH, "01:80:c2:00:00:02", 0x8809, b"\x01\x01" + bytes(108))  # LACP
llc("01:80:c2:00:00:00", bytes.fromhex("424203") + bytes(35))  # STP
llc("01:00:0c:cc:cc:cd", bytes.fromhex("aaaa0300000c010b") + bytes(36))  # PVST+
llc("01:00:0c:cc:cc:cc", bytes.fromhex("aaaa0300000c2000") + bytes(30))  # CDP

wire.save(__file__)
