"""Disks as Linux shows them: who uses one, what it is, how large. Reads a tree like / so that tests may bring their own."""
import os
import pathlib
import stat

SECTOR = 512


class Refused(Exception):
    """One line for the person at the desk."""


class Disk:
    """A whole disk, or a file that stands for one."""

    def __init__(self, path, root='/'):
        self.root = pathlib.Path(root)
        self.path = pathlib.Path(path)
        if not self.path.exists():
            raise Refused(f'there is no {path}')
        self.path = self.path.resolve()
        mode = self.path.stat().st_mode
        self.is_device = stat.S_ISBLK(mode)
        if not self.is_device and not stat.S_ISREG(mode):
            raise Refused(f'{path} is neither a disk nor a file')

    @property
    def name(self):
        return self.path.name

    @property
    def folder(self):
        return self.root / 'sys/class/block' / self.name

    def fact(self, file):
        try:
            return (self.folder / file).read_text().strip()
        except OSError:
            return ''

    @property
    def bytes(self):
        if self.is_device:
            return int(self.fact('size') or 0) * SECTOR
        return self.path.stat().st_size

    @property
    def is_partition(self):
        return (self.folder / 'partition').exists()

    @property
    def removable(self):
        return self.fact('removable') == '1'

    def describe(self):
        kind = 'file' if not self.is_device else 'removable disk' if self.removable else 'internal disk'
        what = ' '.join(filter(None, (self.fact('device/vendor'), self.fact('device/model'), self.fact('device/serial'))))
        return f'{self.path}: {kind}, {size_text(self.bytes)}' + (f', {what}' if what else '')

    def parts(self):
        """The names of this disk and its partitions."""
        names = [self.name]
        if self.folder.is_dir():
            names += sorted(p.name for p in self.folder.resolve().iterdir() if (p / 'partition').exists())
        return names

    def users(self):
        """Who holds the disk or a part of it, one text each."""
        found = []
        for name in self.parts():
            number = (self.root / 'sys/class/block' / name / 'dev')
            number = number.read_text().strip() if number.exists() else ''
            found += [f'{name} is mounted on {where}' for where in mounted(self.root, number, str(self.path.parent / name))]
            holders = self.root / 'sys/class/block' / name / 'holders'
            if holders.is_dir():
                found += [f'{name} is held by {h.name}' for h in sorted(holders.iterdir())]
            if str(self.path.parent / name) in swaps(self.root):
                found.append(f'{name} is swap space')
        return found


def lines(path):
    try:
        return path.read_text().splitlines()
    except OSError:
        return []


def mounted(root, number, device):
    """Where a device is mounted: by its number, or by its name where a file system hides the number."""
    places = []
    for line in lines(root / 'proc/self/mountinfo'):
        words = line.split()
        if len(words) < 10 or '-' not in words:
            continue
        source = words[words.index('-') + 2]
        if (number and words[2] == number) or source == device:
            places.append(words[4].encode().decode('unicode_escape'))
    return places


def swaps(root):
    return [line.split()[0] for line in lines(root / 'proc/swaps')[1:] if line.split()]


def disks(root='/'):
    """Whole disks of the machine that hold anything at all, by name."""
    found = []
    for folder in sorted((pathlib.Path(root) / 'sys/class/block').glob('*')):
        name = folder.name
        if (folder / 'partition').exists() or name.startswith(('loop', 'ram', 'dm-', 'md', 'sr', 'fd', 'zram')):
            continue
        if os.path.exists(f'/dev/{name}') and int((folder / 'size').read_text() or 0) > 0:
            found.append(Disk(f'/dev/{name}', root))
    return found


def size_text(count):
    for unit in ('B', 'kB', 'MB', 'GB'):
        if count < 1000 or unit == 'GB':
            return f'{count:.0f} {unit}' if unit == 'B' else f'{count:.1f} {unit}'
        count /= 1000
    return ''
