#!/usr/bin/python3
"""web_server.py FOLDER PORT [TLS_PORT CERTIFICATE KEY]: serves a folder by HTTP and, if told, by HTTPS; takes what is posted."""
import functools
import http.server
import ssl
import sys
import threading


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(204)
        self.end_headers()


def server(folder, port):
    return http.server.ThreadingHTTPServer(("", port), functools.partial(Handler, directory=folder))


def main(folder, port, tls_port=None, certificate=None, key=None):
    plain = server(folder, int(port))
    if tls_port:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        secure = server(folder, int(tls_port))
        # The handshake belongs to the connection's thread, not to the one that accepts.
        secure.socket = context.wrap_socket(secure.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=secure.serve_forever, daemon=True).start()
    plain.serve_forever()


main(*sys.argv[1:])
