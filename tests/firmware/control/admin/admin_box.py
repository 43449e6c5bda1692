"""A box for the tests of the web administration: a real postern-control that starts it, a stand-in as data plane.

What always holds: one box for all tests of a class, in a directory and on a loopback address of its own; what it started
is gone afterwards, found by the directory's name. The programs are named on the command line.
"""
import json
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from admin_client import Api, totp  # noqa: E402

CONTROL, POSTERN, FAKE, ADMIN, DOCUMENT = (os.path.abspath(path) for path in sys.argv[1:6])
PASSWORD = 'a long password'


def wait_for(what, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError('this did not come about: ' + (what.__doc__ or what.__name__))


class Box(unittest.TestCase):
    """Set up once; tests use self.owner, who is logged in."""
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory(prefix='postern-admin-')
        cls.path = pathlib.Path(cls.place.name)
        cls.run_directory = cls.path / 'run'
        cls.address = cls.free_address()
        own = ('log.messages', 'spool.directory', 'resolver.directory', 'tlsrpt.database', 'admin.directory')
        (cls.path / 'settings.toml').write_text(
            f'host_name = "gw.example.net"\ndomains.served = ["example.net"]\noffice.servers = ["192.0.2.9:25"]\n'
            f'admin.address = "{cls.address}"\nresolver.forwarders = ["127.0.0.1:9"]\nresolver.dns_deadline = "2s"\n'
            + ''.join(f'{name} = "{cls.path}/{name}"\n' for name in own))
        web = cls.path / 'web'
        (web / 'assets').mkdir(parents=True)
        (web / 'index.html').write_text('<!doctype html><title>pages</title>' + ' ' * 600)
        (web / 'assets/app.0123456789ab.js').write_text('export {}')
        cls.log = cls.path / 'log'
        cls.process = None
        try:
            cls.start()
            cls.owner = Api(cls.address, cls.fingerprint)
            cls.secret, cls.codes = cls.owner.set_up(cls.postern('admin', 'first-code', '--directory', cls.path / 'admin.directory').stdout.strip())
        except BaseException:
            print(cls.log.read_text(errors='replace')[-4000:] if cls.log.exists() else 'no log', file=sys.stderr)
            cls.tearDownClass()
            raise

    @staticmethod
    def free_address():
        host = f'127.{random.randint(1, 254)}.{random.randint(0, 254)}.{random.randint(1, 254)}'
        with socket.socket() as probe:
            probe.bind((host, 0))
            return f'{host}:{probe.getsockname()[1]}'

    @classmethod
    def start(cls):
        with open(cls.log, 'ab') as log:
            cls.process = subprocess.Popen(
                [CONTROL, '--settings', cls.path / 'settings.toml', '--state-dir', cls.path / 'state', '--run-dir', cls.run_directory,
                 '--dataplane', FAKE, '--board', 'none', '--admin', ADMIN, '--web', cls.path / 'web'], stderr=log, stdout=log)
        cls.fingerprint = wait_for(cls.answering)['fingerprint']

    @classmethod
    def answering(cls):
        """the web administration answers"""
        try:
            admin = json.loads(cls.postern('status', '--json').stdout).get('admin', {})
        except ValueError:
            return None
        if not admin.get('fingerprint'):
            return None
        try:
            socket.create_connection(tuple(cls.address.split(':')), 5).close()
        except OSError:
            return None
        return admin

    @classmethod
    def postern(cls, *words):
        return subprocess.run([POSTERN, '--run-dir', cls.run_directory, *words], capture_output=True, text=True, timeout=60)

    @classmethod
    def tearDownClass(cls):
        if cls.process:
            cls.process.kill()
            cls.process.wait()
        for entry in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                if str(cls.run_directory).encode() in (entry / 'cmdline').read_bytes() and int(entry.name) != os.getpid():
                    os.kill(int(entry.name), signal.SIGKILL)
            except OSError:
                pass
        cls.place.cleanup()

    @classmethod
    def admin_pid(cls):
        return json.loads(cls.postern('status', '--json').stdout)['admin']['pid']

    @classmethod
    def next_code(cls):
        """A code that was not used yet: it is waited for where it has to be."""
        cls.used = getattr(cls, 'used', int(time.time() // 30))
        step = max(cls.used + 1, int(time.time() // 30))
        wait_for(lambda: time.time() // 30 >= step - 1, 90)
        cls.used = step
        return totp(cls.secret, step * 30)
