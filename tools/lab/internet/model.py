"""The words the rows are written in. A row is one domain: what it publishes, how its servers behave, what must happen.

Results: `delivered` (it is in the mailbox), `deferred` (it waits, for a reason), `bounced` (given up at once).
Protections in the box's own words (policy::Insist): opportunistic, mandatory, dane, pkix, dane and pkix, plaintext.
"""
import dataclasses

DOMAINS = 'test'                 # every row's domain is <row>.test
OK_HOST = 'mx1'


@dataclasses.dataclass(frozen=True)
class Mx:
    """One mail host: its name under the row's domain, its certificate and what DNS says of it."""
    name: str = OK_HOST          # with a final dot: a full name
    preference: int = 10
    cert: str = 'private'        # kind of certificate, see authority.py; '' has no TLS
    tlsa: tuple = ()             # 'usage selector matching what', what: leaf, ta, other, short
    tlsa_at: str = ''            # owner of the TLSA records where it is not _25._tcp.<host>
    server: str = 'postfix'      # postfix, host (the lab's own, for what Postfix lacks), refused, blackhole, strip, broken
    requiretls: bool = False     # only for server = host
    reply: str = ''              # what `host` says to RCPT instead of 250
    v6: str = ''                 # '', both, dead (the IPv6 address leads nowhere)
    listed: bool = True          # False: it runs, but no MX record names it


@dataclasses.dataclass(frozen=True)
class Sts:
    """An MTA-STS policy and how it is published."""
    mode: str = 'enforce'
    patterns: tuple = ('{mx}',)  # {mx}: the first mail host, {domain}: the row's domain
    max_age: int = 86400
    cert: str = 'web'            # of the policy host
    answer: str = 'good'         # good, redirect, oversized, media, missing, garbage, refused
    txt: tuple = ('v=STSv1; id={id};',)


@dataclasses.dataclass(frozen=True)
class Expect:
    result: str
    by: str = ''                 # which host has to have it
    tls: bool = True             # it came over TLS
    insisted: str = ''           # protection that had to hold
    reason: str = ''             # a word of the outcome that says why: status code or TLS report's result type


@dataclasses.dataclass(frozen=True)
class Change:
    """What changes between the first message of a row and the second."""
    dns: tuple = ()              # rules of the wire
    smtp: tuple = ()             # (host, mode)
    web: str = ''                # mode of the policy host
    expect: Expect = None


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    what: str
    expect: Expect
    mx: tuple = (Mx(),)
    signed: bool = True          # the zone is signed and its parent says so
    sts: Sts = None
    zone: tuple = ()             # more lines of the zone
    dns: tuple = ()              # (name, type, action) for the wire, names under the row's domain
    servers: tuple = ('ns1', 'ns2')
    published: bool = True       # False: there is no such domain
    more: tuple = ()             # further zones: (name, signed, lines)
    ds: str = 'good'             # good, wrong
    flags: tuple = ()            # of the message: requiretls, tls-no
    override: tuple = ()         # (level, expiry) the box is told for this domain
    change: Change = None
    anchor: str = ''             # negative trust anchor: '', now, over
    algorithm: str = 'ECDSAP256SHA256'

    @property
    def domain(self):
        return f'{self.name}.{DOMAINS}'


def delivered(by=OK_HOST, tls=True, insisted='opportunistic', reason=''):
    return Expect('delivered', by, tls, insisted, reason)


def deferred(insisted='', reason=''):
    return Expect('deferred', '', False, insisted, reason)


def bounced(reason=''):
    return Expect('bounced', '', False, '', reason)
