"""Mail through the guest's DPDK ports, to and from Postfix outside."""
import pathlib
import time

from tests.image.harness import check, test
from tests.image.network import TapNetwork
from tools.lab import certificates, messages, postfix
from tools.lab.certificates import GATEWAY_NAME
from tools.lab.compare import Mailbox, difference
from tools.lab.gateway import toml
from tools.lab.messages import Message, header
from tools.lab.network import LAN4, LAN6, OFFICE4, WAN4, WAN6
from tools.lab.send import Senders
from tools.lab.shell import wait_for


def settings_for(lab):
    return {
        'host_name': GATEWAY_NAME, 'domains.served': [messages.DOMAIN], 'recipients.verify': 'static',
        'recipients.known': messages.MAILBOXES, 'interface.wan.addresses': [f'{WAN4}/24', f'{WAN6}/64'],
        'interface.lan.addresses': [f'{LAN4}/24', f'{LAN6}/64'], 'office.servers': [f'{OFFICE4}:25'], 'office.tls': 'opportunistic',
        'spool.retry_first': '2s', 'spool.retry_most': '5s',
        'tls.certificates': [{'names': [], 'chain': '/etc/postern/ec.pem', 'key': '/etc/postern/ec.key'}],
    }


class Outside:
    """The internet and the office around a guest."""

    def __init__(self, place):
        self.network = TapNetwork(place)
        made = certificates.make_all(place.path('certificates'))
        self.own = made['gateway-ec']
        self.office = postfix.office(place, self.network, made['office'], [messages.DOMAIN], messages.MAILBOXES)
        self.sender = postfix.sender(place, self.network, made['ca'])
        self.mailbox = Mailbox(place.path('office/mail'))
        self.senders = Senders(self.network, place.path('sent'))

    def start(self):
        self.office.start()
        self.sender.start()
        return self

    def prepare(self, guest):
        text = ''.join(f'{key} = {toml(value)}\n' for key, value in settings_for(self).items())
        guest.put('settings.toml', text.encode())
        guest.put('ec.pem', pathlib.Path(self.own['chain']).read_bytes())
        guest.put('ec.key', pathlib.Path(self.own['key']).read_bytes())

    def greeted(self):
        try:
            with self.network.connect('internet', WAN4, 25, 5) as made:
                return made.recv(3) == b'220'
        except OSError:
            return False


def letter(name, way, recipient, **more):
    data = header(name, 'through the ports', f'{name}@sender.example', recipient) + b'One line.\r\n'
    return Message(name=name, what=name, way=way, recipients=[recipient], data=data, sender=f'{name}@sender.example', **more)


@test
def a_fresh_box_starts_carries_mail_and_marks_its_slot_good(bench):
    """First start: settings from the medium; mail from Postfix and swaks with STARTTLS to the office's Postfix, IPv4 and IPv6."""
    outside = Outside(bench.place).start()
    guest = bench.guest(ports=outside.network.ports(), descriptors=tuple(outside.network.descriptors.values()))
    outside.prepare(guest)
    began = time.monotonic()
    guest.start()
    guest.expect('watchdog armed')
    guest.expect('slot a on /dev/vda2, root verified')
    for name in ('wan', 'lan'):
        guest.expect(f'port {name} .*vfio-pci behind the IOMMU')
    guest.expect('NO TPM')
    guest.expect('data partition made and open')
    wait_for(outside.greeted, 400, 'greeting from the guest', step=0.5)
    sent = [letter('image-swaks', 'swaks', 'alice@example.org', options=['--server', WAN4, '--tls']),
            letter('image-swaks6', 'swaks', 'bob@example.org', options=['--server', WAN6, '--tls'])]
    for number, message in enumerate(sent):
        answer = outside.senders.send(message)
        check(answer.code == 250 and answer.tls.startswith('TLS'), f'{message.name}: {answer}')
        if number == 0:
            bench.note(f'first mail accepted after {time.monotonic() - began:.0f} s')
    sent.append(letter('image-postfix', 'postfix', 'pf4@example.org', hops=1))
    outside.senders.send(sent[-1])
    wait_for(lambda: len(outside.mailbox.scan()) >= 3, 120, 'three messages at the office', step=0.5)
    stored = outside.mailbox.scan()
    for message in sent:
        paths = stored.get((message.name, message.recipients[0]), [])
        check(len(paths) == 1, f'{message.name} arrived {len(paths)} times: {sorted(stored)}')
        by = ['mail.office.example', GATEWAY_NAME] + ['mail.sender.example'] * message.hops
        check(difference(message.data, paths[0].read_bytes(), by) == '', difference(message.data, paths[0].read_bytes(), by))
    guest.expect('slot a is good')
    bench.note(f'good after {time.monotonic() - began:.0f} s')
    check('postern-2-a.efi' in guest.entries(), f'entries: {guest.entries()}')
