"""`tcp`: the same short exchange over and over: 1 KiB asked, 1 KiB answered, as an old drug library server does."""
from .wire import Ends, TcpSession, address

SERVER = address("10.40.2.5")  # a pump server of the shipped policy, http allowed
KIB = 1024


def padded(head, size):
    return head + (b"<entry drug='0'/>" * (size // 16))[:size - len(head)]


def request(number):
    head = (f"POST /library/{number:06d} HTTP/1.1\r\nHost: pump-server.example\r\nUser-Agent: pump/1.0\r\n"
            "Content-Type: application/xml\r\nContent-Length: {:4d}\r\n\r\n")
    length = KIB - len(head.format(0))
    return padded(head.format(length).encode(), KIB)


def answer():
    head = "HTTP/1.1 200 OK\r\nServer: library/1.0\r\nContent-Type: application/xml\r\nContent-Length: {:4d}\r\n\r\n"
    length = KIB - len(head.format(0))
    return padded(head.format(length).encode(), KIB)


def sessions(count, devices, random):
    each = -(-count // devices)
    for number in range(count):
        device, turn = number % devices, number // devices
        session = TcpSession(Ends(device, SERVER, 1024 + turn, 80, port_step=each), random)
        session.say(True, request(number), acknowledged=False)
        session.say(False, answer())
        yield session.close()
