#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import ACK, TCP, Host, Wire, ip_packet, tcp_segment
from payloads import client_hello, server_hello
from ward import GATEWAY, INTERNET, PUMP, PUMP_SERVER, ROUTER

ON_THE_WAY = Host(ROUTER, "10.40.255.1")


def too_big(server, client_port, server_port, bytes_quoted=28):
    quoted = ip_packet(PUMP.ip, server.ip, TCP, tcp_segment(PUMP.ip, server.ip, client_port, server_port, 1001, 1, ACK))
    wire.icmp(ON_THE_WAY, PUMP, 3, 4, 1400, quoted[:bytes_quoted])


wire = Wire()
wire.arp(PUMP, GATEWAY)
talk = wire.tcp(PUMP, PUMP_SERVER, 443, client_port=40001)
talk.send(client_hello())
talk.answer(server_hello())
too_big(PUMP_SERVER, 40001, 443)
with wire.dropped():
    too_big(INTERNET, 40002, 443)
    too_big(PUMP_SERVER, 40003, 23)
    too_big(PUMP_SERVER, 40001, 443, bytes_quoted=20)
talk.close()

wire.save(__file__)
