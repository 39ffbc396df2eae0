#!/usr/bin/python3
"""hl7_listener.py FILE PORT: takes HL7 v2 messages over MLLP, appends each to FILE as a JSON line, answers with an ACK."""
import json
import socketserver
import sys
import threading

START, END = b"\x0b", b"\x1c\x0d"
writing = threading.Lock()


def acknowledge(message):
    """The ACK to a message: sender and receiver change places, MSA names the message's control id."""
    header = message.split("\r")[0].split("|")
    header += [""] * (12 - len(header))
    ack = ["MSH", header[1], header[4], header[5], header[2], header[3], header[6], "", "ACK", "A" + header[9], header[10], header[11]]
    return "|".join(ack) + "\rMSA|AA|" + header[9] + "\r"


class Connection(socketserver.BaseRequestHandler):
    def handle(self):
        pending = b""
        while chunk := self.request.recv(65536):
            pending += chunk
            while END in pending:
                frame, pending = pending.split(END, 1)
                self.take(frame.lstrip(START).decode("utf-8", "replace"))

    def take(self, message):
        with writing, open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(json.dumps({"from": self.client_address[0], "message": message}) + "\n")
        self.request.sendall(START + acknowledge(message).encode() + END)


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Listener(("", int(sys.argv[2])), Connection).serve_forever()
