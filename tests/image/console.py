"""A person at the serial line of a guest: transcripts as tests/console has them, played on the machine instead of a program."""
import pathlib
import time

from tests.console.reader import ESCAPES, Fault, step

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE = 300


class Line:
    """What stands on the first serial line, and typing on it. The terminal tells no size, so it gets plain lines."""

    def __init__(self, guest):
        self.guest, self.seen = guest, 0

    @property
    def text(self):
        return ESCAPES.sub('', self.guest.machine.text()).replace('\r', '')

    def send(self, text):
        self.guest.machine.send(text)

    def wait(self, found, what):
        end = time.monotonic() + PATIENCE
        while not (hit := found()):
            if time.monotonic() > end or self.guest.machine.process.poll() is not None:
                raise Fault(f'{what} never came; the screen ends: {self.text[-600:]!r}')
            time.sleep(0.2)
        return hit

    def expect(self, text):
        self.wait(lambda: text in self.text[self.seen:], repr(text))
        self.seen = self.text.index(text, self.seen) + len(text)

    def last_row(self):
        return self.text.rsplit('\n', 1)[-1]


def play(guest, name, values=None):
    """Plays tests/image/NAME.transcript; the line, for more of it."""
    line = Line(guest)
    for number, row in enumerate((HERE / f'{name}.transcript').read_text().splitlines(), 1):
        text = row[2:]
        for key, value in (values or {}).items():
            text = text.replace('{' + key + '}', str(value))
        try:
            step(line, row[:1], text, {})
        except Fault as fault:
            raise Fault(f'{name}.transcript:{number}: {row}: {fault}') from None
    return line
