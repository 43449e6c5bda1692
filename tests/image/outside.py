"""The internet and the office around a guest: the lab's Postfix on either side, signed names and mail servers of its internet.

What always holds: one world for all guests of a run; a guest gets what a person would put on its medium: settings and
certificates.
"""
import pathlib
import ssl

from tests.image.network import MANAGED, TapNetwork
from tools.lab import certificates, messages, postfix
from tools.lab.certificates import GATEWAY_NAME
from tools.lab.compare import Mailbox, difference
from tools.lab.gateway import toml
from tools.lab.internet import box as internet_box
from tools.lab.internet import outgoing
from tools.lab.internet.rows import all_rows
from tools.lab.internet.world import World
from tools.lab.messages import Message, header
from tools.lab.network import LAN4, LAN6, OFFICE4, WAN4, WAN6
from tools.lab.send import Senders
from tools.lab.shell import wait_for

ROWS = ('dane-311', 'dane-311-wrong', 'plain')


class Outside:
    def __init__(self, place):
        self.place, self.network = place, TapNetwork(place)
        made = certificates.make_all(place.path('certificates'))
        self.own = made['gateway-ec']
        self.office = postfix.office(place, self.network, made['office'], [messages.DOMAIN], messages.MAILBOXES)
        self.sender = postfix.sender(place, self.network, made['ca'])
        self.mailbox = Mailbox(place.path('office/mail'))
        self.senders = Senders(self.network, place.path('sent'))
        self.world = World(place, self.network, rows=[placed for placed in all_rows() if placed.row.name in ROWS])

    def start(self):
        self.office.start()
        self.sender.start()
        self.world.start()
        return self

    def guest(self, bench, **options):
        """A guest on these wires, with its settings on the medium."""
        guest = bench.guest(ports=self.network.ports(), descriptors=tuple(self.network.descriptors.values()), **options)
        guest.put('settings.toml', ''.join(f'{key} = {toml(value)}\n' for key, value in self.settings().items()).encode())
        for name, source in (('ec.pem', self.own['chain']), ('ec.key', self.own['key']), ('anchor', self.world.names.anchor),
                             ('roots.pem', self.world.chains.roots)):
            guest.put(name, pathlib.Path(source).read_bytes())
        return guest

    def settings(self):
        files = {'resolver.trust_anchor': '/etc/postern/anchor', 'resolver.https_anchors': '/etc/postern/roots.pem',
                 'tls.trust_anchors': '/etc/postern/roots.pem'}
        return {
            'host_name': GATEWAY_NAME, 'domains.served': [messages.DOMAIN], 'recipients.verify': 'static',
            'recipients.known': messages.MAILBOXES, 'interface.wan.addresses': [f'{WAN4}/24', f'{WAN6}/64'],
            'interface.lan.addresses': [f'{LAN4}/24', f'{LAN6}/64'], 'office.servers': [f'{OFFICE4}:25'], 'office.tls': 'opportunistic',
            'spool.retry_first': '2s', 'spool.retry_most': '5s', 'admin.address': f'{MANAGED}:443',
            'tls.certificates': [{'names': [], 'chain': '/etc/postern/ec.pem', 'key': '/etc/postern/ec.key'}],
        } | internet_box.settings(self.world, '/var/lib/postern/resolver') | files

    def greeted(self):
        try:
            with self.network.connect('internet', WAN4, 25, 5) as made:
                return made.recv(3) == b'220'
        except OSError:
            return False

    def web_answers(self, pages=True):
        """True where the web admin of the box speaks TLS, and gives its API and its pages."""
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE

        def get(path):
            with self.network.connect('internet', MANAGED, 443, 10) as plain, trust.wrap_socket(plain) as made:
                made.sendall(f'GET {path} HTTP/1.1\r\nHost: {MANAGED}\r\nConnection: close\r\n\r\n'.encode())
                answer = b''
                while more := made.recv(65536):
                    answer += more
                return answer
        try:
            return b' 200 ' in get('/api/v1/session')[:64] and (not pages or b'<html' in get('/'))
        except OSError:
            return False

    # Letters from the internet to the office.
    def send(self, name, recipient, way='swaks', **more):
        sent = letter(name, way, recipient, **more)
        answer = self.senders.send(sent)
        return sent, answer

    def arrived(self, sent):
        return self.mailbox.scan().get((sent.name, sent.recipients[0]), [])

    def fault_of(self, sent):
        """What is wrong with how a letter came to the office; empty: once, and as it was sent."""
        paths = self.arrived(sent)
        if len(paths) != 1:
            return f'{sent.name} arrived {len(paths)} times'
        by = ['mail.office.example', GATEWAY_NAME] + ['mail.sender.example'] * sent.hops
        return difference(sent.data, paths[0].read_bytes(), by)

    # Letters from the office to the internet.
    def send_out(self, mark, names):
        letters = [outgoing.letter(self.world.by_name[name], mark) for name in names]
        outgoing.submit(self.network, letters)
        return letters

    def wait_out(self, letters, seconds=300):
        wait_for(lambda: all(outgoing.arrivals(self.world, one) for one in letters), seconds,
                 f'arrival of {[one.row.name for one in letters if not outgoing.arrivals(self.world, one)]}', step=0.5)
        return [why for one in letters if (why := outgoing.misdelivered(one, outgoing.arrivals(self.world, one)))]


def letter(name, way, recipient, **more):
    data = header(name, 'through the ports', f'{name}@sender.example', recipient) + more.pop('body', b'One line.\r\n')
    return Message(name=name, what=name, way=way, recipients=[recipient], data=data, sender=f'{name}@sender.example', **more)
