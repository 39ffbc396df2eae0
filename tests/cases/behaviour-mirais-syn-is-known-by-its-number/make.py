#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import SYN, TCP, Host, Wire, ip_bytes, tcp_segment
from ward import GATEWAY, ROUTER, TV

wire = Wire()
wire.arp(TV, GATEWAY)
with wire.dropped():
    for last, own in ((1, False), (2, True), (3, True), (4, True)):
        target = Host(ROUTER, f"10.77.3.{last}")
        number = int.from_bytes(ip_bytes(target.ip), "big") if own else 4711
        wire.ip(TV, target, TCP, tcp_segment(TV.ip, target.ip, 41_000 + last, 23, number, 0, SYN))
wire.save(__file__)
