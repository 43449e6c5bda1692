"""Debian's kernel: fetched by the package client, unpacked into a cache outside the tree, never installed.

Modules are picked by name; what they need comes with them, in the order in which they have to be loaded.
"""
import os
import pathlib
import re
import shutil
import tempfile

from image.builder.shell import ImageError, run, say

CACHE = pathlib.Path(os.environ.get('POSTERN_CACHE', '/var/cache/postern'))


def newest(package):
    """The package a meta package stands for now, and its version."""
    text = run('apt-cache', 'depends', package)
    found = re.search(r'Depends: (linux-image-\d\S+)', text)
    if not found:
        raise ImageError(f'{package} is not known to apt: run apt-get update')
    name = found.group(1)
    version = re.search(r'^Version: (\S+)', run('apt-cache', 'show', '--no-all-versions', name), re.M).group(1)
    return name, version


class Kernel:
    def __init__(self, package):
        self.package, self.version = newest(package)
        self.root = CACHE / f'kernel-{self.version.replace(":", "_")}'
        if not (self.root / 'boot').exists():
            self._fetch()
        self.release = next((self.root / 'lib/modules').iterdir()).name
        self.image = self.root / f'boot/vmlinuz-{self.release}'
        self.modules = {}
        for path in sorted((self.root / 'lib/modules').rglob('*.ko')):
            self.modules[path.stem.replace('-', '_')] = path
        self.builtin = {pathlib.Path(line).stem.replace('-', '_') for line in
                        (self.root / f'lib/modules/{self.release}/modules.builtin').read_text().splitlines()}

    def _fetch(self):
        CACHE.mkdir(parents=True, exist_ok=True)
        say(f'fetching {self.package} {self.version}')
        with tempfile.TemporaryDirectory(dir=CACHE) as work:
            run('apt-get', '-q', '-o', 'APT::Sandbox::User=root', 'download', f'{self.package}={self.version}', cwd=work)
            archive = next(pathlib.Path(work).glob('*.deb'))
            run('dpkg-deb', '-x', archive, pathlib.Path(work, 'tree'))
            shutil.rmtree(self.root, ignore_errors=True)
            os.rename(pathlib.Path(work, 'tree'), self.root)

    def needs(self, name):
        """Modules that have to be there before this one: hard ones and soft ones that come first."""
        data = self.modules[name].read_bytes()
        found = []
        for field in re.findall(rb'\x00depends=([^\x00]*)', data):
            found += field.decode().split(',')
        for field in re.findall(rb'\x00softdep=pre: ([^\x00]*)', data):
            found += [word for word in field.decode().split() if ':' not in word]
        names = [word.replace('-', '_') for word in found if word]
        # A soft one may be an alias (crc32c, aes): only names of modules count, the manifest lists the others.
        return [word for word in names if word in self.modules]

    def ordered(self, wanted):
        """The wanted modules and all they need, each after what it needs."""
        order = []

        def visit(name, trail):
            if name in order or name in self.builtin or name in trail:
                return
            if name not in self.modules:
                raise ImageError(f'kernel {self.release} has no module {name}')
            for other in self.needs(name):
                visit(other, trail + [name])
            order.append(name)

        for name in wanted:
            visit(name.replace('-', '_'), [])
        return order
