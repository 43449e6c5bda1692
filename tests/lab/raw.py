"""A client that does exactly what a test tells it, also what no client should."""
import socket
import ssl
import struct

from tools.lab.client import context_for
from tools.lab.network import WAN4


class Raw:
    """One connection to the box from the internet."""

    def __init__(self, network, port=25, server=WAN4, source=None, timeout=15, buffers=0):
        self.socket = network.connect('internet', server, port, timeout, source, buffers)
        self.buffer = b''

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def line(self):
        """One line, or b'' where the box closed."""
        while b'\n' not in self.buffer:
            try:
                got = self.socket.recv(65536)
            except (ConnectionResetError, ssl.SSLError):
                got = b''
            if not got:
                return b''
            self.buffer += got
        line, self.buffer = self.buffer.split(b'\n', 1)
        return line.rstrip(b'\r')

    def reply(self):
        """The code of one whole reply; 0 where the connection is gone."""
        while True:
            line = self.line()
            if not line:
                return 0
            if line[3:4] != b'-':
                self.last = line.decode(errors='replace')
                return int(line[:3])

    def ask(self, words):
        self.send(words + '\r\n')
        return self.reply()

    def greet(self):
        code = self.reply()
        return self.ask('EHLO client.sender.example') if code == 220 else code

    def starttls(self, version=None):
        code = self.ask('STARTTLS')
        if code == 220:
            self.socket = context_for(version).wrap_socket(self.socket, server_hostname='mx.example.org')
            self.buffer = b''
        return code

    def envelope(self, sender, recipient):
        """Up to 354."""
        self.ask(f'MAIL FROM:<{sender}>')
        self.ask(f'RCPT TO:<{recipient}>')
        return self.ask('DATA')

    def reset(self):
        """RST instead of FIN."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()

    def closed(self, seconds):
        """True where the box ends the connection within the time; what it says before is kept in `last`."""
        self.socket.settimeout(seconds)
        try:
            while True:
                line = self.line()
                if not line:
                    return True
                self.last = line.decode(errors='replace')
        except (TimeoutError, socket.timeout):
            return False
