"""`hospital`: what a ward's devices say in a day, seeded: HTTP, TLS, HL7 over MLLP, DICOM, DNS, MQTT and BACnet, from the
first frame to the last. Sizes are drawn; the servers are those of the shipped policy."""
import struct

from .wire import CORE, Ends, TcpSession, UdpSession, address

WORDS = ("patient ward infusion rate volume dose alarm silence battery pressure saturation pulse record order result "
         "study image series report normal elevated temperature sample barcode reagent rack lot expiry").split()


def text(random, size):
    words = []
    length = 0
    while length < size:
        words.append(random.choice(WORDS))
        length += len(words[-1]) + 1
    return " ".join(words)[:size].encode()


def drawn(random, median, sigma, most):
    return min(most, int(median * random.lognormvariate(0, sigma)))


def http(session, random):
    for _ in range(random.randint(1, 3)):
        path = "/".join(random.choices(WORDS, k=3))
        session.say(True, f"GET /{path} HTTP/1.1\r\nHost: record.example\r\nUser-Agent: workstation\r\nAccept: */*\r\n"
                          f"Cookie: session={random.getrandbits(128):032x}\r\n\r\n".encode(), acknowledged=False)
        body = text(random, drawn(random, 13_000, 0.9, 60_000))
        session.say(False, f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n".encode() +
                    body)


def tls_record(kind, body):
    return bytes([kind, 3, 3]) + len(body).to_bytes(2, "big") + body


def tls_handshake(kind, versions, key_share, random, ciphers):
    name = b"pump-server.example"
    server_name = struct.pack(">HHHBH", 0, len(name) + 5, len(name) + 3, 0, len(name)) + name
    extensions = (server_name if kind == 1 else b"") + versions + key_share + random.randbytes(32)
    hello = b"\x03\x03" + random.randbytes(32) + b"\x20" + random.randbytes(32) + ciphers
    hello += len(extensions).to_bytes(2, "big") + extensions
    return tls_record(22, bytes([kind]) + len(hello).to_bytes(3, "big") + hello)


def tls(session, random):
    """TLS 1.3: what follows the hellos is encrypted, so its bytes are random."""
    changed = tls_record(20, b"\x01")
    session.say(True, tls_handshake(1, bytes.fromhex("002b0003020304" "000a00040002001d" "000d000400020403"),
                                    bytes.fromhex("003300260024001d0020"), random,
                                    bytes.fromhex("0004130113020100")), acknowledged=False)
    session.say(False, tls_handshake(2, bytes.fromhex("002b00020304"), bytes.fromhex("00330024001d0020"), random,
                                     bytes.fromhex("130100")) +
                changed + tls_record(23, random.randbytes(random.randint(1_200, 3_500))), acknowledged=False)
    session.say(True, changed + tls_record(23, random.randbytes(53)), acknowledged=False)
    for from_client in (True, False):
        left = drawn(random, 1_200 if from_client else 13_000, 0.9, 120_000)
        records = []
        while left > 0:
            records.append(tls_record(23, random.randbytes(min(left, 16_384) + 17)))
            left -= 16_384
        session.say(from_client, b"".join(records), acknowledged=not from_client)


def hl7(session, random):
    for _ in range(random.randint(1, 5)):
        control = f"{random.getrandbits(40):010X}"
        lines = [f"MSH|^~\\&|PUMP|ICU|HL7GW|HOSP|20250101120000||ORU^R01|{control}|P|2.6",
                 f"PID|1||{random.randint(10**6, 10**7)}^^^HOSP^MR||DOE^JANE", "OBR|1|||INFUSION"]
        lines += [f"OBX|{n}|NM|{random.choice(WORDS)}^^MDC||{random.randint(1, 400)}|mL/h|||||F"
                  for n in range(1, random.randint(6, 40))]
        session.say(True, b"\x0b" + "\r".join(lines).encode() + b"\r\x1c\r", acknowledged=False)
        session.say(False, b"\x0bMSH|^~\\&|HL7GW|HOSP|PUMP|ICU|20250101120000||ACK^R01|" + control.encode() +
                    b"|P|2.6\rMSA|AA|" + control.encode() + b"\r\x1c\r")


def dicom_item(kind, body):
    return bytes([kind, 0]) + len(body).to_bytes(2, "big") + body


def dicom_associate(kind, syntax):
    body = b"\0\x01\0\0" + b"ARCHIVE".ljust(16) + b"CT01".ljust(16) + bytes(32)
    body += dicom_item(0x10, b"1.2.840.10008.3.1.1.1")
    context = b"\x01\0\0\0" + (dicom_item(0x30, syntax) if kind == 1 else b"") + dicom_item(0x40, b"1.2.840.10008.1.2")
    body += dicom_item(0x20 if kind == 1 else 0x21, context)
    body += dicom_item(0x50, dicom_item(0x51, (16_384).to_bytes(4, "big")))
    return bytes([kind, 0]) + len(body).to_bytes(4, "big") + body


def dicom_data(control, body):
    value = bytes([1, control]) + body
    return struct.pack(">BBII", 4, 0, len(value) + 4, len(value)) + value


def dicom_element(group, element, value):
    return struct.pack("<HHI", group, element, len(value) + len(value) % 2) + value + b"\0" * (len(value) % 2)


def dicom_command(number, syntax, further=b""):
    rest = dicom_element(0, 2, syntax) + dicom_element(0, 0x100, struct.pack("<H", number)) + further
    return dicom_element(0, 0, struct.pack("<I", len(rest))) + rest


def dicom(session, random):
    syntax = b"1.2.840.10008.5.1.4.1.1.2"
    instance = f"1.2.826.0.1.3680043.{random.getrandbits(48)}".encode()
    session.say(True, dicom_associate(1, syntax), acknowledged=False)
    session.say(False, dicom_associate(2, syntax), acknowledged=False)
    store = dicom_command(1, syntax, dicom_element(0, 0x110, b"\1\0") + dicom_element(0, 0x700, b"\0\0") +
                          dicom_element(0, 0x800, b"\1\0") + dicom_element(0, 0x1000, instance))
    head = dicom_element(8, 0x16, syntax) + dicom_element(8, 0x18, instance) + dicom_element(8, 0x60, b"CT")
    pixels = random.randbytes(drawn(random, 80_000, 0.8, 300_000) // 2 * 2)
    head += dicom_element(0x10, 0x10, b"DOE^JANE") + dicom_element(0x7FE0, 0x10, pixels)
    parts = [head[start:start + 16_000] for start in range(0, len(head), 16_000)]
    data = b"".join(dicom_data(2 if part is parts[-1] else 0, part) for part in parts)
    session.say(True, dicom_data(3, store) + data, acknowledged=False)
    done = dicom_command(0x8001, syntax, dicom_element(0, 0x120, b"\1\0") + dicom_element(0, 0x800, b"\1\1") +
                         dicom_element(0, 0x900, b"\0\0") + dicom_element(0, 0x1000, instance))
    session.say(False, dicom_data(3, done), acknowledged=False)
    session.say(True, bytes.fromhex("05000000000400000000"), acknowledged=False)
    session.say(False, bytes.fromhex("06000000000400000000"))


def dns(session, random):
    name = f"{random.choice(WORDS)}-{random.randint(1, 400)}.example"
    question = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + bytes.fromhex("0000010001")
    number = random.randbytes(2)
    session.say(True, number + bytes.fromhex("01000001000000000000") + question)
    session.say(False, number + bytes.fromhex("81800001000100000000") + question +
                bytes.fromhex("c00c000100010000012c0004") + random.randbytes(4))


def mqtt(session, random):
    name = f"bed-{random.randint(1, 900)}".encode()
    body = bytes.fromhex("00044d5154540402003c") + len(name).to_bytes(2, "big") + name
    session.say(True, b"\x10" + bytes([len(body)]) + body, acknowledged=False)
    session.say(False, b"\x20\x02\0\0")
    for number in range(random.randint(2, 12)):
        topic = f"beds/{name.decode()}/{random.choice(WORDS)}".encode()
        body = len(topic).to_bytes(2, "big") + topic + (number + 1).to_bytes(2, "big")
        body += f'{{"value":{random.randint(0, 300)},"unit":"mmHg"}}'.encode()
        session.say(True, b"\x32" + bytes([len(body)]) + body, acknowledged=False)
        session.say(False, b"\x40\x02" + (number + 1).to_bytes(2, "big"))


def bacnet(session, random):
    for number in range(random.randint(2, 8)):
        thing = b"\x0c" + random.randint(0, 200).to_bytes(4, "big") + b"\x19\x55"
        question = b"\x01\x04\0\x05" + bytes([number]) + b"\x0c" + thing
        answer = b"\x01\x00\x30" + bytes([number]) + b"\x0c" + thing + b"\x3e\x44" + struct.pack(
            ">f", random.random() * 30) + b"\x3f"
        for from_client, message in ((True, question), (False, answer)):
            session.say(from_client, b"\x81\x0a" + (4 + len(message)).to_bytes(2, "big") + message)


# Of a hundred sessions: how many, what they are, with whom, who opens them.
MIX = [
    (28, http, TcpSession, "10.40.1.30", 80, False),
    (14, tls, TcpSession, "10.40.2.5", 443, False),
    (22, hl7, TcpSession, "10.40.2.9", 2575, False),
    (6, dicom, TcpSession, "10.30.1.20", 104, False),
    (18, dns, UdpSession, "10.40.0.2", 53, False),
    (7, mqtt, TcpSession, "10.40.2.20", 1883, False),
    (5, bacnet, UdpSession, "10.50.2.10", 47808, True),
]


def sessions(count, devices, random):
    each = -(-count // devices)
    kinds = random.choices(MIX, weights=[kind[0] for kind in MIX], k=count)
    for number, (_, speak, transport, peer, port, from_core) in enumerate(kinds):
        ends = Ends(number % devices, address(peer), 1024 + number // devices, port,
                    client_leg=CORE if from_core else 0, port_step=each)
        session = transport(ends, random)
        speak(session, random)
        yield session.close() if transport is TcpSession else session.finish()
