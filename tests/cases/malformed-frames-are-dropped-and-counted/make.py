#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import struct

from frames import ACK, SYN, TCP, UDP, Wire, ethernet, ip_packet, tcp_segment, udp_datagram
from payloads import client_hello
from ward import GATEWAY, PUMP, PUMP_SERVER


def put(packet, ethertype=0x0800):
    wire.ethernet(PUMP, PUMP_SERVER.mac, ethertype, packet)


wire = Wire()
wire.arp(PUMP, GATEWAY)
segment = tcp_segment(PUMP.ip, PUMP_SERVER.ip, 40000, 443, 1, 1, SYN, client_hello())
good = ip_packet(PUMP.ip, PUMP_SERVER.ip, TCP, segment)
with wire.dropped():
    wire.raw(ethernet(PUMP.mac, PUMP_SERVER.mac, 0x0800, b"")[:13])
    put(b"\x44" + good[1:])
    put(b"\x4f" + good[1:20])
    put(good[:2] + struct.pack(">H", 4000) + good[4:])
    put(ip_packet(PUMP.ip, PUMP_SERVER.ip, TCP, segment[:16]))
    put(ip_packet(PUMP.ip, PUMP_SERVER.ip, TCP, segment[:12] + b"\xf0" + segment[13:20]))
    datagram = udp_datagram(PUMP.ip, PUMP_SERVER.ip, 40001, 443, bytes(20))
    put(ip_packet(PUMP.ip, PUMP_SERVER.ip, UDP, datagram[:4] + struct.pack(">H", 600) + datagram[6:]))
    put(struct.pack(">IHBB", 0x60000000, 1000, TCP, 64) + bytes(32) + segment, 0x86DD)
    wire.raw(ethernet(PUMP.mac, PUMP_SERVER.mac, 0x0800, good)[:70], wire_length=1514)

put(good[:10] + b"\xff\xff" + good[12:])  # a wrong header checksum
put(ip_packet(PUMP.ip, PUMP_SERVER.ip, TCP, tcp_segment(PUMP.ip, PUMP_SERVER.ip, 40002, 443, 1, 1, 0)))
talk = wire.tcp(PUMP, PUMP_SERVER, 443)
talk.send(client_hello())

wire.save(__file__)
