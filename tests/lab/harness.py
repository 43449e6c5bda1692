"""What the end-to-end tests share: the list of tests, a fresh box for each, load, and checks on what arrived.

What always holds: network, office and sender live for the whole run; every test gets a box of its own with an empty
spool, and message ids of its own, so no test can see another's mail.
"""
import contextlib
import json
import pathlib
import shutil
import subprocess
import sys
import time

from tools.lab import gateway, messages
from tools.lab.compare import fields
from tools.lab.internet.world import World
from tools.lab.network import WAN4
from tools.lab.shell import LabError, end_process, say, wait_for

LOAD = gateway.BUILD / 'tools/load/postern-load'
TESTS = []


class Skip(Exception):
    """The test cannot run here; the reason is printed and it counts neither way."""


def test(function):
    """Enters a test; its name says the behaviour."""
    TESTS.append(function)
    return function


def check(truth, what):
    if not truth:
        raise AssertionError(what)


class Bench:
    """What a test works with."""

    def __init__(self, lab, place, long):
        self.lab, self.place, self.long = lab, place, long
        self.network = lab.network if lab else None
        self.notes = []
        self.name = ''
        self.internet = None

    @property
    def world(self):
        """The lab's internet; made when a test first needs it, at peace."""
        if not self.internet:
            self.internet = World(self.place, self.network, evil=True).start()
        self.internet.peace()
        return self.internet

    def begin(self, name):
        self.name, self.notes = name, []

    def note(self, text):
        """A figure for the line of the test."""
        self.notes.append(text)

    def rounds(self, short, long):
        return long if self.long else short

    @contextlib.contextmanager
    def box(self, more=None, ready=True):
        """A fresh box; it and its spool are gone afterwards."""
        directory = self.place.path('gateway')
        box = gateway.Gateway(self.place, self.network, self.lab.certificates, more)
        try:
            yield box.start(ready)
        except BaseException:
            self.keep_evidence(box)
            raise
        finally:
            box.stop()
            shutil.rmtree(directory, ignore_errors=True)

    def keep_evidence(self, box):
        """A failed test leaves the box's log where a person finds it."""
        evidence = gateway.BUILD / 'lab-evidence' / self.name
        shutil.rmtree(evidence, ignore_errors=True)
        evidence.mkdir(parents=True)
        for path in (box.log, pathlib.Path(box.settings['log.messages']), box.settings_file):
            if path.exists():
                shutil.copy(path, evidence)
        with contextlib.suppress(Exception):
            (evidence / 'counters.json').write_text(json.dumps(box.counters(), indent=1))

    def load(self, *words, timeout=120):
        """Runs the load generator to its end; its report."""
        words = self._words(words)
        done = subprocess.run(self.network.inside('internet', LOAD, *words), stdout=subprocess.PIPE, timeout=timeout)
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def load_running(self, *words):
        """The load generator in the background; `stop()` of what is yielded ends it and gives its report."""
        process = subprocess.Popen(self.network.inside('internet', LOAD, *self._words(words)), stdout=subprocess.PIPE,
                                   start_new_session=True)
        try:
            yield Running(process)
        finally:
            end_process(process)

    def _words(self, words):
        given = [str(w) for w in words]
        fixed = ['--id', self.name, '--record', str(self.record)]
        return (['--server', WAN4] if '--server' not in given else []) + fixed + given

    @property
    def record(self):
        return self.place.path('records') / self.name

    def promised(self):
        """Ids of the messages that heard 250."""
        return set(self.record.read_text().split()) if self.record.exists() else set()

    def arrived(self, prefix=None):
        """Copies by id of this test's messages."""
        found = {}
        for (name, _), paths in self.lab.mailbox.scan().items():
            if name.startswith((prefix or self.name) + '-'):
                found.setdefault(name, []).extend(paths)
        return found

    def wait_arrived(self, seconds=60):
        """Until everything promised is there; the ids that never came are the fault."""
        wanted = self.promised()
        end = time.monotonic() + seconds
        while (missing := wanted - set(self.arrived())) and time.monotonic() < end:
            time.sleep(0.2)
        check(not missing, f'{len(missing)} of {len(wanted)} accepted messages never arrived, such as {sorted(missing)[:3]}')
        return self.arrived()

    def check_whole(self, arrived, size=4096):
        """Each copy is what the load generator sent."""
        want = load_body(size)
        for name, paths in arrived.items():
            for path in paths:
                check(loaded_part(path.read_bytes()) == want, f'{name} arrived changed: {path}')


class Running:
    def __init__(self, process):
        self.process = process

    def stop(self):
        self.process.terminate()
        output, _ = self.process.communicate(timeout=30)
        return json.loads(output)


def load_body(size):
    """What postern-load sends below its X-Lab-Id line, with LF."""
    body = 'From: <load@sender.example>\r\nTo: <load@example.org>\r\nSubject: load\r\n\r\n'
    while len(body) < size:
        room = min(76, size - len(body))
        for i in range(room):
            body += chr(ord('a') + (len(body) * 7 + i) % 26)
        body += '\r\n'
    return body.replace('\r\n', '\n').encode()


def loaded_part(stored):
    """A stored message from below its X-Lab-Id line on."""
    at = stored.find(b'X-Lab-Id:')
    return stored[stored.find(b'\n', at) + 1:]


def received_count(stored):
    head = stored.split(b'\n\n', 1)[0]
    return sum(1 for field in fields(head) if field.lower().startswith(b'received:'))


FAULTS = (AssertionError, LabError, OSError, ValueError, subprocess.SubprocessError, KeyError)


def attempt(function, bench, name):
    """The reason why it failed, or None. What a test noted is left in the bench."""
    bench.begin(name)
    try:
        function(bench)
    except FAULTS as fault:
        return f'{type(fault).__name__ + ": " if not isinstance(fault, (AssertionError, LabError)) else ""}{fault}'
    return None


def run_tests(bench, names):
    """One line per test; (passed, failed, those that passed at the second try).

    Programs of others and two shared cores take part here, so what fails is tried once more, and both is told: a test
    that needs its second try often is to be mended. A long run knows no second try.
    """
    passed, failed, again = 0, [], []
    for function in TESTS:
        name = function.__name__
        if names and not any(n in name for n in names):
            continue
        began = time.monotonic()
        try:
            reason = attempt(function, bench, name)
            if reason and not bench.long:
                say(f'  {name:58} {time.monotonic() - began:6.1f} s  once more: {reason}')
                first, reason = reason, attempt(function, bench, f'{name}-again')
                again += [f'{name}: {first}'] if not reason else []
            word = f'FAILED: {reason}' if reason else 'ok'
            passed, failed = passed + (not reason), failed + ([name] if reason else [])
        except Skip as reason:
            word = f'skipped: {reason}'
        notes = f' ({"; ".join(bench.notes)})' if bench.notes else ''
        say(f'  {name:58} {time.monotonic() - began:6.1f} s  {word}{notes}')
    return passed, failed, again


def wait_for_message(bench, name, recipient, seconds=30):
    return wait_for(lambda: bench.lab.mailbox.scan().get((name, recipient)), seconds, f'message {name}')


def python(bench, room, *words, **more):
    return bench.network.run(room, sys.executable, *words, **more)


def address(user):
    return f'{user}@{messages.DOMAIN}'
