"""Rows without a promise, rows about the servers themselves, and what messages and the operator ask for (RFC 8689)."""
from tools.lab.internet.model import Mx, Row, Sts, bounced, deferred, delivered

GOOD, WRONG = ('3 1 1 leaf',), ('3 1 1 other',)


def plain(name, what, expect, *mx, **more):
    return Row(name, what, expect, mx or (Mx(cert='self'),), signed=False, **more)


NO_POLICY = [
    plain('plain', 'no policy, any certificate', delivered()),
    Row('plain-signed', 'signed, no TLSA', delivered(), (Mx(cert='self'),)),
    plain('plain-clear', 'server without TLS', delivered(tls=False), Mx(cert='')),
    plain('plain-strip', 'STARTTLS stripped, no policy', delivered(tls=False), Mx(cert='self', server='strip')),
    plain('plain-broken', 'TLS breaks, no policy', delivered(tls=False), Mx(cert='self', server='broken')),
    plain('down', 'server is down', deferred(), Mx(server='refused')),
    plain('down-next', 'first MX down, second up', delivered('mx2'), Mx(server='refused'), Mx('mx2', 20, 'self')),
    plain('silent', 'no answer to SYN', deferred(), Mx(server='blackhole')),
    plain('silent-next', 'first MX silent, second up', delivered('mx2'), Mx(server='blackhole'), Mx('mx2', 20, 'self')),
    plain('v6', 'IPv4 and IPv6', delivered(), Mx(cert='self', v6='both')),
    plain('v6-dead', 'IPv6 leads nowhere', delivered(), Mx(cert='self', v6='dead')),
    plain('equal', 'two MX of the same preference, one down', delivered('mx2'), Mx(server='refused'), Mx('mx2', 10, 'self')),
    plain('refuses', 'server says 550', bounced('550'), Mx(cert='self', server='host', reply='550 5.1.1 nobody here')),
    plain('later', 'server says 451', deferred(reason='451'), Mx(cert='self', server='host', reply='451 4.3.0 later')),
]

WISHES = [
    Row('req-dane', 'REQUIRETLS, DANE', delivered(insisted='dane'), (Mx(tlsa=GOOD, server='host', requiretls=True),), flags=('requiretls',)),
    Row('req-sts', 'REQUIRETLS, STS', delivered(insisted='pkix'), (Mx(cert='web', server='host', requiretls=True),), signed=False,
        sts=Sts(), flags=('requiretls',)),
    Row('req-lacking', 'REQUIRETLS, DANE, server lacks it', bounced('5.7.30'), (Mx(tlsa=GOOD),), flags=('requiretls',)),
    plain('req-plain', 'REQUIRETLS, no policy', bounced('5.7.30'), Mx(cert='self', server='host', requiretls=True), flags=('requiretls',)),
    plain('req-clear', 'REQUIRETLS, server without TLS', bounced('5.7.30'), Mx(cert=''), flags=('requiretls',)),
    Row('req-wrong', 'REQUIRETLS, DANE of another key', deferred('dane', 'validation-failure'),
        (Mx(tlsa=WRONG, server='host', requiretls=True),), flags=('requiretls',)),
    Row('no-dane', 'TLS-Required: No, DANE of another key', delivered(), (Mx(tlsa=WRONG),), flags=('tls-no',)),
    Row('no-sts', 'TLS-Required: No, STS, certificate bad', delivered(), (Mx(cert='self'),), signed=False, sts=Sts(), flags=('tls-no',)),
    Row('no-clear', 'TLS-Required: No, DANE, no STARTTLS', delivered(tls=False), (Mx(tlsa=GOOD, cert=''),), flags=('tls-no',)),
]

OVERRIDES = [
    Row('over-dane', 'DANE of another key, told to let go', delivered(insisted='opportunistic'), (Mx(tlsa=WRONG),), override=('opportunistic', 'later')),
    Row('over-ended', 'the same, but that ended', deferred('dane', 'validation-failure'), (Mx(tlsa=WRONG),), override=('opportunistic', 'past')),
    plain('over-pkix', 'no policy, told to ask for PKIX', deferred('pkix', '4.7.5'), override=('pkix', 'later')),
    plain('over-tls', 'no policy, told to ask for TLS', deferred('mandatory', 'starttls-not-supported'), Mx(cert=''), override=('mandatory', 'later')),
]

ROWS = NO_POLICY + WISHES + OVERRIDES
