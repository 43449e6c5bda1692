"""Rows whose domains promise DANE, and those that only look so (RFC 7671, RFC 7672)."""
from tools.lab.internet.model import Change, Mx, Row, bounced, deferred, delivered

DANE = 'dane'
GOOD = ('3 1 1 leaf',)
WRONG = ('3 1 1 other',)


def one(*tlsa, **more):
    return (Mx(tlsa=tlsa, **more),)


MATCHING = [
    Row('dane-311', 'DANE 3 1 1', delivered(insisted=DANE), one(*GOOD)),
    Row('dane-311-wrong', '3 1 1 of another key', deferred(DANE, 'validation-failure'), one(*WRONG)),
    Row('dane-next', '3 1 1 wrong, next MX good', delivered('mx2', insisted=DANE),
        (Mx(tlsa=WRONG), Mx('mx2', 20, tlsa=GOOD))),
    Row('dane-next-plain', '3 1 1 wrong, next MX has no TLSA', delivered('mx2'), (Mx(tlsa=WRONG), Mx('mx2', 20))),
    Row('dane-301', '3 0 1, whole certificate', delivered(insisted=DANE), one('3 0 1 leaf')),
    Row('dane-300', '3 0 0, certificate in the record', delivered(insisted=DANE), one('3 0 0 leaf')),
    Row('dane-312', '3 1 2, SHA-512', delivered(insisted=DANE), one('3 1 2 leaf')),
    Row('dane-ee-odd', '3 1 1, expired, for another name', delivered(insisted=DANE), one(*GOOD, cert='odd')),
    Row('dane-201', '2 0 1, TA in the chain', delivered(insisted=DANE), one('2 0 1 ta')),
    Row('dane-211', '2 1 1, TA in the chain', delivered(insisted=DANE), one('2 1 1 ta')),
    Row('dane-200', '2 0 0, TA only in the record', delivered(insisted=DANE), one('2 0 0 ta', cert='private-leaf')),
    Row('dane-210', '2 1 0, TA as bare key', delivered(insisted=DANE), one('2 1 0 ta', cert='private-leaf')),
    Row('dane-ta-absent', '2 1 1, TA is nowhere', deferred(DANE, 'validation-failure'), one('2 1 1 ta', cert='private-leaf')),
    Row('dane-ta-name', '2 1 1, another name', deferred(DANE, 'certificate-host-mismatch'), one('2 1 1 ta', cert='private-name')),
    Row('dane-ta-domain', '2 1 1, name of the recipient domain', delivered(insisted=DANE), one('2 1 1 ta', cert='private-domain')),
    Row('dane-ta-old', '2 1 1, expired', deferred(DANE, 'certificate-expired'), one('2 1 1 ta', cert='private-old')),
    Row('dane-ta-other', '2 1 1 of another TA', deferred(DANE, 'validation-failure'), one('2 1 1 other')),
    Row('dane-rollover', 'old, current and next key', delivered(insisted=DANE), one('3 1 1 other', '3 1 1 leaf', '3 1 1 other2')),
    Row('dane-ee-ta', '3 1 1 next, 2 1 1 now', delivered(insisted=DANE), one('3 1 1 other', '2 1 1 ta')),
    Row('dane-agility', '3 1 1 right, 3 1 2 wrong', deferred(DANE, 'validation-failure'), one('3 1 1 leaf', '3 1 2 other')),
    Row('dane-agility2', '3 1 1 wrong, 3 1 2 right', delivered(insisted=DANE), one('3 1 1 other', '3 1 2 leaf')),
]

UNUSABLE = [
    Row('dane-01', 'usage 0 and 1 only', delivered(insisted='mandatory'), one('1 1 1 leaf', '0 0 1 ta')),
    Row('dane-01-bare', 'usage 1 only, no STARTTLS', deferred('mandatory', 'starttls-not-supported'), one('1 1 1 leaf', cert='')),
    Row('dane-13', 'usage 1 right, usage 3 wrong', deferred(DANE, 'validation-failure'), one('1 1 1 leaf', '3 1 1 other')),
    Row('dane-short', '3 1 1 of 20 bytes', delivered(insisted='mandatory'), one('3 1 1 short')),
    Row('dane-garbage', '2 0 0 that is no certificate', delivered(insisted='mandatory'), one('2 0 0 short')),
    Row('dane-clear', '3 1 1, no STARTTLS', deferred(DANE, 'starttls-not-supported'), one(*GOOD, cert='')),
    Row('dane-strip', '3 1 1, STARTTLS stripped', deferred(DANE, 'starttls-not-supported'), one(*GOOD, server='strip')),
    Row('dane-broken', '3 1 1, TLS breaks', deferred(DANE), one(*GOOD, server='broken')),
]

NAMES = [
    Row('mx-alias', 'MX is a CNAME', delivered('real', insisted=DANE),
        (Mx('real', tlsa=GOOD, listed=False),), zone=('@ IN MX 10 mx1', 'mx1 IN CNAME real')),
    Row('alias-original', 'MX is a CNAME, TLSA at its own name', delivered('real', insisted=DANE),
        (Mx('real', tlsa=GOOD, tlsa_at='_25._tcp.mx1', listed=False),), zone=('@ IN MX 10 mx1', 'mx1 IN CNAME real')),
    Row('alias-unsigned', 'secure CNAME into an unsigned zone', delivered('mail.alias-hoster.test.', insisted=DANE),
        (Mx('mail.alias-hoster.test.', tlsa=GOOD, tlsa_at='_25._tcp.mx1', listed=False),),
        zone=('@ IN MX 10 mx1', 'mx1 IN CNAME mail.alias-hoster.test.'), more=(('alias-hoster.test', False, ()),)),
    Row('alias-wrong', 'the same, TLSA of another key', deferred(DANE, 'validation-failure'),
        (Mx('mail.wrong-hoster.test.', tlsa=WRONG, tlsa_at='_25._tcp.mx1', listed=False),),
        zone=('@ IN MX 10 mx1', 'mx1 IN CNAME mail.wrong-hoster.test.'), more=(('wrong-hoster.test', False, ()),)),
    Row('tlsa-alias', 'TLSA is a CNAME', delivered(insisted=DANE), (Mx(tlsa=GOOD, tlsa_at='_dane'),),
        zone=('_25._tcp.mx1 IN CNAME _dane',)),
    Row('domain-alias', 'the domain is a CNAME', delivered('mx1.aliased.test.', insisted=DANE),
        (Mx('mx1.aliased.test.', tlsa=GOOD, listed=False),), more=(('aliased.test', True, ('@ IN MX 10 mx1',)),),
        zone=('ALIAS aliased.test.',)),
    Row('hosted', 'secure MX, host in an unsigned zone', delivered('mail.plain-hoster.test.'),
        (Mx('mail.plain-hoster.test.', tlsa=WRONG),), more=(('plain-hoster.test', False, ()),)),
    Row('insecure-mx', 'unsigned MX, signed host with wrong TLSA', delivered('mail.dane-hoster.test.'),
        (Mx('mail.dane-hoster.test.', tlsa=WRONG),), signed=False, more=(('dane-hoster.test', True, ()),)),
    Row('no-mx', 'no MX, TLSA at the domain', delivered('@', insisted=DANE), (Mx('@', tlsa=GOOD, listed=False),)),
    Row('no-mx-wrong', 'no MX, TLSA of another key', deferred(DANE, 'validation-failure'), (Mx('@', tlsa=WRONG, listed=False),)),
    Row('no-mx-plain', 'no MX, unsigned', delivered('@'), (Mx('@', listed=False),), signed=False),
    Row('null-mx', 'null MX', bounced('5.1.10'), (), zone=('@ IN MX 0 .',)),
    Row('no-domain', 'no such domain', bounced('5.1.2'), (), published=False),
]

FAILING = [
    Row('tlsa-servfail', 'TLSA: SERVFAIL', deferred(reason='4.7.5'), one(*GOOD), dns=(('_25._tcp.mx1', 'TLSA', 'servfail'),)),
    Row('tlsa-timeout', 'TLSA: no answer', deferred(reason='4.7.5'), one(*GOOD), dns=(('_25._tcp.mx1', 'TLSA', 'drop'),)),
    Row('tlsa-bogus', 'TLSA: bad signature', deferred(reason='dnssec-invalid'), one(*GOOD), dns=(('_25._tcp.mx1', 'TLSA', 'corrupt'),)),
    Row('tlsa-denied', 'TLSA: denial forged', deferred(reason='dnssec-invalid'), one(*GOOD), dns=(('_25._tcp.mx1', 'TLSA', 'nxdomain'),)),
    Row('mx-servfail', 'MX: SERVFAIL', deferred(), one(*GOOD), dns=(('@', 'MX', 'servfail'),)),
    Row('mx-bogus', 'MX: bad signature', deferred(reason='dnssec-invalid'), one(*GOOD), dns=(('@', 'MX', 'corrupt'),)),
    Row('mx-timeout', 'MX: no answer', deferred(), one(*GOOD), dns=(('@', 'MX', 'drop'),)),
    Row('a-bogus', 'address: bad signature', deferred(), one(*GOOD), dns=(('mx1', 'A', 'corrupt'), ('mx1', 'AAAA', 'corrupt'))),
    Row('a-bogus-next', 'address bogus, next MX good', delivered('mx2', insisted=DANE),
        (Mx(tlsa=GOOD), Mx('mx2', 20, tlsa=GOOD)), dns=(('mx1', 'A', 'corrupt'), ('mx1', 'AAAA', 'corrupt'))),
    Row('ds-wrong', 'DS of another key', deferred(reason='dnssec-invalid'), one(*GOOD), ds='wrong'),
    Row('ds-trusted', 'DS wrong, negative trust anchor', delivered(), one(*GOOD), ds='wrong', anchor='now'),
    Row('ds-expired', 'DS wrong, trust anchor ran out', deferred(reason='dnssec-invalid'), one(*GOOD), ds='wrong', anchor='over'),
    Row('ns-dead', 'one name server is dead', delivered(insisted=DANE), one(*GOOD), servers=('server-dead', 'ns1')),
    Row('ns-slow', 'name server is slow', delivered(insisted=DANE), one(*GOOD), servers=('server-slow',)),
    Row('ns-tcp', 'answers only over TCP', delivered(insisted=DANE), one(*GOOD), dns=(('*', '*', 'truncate'),)),
    Row('rsa-keys', 'DNSKEY set over 1232 bytes', delivered(insisted=DANE), one(*GOOD), algorithm='RSASHA256'),
    Row('forged-a', 'the attacker answers for the host', deferred(), one(*GOOD), dns=(('mx1', 'A', 'forge'),)),
]

CHANGING = [
    Row('dane-key-new', 'the key changes, the record does not', delivered(insisted=DANE), one(*GOOD),
        change=Change(smtp=(('mx1', 'evil-unknown'),), expect=deferred(DANE, 'validation-failure'))),
    Row('dane-then-fail', 'TLSA known, then SERVFAIL and no STARTTLS', delivered(insisted=DANE), one(*GOOD),
        change=Change(dns=(('_25._tcp.mx1', 'TLSA', 'servfail'),), smtp=(('mx1', 'strip'),), expect=deferred())),
]

ROWS = MATCHING + UNUSABLE + NAMES + FAILING + CHANGING
