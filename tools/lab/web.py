"""The web admin of the box in the lab: its settings, its pages, its user, and a way to it from this machine.

What always holds: the box listens on its management address, inside its own namespace, as a real one does. A port of this
machine's loopback leads there; what passes is the box's own TLS, unread.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading

from tools.lab import gateway
from tools.lab.network import MANAGEMENT
from tools.lab.shell import LabError, wait_for

ADDRESS = (MANAGEMENT[1], 443)
LOOPBACK_PORT = 8443
NO_PACKAGES = 3  # exit status of build-web
# As in image/manifest.toml: the user that the process becomes.
USERS = {'passwd': 'postern-admin:x:902:902:web administration:/nonexistent:/nonexistent', 'group': 'postern-admin:x:902:'}


def settings(directory):
    """What turns the web admin on; `directory` keeps people and the audit log."""
    return {'admin.address': '{}:{}'.format(*ADDRESS), 'admin.directory': directory}


def add_user(place, network):
    """Makes the web admin's user known inside the gateway's namespace only: what lies in /etc/netns/NAME stands over /etc
    there (ip-netns(8))."""
    over = pathlib.Path('/etc/netns') / network.names['gateway']
    over.mkdir(parents=True, exist_ok=True)
    place.defer(shutil.rmtree, over, True)
    for name, line in USERS.items():
        text = pathlib.Path('/etc', name).read_text().rstrip('\n')
        (over / name).write_text(text + '\n' if 'postern-admin:' in text else f'{text}\n{line}\n')


def build_pages(place):
    """Builds the pages and lays a copy where that user can read it; None where npm could not fetch what they need."""
    status = subprocess.run([gateway.ROOT / 'tools/setup/build-web'], env=os.environ | {'BUILD': str(gateway.BUILD)}).returncode
    if status not in (0, NO_PACKAGES):
        raise LabError('the pages of the web admin could not be built (the reason stands above)')
    return shutil.copytree(gateway.BUILD / 'web/www', place.directory / 'web', dirs_exist_ok=True) if status == 0 else None


def answers(network):
    """True once the box speaks TLS and HTTP on its management address."""
    trust = ssl.create_default_context()
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    try:
        with network.connect('internet', *ADDRESS, timeout=10) as plain, trust.wrap_socket(plain) as made:
            made.sendall(f'GET /api/v1/session HTTP/1.1\r\nHost: {ADDRESS[0]}\r\nConnection: close\r\n\r\n'.encode())
            return b' 200 ' in made.recv(64)
    except OSError:
        return False


def wait_ready(box, seconds=90):
    """Until it answers; what the box says of it: url, fingerprint, entered (how it is confined)."""
    wait_for(lambda: answers(box.network), seconds, f'web admin (the box\'s log ends: {box.last_words()})', step=0.3)
    return wait_for(lambda: (lambda found: found if found.get('fingerprint') else None)(box.postern_json('status')['admin']),
                    seconds, 'fingerprint in the status', step=0.3)


def pass_on(source, sink):
    """Every byte from one socket to the other, until the first has said its last."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


class Loopback:
    """A port of 127.0.0.1 on this machine that leads to the web admin."""

    def __init__(self, place, network, port=LOOPBACK_PORT):
        """`port` where it is free, else one that the kernel chooses."""
        self.network = network
        try:
            self.listener = socket.create_server(('127.0.0.1', port))
        except OSError:
            self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = '127.0.0.1:{}'.format(self.listener.getsockname()[1])
        self.url = f'https://{self.address}/'
        place.defer(self.close)
        threading.Thread(target=self._take, daemon=True).start()

    def close(self):
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)  # whoever waits in accept() goes on
        self.listener.close()

    def _take(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._lead, args=(client,), daemon=True).start()

    def _lead(self, client):
        with client, contextlib.suppress(OSError), self.network.connect('internet', *ADDRESS) as box:
            box.settimeout(None)
            back = threading.Thread(target=pass_on, args=(box, client), daemon=True)
            back.start()
            pass_on(client, box)
            back.join()
