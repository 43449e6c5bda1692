"""Signs what the firmware starts (Secure Boot). The owner's keys where they are given; else test keys made by the build.

What always holds: the signature's time is the commit's, so the same image has the same bytes; an image signed with test keys says so: in the loader's title, on the kernel's command line (which the
box's first program and its console show), and in image.json.
"""
import os
import pathlib
import time

from image.builder.shell import ImageError, run

CACHE = pathlib.Path(os.environ.get('POSTERN_CACHE', '/var/cache/postern'))


class Signer:
    def __init__(self, keys, epoch):
        self.own, self.epoch = keys is not None, epoch
        self.place = pathlib.Path(keys) if keys else CACHE / 'test-keys'
        if not self.own and not (self.place / 'db.crt').exists():
            self._make()
        for name in ('db.key', 'db.crt'):
            if not (self.place / name).exists():
                raise ImageError(f'{self.place} holds no {name}')

    def _make(self):
        """RSA, because signatures with it (PKCS #1 v1.5) are the same each time."""
        self.place.mkdir(parents=True, exist_ok=True)
        for name in ('PK', 'KEK', 'db'):
            run('openssl', 'req', '-new', '-x509', '-newkey', 'rsa:2048', '-nodes', '-sha256', '-days', '3650', '-subj',
                f'/CN=Postern TEST {name}', '-keyout', self.place / f'{name}.key', '-out', self.place / f'{name}.crt')
            (self.place / f'{name}.key').chmod(0o600)

    def banner(self):
        return '' if self.own else ' (TEST KEYS)'

    def sign(self, path):
        when = time.strftime('%Y-%m-%d %H:%M:%S', time.gmtime(self.epoch))
        run('faketime', '-f', when, 'sbsign', '--key', self.place / 'db.key', '--cert', self.place / 'db.crt', '--output', path, path,
            env=os.environ | {'TZ': 'UTC'})

    def update_keys(self, program):
        """Public keys whose updates the box takes: the owner's *.pub, else a test key made here. May be none."""
        if not self.own and not (self.place / 'test-update.pub').exists() and program.exists():
            run(program, 'key', self.place / 'test-update', '--owner', 'TEST KEY, made by a build')
        return sorted(self.place.glob('*.pub'))
