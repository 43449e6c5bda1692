"""Rows whose domains publish MTA-STS (RFC 8461), alone and beside DANE."""
from tools.lab.internet.model import Change, Mx, Row, Sts, deferred, delivered

PKIX, BOTH = 'pkix', 'dane and pkix'
WEB = (Mx(cert='web'),)
SELF = (Mx(cert='self'),)
GOOD, WRONG = ('3 1 1 leaf',), ('3 1 1 other',)
TXT = '_mta-sts'


def sts(name, what, expect, mx=WEB, change=None, dns=(), zone=(), **policy):
    return Row(name, what, expect, mx, signed=False, sts=Sts(**policy), change=change, dns=dns, zone=zone)


ENFORCED = [
    sts('sts-good', 'enforce', delivered(insisted=PKIX)),
    sts('sts-wildcard', 'enforce, star for one label', delivered(insisted=PKIX), patterns=('*.{domain}',)),
    sts('sts-wildcard2', 'enforce, star for two labels', deferred('', 'validation-failure'), (Mx('a.b', cert='web'),),
        patterns=('*.{domain}',)),
    sts('sts-listed-not', 'enforce, MX not in the policy', deferred('', 'validation-failure'), patterns=('other.{domain}',)),
    sts('sts-next', 'first MX not in the policy', delivered('mx2', insisted=PKIX), (Mx(cert='web'), Mx('mx2', 20, 'web')),
        patterns=('mx2.{domain}',)),
    sts('sts-name', 'certificate of another name', deferred(PKIX, 'certificate-host-mismatch'), (Mx(cert='web-name'),)),
    sts('sts-old', 'certificate expired', deferred(PKIX, 'certificate-expired'), (Mx(cert='web-old'),)),
    sts('sts-self', 'certificate nobody vouches for', deferred(PKIX, 'certificate-not-trusted'), SELF),
    sts('sts-private', 'certificate of an unknown authority', deferred(PKIX, 'certificate-not-trusted'), (Mx(cert='private'),)),
    sts('sts-clear', 'no STARTTLS', deferred(PKIX, 'starttls-not-supported'), (Mx(cert=''),)),
    sts('sts-strip', 'STARTTLS stripped', deferred(PKIX, 'starttls-not-supported'), (Mx(cert='web', server='strip'),)),
    sts('sts-second-good', 'first MX has a bad certificate', delivered('mx2', insisted=PKIX), (Mx(cert='self'), Mx('mx2', 20, 'web')),
        patterns=('*.{domain}',)),
]

# No policy can be had, so that none was promised to us yet (RFC 8461 §3.3): opportunistic.
UNHAD = [
    sts('sts-host-name', "policy host's certificate: another name", delivered(), SELF, cert='web-name'),
    sts('sts-host-old', "policy host's certificate expired", delivered(), SELF, cert='web-old'),
    sts('sts-host-self', "policy host's certificate self-made", delivered(), SELF, cert='self'),
    sts('sts-redirect', 'policy redirects', delivered(), SELF, answer='redirect'),
    sts('sts-oversized', 'policy over 64 KiB', delivered(), SELF, answer='oversized'),
    sts('sts-media', 'policy as text/html', delivered(), SELF, answer='media'),
    sts('sts-missing', 'policy: 404', delivered(), SELF, answer='missing'),
    sts('sts-garbage', 'policy without version', delivered(), SELF, answer='garbage'),
    sts('sts-refused', 'policy host is down', delivered(), SELF, answer='refused'),
    sts('sts-two-txt', 'two TXT records', delivered(), SELF, txt=('v=STSv1; id={id};', 'v=STSv1; id=2;')),
    sts('sts-none', 'mode none', delivered(), SELF, mode='none', patterns=()),
    sts('sts-testing', 'mode testing, bad certificate', delivered(), SELF, mode='testing'),
    sts('sts-testing-mx', 'mode testing, MX not in the policy', delivered(), SELF, mode='testing', patterns=('other.{domain}',)),
    sts('sts-testing-clear', 'mode testing, no STARTTLS', delivered(tls=False), (Mx(cert=''),), mode='testing'),
    sts('sts-txt-servfail', 'TXT: SERVFAIL, nothing cached', deferred(), WEB, dns=((TXT, 'TXT', 'servfail'),)),
]

# A policy once had holds until its end, whatever DNS or the policy host then say (RFC 8461 §5.1).
CACHED = [
    sts('sts-gone', 'TXT gone, cache valid', delivered(insisted=PKIX),
        change=Change(dns=((TXT, 'TXT', 'nodata'),), expect=delivered(insisted=PKIX))),
    sts('sts-gone-bad', 'TXT gone, certificate bad', delivered(insisted=PKIX),
        change=Change(dns=((TXT, 'TXT', 'nodata'),), smtp=(('mx1', 'evil-self'),), expect=deferred(PKIX, 'certificate-not-trusted'))),
    sts('sts-silent', 'TXT: no answer, STARTTLS stripped', delivered(insisted=PKIX),
        change=Change(dns=((TXT, 'TXT', 'drop'),), smtp=(('mx1', 'strip'),), expect=deferred(PKIX, 'starttls-not-supported'))),
    sts('sts-new-id', 'new id, fetch fails', delivered(insisted=PKIX),
        change=Change(dns=((TXT, 'TXT', 'renew'),), web='refuse', expect=delivered(insisted=PKIX))),
    sts('sts-new-id-bad', 'new id, forged policy host, bad certificate', delivered(insisted=PKIX),
        change=Change(dns=((TXT, 'TXT', 'renew'),), web='evil', smtp=(('mx1', 'evil-self'),),
                      expect=deferred(PKIX, 'sts-webpki-invalid'))),
]


def both(name, what, expect, cert, *tlsa, **more):
    return Row(name, what, expect, (Mx(cert=cert, tlsa=tlsa),), sts=Sts(), **more)


BESIDE = [
    both('both-good', 'DANE and STS', delivered(insisted=BOTH), 'web', *GOOD),
    both('both-dane-bad', 'DANE fails, STS holds', deferred(BOTH, 'validation-failure'), 'web', *WRONG),
    both('both-sts-bad', 'DANE holds, STS fails', deferred(BOTH, 'certificate-not-trusted'), 'self', *GOOD),
    both('both-unusable', 'TLSA unusable, STS holds', delivered(insisted=PKIX), 'web', '1 1 1 leaf'),
    both('both-unusable-bad', 'TLSA unusable, STS fails', deferred(PKIX, 'certificate-not-trusted'), 'self', '1 1 1 leaf'),
    both('both-tlsa-fails', 'TLSA: SERVFAIL, STS holds', deferred(), 'web', *GOOD, dns=(('_25._tcp.mx1', 'TLSA', 'servfail'),)),
    both('both-signed-sts', 'signed, no TLSA, STS', delivered(insisted=PKIX), 'web'),
]

ROWS = ENFORCED + UNHAD + CACHED + BESIDE
