#!/usr/bin/python3
"""Clients that no small package brings, run on a machine of the lab.

  client.py hl7 HOST PORT KIND CONTROL_ID   sends one message over MLLP, prints the acknowledgement
  client.py ntp HOST                        asks the time, prints the difference to the own clock in seconds
  client.py stream HOST PORT SECONDS        sends numbered HL7 messages on one connection, prints how many were acknowledged
  client.py count HOST PORT SECONDS         as `stream`, but with a connection a message
  client.py ticks HOST SECONDS              asks the time 100 times a second, prints how often, and how many answers came
"""
import socket
import struct
import sys
import time

START, END = b"\x0b", b"\x1c\x0d"
BODIES = {
    "pump": ("PUMP", "ORU^R01", "OBX|1|NM|158007^MDC_FLOW_FLUID_PUMP^MDC||12.5|265266^MDC_DIM_MILLI_L_PER_HR^MDC|||||R"),
    "monitor": ("MONITOR", "ORU^R01", "OBX|1|NM|147842^MDC_ECG_HEART_RATE^MDC||72|264864^MDC_DIM_BEAT_PER_MIN^MDC|||||R"),
    "analyser": ("ANALYSER", "OUL^R22", "OBX|1|NM|2345-7^Glucose^LN||5.1|mmol/L|||||F"),
    "bed": ("BED", "ORU^R01", "OBX|1|ST|BED^Side rail^L||UP||||||R"),
}


def message(kind, control_id):
    sender, event, result = BODIES[kind]
    stamp = time.strftime("%Y%m%d%H%M%S")
    lines = [f"MSH|^~\\&|{sender}|WARD4B|GATEWAY|HOSPITAL|{stamp}||{event}|{control_id}|P|2.6", "PID|||LAB-1", "OBR|1", result]
    return START + "\r".join(lines).encode() + b"\r" + END


def exchange(link, kind, control_id):
    link.sendall(message(kind, control_id))
    answer = b""
    while END not in answer:
        part = link.recv(4096)
        if not part:
            raise ConnectionError("the gateway closed the connection before its acknowledgement")
        answer += part
    return answer.strip(START + END).decode()


def hl7(host, port, kind, control_id):
    with socket.create_connection((host, int(port)), 5) as link:
        print(exchange(link, kind, control_id).replace("\r", "\n"))


def ntp(host):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.settimeout(3)
        link.connect((host, 123))
        link.send(b"\x23" + bytes(39) + struct.pack("!II", int(time.time()) + 2208988800, 0))  # version 4, mode 3
        answer = link.recv(512)
    seconds, fraction = struct.unpack("!II", answer[40:48])
    print(f"{seconds - 2208988800 + fraction / 2**32 - time.time():+.3f}")


def stream(host, port, seconds):
    end, done = time.monotonic() + float(seconds), 0
    with socket.create_connection((host, int(port)), 5) as link:
        link.settimeout(30)  # a first start compiles all signatures, and TCP then waits its own time
        while time.monotonic() < end:
            exchange(link, "monitor", f"S{done}")
            done += 1
            time.sleep(0.005)
    print(done)


def count(host, port, seconds):
    end, done = time.monotonic() + float(seconds), 0
    while time.monotonic() < end:
        with socket.create_connection((host, int(port)), 10) as link:
            link.settimeout(10)
            exchange(link, "monitor", f"C{done}")
        done += 1
        time.sleep(0.02)
    print(done)


def ticks(host, seconds):
    """Over UDP nobody repeats what is lost: each packet that does not cross is an answer that is missing."""
    end, sent, answers = time.monotonic() + float(seconds), 0, set()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as link:
        link.connect((host, 123))
        while time.monotonic() < end:
            link.send(b"\x23" + bytes(39) + struct.pack("!II", 1, sent))
            sent += 1
            link.settimeout(0.01)
            collect(link, answers)
        link.settimeout(1)
        collect(link, answers)
    print(sent, len(answers))


def collect(link, answers):
    """Takes the answers that come until none came for the time-out; the request's stamp comes back as the originate stamp."""
    try:
        while True:
            answers.add(link.recv(512)[24:32])
    except TimeoutError:
        pass


{"hl7": hl7, "ntp": ntp, "stream": stream, "count": count, "ticks": ticks}[sys.argv[1]](*sys.argv[2:])
