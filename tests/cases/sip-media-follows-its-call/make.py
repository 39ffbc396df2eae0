#!/usr/bin/python3
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from frames import Wire
from ward import FILE_SERVER, GATEWAY, INTERNET, WORKSTATION

MEDIA = b"\x80\x65\x00\x01" + bytes(range(60))  # RTP with a dynamic payload type (RFC 3550 section 5.1)
REPORT = b"\x80\xca\x00\x03" + bytes(12)


def description(host, port):
    return (f"v=0\r\no=- 1 1 IN IP4 {host.ip}\r\ns=-\r\nc=IN IP4 {host.ip}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 101\r\na=rtpmap:101 opus/48000/2\r\n")


def message(start, body=""):
    head = "Via: SIP/2.0/UDP 10.20.1.15:5060\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n"
    if body:
        head += "Content-Type: application/sdp\r\n"
    return f"{start}\r\n{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()


wire = Wire()
wire.arp(WORKSTATION, GATEWAY)
call = lambda text: wire.udp(WORKSTATION, FILE_SERVER, 5060, 5060, text)
tell = lambda text: wire.udp(FILE_SERVER, WORKSTATION, 5060, 5060, text)
call(message("INVITE sip:4711@10.40.1.10 SIP/2.0", description(WORKSTATION, 49170)))
tell(message("SIP/2.0 180 Ringing"))
with wire.dropped():
    wire.udp(WORKSTATION, FILE_SERVER, 49170, 20000, MEDIA)  # not announced yet
wire.wait(90 * 1_000_000_000)
tell(message("SIP/2.0 200 OK", description(FILE_SERVER, 20002)))
call(message("ACK sip:4711@10.40.1.10 SIP/2.0"))
for _ in range(3):
    wire.udp(WORKSTATION, FILE_SERVER, 49170, 20002, MEDIA)
    wire.udp(FILE_SERVER, WORKSTATION, 20002, 49170, MEDIA)
wire.udp(FILE_SERVER, WORKSTATION, 20003, 49171, REPORT)
wire.udp(WORKSTATION, FILE_SERVER, 49171, 20003, REPORT)
with wire.dropped():
    wire.udp(WORKSTATION, FILE_SERVER, 49172, 20010, MEDIA)
    wire.udp(FILE_SERVER, WORKSTATION, 20002, 49180, MEDIA)
    wire.udp(WORKSTATION, INTERNET, 49170, 20002, MEDIA)

wire.save(__file__)
