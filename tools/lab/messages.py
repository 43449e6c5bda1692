"""The messages the lab sends, and how each travels. Deterministic: the same run number gives the same bytes."""
import base64
import dataclasses
import random

from tools.lab.network import WAN4, WAN6
from tools.lab.shell import run

DOMAIN = 'example.org'
USERS = ['alice', 'bob', 'carol', 'dots', 'large', 'huge', 'long', 'eight', 'bdat', 'tls12', 'tls465', 'pf4', 'pf6', 'pf12',
         'pfmay', 'v6', 'zoë', 'load', 'refuse', *(f'list{n:03}' for n in range(100))]
MAILBOXES = [f'{user}@{DOMAIN}' for user in USERS]


@dataclasses.dataclass
class Message:
    name: str                 # unique in the run; also the local part of the sender
    what: str                 # for people
    way: str                  # swaks, postfix or client
    recipients: list
    data: bytes = b''         # CRLF, as sent
    options: list = dataclasses.field(default_factory=list)
    expect: int = 250         # the box's reply
    sender: str = ''
    hops: int = 0             # Received fields added before the box


def header(name, subject, sender, recipient, more=''):
    return (f'X-Lab-Id: {name}\r\nFrom: <{sender}>\r\nTo: <{recipient}>\r\nSubject: {subject}\r\n'
            f'Date: Sun, 01 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{name}@sender.example>\r\n{more}\r\n').encode()


def lines(random_source, count, width=70):
    """Printable text that compresses badly and has spaces at line ends here and there."""
    letters = 'abcdefghijklmnopqrstuvwxyz0123456789 ,:-'
    made = (''.join(random_source.choices(letters, k=width)) for _ in range(count))
    return ''.join(line + '\r\n' for line in made).encode()


def dots():
    return b'.\x20a line that starts with a dot\r\n..\r\n...\r\n.\tx\r\n' + b'.dot\r\n' * 50 + b'\r\n..\r\n'


def long_header(rng):
    folded = '\r\n '.join(''.join(rng.choices('abcdef0123456789', k=70)) for _ in range(400))
    return f'X-Long: {folded}\r\n'


def attachments(path, size):
    """A MIME message made by swaks itself, with two attachments of random bytes; size in bytes when sent."""
    rng = random.Random(7)
    for name, part in (('plan.bin', 0.6), ('photo.bin', 0.4)):
        (path / name).write_bytes(rng.randbytes(int(size * part * 57 / 78)))
    done = run('swaks', '--dump-mail', '--server', WAN4, '--to', f'huge@{DOMAIN}', '--from', 'attach@sender.example', '--helo', 'sender.example',
               '--header', 'Subject: two attachments', '--add-header', 'X-Lab-Kind: attachments', '--body', 'See the attachments.',
               '--attach-type', 'application/octet-stream', '--attach', f'@{path}/plan.bin', '--attach', f'@{path}/photo.bin')
    text = done.stdout.replace(b'\r\n', b'\n').rstrip(b'\r\n') + b'\n'
    return b'X-Lab-Id: attach\r\n' + text.replace(b'\n', b'\r\n')


def all_messages(path):
    """The messages of `make run`, in the order they are sent."""
    rng = random.Random(1)
    made = []

    def add(name, what, way, to, body=b'Hello.\r\n', more='', **rest):
        recipients = [t if '@' in t else f'{t}@{DOMAIN}' for t in (to if isinstance(to, list) else [to])]
        sender = rest.pop('sender', f'{name}@sender.example')
        data = rest.pop('data', None) or header(name, what, sender, recipients[0], more) + body
        made.append(Message(name, what, way, recipients, data, sender=sender, **rest))

    v4, v6 = ['--server', WAN4], ['--server', WAN6]
    add('small4', 'a small text, IPv4', 'swaks', 'alice', options=v4 + ['--tls'])
    add('small6', 'a small text, IPv6', 'swaks', 'v6', options=v6 + ['-6', '--tls'])
    add('implicit', 'implicit TLS on port 465', 'swaks', 'tls465', options=v4 + ['--tls-on-connect', '--port', '465'])
    add('tls12', 'TLS 1.2', 'client', 'tls12', options=v4 + ['--tls-version', '1.2'])
    add('plain', 'without TLS', 'swaks', 'bob', options=v4)
    add('dots', 'dots at line starts', 'swaks', 'dots', dots(), options=v4 + ['--tls'])
    add('eight', '8-bit text', 'client', 'eight', 'Grüße aus Zürich, żółć, 日本語\r\n'.encode() * 40,
        'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n', options=v4)
    add('utf8', 'SMTPUTF8 addresses', 'client', 'zoë', options=v6 + ['--smtputf8'], sender='büro@sender.example')
    add('longhead', 'a header of 28 KB', 'client', 'long', more=long_header(rng), options=v4)
    add('bdat', 'BDAT in odd chunks', 'client', 'bdat', lines(rng, 3000) + dots(), options=v4 + ['--bdat', '7777'])
    add('list', '100 recipients', 'client', [f'list{n:03}' for n in range(100)], lines(rng, 20), options=v4)
    add('mb1', '1 MB', 'swaks', 'large', lines(rng, 14500), options=v4 + ['--tls'])
    add('attach', '10 MB with attachments', 'swaks', 'huge', data=attachments(path, 10 << 20), options=v4 + ['--tls'])
    add('attach6', '10 MB with attachments, IPv6, BDAT', 'client', 'huge', options=v6 + ['--bdat', '1000000'],
        data=made[-1].data.replace(b'X-Lab-Id: attach\r\n', b'X-Lab-Id: attach6\r\n', 1))
    add('pf4', 'from a Postfix, IPv4', 'postfix', 'pf4', lines(rng, 100) + dots(), hops=1)
    add('pf6', 'from a Postfix, IPv6', 'postfix', 'pf6', lines(rng, 100), hops=1)
    add('pf12', 'from a Postfix, TLS 1.2', 'postfix', 'pf12', base64.encodebytes(rng.randbytes(30000)).replace(b'\n', b'\r\n'), hops=1)
    add('unknown', 'unknown recipient', 'swaks', 'nobody-here', options=v4 + ['--tls'], expect=550)
    add('relay', 'a domain we do not serve', 'swaks', 'x@elsewhere.example', options=v4 + ['--tls'], expect=550)
    return made
