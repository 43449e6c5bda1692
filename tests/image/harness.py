"""What the image tests share: one image built once, a fresh disk and a fresh firmware variable store for each test.

What always holds: a test never sees another's disk; it waits for lines of the serial console, with long deadlines, and
never for a time to pass. What the console said is kept where a test fails.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import time

from image.builder import build, disk, qemu
from image.builder.shell import ImageError
from tools.lab.shell import LabError, say

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('BUILD', 'build'))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD
BOARD = 'qemu-q35'
TESTS, LONG = [], []
PATIENCE = 400  # seconds for one line: under TCG on a busy machine a start takes some minutes
COLOURS = re.compile(r'\x1b\[[0-9;=?]*[A-Za-z]')


def test(function):
    """Enters a test that runs with every `make test`."""
    TESTS.append(function)
    return function


def long_test(function):
    """Enters a test that runs with `make test-image-long` only."""
    LONG.append(function)
    return function


def check(truth, what):
    if not truth:
        raise AssertionError(what)


class Guest:
    """A machine with its own copy of the image's disk."""

    def __init__(self, bench, directory, **options):
        self.bench, self.directory = bench, pathlib.Path(directory)
        self.directory.mkdir(parents=True)
        self.disk = self.directory / 'disk.img'
        subprocess.run(['cp', '--sparse=always', bench.image / 'disk.img', self.disk], check=True)
        self.options = options
        self.machine, self.starts, self.seen = None, 0, 0

    # The disk, from outside.
    def partition(self, name):
        """(offset, bytes) of a partition."""
        at = disk.MIB
        for part in self.bench.layout['partition']:
            size = part['megabytes'] * disk.MIB or self.disk.stat().st_size - at - disk.MIB
            if part['name'] == name:
                return at, size
            at += size
        raise LabError(f'no partition {name}')

    def esp(self, tool, *words, data=None):
        """An mtools command on the ESP; what it printed."""
        offset = self.partition('esp')[0]
        done = subprocess.run([tool, '-i', f'{self.disk}@@{offset}', *[str(w) for w in words]], input=data, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env=os.environ | {'MTOOLS_SKIP_CHECK': '1'}, check=False)
        if done.returncode != 0:
            raise LabError(f'{tool} {words}: {done.stdout.decode(errors="replace")}')
        return done.stdout.decode(errors='replace')

    def entries(self):
        """Names of the loader's entries."""
        return sorted(line.rpartition('/')[2] for line in self.esp('mdir', '-b', '::/EFI/Linux').split())

    def put(self, name, data):
        with contextlib.suppress(LabError):
            self.esp('mmd', '-D', 's', '::/postern')
        self.esp('mcopy', '-o', '-', f'::/postern/{name}', data=data)

    def damage(self, name, offset, count=64):
        """Turns bytes of a partition over."""
        at = self.partition(name)[0] + offset
        with open(self.disk, 'r+b') as file:
            file.seek(at)
            old = file.read(count)
            file.seek(at)
            file.write(bytes(byte ^ 0xff for byte in old))

    # The machine.
    def start(self):
        self.starts += 1
        self.machine = qemu.Machine(self.directory / f'start{self.starts}', self.disk, self.bench.accel, **self.options).start()
        self.seen = 0
        return self

    def text(self):
        return COLOURS.sub('', self.machine.text())

    def expect(self, pattern, seconds=PATIENCE, never=None):
        """Waits for a line that holds the pattern, from behind the last one found; returns the match."""
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            found = re.search(pattern, text[self.seen:])
            if found:
                self.seen += found.end()
                return found
            if never and (bad := re.search(never, text[self.seen:])):
                raise AssertionError(f'the console says {bad.group(0)!r} before {pattern!r}')
            if self.machine.process.poll() is not None:
                raise AssertionError(f'the machine ended before {pattern!r}; {self.last_words()}')
            if time.monotonic() > end:
                raise AssertionError(f'no {pattern!r} within {seconds} s; {self.last_words()}')
            time.sleep(0.2)

    def last_words(self):
        lines = [line for line in self.text().splitlines() if line.strip()] or ['nothing']
        return 'the console ends: ' + ' / '.join(lines[-3:])

    def stop(self):
        if self.machine:
            self.machine.stop()


class Bench:
    def __init__(self, place):
        self.place = place
        self.image = BUILD / 'image' / BOARD
        self.layout = build.read('layout.toml')
        self.accel = qemu.accelerator()
        self.guests, self.notes, self.count = [], [], 0

    def prepare(self, as_is=False):
        """The image, built once from the programs that are there."""
        if not as_is:
            build.build(BOARD, BUILD, self.image)
        self.facts = json.loads((self.image / 'image.json').read_text())

    def note(self, text):
        self.notes.append(text)

    def guest(self, **options):
        self.count += 1
        guest = Guest(self, self.place.path('guests') / str(self.count), **options)
        self.guests.append(guest)
        return guest

    def drop_guests(self, keep_as=None):
        for guest in self.guests:
            guest.stop()
            if keep_as:
                kept = BUILD / 'image-evidence' / keep_as
                kept.mkdir(parents=True, exist_ok=True)
                for log in guest.directory.glob('start*/*.log'):
                    shutil.copy(log, kept / f'{log.parent.name}-{log.name}')
            shutil.rmtree(guest.directory, ignore_errors=True)
        self.guests = []


def run_tests(bench, tests, words):
    passed, failed = 0, []
    for function in tests:
        name = function.__name__
        if words and not any(word in name for word in words):
            continue
        bench.notes = []
        began = time.monotonic()
        try:
            function(bench)
            passed, good, why = passed + 1, True, ''
        except (AssertionError, ImageError, LabError, OSError, subprocess.SubprocessError) as fault:
            failed.append(name)
            good, why = False, str(fault)
        bench.drop_guests(None if good else name)
        notes = f' ({", ".join(bench.notes)})' if bench.notes else ''
        say(f'  {"ok  " if good else "FAIL"} {name:60} {time.monotonic() - began:5.0f} s{notes}' + (f'\n       {why}' if why else ''))
    return passed, failed
