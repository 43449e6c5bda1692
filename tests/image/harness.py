"""What the image tests share: one image built once, a fresh disk and a fresh firmware variable store for each test.

What always holds: a test never sees another's disk; it waits for lines of the two serial lines (the console, and the one
where init and the programs tell what they do) or for a name on the ESP, with long deadlines, and never for a time to pass.
What both said is kept where a test fails.
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
from tests.image.outside import Outside
from tools.lab.shell import LabError, say, wait_for

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get('BUILD', 'build'))
BUILD = BUILD if BUILD.is_absolute() else ROOT / BUILD
BOARD = 'qemu-q35'
TESTS, LONG = [], []
PATIENCE = 600  # seconds for one line: under TCG on a busy machine a start takes some minutes
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
        self.machine, self.starts = None, 0
        self.seen = {'console': 0, 'told': 0}

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

    def rename_entry(self, old, new):
        self.esp('mren', f'::/EFI/Linux/{old}', new)

    def resize_data(self, megabytes):
        """The data partition, which is the last one, gets another size; before the first start."""
        subprocess.run(['sfdisk', '--quiet', '--no-reread', '--no-tell-kernel', '-N', '5', self.disk], input=f', {megabytes}M\n'.encode(),
                       stdout=subprocess.DEVNULL, check=True)

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
        self.seen = {'console': 0, 'told': 0}
        return self

    def text(self, line='told'):
        return COLOURS.sub('', self.machine.words_told() if line == 'told' else self.machine.text())

    def expect(self, pattern, seconds=PATIENCE, never=None, line='told'):
        """Waits for words of init and the programs that hold the pattern, from behind the last ones found; returns the match."""
        end = time.monotonic() + seconds
        while True:
            text = self.text(line)
            found = re.search(pattern, text[self.seen[line]:])
            if found:
                self.seen[line] += found.end()
                return found
            if never and (bad := re.search(never, text[self.seen[line]:])):
                raise AssertionError(f'{bad.group(0)!r} came before {pattern!r}')
            if self.machine.process.poll() is not None:
                raise AssertionError(f'the machine ended before {pattern!r}; {self.last_words()}')
            if time.monotonic() > end:
                raise AssertionError(f'no {pattern!r} within {seconds} s; {self.last_words()}')
            time.sleep(0.2)

    def console(self, pattern, seconds=PATIENCE, never=None):
        """The same for what people see on the console."""
        return self.expect(pattern, seconds, never, 'console')

    def expect_entry(self, name, seconds=PATIENCE):
        """Waits until the ESP has an entry of that name."""
        wait_for(lambda: self.has_entry(name), seconds, f'entry {name}', step=1)

    def has_entry(self, name):
        """Also while the guest writes there: what cannot be read now can be read later."""
        with contextlib.suppress(LabError):
            return name in self.entries()
        return False

    def last_words(self):
        return '; '.join(f'{line} ends: ' + ' / '.join([one for one in self.text(line).splitlines() if one.strip()][-3:])
                         for line in ('told', 'console'))

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
        self.around = None

    def prepare(self, as_is=False):
        """The image, built once from the programs that are there."""
        if not as_is:
            made = subprocess.run([ROOT / 'tools/setup/build-web'], cwd=ROOT, check=False).returncode
            if made != 0:
                say('  image: THE WEB PAGES CANNOT BE BUILT HERE; the image is tested without them')
            build.build(BOARD, BUILD, self.image)
        self.pages = (BUILD / 'web/www/index.html').exists()
        self.facts = json.loads((self.image / 'image.json').read_text())

    @property
    def outside(self):
        """The internet and the office; made when a test first needs them."""
        if self.around is None:
            self.around = Outside(self.place).start()
        return self.around

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
