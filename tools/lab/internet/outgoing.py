"""Mail of the office to the rows: made, handed in, and what became of it, as the servers in the internet saw it."""
import dataclasses
import re
import smtplib
import ssl

from tools.lab import messages
from tools.lab.certificates import DESK_NAME, GATEWAY_NAME
from tools.lab.compare import difference
from tools.lab.network import LAN4

SENDER = f'carol@{messages.DOMAIN}'
RECEIVED = re.compile(rb'^Received: (.*(?:\n[ \t].*)*)', re.M)


@dataclasses.dataclass
class Letter:
    """One message to one row."""
    placed: object
    name: str
    recipient: str
    data: bytes
    expect: object
    flags: tuple
    hops: list                  # who must have added a Received line before the last server, newest first

    @property
    def row(self):
        return self.placed.row


def letter(placed, mark='1', expect=None):
    row = placed.row
    name = f'out-{row.name}-{mark}'
    recipient = f'{mark}@{row.domain}'
    more = 'TLS-Required: No\r\n' if 'tls-no' in row.flags else ''
    data = messages.header(name, row.what, SENDER, recipient, more) + f'To {row.domain}.\r\n.a dot\r\n'.encode()
    direct = 'requiretls' in row.flags
    return Letter(placed, name, recipient, data, expect or row.expect, row.flags, [GATEWAY_NAME] if direct else [GATEWAY_NAME, DESK_NAME])


class Session(smtplib.SMTP):
    """An SMTP session that lives in a room of the lab."""

    def __init__(self, network, room, server, port=25):
        self.network, self.room = network, room
        super().__init__(server, port, local_hostname='someone.office.example', timeout=20)

    def _get_socket(self, host, port, timeout):
        return self.network.connect(self.room, host, port, timeout)


def submit(network, letters):
    """Hands letters to the office's Postfix; those with REQUIRETLS, which it does not know, to the box itself."""
    ordinary = [one for one in letters if 'requiretls' not in one.flags]
    if ordinary:
        with Session(network, 'office', '127.0.0.1', 2525) as session:
            session.ehlo()
            for one in ordinary:
                hand_in(session, one)
    return [hand_in_requiring(network, one) for one in letters if 'requiretls' in one.flags]


def hand_in(session, one, options=()):
    session.mail(SENDER, ['BODY=8BITMIME', *options])
    code, text = session.rcpt(one.recipient)
    if code == 250:
        code, text = session.data(one.data)
    else:
        session.rset()
    return code, text


def hand_in_requiring(network, one):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with Session(network, 'office', LAN4) as session:
        session.ehlo()
        session.starttls(context=context)
        session.ehlo()
        return hand_in(session, one, ['REQUIRETLS'])


@dataclasses.dataclass
class Arrival:
    by: str                     # the server that took it
    tls: str                    # '' where it came in the clear
    path: object


def arrival(path):
    """How a stored message came: its newest Received line is of the server that took it."""
    newest = RECEIVED.search(path.read_bytes()[:16384])
    text = newest.group(1) if newest else b''
    by, tls = re.search(rb'\bby\s+(\S+)', text), re.search(rb'using (TLSv\S+)', text)
    return Arrival(by.group(1).decode() if by else '', tls.group(1).decode() if tls else '', path)


def named(text):
    """Recipients in SMTP commands."""
    return re.findall(r'RCPT TO:<([^>]*)>', text, re.I)


def arrivals(world, one):
    return [arrival(path) for path in world.mailbox.scan().get((one.name, one.recipient), [])]


def host_name(one, by):
    """The full name of the host that an expectation calls `by`."""
    return one.placed.host(by).name


def misdelivered(one, came):
    """What is wrong with how a message came; '' where it came as the row says."""
    expect = one.expect
    if expect.result != 'delivered':
        return f'it arrived at {came[0].by}' if came else ''
    if not came:
        return 'it did not arrive'
    if len(came) > 1:
        return f'{len(came)} copies'
    wanted = host_name(one, expect.by)
    if came[0].by != wanted:
        return f'it came to {came[0].by}, not {wanted}'
    if bool(came[0].tls) != expect.tls:
        return f'it came {"over " + came[0].tls if came[0].tls else "in the clear"}'
    return difference(one.data, came[0].path.read_bytes(), [wanted, *one.hops])


def postfix_fate(log, one):
    """Of a sending Postfix's log: (sent, deferred or bounced; its words), for the peer."""
    found = re.findall(rf'to=<{re.escape(one.recipient)}>.*? status=(\w+) \((.*)\)$', log, re.M)
    return found[-1] if found else ('', '')
