"""A mail server for tests of `postern probe`: greeting, EHLO, STARTTLS, nothing else.

  smtp_server.py PORT CHAIN KEY [--no-starttls]

Listens on 127.0.0.1 and serves one connection after the other until it is killed.
"""
import socket
import ssl
import sys

port, chain, key = int(sys.argv[1]), sys.argv[2], sys.argv[3]
starttls = '--no-starttls' not in sys.argv
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(chain, key)


def serve(connection):
    connection.settimeout(10)
    connection.sendall(b'220 mx.test ESMTP test\r\n')
    while True:
        line = b''
        while not line.endswith(b'\n'):
            got = connection.recv(1)
            if not got:
                return
            line += got
        verb = line.strip().upper()
        if verb.startswith(b'EHLO'):
            secured = isinstance(connection, ssl.SSLSocket)
            offer = b'250-STARTTLS\r\n' if starttls and not secured else b'250-REQUIRETLS\r\n' if secured else b''
            connection.sendall(b'250-mx.test\r\n' + offer + b'250 SIZE\r\n')
        elif verb == b'STARTTLS' and starttls:
            connection.sendall(b'220 2.0.0 go\r\n')
            connection = context.wrap_socket(connection, server_side=True)
        elif verb == b'QUIT':
            connection.sendall(b'221 2.0.0 bye\r\n')
            return
        else:
            connection.sendall(b'500 5.5.1 no\r\n')


listener = socket.create_server(('127.0.0.1', port))
while True:
    peer, _ = listener.accept()
    try:
        with peer:
            serve(peer)
    except OSError:
        pass
