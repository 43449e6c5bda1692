"""Zone files made from the rows: the root, the top, one zone for each row's domain and those its rows need besides.

Times to live of data are short, so that a test sees a change soon; so are denials.
"""
import dataclasses

from tools.lab.internet import authority
from tools.lab.internet.model import DOMAINS

# Each name server: its address, and whether it answers at once, late, or never (the wire sees to that).
ROOT4, TOP4 = '203.0.113.1', '203.0.113.2'
SERVERS = {'ns1': '203.0.113.3', 'ns2': '203.0.113.4', 'server-slow': '203.0.113.5', 'server-dead': '203.0.113.6'}
BULK4 = '203.0.113.9'            # straight to the name server: for the bench
TTL, DENIAL_TTL = 5, 2
TREE_TTL = 600                   # of delegations and keys: else a slow server's zone expires while it is being proven


@dataclasses.dataclass
class Zone:
    name: str
    lines: list
    signed: bool
    ds: str = 'good'             # what the parent says: good, wrong
    servers: tuple = ('ns1', 'ns2')
    algorithm: str = 'ECDSAP256SHA256'
    parent: str = DOMAINS

    def text(self, serial=1):
        """As a master file."""
        head = [f'$ORIGIN {self.name}.' if self.name else '$ORIGIN .', f'$TTL {TTL}']
        if not any(line.startswith('@ IN SOA') for line in self.lines):
            head.append(f'@ IN SOA ns1.{DOMAINS}. hostmaster.{DOMAINS}. {serial} 3600 600 86400 {DENIAL_TTL}')
            head += [f'@ {TREE_TTL} IN NS {server}.{DOMAINS}.' for server in self.servers]
        return '\n'.join(head + self.lines) + '\n'


def txt(value):
    return '"' + value.replace('"', '\\"') + '"'



def host_lines(host, chains):
    """[(full name of the owner, 'TYPE data')] of a mail host."""
    lines = [(host.name, f'A {host.address4}')]
    if host.address6:
        lines.append((host.name, f'AAAA {host.address6}'))
    if host.mx.tlsa:
        owner = f'{host.mx.tlsa_at}.{host.row.domain}' if host.mx.tlsa_at else f'_25._tcp.{host.name}'
        lines += [(owner, 'TLSA ' + authority.tlsa(words, chains.chain(host.mx.cert or 'private', host.name, host.row.domain)))
                  for words in host.mx.tlsa]
    return lines


def row_zones(placed, chains):
    """The zones of one row."""
    row = placed.row
    zones = {row.domain: Zone(row.domain, [], row.signed, row.ds, row.servers, row.algorithm)}
    for name, signed, lines in row.more:
        zones[name] = Zone(name, list(lines), signed)
    own = zones[row.domain]
    own.lines += [line for line in row.zone if not line.startswith('ALIAS')]
    own.lines += [f'@ IN MX {host.mx.preference} {host.name}.' for host in placed.hosts if host.mx.listed]
    own.lines.append(f'_smtp._tls IN TXT "v=TLSRPTv1; rua=mailto:tlsrpt@reports.{DOMAINS}"')
    if row.sts:
        own.lines += [f'_mta-sts IN TXT {txt(value.format(id="1"))}' for value in row.sts.txt]
        own.lines.append(f'mta-sts IN A {placed.web}')
    for host in placed.hosts:
        for owner, data in host_lines(host, chains):
            home = max((name for name in zones if owner == name or owner.endswith('.' + name)), key=len)
            zones[home].lines.append(f'{owner}. IN {data}')
    return list(zones.values())


def alias_lines(placed):
    """A row whose whole domain is a CNAME has no zone of its own: the line stands in the parent."""
    return [f'{placed.row.domain}. IN CNAME {line.split()[1]}' for line in placed.row.zone if line.startswith('ALIAS')]


def all_zones(rows, chains):
    """Every zone but the root and the top, and the lines the top has besides its delegations."""
    zones, top = [], []
    for placed in rows:
        aliased = alias_lines(placed)
        top += aliased
        if placed.row.published:
            zones += [z for z in row_zones(placed, chains) if not (aliased and z.name == placed.row.domain)]
    return zones, top


def top_zone(zones, lines):
    """The top: delegations without signatures; the signer of names adds DS records."""
    head = [f'@ IN SOA top.{DOMAINS}. hostmaster.{DOMAINS}. 1 3600 600 86400 {DENIAL_TTL}', f'@ {TREE_TTL} IN NS top.{DOMAINS}.', f'top {TREE_TTL} IN A {TOP4}']
    glue = [f'{name} {TREE_TTL} IN A {address}' for name, address in SERVERS.items()] + [f'ns-bulk {TREE_TTL} IN A {BULK4}']
    cuts = [f'{zone.name}. {TREE_TTL} IN NS {server}.{DOMAINS}.' for zone in zones for server in zone.servers if zone.parent == DOMAINS]
    return Zone(DOMAINS, head + glue + cuts + list(lines), True, parent='')


def root_zone(lines=()):
    head = [f'@ IN SOA a.root. hostmaster.{DOMAINS}. 1 3600 600 86400 {DENIAL_TTL}', f'@ {TREE_TTL} IN NS a.root.',
            f'a.root. {TREE_TTL} IN A {ROOT4}', f'{DOMAINS}. {TREE_TTL} IN NS top.{DOMAINS}.', f'top.{DOMAINS}. {TREE_TTL} IN A {TOP4}']
    return Zone('', head + list(lines), True, parent='.')
