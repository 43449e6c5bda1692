#!/usr/bin/env python3
"""The keystore as a process under postern-control, and a search for secrets wherever people could see them.

  keystore_process_test.py CONTROL POSTERN FAKE-DATAPLANE KEYSTORE

What always holds: every test has a directory of its own, and what it started is gone afterwards, found by its process id.
"""
import base64
import gzip
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import unittest

CONTROL, POSTERN, FAKE, KEYSTORE = (os.path.abspath(path) for path in sys.argv[1:5])
SETTINGS = 'host_name = "gw.example.net"\ndomains.served = ["example.net"]\noffice.servers = ["192.0.2.9:25"]\n'
OWN = ('log.messages', 'spool.directory', 'resolver.directory', 'tlsrpt.database')
PASSPHRASE = 'tinker tailor soldier sailor'


def wait_for(what, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError('this did not come about: ' + (what.__doc__ or what.__name__))


def openssl(*words, text=None):
    done = subprocess.run(['openssl', *words], input=text, capture_output=True, text=True, timeout=60)
    return done.returncode == 0, done.stdout + done.stderr


class Box(unittest.TestCase):
    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix='postern-keystore-')
        self.path = pathlib.Path(self.directory.name)
        self.run_directory = self.path / 'run'
        self.log = self.path / 'log'
        self.settings = self.path / 'settings.toml'
        self.write(SETTINGS)
        self.process = None

    def tearDown(self):
        if self.process:
            self.process.kill()
            self.process.wait()
        for pid in self.ours():
            try:
                os.kill(pid, signal.SIGKILL)
            except OSError:
                pass
        self.directory.cleanup()

    def ours(self):
        """Processes that name this test's own directory."""
        found = []
        for entry in pathlib.Path('/proc').glob('[0-9]*'):
            try:
                if str(self.path).encode() in (entry / 'cmdline').read_bytes() and int(entry.name) != os.getpid():
                    found.append(int(entry.name))
            except OSError:
                pass
        return found

    def write(self, text):
        self.settings.write_text(''.join(f'{name} = "{self.path}/{name}"\n' for name in OWN) + text)

    def start(self):
        with open(self.log, 'ab') as log:
            self.process = subprocess.Popen(
                [CONTROL, '--settings', self.settings, '--run-dir', self.run_directory, '--dataplane', FAKE, '--board', 'none',
                 '--keystore', KEYSTORE, '--keys', self.path / 'keys', '--tpm', 'none'], stderr=log, stdout=log)
        wait_for(self.ready)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)
        wait_for(lambda: not self.ours())

    def door(self, command, fails=False, **question):
        """What `postern` and the web administration do: one question at control's door."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(90)
            client.connect(str(self.run_directory / 'control.sock'))
            client.sendall(json.dumps({'command': command} | question).encode() + b'\n')
            answer = b''
            while part := client.recv(65536):
                answer += part
        found = json.loads(answer)
        self.assertEqual('error' in found, fails, (command, found))
        return found

    def status(self):
        try:
            return self.door('status')
        except OSError:
            return None

    def ready(self):
        """the keystore answers"""
        status = self.status()
        return status and status['keystore']['ready'] and status

    def running(self):
        """the data plane runs at the newest generation"""
        status = self.status()
        plane = status and status['dataplane']
        return plane and plane['all_at_generation'] and plane.get('phase') == 'running'

    def certificate(self, name='mx.example.net'):
        key, chain = self.path / 'key.pem', self.path / 'chain.pem'
        good, said = openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', chain, '-days', '90',
                             '-subj', '/CN=' + name, '-addext', 'subjectAltName=DNS:' + name)
        self.assertTrue(good, said)
        return key, chain


class Keystore(Box):
    def test_certificates_are_made_asked_for_and_uploaded(self):
        self.start()
        state = self.door('keys.state')
        self.assertEqual((state['locked'], state['opened_by']), (False, 'file'))
        entry = self.door('keys.make', kind='tls', name='mx', names=['mx.example.net', '192.0.2.1'])['entry']
        self.assertEqual(entry['names'], ['mx.example.net', '192.0.2.1'])
        chain = self.door('keys.show', name='mx')['entry']['chain']
        good, said = openssl('verify', '-CAfile', '/dev/stdin', '-x509_strict', '-verify_hostname', 'mx.example.net', '/dev/stdin', text=chain)
        if not good:  # a certificate that is no CA stands for itself only
            good, said = openssl('x509', '-noout', '-text', text=chain)
        self.assertTrue(good and 'DNS:mx.example.net' in openssl('x509', '-noout', '-text', text=chain)[1], said)
        good, said = openssl('req', '-verify', '-noout', '-text', text=self.door('keys.csr', name='mx')['csr'])
        self.assertTrue(good and 'IP Address:192.0.2.1' in said, said)
        key, chain_file = self.certificate()
        self.assertIn('does not fit', self.door('keys.upload', name='mx', chain=chain_file.read_text(), fails=True)['error'])
        entry = self.door('keys.upload', name='mx', chain=chain_file.read_text(), key=key.read_text())['entry']
        self.assertEqual((entry['algorithm'], entry['names']), ('rsa-2048', ['mx.example.net']))

    def test_settings_name_entries_and_a_locked_store_keeps_the_data_plane_waiting(self):
        self.start()
        self.door('keys.make', kind='tls', name='mx', names=['mx.example.net'])
        self.write(SETTINGS + '[[tls.certificates]]\nnames = ["mx.example.net"]\nchain = "keystore:no"\nkey = "keystore:no"\n')
        self.assertIn('keystore:no', str(self.door('reload', fails=True)['faults']))
        self.write(SETTINGS + '[[tls.certificates]]\nnames = ["mx.example.net"]\nchain = "keystore:mx"\nkey = "keystore:mx"\n')
        self.door('reload')
        wait_for(self.running)
        self.door('keys.protect', by='passphrase', passphrase=PASSPHRASE, drop='file')
        self.stop()
        self.start()
        wait_for(lambda: self.status()['keystore']['locked'])
        self.assertFalse(self.running())
        self.assertIn('locked', self.door('keys.list', fails=True)['error'])
        self.door('keys.unlock', passphrase='something else', fails=True)
        self.door('keys.unlock', passphrase=PASSPHRASE)
        wait_for(self.running)

    def test_a_keystore_that_is_killed_comes_back(self):
        self.start()
        self.door('keys.make', kind='tls', name='mx', names=['mx.example.net'])
        before = self.status()['keystore']['pid']
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: (self.status() or {}).get('keystore', {}).get('pid') not in (0, before) and self.ready())
        self.assertIn('mx', [entry['name'] for entry in self.door('keys.list')['entries']])

    def test_it_is_confined_and_has_no_network(self):
        self.start()
        pid = self.status()['keystore']['pid']
        facts = pathlib.Path(f'/proc/{pid}/status').read_text()
        self.assertIn('NoNewPrivs:\t1', facts)
        self.assertIn('Seccomp:\t2', facts)
        self.assertIn('CapEff:\t0000000000000000', facts)
        confined = self.door('keys.state')['confined']
        if os.geteuid() == 0:
            self.assertFalse(confined['network'])
            self.assertNotEqual(os.readlink(f'/proc/{pid}/ns/net'), os.readlink('/proc/self/ns/net'))


class Secrets(Box):
    """What is secret is searched for wherever people, or other processes, could see it."""

    def known(self):
        """Makes secrets whose text is known; gives pieces of them, each of which would be enough to find."""
        key, chain = self.certificate()
        good, said = openssl('genpkey', '-algorithm', 'ed25519', '-out', self.path / 'dkim.pem')
        self.assertTrue(good, said)
        pieces = {'passphrase': PASSPHRASE, 'password': 'Xq7-relay-password-Zk3'}
        for name, path in (('TLS key', key), ('DKIM key', self.path / 'dkim.pem')):
            body = ''.join(path.read_text().splitlines()[1:-1])
            pieces[name] = body[-40:-4]
            pieces[name + ' raw'] = base64.b64decode(body)[-24:]
        self.door('keys.upload', name='mx', chain=chain.read_text(), key=key.read_text())
        self.door('keys.upload', name='org', key=(self.path / 'dkim.pem').read_text(), domain='example.net', selector='s1')
        self.door('keys.rotate', name='org', to='signing', sure=True)
        self.door('keys.make', kind='secret', name='relay', text=pieces['password'])
        self.door('keys.protect', by='passphrase', passphrase=PASSPHRASE)
        for path in (key, self.path / 'dkim.pem'):
            path.unlink()
        return pieces

    def seen(self):
        """Everything that can be seen, by name."""
        texts = {}
        for pid in self.ours():
            for part in ('cmdline', 'environ'):
                try:
                    texts[f'{part} of {pathlib.Path(f"/proc/{pid}/comm").read_text().strip()}'] = pathlib.Path(f'/proc/{pid}/{part}').read_bytes()
                except OSError:
                    pass
        for command, more in (('status', {}), ('counters', {}), ('settings', {}), ('settings.show', {'of': 'running'}), ('settings.compare', {}),
                              ('settings.history', {}), ('settings.export', {'passphrase': 'for the export only', 'secrets': False}),
                              ('keys.list', {}), ('keys.state', {}), ('keys.show', {'name': 'mx'}), ('keys.show', {'name': 'org'}),
                              ('keys.show', {'name': 'relay'}), ('outcomes', {'most': 1000})):
            texts[f'{command} {more.get("name", "")}'] = json.dumps(self.door(command, **more)).encode()
        bundle = self.path / 'bundle.tar.gz'
        done = subprocess.run([POSTERN, '--run-dir', self.run_directory, 'support-bundle', bundle, '--log', self.log], capture_output=True,
                              text=True, timeout=90)
        self.assertEqual(done.returncode, 0, done.stderr)
        with tarfile.open(bundle) as archive:
            for member in archive:
                texts['bundle: ' + member.name] = archive.extractfile(member).read()
        for path in self.path.rglob('*'):
            if path.is_file() and not path.is_symlink():
                content = path.read_bytes()
                texts[f'file {path.relative_to(self.path)}'] = gzip.decompress(content) if path.suffix == '.gz' else content
        return texts

    def test_no_secret_is_seen_anywhere(self):
        self.write(SETTINGS + '[[tls.certificates]]\nnames = ["mx.example.net"]\nchain = "keystore:mx"\nkey = "keystore:mx"\n'
                   '[[dkim.keys]]\ndomain = "example.net"\nselector = "s1"\nkey = "keystore:org"\n')
        original = self.settings.read_text()
        self.write(SETTINGS)
        self.start()
        pieces = self.known()
        self.settings.write_text(original)
        self.door('reload')
        wait_for(self.running)
        self.door('keys.unlock', passphrase='a wrong passphrase that is long')
        texts = self.seen()
        for wanted in ('cmdline of postern-keysto', 'environ of postern-keysto'):
            self.assertTrue(any(name.startswith(wanted) for name in texts), sorted(texts))
        self.assertIn('bundle: settings.json', texts)
        self.assertIn('file keys/mx.key', texts)
        for what, piece in pieces.items():
            piece = piece if isinstance(piece, bytes) else piece.encode()
            for where, text in texts.items():
                self.assertNotIn(piece, text, f'the {what} is in: {where}')
        # The search itself can find: the certificate, which is public, is there.
        self.assertTrue(any(re.search(b'BEGIN CERTIFICATE', text) for text in texts.values()))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1] + sys.argv[5:])
