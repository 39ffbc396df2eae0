"""First bytes of the applications that the cases speak."""
import struct


def client_hello():
    """TLS 1.2 (RFC 5246 section 7.4.1.2), one cipher suite, no extensions."""
    body = b"\x03\x03" + b"\x5a" * 32 + b"\x00" + b"\x00\x02\xc0\x2f" + b"\x01\x00"
    hand = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack(">H", len(hand)) + hand


def server_hello():
    body = b"\x03\x03" + b"\xa5" * 32 + b"\x00" + b"\xc0\x2f" + b"\x00"
    hand = b"\x02" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x03" + struct.pack(">H", len(hand)) + hand


def tls_data(size=200):
    return b"\x17\x03\x03" + struct.pack(">H", size) + bytes(i * 7 % 251 for i in range(size))


SSH_SERVER = b"SSH-2.0-OpenSSH_9.2p1\r\n"
SSH_CLIENT = b"SSH-2.0-PuTTY_Release_0.78\r\n"
TELNET_SERVER = bytes.fromhex("fffd18fffd20fffd23fffd27")
TELNET_CLIENT = bytes.fromhex("fffc18fffc20fffc23fffc27")
HTTP_REQUEST = b"GET /programme HTTP/1.1\r\nHost: signage.test\r\n\r\n"
HTTP_RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


def hl7_message(number=1):
    text = f"MSH|^~\\&|MON|4B|GW|H|20261005||ORU^R01^ORU_R01|{number}|P|2.6\rOBX|1|NM|HR||72\r"
    return b"\x0b" + text.encode() + b"\x1c\r"


def hl7_acknowledgement(number=1):
    return b"\x0b" + f"MSH|^~\\&|GW|H|MON|4B|20261005||ACK|{number}|P|2.6\rMSA|AA|{number}\r".encode() + b"\x1c\r"


def dns_question(name="gateway.test"):
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    return b"\x1a\x2b\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00" + labels + b"\x00\x01\x00\x01"


def dns_answer(name="gateway.test", ip=b"\x0a\x28\x02\x09"):
    question = dns_question(name)
    return question[:2] + b"\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00" + question[12:] + \
        b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04" + ip


def dhcp(operation, kind, mac, given=b"\0\0\0\0", has=b"\0\0\0\0", options=b""):
    """BOOTP with the message type (RFC 2131 section 2): operation 1 asks, 2 answers; kind 1 discover, 2 offer, 3 request, 5 ack."""
    head = struct.pack(">BBBBIHH", operation, 1, 6, 0, 0x3903F326, 0, 0) + has + given + bytes(8)
    return head + bytes.fromhex(mac.replace(":", "")) + bytes(10) + bytes(192) + b"\x63\x82\x53\x63" + bytes([53, 1, kind]) + \
        options + b"\xff"


def dhcp_client(parameters, vendor_class=""):
    """What a client says of itself: the options it asks for (55) and, where it has one, its vendor class (60)."""
    said = bytes([55, len(parameters), *parameters])
    return said + bytes([60, len(vendor_class)]) + vendor_class.encode() if vendor_class else said


def modbus(number, function, rest):
    """Transaction number, protocol 0, length, unit 1, function (MODBUS Messaging on TCP/IP v1.0b section 3.1.3)."""
    return struct.pack(">HHHBB", number, 0, 2 + len(rest), 1, function) + rest


def client_hello_for(name):
    """As client_hello, with the name of the server (RFC 6066 section 3)."""
    entry = b"\0" + struct.pack(">H", len(name)) + name.encode()
    listed = struct.pack(">H", len(entry)) + entry
    extensions = struct.pack(">HH", 0, len(listed)) + listed
    body = b"\x03\x03" + b"\x5a" * 32 + b"\x00" + b"\x00\x02\xc0\x2f" + b"\x01\x00" + \
        struct.pack(">H", len(extensions)) + extensions
    hand = b"\x01" + struct.pack(">I", len(body))[1:] + body
    return b"\x16\x03\x01" + struct.pack(">H", len(hand)) + hand


def bacnet_request(number, service):
    """A confirmed request about the present value of analog output 1 (ASHRAE 135 clauses 6, 20.1.2 and annex J)."""
    apdu = bytes([0x00, 0x05, number, service]) + b"\x0c\x00\x40\x00\x01\x19\x55"
    if service == 15:
        apdu += b"\x3e\x44\x41\xa0\0\0\x3f"
    return b"\x81\x0a" + struct.pack(">H", 6 + len(apdu)) + b"\x01\x04" + apdu


def dicom_association(kind):
    """A-ASSOCIATE-RQ (1) or -AC (2) about verification, implicit VR little endian (PS3.8 section 9.3)."""
    item = lambda number, body: bytes([number, 0]) + struct.pack(">H", len(body)) + body
    syntax = item(0x40, b"1.2.840.10008.1.2")
    context = item(0x20, b"\1\0\0\0" + item(0x30, b"1.2.840.10008.1.1") + syntax) if kind == 1 else item(0x21, b"\1\0\0\0" + syntax)
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4"))
    body = b"\0\1\0\0" + b"PACS1".ljust(16) + b"WS1".ljust(16) + bytes(32) + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user
    return bytes([kind, 0]) + struct.pack(">I", len(body)) + body


def dicom_command(field):
    """P-DATA-TF with one command set (PS3.7 section 6.3.1)."""
    element = lambda number, value: struct.pack("<HHI", 0, number, len(value)) + value
    rest = element(0x0002, b"1.2.840.10008.1.1\0") + element(0x0100, struct.pack("<H", field)) + \
        element(0x0110, b"\1\0") + element(0x0800, b"\1\1")
    value = b"\1\3" + element(0x0000, struct.pack("<I", len(rest))) + rest
    value = struct.pack(">I", len(value)) + value
    return b"\4\0" + struct.pack(">I", len(value)) + value


def relay_agent(circuit, remote):
    """Option 82 as an access switch writes it (RFC 3046): the port, then the switch."""
    said = bytes([1, len(circuit)]) + circuit + bytes([2, len(remote)]) + remote
    return bytes([82, len(said)]) + said


def lldp(chassis, port, *fields):
    """An LLDP data unit (IEEE 802.1AB): a chassis that is called by its MAC, a port by its name, then other (type, value)."""
    unit = [(1, b"\x04" + bytes.fromhex(chassis.replace(":", ""))), (2, b"\x05" + port.encode()), (3, b"\0\x78"), *fields, (0, b"")]
    return b"".join(struct.pack(">H", kind << 9 | len(value)) + value for kind, value in unit)


def lldp_med(mac, maker, model):
    """With the maker and model of LLDP-MED's inventory (ANSI/TIA-1057 section 10.2.6)."""
    inventory = lambda kind, text: (127, b"\x00\x12\xbb" + bytes([kind]) + text.encode())
    return lldp(mac, "port-1", inventory(9, maker), inventory(10, model))


def lldp_power(power_class):
    """Power via MDI of a device that is powered (IEEE 802.3 section 79.3.2)."""
    return 127, b"\x00\x12\x0f\x02\x00\x01" + bytes([power_class + 1])


def lldp_capabilities(enabled):
    """0x04 bridge, 0x10 router, 0x20 telephone, 0x80 station."""
    return 7, struct.pack(">HH", enabled, enabled)
