#!/usr/bin/env python3
"""Signatures of ours, verified by a program that is not: dkimpy.

Bodies end in a line end, as SMTP makes sure; without one, dkimpy keeps white space that RFC 6376 §3.4.4 ignores.

  dkim_peers_test.py DKIM-SIGNER
"""
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import dkim

SIGNER = os.path.abspath(sys.argv[1])
HEADER = (b'Received: from a by b;\r\n\tSun, 22 Nov 2026 12:00:00 +0000\r\n'
          b'From: "A. Nother" <a@mail.example.net>\r\nTo: b@example.org,\r\n  c@example.org\r\nSubject:  folded \t\r\n\tsubject \r\n'
          b'Date: Sun, 22 Nov 2026 12:00:00 +0000\r\nMessage-ID: <1@example.net>\r\nMIME-Version: 1.0\r\n'
          b'List-Id: one\r\nlist-id: two\r\nX-Other: unsigned\r\n\r\n')


def make_key(path, algorithm, bits=2048):
    more = ['-pkeyopt', f'rsa_keygen_bits:{bits}'] if algorithm == 'RSA' else []
    subprocess.run(['openssl', 'genpkey', '-algorithm', algorithm, *more, '-out', path], check=True, capture_output=True)


class Peers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix='postern-dkim-')
        cls.path = pathlib.Path(cls.directory.name)
        cls.keys = {}
        for name, algorithm, bits in (('rsa', 'RSA', 2048), ('odd', 'RSA', 2056), ('big', 'RSA', 3072), ('small', 'RSA', 1024),
                                      ('ed', 'ED25519', 0)):
            cls.keys[name] = str(cls.path / name)
            make_key(cls.keys[name], algorithm, bits)
        cls.keys['old'] = str(cls.path / 'old')
        subprocess.run(['openssl', 'rsa', '-in', cls.keys['rsa'], '-traditional', '-out', cls.keys['old']], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        cls.directory.cleanup()

    def record(self, name):
        return subprocess.run([SIGNER, '--record', self.keys[name]], check=True, capture_output=True).stdout.strip()

    def zone(self, names):
        return {f'{n}._domainkey.example.net.'.encode(): self.record(n) for n in names}

    def sign(self, message, names, form='relaxed'):
        words = [w for n in names for w in ('example.net', n, self.keys[n])]
        return subprocess.run([SIGNER, form, *words], input=message, check=True, capture_output=True).stdout

    def verdicts(self, message, names):
        """What dkimpy says of each signature."""
        zone = self.zone(names)
        judge = dkim.DKIM(message, minkey=2048)
        found = []
        for i in range(len(names)):
            try:
                found.append(judge.verify(idx=i, dnsfunc=lambda name, timeout=5: zone.get(name)))
            except dkim.ValidationError:
                found.append(False)
        return found

    def test_every_kind_of_key_is_believed(self):
        for name in ('rsa', 'odd', 'big', 'ed', 'old'):
            for form in ('relaxed', 'simple'):
                with self.subTest(key=name, form=form):
                    self.assertEqual([True], self.verdicts(self.sign(HEADER + b'Hello \r\n\r\nthere\r\n\r\n', [name], form), [name]))

    def test_two_signatures_side_by_side(self):
        self.assertEqual([True, True], self.verdicts(self.sign(HEADER + b'x\r\n', ['ed', 'rsa']), ['ed', 'rsa']))

    def test_all_shapes_of_bodies(self):
        bodies = [b'', b'\r\n', b' \r\n', b'a', b'a \r\n', b' a\r\n', b'\r\n\r\na\r\n\r\n\r\n', b'\ta\t\tb \r\n', b'x' * 5000 + b'\r\n']
        dice = random.Random(8463)
        bodies += [b''.join(dice.choices([b' ', b'\t', b'a', b'b', b'\r\n'], k=60)) + b'\r\n' for _ in range(40)]
        for form in ('relaxed', 'simple'):
            for body in bodies:
                with self.subTest(form=form, body=body):
                    self.assertEqual([True], self.verdicts(self.sign(HEADER + body, ['ed'], form), ['ed']))

    def test_what_was_changed_is_not_believed(self):
        good = self.sign(HEADER + b'Hello\r\n', ['ed'])
        for before, after in ((b'Hello', b'Hullo'), (b'folded', b'fooled'), (b'b@example.org', b'd@example.org'),
                              (b'From: "A.', b'From: e@evil.example\r\nFrom: "A.'), (b'MIME-Version', b'Reply-To: e@evil.example\r\nMIME-Version')):
            with self.subTest(change=after):
                self.assertIn(before, good)
                self.assertEqual([False], self.verdicts(good.replace(before, after, 1), ['ed']))
        self.assertEqual([True], self.verdicts(good.replace(b'X-Other: unsigned', b'X-Other: new'), ['ed']))

    def test_a_small_key_is_refused(self):
        words = [SIGNER, 'relaxed', 'example.net', 's', self.keys['small']]
        done = subprocess.run(words, input=HEADER, capture_output=True)
        self.assertEqual((1, b'an RSA key to sign mail with has 2048 bits or more\n'), (done.returncode, done.stderr))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=0)
