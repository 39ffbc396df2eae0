#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import FILE_SERVER, GATEWAY, WORKSTATION

MEDIA = b"\x80\x60\x00\x01" + bytes(range(60))
REPORT = b"\x80\xca\x00\x03" + bytes(12)
URL = "rtsp://10.40.1.10/film"

wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
talk = wire.tcp(WORKSTATION, FILE_SERVER, 554)
talk.send(f"OPTIONS {URL} RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode())
talk.answer(b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nPublic: SETUP, PLAY\r\n\r\n")
talk.send(f"SETUP {URL} RTSP/1.0\r\nCSeq: 2\r\nTransport: RTP/AVP;unicast;client_port=50000-50001\r\n\r\n".encode())
talk.answer(b"RTSP/1.0 200 OK\r\nCSeq: 2\r\nTransport: RTP/AVP;unicast;client_port=50000-50001;server_port=6970-6971\r\n\r\n")
wire.udp(FILE_SERVER, WORKSTATION, 6970, 50000, MEDIA)
wire.udp(WORKSTATION, FILE_SERVER, 50001, 6971, REPORT)
wire.udp(FILE_SERVER, WORKSTATION, 6971, 50001, REPORT)
# Media within the connection itself announce nothing.
talk.send(f"SETUP {URL}/2 RTSP/1.0\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n".encode())
talk.answer(b"RTSP/1.0 200 OK\r\nCSeq: 3\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n")
with wire.dropped():
    wire.udp(FILE_SERVER, WORKSTATION, 6970, 50002, MEDIA)
    wire.udp(WORKSTATION, FILE_SERVER, 50000, 6990, MEDIA)

wire.save(__file__)
