"""Plays a transcript against a program on a pseudo terminal.

A transcript is what a person sees and types, line by line:

  # options: --physical      words for the program, on the first lines
  # plain                    this terminal does not tell its size
  > text                     typed, with Enter
  + text                     typed, without Enter; {tab} {up} {left} {ctrl-a} {ctrl-c} {ctrl-u} are keys
  < text                     has to appear, after what the line before needed; {name} is replaced by a value
  ! text                     must not have appeared so far
  = text                     the last row of the screen ends so
  ? NAME text (.*) text      has to appear; what the brackets hold is {NAME} from now on

What always holds: no sleeping; each expectation waits for its condition, up to PATIENCE.
"""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

PATIENCE = 60
KEYS = {'tab': '\t', 'up': '\x1b[A', 'left': '\x1b[D', 'ctrl-a': '\x01', 'ctrl-c': '\x03', 'ctrl-u': '\x15', 'enter': '\r'}
ESCAPES = re.compile(r'\x1b(\[[0-9;?]*[@-~]|[78])')


class Fault(AssertionError):
    pass


class Terminal:
    """A program on a pseudo terminal, and everything it has sent."""

    def __init__(self, words, columns=80, rows=24, answers=True):
        self.columns, self.rows, self.answers = columns, rows, answers
        self.raw, self.seen, self._tail = b'', 0, b''
        master, slave = pty.openpty()
        # A serial line knows no size: the terminal is asked.
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 0, 0, 0, 0))
        self.process = subprocess.Popen([str(w) for w in words], stdin=slave, stdout=slave, stderr=subprocess.PIPE, start_new_session=True)
        os.close(slave)
        self.master = master

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process.stderr.close()
        os.close(self.master)

    def send(self, text):
        os.write(self.master, text.encode())

    def pump(self, seconds):
        """Takes in what comes within that time; False where nothing did."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            got = os.read(self.master, 4096)
        except OSError:
            return False
        self.raw += got
        if self.answers:
            # A question may be cut between two reads.
            self._tail += got
            for _ in range(self._tail.count(b'\x1b[6n')):
                self.send(f'\x1b[{self.rows};{self.columns}R')
            self._tail = self._tail.rsplit(b'\x1b[6n', 1)[-1][-3:]
        return bool(got)

    @property
    def text(self):
        return ESCAPES.sub('', self.raw.decode(errors='replace')).replace('\r', '')

    def wait(self, found, what):
        end = time.monotonic() + PATIENCE
        while not (hit := found()):
            if time.monotonic() > end:
                raise Fault(f'{what} never came; the screen ends: {self.text[-600:]!r}')
            if self.process.poll() is not None and not self.pump(0.1):
                raise Fault(f'the program ended ({self.process.returncode}) before {what} came: {self.process.stderr.read()[-500:]!r} {self.text[-400:]!r}')
            self.pump(0.2)
        return hit

    def expect(self, text):
        self.wait(lambda: text in self.text[self.seen:], repr(text))
        self.seen = self.text.index(text, self.seen) + len(text)

    def match(self, pattern):
        hit = self.wait(lambda: re.search(pattern, self.text[self.seen:]), repr(pattern))
        self.seen += hit.end()
        return hit.group(1)

    def last_row(self):
        return self.text.rsplit('\n', 1)[-1]


def with_keys(text):
    return re.sub(r'\{([a-z-]+)\}', lambda m: KEYS.get(m.group(1), m.group(0)), text)


def play(path, program, values=None):
    """Plays one transcript; what was sent, for those who count bytes."""
    lines = path.read_text(encoding='utf-8').splitlines()
    values = dict(values or {})

    def filled(text):
        for name, value in values.items():
            text = text.replace('{' + name + '}', str(value))
        return text
    options = [w for line in lines if line.startswith('# options:') for w in filled(line[10:]).split()]
    terminal = Terminal([*program, *options], answers='# plain' not in lines)
    try:
        for number, line in enumerate(lines, 1):
            sign, text = line[:1], filled(line[2:])
            try:
                step(terminal, sign, text, values)
            except Fault as fault:
                raise Fault(f'{path.name}:{number}: {line}: {fault}') from None
    finally:
        terminal.close()
    return terminal


def step(terminal, sign, text, values):
    if sign == '>':
        terminal.send(text + '\r')
    elif sign == '+':
        terminal.send(with_keys(text))
    elif sign == '<':
        terminal.expect(text)
    elif sign == '=':
        terminal.wait(lambda: terminal.last_row().rstrip().endswith(text), f'{text!r} in the last row')
    elif sign == '?':
        name, pattern = text.split(' ', 1)
        values[name] = terminal.match(pattern)
    elif sign == '!' and text in terminal.text:
        raise Fault(f'{text!r} was shown')
