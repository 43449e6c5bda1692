"""Is what arrived what was sent? Bit for bit, apart from the trace fields that RFC 5321 §4.4 tells servers to add.

The office's Postfix stores lines with LF, puts Return-Path, X-Original-To and Delivered-To on top and its own
Received below; the box adds exactly one Received; the sending Postfix, where one was used, adds one more. Whatever
lies below them must be the very bytes that were sent. Every message of the lab starts with an X-Lab-Id field, which
is where the sender's own bytes begin.
"""
import re

FIRST_FIELD = b'X-Lab-Id:'
OFFICE_FIELDS = {b'return-path', b'x-original-to', b'delivered-to'}


def fields(block):
    """The unfolded header fields of a block of LF lines."""
    found = []
    for line in block.split(b'\n'):
        if line[:1] in (b' ', b'\t') and found:
            found[-1] += b'\n' + line
        elif line:
            found.append(line)
    return found


def identity(delivered):
    """(lab id, recipient) of a stored message; None where it is not one of ours."""
    head = delivered[:65536]
    number = re.search(rb'^X-Lab-Id: (\S+)', head, re.M)
    recipient = re.search(rb'^X-Original-To: (\S+)', head, re.M) or re.search(rb'^Delivered-To: (\S+)', head, re.M)
    if not number:
        return None
    return number.group(1).decode(), recipient.group(1).decode('utf-8', 'replace') if recipient else ''


def difference(sent, delivered, hosts):
    """'' where they are equal; else what differs. `hosts`: who must each have added one Received, newest first."""
    start = 0 if delivered.startswith(FIRST_FIELD) else delivered.find(b'\n' + FIRST_FIELD) + 1
    if start == 0 and not delivered.startswith(FIRST_FIELD):
        return 'the first field of the message is missing'
    received = []
    for field in fields(delivered[:start]):
        name = field.split(b':', 1)[0].lower()
        if name == b'received':
            by = re.search(rb'\bby\s+(\S+)', field)
            received.append(by.group(1).decode() if by else '?')
        elif name not in OFFICE_FIELDS:
            return f'a field nobody may add: {field[:60].decode(errors="replace")}'
    if received != hosts:
        return f'Received by {received}, expected by {hosts}'
    want = sent.replace(b'\r\n', b'\n')
    got = delivered[start:]
    if not want.endswith(b'\n'):
        want += b'\n'  # Postfix ends a last line that BDAT left open
    if want == got:
        return ''
    at = next((i for i, (a, b) in enumerate(zip(want, got)) if a != b), min(len(want), len(got)))
    return f'{len(want)} bytes sent, {len(got)} arrived, first difference at {at}: {want[at:at + 12]!r} became {got[at:at + 12]!r}'


class Mailbox:
    """The office's Maildir, read as it fills."""

    def __init__(self, directory):
        self.directory = directory / 'new'
        self.seen = {}

    def scan(self):
        """Path of each stored message by (lab id, recipient); a duplicate has more than one."""
        for path in self.directory.iterdir():
            if path.name in self.seen:
                continue
            with open(path, 'rb') as file:
                self.seen[path.name] = (identity(file.read(65536)), path)
        found = {}
        for who, path in self.seen.values():
            if who:
                found.setdefault(who, []).append(path)
        return found
