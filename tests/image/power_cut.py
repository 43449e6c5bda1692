"""The power goes at every point of a real update: QEMU writes down each block the guest writes (blklogwrites, the format of Linux's
dm-log-writes), and the disk is put together again as each cut would leave it.

What always holds: writes before the last flush are there; of those after it any part may be missing, here each one alone, all but
each one, and parts by chance with a fixed seed. Judged as the firmware and the loader would: the names on the ESP, the kernel image
of the chosen one bit for bit, and the root it wants.
"""
import contextlib
import hashlib
import os
import pathlib
import random
import struct
import subprocess

from tests.image.harness import check, long_test
from tests.image.update import NEWER, all_bundles, ask_update, log_in, make_stick

MAGIC, FLUSH, FUA, DISCARD, MARK = 0x6A736677736872, 1, 2, 4, 8
SECTOR = 512


def read_log(path):
    """(flags, offset on the disk, bytes) of each write, in order."""
    with open(path, 'rb') as file:
        magic, _, count, size = struct.unpack_from('<QQQI', file.read(SECTOR))
        check(magic == MAGIC and size == SECTOR, 'the log of writes is not as this test knows it')
        at = SECTOR
        for _ in range(count):
            file.seek(at)
            sector, sectors, flags, _ = struct.unpack_from('<QQQQ', file.read(SECTOR))
            data = b'' if flags & (DISCARD | MARK) else file.read(sectors * SECTOR)
            yield flags, sector * SECTOR, data if not flags & DISCARD else None
            at += SECTOR + (0 if flags & DISCARD else len(data))


class Parts:
    """The ESP and both roots of a disk, as files that writes are put into."""

    def __init__(self, guest, directory):
        self.places = {name: guest.partition(name) for name in ('esp', 'root-a', 'root-b')}
        self.files = {name: open(pathlib.Path(directory) / name, 'w+b', buffering=0) for name in self.places}
        with open(guest.disk, 'rb') as disk:
            for name, (offset, size) in self.places.items():
                disk.seek(offset)
                self.files[name].write(disk.read(size))

    def swap(self, offset, data):
        """Puts bytes where they belong; what was there, for undoing; None where it is none of these parts."""
        for name, (start, size) in self.places.items():
            if start <= offset and offset + len(data) <= start + size:
                file = self.files[name]
                old = os.pread(file.fileno(), len(data), offset - start)
                os.pwrite(file.fileno(), data, offset - start)
                return old
        return None

    def concerns(self, offset, data):
        return bool(data) and any(start <= offset < start + size for start, size in self.places.values())

    @contextlib.contextmanager
    def with_writes(self, writes):
        undo = [(offset, self.swap(offset, data)) for offset, data in writes]
        try:
            yield
        finally:
            for offset, old in reversed(undo):
                if old is not None:
                    self.swap(offset, old)

    def mtool(self, tool, *words):
        done = subprocess.run([tool, '-i', self.files['esp'].name, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=os.environ | {'MTOOLS_SKIP_CHECK': '1'}, check=False)
        return done.stdout


def rank(name):
    """How systemd-boot orders: those with tries left or none counted first, then the highest number."""
    number, slot = name.removesuffix('.efi').split('-')[1:3]
    slot, _, tries = slot.partition('+')
    return not tries or int(tries.split('-')[0]) > 0, int(number), slot


def choice(parts):
    names = [line.rpartition(b'/')[2].decode() for line in parts.mtool('mdir', '-b', '::/EFI/Linux').split(b'\n') if line]
    slots = [name for name in names if name.startswith('postern-') and name.endswith('.efi') and 'rescue' not in name]
    return max(slots, key=rank, default=None)


class Judge:
    """Whether the box would start: which slot's kernel, is it whole, and is the root the one it wants."""

    def __init__(self, bench, newer):
        self.wanted = {}
        for image in (bench.image, newer):
            kernel, root = (image / 'postern.efi').read_bytes(), (image / 'root.img').read_bytes()
            self.wanted[hashlib.sha256(kernel).digest()] = (image.name, len(root), hashlib.sha256(root).digest())
        self.seen = set()

    def __call__(self, parts, when):
        name = choice(parts)
        check(name, f'{when}: the loader finds nothing to start')
        kernel = hashlib.sha256(parts.mtool('mcopy', f'::/EFI/Linux/{name}', '-')).digest()
        check(kernel in self.wanted, f'{when}: {name} is not whole')
        image, size, root = self.wanted[kernel]
        slot = rank(name)[2]
        found = hashlib.sha256(os.pread(parts.files[f'root-{slot}'].fileno(), size, 0)).digest()
        check(found == root, f'{when}: {name} wants the root of {image}, and slot {slot} holds another')
        self.seen.add((slot, image))


def cuts(writes, chance):
    """Parts of the unsynced writes that may have reached the disk: (words, those that did)."""
    yield 'all of them lost', []
    yield 'none lost', writes
    for index in range(0, len(writes), max(1, len(writes) // 12)):
        yield f'only number {index} there', [writes[index]]
        yield f'all but number {index} there', writes[:index] + writes[index + 1:]
        yield f'up to number {index} there', writes[:index]
    for number in range(3):
        yield f'part {number}', [one for one in writes if chance.random() < 0.5]


def replay(parts, log, judge):
    """Cuts the power at every flush, with every part of what was not flushed; returns how often."""
    chance, waiting, judged, flushes = random.Random(1), [], 0, 0
    for flags, offset, data in read_log(log):
        if flags & FLUSH:
            flushes += 1
            if any(parts.concerns(*one) for one in waiting):
                for words, there in cuts(waiting, chance):
                    with parts.with_writes(there):
                        judge(parts, f'cut before flush {flushes}, {words}')
                    judged += 1
            for one in waiting:
                parts.swap(*one)
            waiting = []
        if parts.concerns(offset, data):
            waiting.append((offset, data))
    return judged


@long_test
def the_power_cut_at_every_point_of_an_update_leaves_a_box_that_starts(bench):
    bundles = all_bundles(bench)
    guest = bench.guest(more=make_stick(bench, 'cut', [bundles['good']])).start()
    guest.expect('slot a is good')
    guest.expect_entry('postern-2-a.efi')
    guest.stop()
    parts = Parts(guest, bench.place.path('parts'))
    log = guest.directory / 'writes'
    with open(log, 'wb') as file:
        file.truncate(1 << 30)
    guest.options['writes'] = log
    guest.start()
    guest.expect('slot a is good')
    ask_update(log_in(guest), 'usb')
    guest.expect(f'update: .*"version":"{NEWER}"')
    guest.expect('slot b is good')
    guest.expect_entry('postern-3-b.efi')
    guest.machine.command('quit')
    guest.machine.process.wait(60)
    judge = Judge(bench, bench.place.path('newer'))
    judged = replay(parts, log, judge)
    check({slot for slot, _ in judge.seen} == {'a', 'b'}, f'only {judge.seen} was ever chosen')
    bench.note(f'{judged} cuts')
