"""Every row, with its place: addresses follow from a row's position, so that the same table makes the same internet."""
import dataclasses

from tools.lab.internet import rows_dane, rows_other, rows_sts
from tools.lab.internet.model import Mx, Row, Sts, delivered

# Where reports go, and a check of the lab itself.
SERVICES = [
    Row('reports', 'takes TLS reports', delivered(insisted='dane'), (Mx(cert='web', tlsa=('3 1 1 leaf',)),)),
    Row('attacker', "the attacker's own", delivered(), (Mx(cert='web', server='host'),), signed=False),
]

MAIL4 = '198.18.{row}.{host}'        # all of 198.18.0.0/16 is the internet's own
DEAD4 = '198.19.{row}.{host}'        # nothing of 198.19.0.0/16 answers
MAIL6 = '2001:db8:18:{row:x}::{host:x}'
DEAD6 = '2001:db8:19:{row:x}::{host:x}'
WEB4 = '203.0.113.{row}'


@dataclasses.dataclass(frozen=True)
class Host:
    """One mail host with its place in the network."""
    mx: Mx
    row: Row
    name: str                  # full, no final dot
    address4: str
    address6: str = ''         # '' where it has none

    @property
    def runs(self):
        return self.mx.server not in ('refused', 'blackhole')

    @property
    def addresses(self):
        return [a for a in (self.address4, self.address6 if self.mx.v6 == 'both' else '') if a]


@dataclasses.dataclass(frozen=True)
class Placed:
    row: Row
    number: int
    hosts: tuple

    @property
    def web(self):
        """The address of its policy host."""
        return WEB4.format(row=self.number)

    def host(self, name):
        return next(h for h in self.hosts if h.name == full_name(name, self.row.domain))


def full_name(name, domain):
    return name[:-1] if name.endswith('.') else domain if name == '@' else f'{name}.{domain}'


def place(row, number):
    hosts = []
    for index, mx in enumerate(row.mx, 1):
        where = {'row': number, 'host': index}
        four = (DEAD4 if mx.server == 'blackhole' else MAIL4).format(**where)
        six = {'': '', 'both': MAIL6.format(**where), 'dead': DEAD6.format(**where)}[mx.v6]
        hosts.append(Host(mx, row, full_name(mx.name, row.domain), four, six))
    return Placed(row, number, tuple(hosts))


def all_rows():
    rows = SERVICES + rows_dane.ROWS + rows_sts.ROWS + rows_other.ROWS
    names = [row.name for row in rows]
    assert len(set(names)) == len(names), 'each row has a name of its own'
    return [place(row, number) for number, row in enumerate(rows, 20)]
