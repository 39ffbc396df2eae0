#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, FIN, PSH, SYN, TCP, Host, Wire, tcp_segment
from payloads import HTTP_REQUEST, HTTP_RESPONSE
from ward import GATEWAY, MONITOR, ROUTER, TV, WORKSTATION


def crosses(source, target, segment):
    """Up to the router; the caller sends it down again."""
    wire.ip(source, Host(ROUTER, target.ip), TCP, segment)


def comes_down(source, target, segment):
    wire.ip(Host(ROUTER, source.ip), target, TCP, segment)


def both(source, target, *content):
    segment = tcp_segment(source.ip, target.ip, *content)
    crosses(source, target, segment)
    comes_down(source, target, segment)


wire = Wire()
for device in (WORKSTATION, MONITOR, TV):
    wire.arp(device, GATEWAY)

asked, answered = len(HTTP_REQUEST), len(HTTP_RESPONSE)
both(WORKSTATION, MONITOR, 40001, 80, 100, 0, SYN)
both(MONITOR, WORKSTATION, 80, 40001, 500, 101, SYN | ACK)
both(WORKSTATION, MONITOR, 40001, 80, 101, 501, ACK)
both(WORKSTATION, MONITOR, 40001, 80, 101, 501, PSH | ACK, HTTP_REQUEST)
both(MONITOR, WORKSTATION, 80, 40001, 501, 101 + asked, PSH | ACK, HTTP_RESPONSE)
both(WORKSTATION, MONITOR, 40001, 80, 101 + asked, 501 + answered, FIN | ACK)
both(MONITOR, WORKSTATION, 80, 40001, 501 + answered, 102 + asked, FIN | ACK)
both(WORKSTATION, MONITOR, 40001, 80, 102 + asked, 502 + answered, ACK)

syn = tcp_segment(WORKSTATION.ip, TV.ip, 40002, 80, 100, 0, SYN)
crosses(WORKSTATION, TV, syn)
with wire.dropped():
    comes_down(WORKSTATION, TV, syn)

wire.save(__file__)
