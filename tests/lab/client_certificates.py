"""Who may send by a certificate: openssl's, swaks' and Postfix's, at the submission ports. RFC 8446 §4.3.2, RFC 6409."""
import contextlib

from tests.lab.harness import check, test
from tools.lab import postfix
from tools.lab.network import WAN4
from tools.lab.shell import run, wait_for

OUTSIDE = 'someone@far.example'


def authority(directory, name):
    key, certificate = directory / f'{name}.key', directory / f'{name}.pem'
    run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', certificate,
        '-days', '30', '-subj', f'/CN={name}')
    return key, certificate


def client(directory, name, signer, days=30):
    """NAME.key and NAME.pem (certificate and its authority) for mail clients; `days` < 0: already expired."""
    key, request, leaf, chain = (directory / f'{name}.{end}' for end in ('key', 'csr', 'crt', 'pem'))
    run('openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key, '-out', request,
        '-subj', f'/CN={name}')
    extensions = directory / f'{name}.ext'
    extensions.write_text(f'subjectAltName=email:{name}@example.org\nbasicConstraints=critical,CA:FALSE\n'
                          'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n')
    run('openssl', 'x509', '-req', '-in', request, '-CA', signer[1], '-CAkey', signer[0], '-CAcreateserial', '-days', str(days),
        '-extfile', extensions, '-out', leaf)
    chain.write_bytes(leaf.read_bytes() + signer[1].read_bytes())
    return {'key': key, 'chain': chain, 'leaf': leaf}


def fingerprint(made):
    """As openssl prints it: SHA-256, with colons."""
    said = run('openssl', 'x509', '-in', made['leaf'], '-noout', '-fingerprint', '-sha256').stdout.decode()
    return said.strip().split('=', 1)[1]


class People:
    """Certificates of every kind, and a box that believes one authority and one pin."""

    def __init__(self, bench):
        directory = bench.place.path(f'people-{bench.name}')
        ours, other = authority(directory, 'people'), authority(directory, 'strangers')
        self.good, self.expired = client(directory, 'ann', ours), client(directory, 'old', ours, -1)
        self.wrong, self.pinned = client(directory, 'eve', other), client(directory, 'printer', other)
        self.settings = {'submission.client_ca': ours[1], 'submission.client_pins': [f'printer {fingerprint(self.pinned)}'],
                         'outbound.via': 'office'}


def swaks(bench, made, port=587, room='internet', sender='ann@example.org'):
    """One message to outside; what swaks saw."""
    tls = ['--tls-on-connect'] if port == 465 else ['--tls']
    shown = ['--tls-cert', made['chain'], '--tls-key', made['key']] if made else []
    done = bench.network.run(room, 'swaks', '--server', WAN4, '--port', str(port), *tls, *shown, '--from', sender, '--to', OUTSIDE,
                             '--helo', 'desk.example.org', '--timeout', '30s', check=False, timeout=60)
    return done.stdout.decode(errors='replace')


def taken(text):
    return '250 2.6.0 queued as' in text


@contextlib.contextmanager
def box_of(bench, more=None):
    people = People(bench)
    with bench.box(people.settings | (more or {})) as box:
        yield box, people


@test
def a_client_certificate_of_our_authority_is_a_login(bench):
    """swaks at 587 and 465: good is taken; wrong authority, expired and none hear 530 with the reason, and are counted."""
    with box_of(bench) as (box, people):
        for port in (587, 465):
            check(taken(swaks(bench, people.good, port)), f'good at {port}')
        check(taken(swaks(bench, people.pinned)), 'pinned, whoever signed it')
        text = swaks(bench, people.wrong)
        check('530 5.7.0' in text and 'does not end at a trust anchor' in text, f'wrong authority: {text[-600:]}')
        text = swaks(bench, people.expired)
        check('530 5.7.0' in text and 'has expired' in text, f'expired: {text[-600:]}')
        text = swaks(bench, None)
        check('530 5.7.0 log in first' in text and 'certificate' not in text.split('530 5.7.0')[1].splitlines()[0], f'none: {text[-600:]}')
        check('550 5.7.1' in swaks(bench, people.good, 25), 'no login at 25: relay denied')
        check('553 5.7.1' in swaks(bench, people.good, sender='ann@elsewhere.example'), 'senders of our domains only')
        counted = wait_for(lambda: (c := box.counters())['shard.certificate_logins'] >= 4 and c, 30, 'counters')
        check(counted['shard.certificates_untrusted'] == 1 and counted['shard.certificates_expired'] == 1, f'{counted}')
        accepted = wait_for(lambda: len(a := [o for o in box.outcomes() if o['result'] == 'accepted']) >= 3 and a, 30, 'message log')
        senders = {o['reply'].split('sent by ')[-1] for o in accepted}
        check(senders == {'ann@example.org', 'printer'}, f'who sent is in the log: {senders}')


@test
def openssl_is_asked_for_a_certificate_only_where_it_counts(bench):
    """s_client, TLS 1.2 and 1.3: asked at 587 and 465, not at 25, and not where no setting wants it."""
    def asked(port, version):
        starttls = [] if port == 465 else ['-starttls', 'smtp']
        done = bench.network.run('internet', 'openssl', 's_client', '-connect', f'{WAN4}:{port}', *starttls, version, check=False,
                                 timeout=60)
        text = done.stdout.decode(errors='replace')
        check('Cipher is TLS' in text or 'Cipher is ECDHE' in text, f'{port} {version}: {text[-400:]}')
        return 'No client certificate CA names sent' in text and 'Requested Signature Algorithms' in text
    with box_of(bench):
        for version in ('-tls1_2', '-tls1_3'):
            check(asked(587, version) and asked(465, version), f'asked at 587 and 465, {version}')
            check(not asked(25, version), f'not asked at 25, {version}')
    with bench.box():
        check(not asked(587, '-tls1_3'), 'nobody asked where no setting wants it')


def desk(bench, name, port, made):
    """A Postfix that hands everything to port 587 of the box, with a certificate or without."""
    shown = {'smtp_tls_cert_file': made['chain'], 'smtp_tls_key_file': made['key']} if made else {}
    return postfix.Postfix(bench.place, bench.network, 'internet', name, [f'127.0.0.1:{port}'], {
        'inet_interfaces': 'loopback-only', 'mynetworks': '127.0.0.0/8', 'smtpd_recipient_restrictions': 'permit_mynetworks, reject',
        'relayhost': f'[{WAN4}]:587', 'smtp_tls_security_level': 'encrypt'} | shown)


@test
def postfix_sends_by_its_certificate(bench):
    """A Postfix as a client of port 587, with smtp_tls_cert_file (taken) and without (530)."""
    with box_of(bench) as (box, people):
        for name, port, made, word in (('cert.far.example', 2527, people.good, 'status=sent (250 2.6.0 queued as'),
                                       ('bare.far.example', 2528, None, '530 5.7.0 log in first')):
            client = desk(bench, f'{bench.name}-{name}', port, made).start()
            try:
                done = bench.network.run('internet', 'swaks', '--server', '127.0.0.1', '--port', str(port), '--from', 'ann@example.org',
                                         '--to', OUTSIDE, check=False, timeout=60)
                check(done.returncode == 0, f'{name} takes it: {done.stdout.decode(errors="replace")[-300:]}')
                wait_for(lambda c=client, w=word: w in c.log.read_text(errors='replace'), 40, f'{word} in the log of {name}')
            finally:
                client.stop()
        check(box.counters()['shard.certificate_logins'] == 1, 'one login by certificate')
