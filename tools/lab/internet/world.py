"""The whole internet of a run: made from the rows, started, ordered about, and looked into."""
import json
import socket
import sys

from tools.lab import postfix
from tools.lab.compare import Mailbox
from tools.lab.internet import bulk as bulk_zone
from tools.lab.internet import servers, zones
from tools.lab.internet.authority import Authority
from tools.lab.internet.names import PORT, Names
from tools.lab.internet.rows import all_rows
from tools.lab.shell import wait_for

# Every address in these is a host of the internet.
NETWORKS = ('198.18.0.0/16', '203.0.113.0/24', '2001:db8:18::/48')
EVIL = {'self': 'self', 'unknown': 'unknown', 'web': 'web-name'}


class World:
    def __init__(self, place, network, rows=None, evil=False, bulk=0):
        """`evil`: the attacker has certificates ready for every host, not only for those whose row needs one.
        `bulk`: so many further domains, see bulk.py."""
        self.place, self.network, self.evil = place, network, evil
        self.rows = all_rows() if rows is None else rows
        self.by_name = {placed.row.name: placed for placed in self.rows}
        self.by_domain = {placed.row.domain: placed for placed in self.rows}
        self.directory = place.path('internet')
        self.control = self.directory / 'control'
        self.log = self.directory / 'wire.jsonl'
        self.read_to = 0
        network.management(*NETWORKS)
        self.chains = Authority(place.path('internet/certificates'))
        self.chains.make_many(self.certificates())
        self.names = Names(place, network)
        made, top = zones.all_zones(self.rows, self.chains)
        self.names.make(made + ([bulk_zone.zone(self.chains, bulk)] if bulk else []), top)
        self.postfix = servers.postfix(place, network, self.rows, self.chains)
        self.web = servers.Web(place, network, self.rows, self.chains)
        self.mailbox = Mailbox(place.path('internet/mail'))
        self.desk = postfix.desk(place, network, self.chains.roots)

    def certificates(self):
        """(kind, host, domain) of every certificate that will be asked for."""
        wanted = set()
        for placed in self.rows:
            for host in placed.hosts:
                wanted |= {(host.mx.cert or 'private', host.name, placed.row.domain)} if host.runs else set()
                wanted |= {(EVIL[kind], host.name, placed.row.domain) for kind in self.evil_kinds(placed, host)}
            if placed.row.sts:
                wanted.add((placed.row.sts.cert, f'mta-sts.{placed.row.domain}', ''))
        return sorted(wanted)

    def evil_kinds(self, placed, host):
        changed = placed.row.change.smtp if placed.row.change else ()
        return list(EVIL) if self.evil and host.runs else [mode[5:] for _, mode in changed if mode.startswith('evil-')]

    def start(self):
        self.names.start()
        self.postfix.start()
        self.desk.start()
        self.web.start()
        return self.start_wire()

    def start_wire(self):
        """The wire alone: names are answered through it, so whoever needs only names needs it too."""
        plan = self.directory / 'plan.json'
        plan.write_text(json.dumps(self.plan(), indent=1))
        self.process = self.place.start(*self.network.inside('internet', sys.executable, '-m', 'tools.lab.internet.wire', plan),
                                        log=self.directory / 'wire.log')
        wait_for(self.control.exists, 10, f'the wire (see {self.directory}/wire.log)')
        return self

    def plan(self):
        """What the wire has to know."""
        return {'dns': [zones.ROOT4, zones.TOP4, *zones.SERVERS.values()], 'dns_behind': PORT,
                'dns_habits': {zones.SERVERS['server-slow']: 'slow', zones.SERVERS['server-dead']: 'drop'},
                'rules': [rule for placed in self.rows for rule in rules_of(placed, placed.row.dns)],
                'hosts': {address: self.plan_of(placed, host) for placed in self.rows for host in placed.hosts if host.runs
                          for address in host.addresses},
                'web': [placed.web for placed in self.rows if placed.row.sts and placed.row.sts.answer != 'refused'],
                'mailbox': str(self.place.path('internet/mail')), 'log': str(self.log), 'control': str(self.control)}

    def plan_of(self, placed, host):
        mx = host.mx
        evil = {kind: str(self.chains.chain(EVIL[kind], host.name, placed.row.domain).both) for kind in self.evil_kinds(placed, host)}
        made = {'name': host.name, 'evil': evil, 'mode': {'postfix': 'pass'}.get(mx.server, mx.server),
                'attacker': placed.row.name == 'attacker'}
        if mx.server == 'host':
            chain = self.chains.chain(mx.cert, host.name, placed.row.domain).both if mx.cert else ''
            made['profile'] = {'name': host.name, 'chain': str(chain), 'requiretls': mx.requiretls, 'reply': mx.reply}
        return made

    def order(self, **what):
        """Tells the wire what to do from now on; what it has done since."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
            made.settimeout(10)
            made.connect(str(self.control))
            made.sendall(json.dumps(what).encode() + b'\n')
            return json.loads(made.makefile().readline())

    def peace(self):
        """Nobody attacks."""
        return self.order(dns=[], smtp={}, web={}, forget=True)

    def events(self):
        """What the wire told since the last look."""
        with open(self.log, encoding='utf-8') as file:
            file.seek(self.read_to)
            text = file.read()
        whole = text[:text.rfind('\n') + 1]
        self.read_to += len(whole.encode())
        return [json.loads(line) for line in whole.splitlines()]

    def change(self, placed):
        """The orders of a row's change: (rules, modes of mail hosts, modes of policy hosts)."""
        change = placed.row.change
        smtp = {address: mode for name, mode in change.smtp for address in placed.host(name).addresses}
        return rules_of(placed, change.dns), smtp, {placed.web: change.web} if change.web else {}


def rules_of(placed, rules):
    """Rules of a row with full names."""
    domain = placed.row.domain
    made = []
    for name, kind, action in rules:
        full = f'*.{domain}' if name == '*' else domain if name == '@' else f'{name}.{domain}'
        value = [f'198.18.{placed.number}.250'] if action == 'forge' else []
        made.append([full, kind, action, *value])
    return made
