#!/usr/bin/env python3
"""The root's key changes under the resolver (RFC 5011): nsd with keys that roll, and a clock that jumps.

Each step runs the resolver's own context once, at a faked time, against a root zone made for the step. The states are
those of the key file: 1 ADDPEND, 2 VALID, 3 MISSING, 4 REVOKED.

  anchor_roll_test.py ANCHOR-DRIVER
"""
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

DRIVER = sys.argv.pop(1)
ADDPEND, VALID, MISSING, REVOKED = 1, 2, 3, 4
ZONE = '''. 300 IN SOA ns. host. 1 3600 600 86400 60
. 300 IN NS ns.
ns. 300 IN A 127.0.0.1
leaf. 300 IN A 192.0.2.1
'''


def free_port():
    with socket.socket() as made:
        made.bind(('127.0.0.1', 0))
        return made.getsockname()[1]


class Root:
    """A root zone with its name server and keys."""

    def __init__(self, directory):
        self.directory, self.server, self.port = pathlib.Path(directory), None, 0

    def run(self, *words):
        return subprocess.run(words, cwd=self.directory, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout.decode()

    def key(self):
        """A new key-signing key; its name, such as K.+013+01234."""
        return self.run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', '.').split()[-1]

    def revoke(self, key):
        """The same key with REVOKE set: it has another tag, and so another name. RFC 5011 §2.1."""
        text = (self.directory / f'{key}.key').read_text()
        tag = self.run('ldns-revoke', '-n', f'{key}.key')
        number = int(re.search(r'id = (\d+)', tag).group(1))
        name = f'K.+013+{number:05}'
        (self.directory / f'{name}.key').write_text(text.replace('257 3', '385 3'))
        shutil.copy(self.directory / f'{key}.private', self.directory / f'{name}.private')
        return name

    def serve(self, signed_by, published=()):
        """The zone signed by some keys, with others only shown."""
        self.stop()
        shown = ''.join((self.directory / f'{key}.key').read_text() for key in published)
        (self.directory / 'zone').write_text(ZONE + shown)
        self.run('ldns-signzone', '-i', '20200101000000', '-e', '20400101000000', '-f', 'zone.signed', '-o', '.', 'zone', *signed_by)
        self.port = free_port()
        (self.directory / 'nsd.conf').write_text(f'''server:
  ip-address: 127.0.0.1@{self.port}
  username: ""
  chroot: ""
  zonesdir: "{self.directory}"
  database: ""
  pidfile: "{self.directory}/nsd.pid"
  xfrdfile: ""
  zonelistfile: "{self.directory}/zone.list"
  server-count: 1
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "zone.signed"
''')
        with open(self.directory / 'nsd.log', 'ab') as log:
            self.server = subprocess.Popen(['nsd', '-d', '-c', self.directory / 'nsd.conf'], stdout=log, stderr=log)
        end = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(('127.0.0.1', self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > end or self.server.poll() is not None:
                    raise AssertionError((self.directory / 'nsd.log').read_text())
                time.sleep(0.05)

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait(30)
            self.server = None


class AnchorRoll(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.mkdtemp(prefix='postern-roll-')
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        self.root = Root(self.directory)
        self.addCleanup(self.root.stop)
        self.file = pathlib.Path(self.directory) / 'root-0.key'
        self.old = self.root.key()
        shutil.copy(pathlib.Path(self.directory) / f'{self.old}.key', self.file)

    def ask(self, days):
        """secure, insecure, bogus or failed, `days` from now. On a busy machine a question may find no answer in time:
        it is asked again."""
        for _ in range(12):
            said = self.ask_once(days)
            if said == 'secure':
                break
        return said

    def ask_once(self, days):
        done = subprocess.run(['faketime', '-f', f'+{days * 1440}m', DRIVER, f'127.0.0.1@{self.root.port}', self.file, 'leaf'],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.decode().split()[0]

    def states(self):
        """{key id: state} of the key file."""
        found = {}
        for line in self.file.read_text().splitlines():
            if match := re.search(r'id = (\d+).*state=(\d+)', line):
                found[int(match.group(1))] = int(match.group(2))
        return found

    def state(self, key):
        return self.states().get(int(key.rsplit('+', 1)[1]))

    def test_a_new_key_is_believed_after_thirty_days_and_not_before(self):
        self.root.serve([self.old])
        self.assertEqual(self.ask(0), 'secure')
        self.assertEqual(self.state(self.old), VALID)
        new = self.root.key()
        self.root.serve([self.old], [new])
        self.assertEqual(self.ask(2), 'secure')
        self.assertEqual(self.state(new), ADDPEND)
        self.assertEqual(self.ask(20), 'secure')
        self.assertEqual(self.state(new), ADDPEND)  # RFC 5011 §2.4.1: thirty days
        self.assertEqual(self.ask(33), 'secure')
        self.assertEqual(self.state(new), VALID)
        self.root.serve([new])
        self.assertEqual(self.ask(34), 'secure')
        self.assertEqual(self.state(self.old), MISSING)

    def test_a_key_nobody_waited_for_is_worth_nothing(self):
        self.root.serve([self.old])
        self.assertEqual(self.ask(0), 'secure')
        new = self.root.key()
        self.root.serve([self.old], [new])
        self.assertEqual(self.ask(2), 'secure')
        self.root.serve([new])  # too early
        self.assertIn(self.ask_once(5), ('bogus', 'failed'))
        self.assertEqual(self.state(self.old), VALID)
        self.assertNotEqual(self.state(new), VALID)

    def test_a_key_that_goes_away_begins_anew(self):
        self.root.serve([self.old])
        self.assertEqual(self.ask(0), 'secure')
        new = self.root.key()
        self.root.serve([self.old], [new])
        self.assertEqual(self.ask(2), 'secure')
        self.root.serve([self.old])
        self.assertEqual(self.ask(10), 'secure')
        self.assertIsNone(self.state(new))
        self.root.serve([self.old], [new])
        self.assertEqual(self.ask(12), 'secure')
        self.assertEqual(self.ask(34), 'secure')  # thirty-two days after it was first seen, twenty-two after it came back
        self.assertEqual(self.state(new), ADDPEND)

    def test_a_revoked_key_is_believed_no_more(self):
        new = self.root.key()
        self.root.serve([self.old], [new])
        self.assertEqual(self.ask(0), 'secure')
        self.assertEqual(self.ask(31), 'secure')
        self.assertEqual(self.state(new), VALID)
        revoked = self.root.revoke(self.old)
        self.root.serve([revoked, new])
        self.assertEqual(self.ask(33), 'secure')
        self.assertIn(REVOKED, self.states().values())
        self.root.serve([self.old])
        self.assertIn(self.ask_once(34), ('bogus', 'failed'))


if __name__ == '__main__':
    unittest.main(verbosity=2)
