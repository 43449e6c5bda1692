"""The attacker: what each domain promised, so that a broken promise is seen, and attacks chosen at random from a seed.

He holds the wire: he drops, forges and strips answers, takes STARTTLS out, stands in for servers with certificates he
can get, answers for policy hosts. He cannot sign for others, neither in DNS nor as a public authority.
"""
import dataclasses

HOST = 'mx1.attacker.test'       # a host of his own, with a good certificate for its own name

# What has to hold towards one host: nothing; TLS; TLS and proof of who it is.
NOTHING, ENCRYPTED, PROVEN = 'nothing', 'encrypted', 'proven'


def usable(words):
    usage, _, matching, what = words.split()
    return usage in '23' and what != 'short' and matching in '012'


def dane_promise(row, host):
    """What DNSSEC promises for a host, by the table. RFC 7672 §2.2."""
    if not row.signed or row.anchor == 'now' or not host.mx.tlsa:
        return NOTHING
    unsigned = [name for name, signed, _ in row.more if not signed]
    if not host.mx.tlsa_at and any(host.name.endswith('.' + name) for name in unsigned):
        return NOTHING
    return PROVEN if any(usable(words) for words in host.mx.tlsa) else ENCRYPTED


def sts_promise(row):
    """What MTA-STS promises once the policy was had. RFC 8461 §5."""
    sts = row.sts
    had = sts and sts.mode == 'enforce' and sts.cert == 'web' and sts.answer == 'good' and len(sts.txt) == 1
    return PROVEN if had and not any(rule[0] == '_mta-sts' for rule in row.dns) else NOTHING


def promise(row, host, policy_known):
    if 'tls-no' in row.flags:
        return NOTHING
    if row.override and row.override[1] == 'later':
        return {'pkix': PROVEN, 'mandatory': ENCRYPTED}.get(row.override[0], NOTHING)
    if 'requiretls' in row.flags or (policy_known and sts_promise(row) == PROVEN):
        return PROVEN
    return dane_promise(row, host)


def broken(placed, host, policy_known, evil, tls):
    """Why what a host heard breaks the promise; '' where it does not. `evil`: it is the attacker himself."""
    owed = promise(placed.row, host, policy_known)
    if owed != NOTHING and not tls:
        return 'in the clear'
    if owed == PROVEN and evil:
        return 'to the attacker'
    return ''


DNS_ACTIONS = ('servfail', 'drop', 'nxdomain', 'nodata', 'corrupt', 'strip', 'refused', 'truncate')
SMTP_MODES = ('strip', 'strip', 'clear', 'clear', 'evil-self', 'evil-unknown', 'evil-web', 'evil-web', 'refuse', 'cut', 'broken')
WEB_MODES = ('refuse', 'evil', 'evil', 'cut')
FORGED_TLSA = '030101' + '00' * 32


@dataclasses.dataclass
class Attacks:
    """One state of the wire."""
    dns: list
    smtp: dict
    web: dict

    @property
    def count(self):
        return len(self.dns) + len(self.smtp) + len(self.web)


def names_of(placed):
    """(name, type) of everything that is asked for a row."""
    domain = placed.row.domain
    asked = [(domain, 'MX'), (domain, 'DS'), (domain, 'DNSKEY')]
    for host in placed.hosts:
        asked += [(host.name, 'A'), (host.name, 'AAAA'), (f'_25._tcp.{host.name}', 'TLSA'), (f'_25._tcp.{host.name}', 'TLSA')]
    if placed.row.sts:
        asked += [(f'_mta-sts.{domain}', 'TXT'), (f'mta-sts.{domain}', 'A')] * 2
    return asked


def dns_attack(dice, placed, attacker4):
    name, kind = dice.choice(names_of(placed))
    forged = {'A': attacker4, 'MX': HOST, 'TXT': 'v=STSv1; id=forged;', 'TLSA': FORGED_TLSA}
    if kind in forged and dice.random() < 0.4:
        return [name, kind, 'forge', forged[kind]]
    return [name, kind, dice.choice(DNS_ACTIONS)]


def choose(dice, rows, attacker4, share=0.85):
    """Attacks on most rows at once; the servers of a row are attacked in most cases, for that is where mail would be lost."""
    made = Attacks([], {}, {})
    for placed in dice.sample(rows, len(rows)):
        if placed.row.name == 'attacker' or dice.random() > share:
            continue
        made.dns += [dns_attack(dice, placed, attacker4) for _ in range(dice.choice((0, 1, 1, 2)))]
        for host in placed.hosts:
            if host.runs and dice.random() < 0.8:
                made.smtp |= {address: dice.choice(SMTP_MODES) for address in host.addresses}
        if placed.row.sts and placed.row.sts.answer != 'refused' and dice.random() < 0.5:
            made.web[placed.web] = dice.choice(WEB_MODES)
    return made
