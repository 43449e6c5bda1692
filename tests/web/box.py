"""A box for the browser: in the lab, with the web admin on its management address, mail behind it and mail that waits.

What always holds: namespaces, directories and processes are the run's own; the browser lives in the internet's room
and reaches the box by the management wire only.
"""

from tools.lab import gateway, messages, web
from tools.lab.internet import box as internet_box
from tools.lab.internet import fates, outgoing
from tools.lab.internet.rows import all_rows
from tools.lab.internet.world import World
from tools.lab.network import OFFICE4, WAN4
from tools.lab.setting import Lab
from tools.lab.shell import LabError, wait_for

URL = f'https://{web.ADDRESS[0]}'
# A few domains of the lab's internet: each kind of promise once, and one that will not take mail.
ROWS = ('dane-311', 'both-good', 'sts-good', 'plain', 'dane-211')
STUBBORN = 'dane-211'


def few_rows():
    found = [placed for placed in all_rows() if placed.row.name in ROWS]
    if len(found) != len(ROWS):
        raise LabError(f'the lab\'s internet lost rows: {ROWS}')
    return found


class WebBox:
    """The lab, the box and its first mail; `facts` is what the browser's tests have to know."""

    def __init__(self, place, pages):
        self.place = place
        self.lab = Lab(place).start_peers()
        self.world = World(place, self.lab.network, rows=few_rows()).start()
        more = internet_box.settings(self.world, place.path('learned')) | internet_box.overrides(self.world.rows)
        more |= web.settings(place.path('admin'))
        web.add_user(place, self.lab.network)
        self.box = gateway.Gateway(place, self.lab.network, self.lab.certificates, more)
        self.box.pages = pages
        self.box.start()
        web.wait_ready(self.box)

    def first_code(self):
        """What the console shows; it lies where only root and the admin process can read it."""
        return (self.place.path('admin') / 'first-code').read_text().strip()

    def send_mail(self):
        """Some mail in, some out over each kind of promise, and some that waits."""
        for one in range(3):
            code = self.lab.network.run('internet', 'swaks', '--server', WAN4, '--from', f'sender{one}@sender.example', '--to',
                                        messages.MAILBOXES[0], '--helo', 'client.sender.example', '-tls', '--body', 'hello', timeout=60).returncode
            if code:
                raise LabError('swaks could not send to the box')
        stubborn = self.world.by_name[STUBBORN]
        self.world.order(smtp={address: 'refuse' for host in stubborn.hosts for address in host.addresses})
        letters = [outgoing.letter(placed, f'web{n}') for placed in self.world.rows for n in range(3)]
        outgoing.submit(self.lab.network, letters)
        for one in letters:
            wait_for(lambda one=one: fates.fate_of(self.box.outcomes(), one).result in ('deferred', 'delivered', 'bounced'), 60,
                     f'fate of {one.recipient}')

    def facts(self, output, report):
        stubborn = self.world.by_name[STUBBORN].row
        return {'url': URL, 'first_code': self.first_code(), 'output': str(output), 'report': str(report), 'domain': messages.DOMAIN,
                'office': f'{OFFICE4}:25', 'host_name': gateway.GATEWAY_NAME, 'recipient': messages.MAILBOXES[0],
                'waiting': stubborn.domain, 'destination': self.world.by_name['dane-311'].row.domain}
