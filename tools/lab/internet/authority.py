"""Certificates of the lab's internet, made by openssl for one run.

Three authorities: a public one (root and intermediate; what the box believes), a private one (trust anchor of usage 2)
and one that nobody knows. A certificate is asked for by kind:

  web            public authority, leaf and intermediate          web-name, web-old     another name; expired
  private        private authority, leaf and anchor               private-name, -old, -domain (the recipients' domain)
  private-leaf   the same without the anchor                      self                  self-signed
  odd            self-signed, expired, for another name           unknown               authority that nobody knows
"""
import base64
import concurrent.futures
import dataclasses
import hashlib
import os
import pathlib
import re
import threading

from tools.lab.shell import run

OTHER_NAME = 'elsewhere.invalid'
PEM = re.compile(r'-----BEGIN (CERTIFICATE|PUBLIC KEY)-----(.*?)-----END', re.S)


def der(pem):
    """The first object of a PEM text."""
    return base64.b64decode(PEM.search(pem).group(2))


@dataclasses.dataclass(frozen=True)
class Chain:
    key: pathlib.Path
    leaf: pathlib.Path
    chain: pathlib.Path        # what the server sends
    anchor: pathlib.Path       # the authority that signed it; itself where self-signed

    @property
    def both(self):
        """Key and chain in one file, as Postfix likes it."""
        return self.chain.with_suffix('.both')


class Authority:
    def __init__(self, directory):
        self.directory, self.made, self.lock = directory, {}, threading.Lock()
        self.root = self._anchor('public-root', 'Lab public root')
        self.between = self._between()
        self.private = self._anchor('private', 'Lab private anchor')
        self.unknown = self._anchor('unknown', 'Lab unknown root')

    @property
    def roots(self):
        """The file of public authorities."""
        return self.root[1]

    def chain(self, kind, host, domain=''):
        with self.lock:
            place = self.made.setdefault((kind, host), [threading.Lock(), None])
        with place[0]:
            place[1] = place[1] or self._make(kind, host, domain)
        return place[1]

    def make_many(self, wanted):
        """Makes (kind, host, domain) of a list on all cores."""
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            list(pool.map(lambda entry: self.chain(*entry), wanted))

    def _anchor(self, name, subject):
        key, certificate = self.directory / f'{name}.key', self.directory / f'{name}.pem'
        self._new_key(key)
        run('openssl', 'req', '-x509', '-new', '-key', key, '-out', certificate, '-days', '30', '-subj', f'/CN={subject}',
            '-addext', 'keyUsage=critical,keyCertSign,cRLSign')
        return key, certificate

    def _between(self):
        key, certificate = self.directory / 'between.key', self.directory / 'between.pem'
        self._new_key(key)
        run('openssl', 'req', '-x509', '-new', '-key', key, '-out', certificate, '-days', '30', '-subj', '/CN=Lab public intermediate',
            '-CA', self.root[1], '-CAkey', self.root[0], '-addext', 'basicConstraints=critical,CA:TRUE,pathlen:0',
            '-addext', 'keyUsage=critical,keyCertSign,cRLSign')
        return key, certificate

    @staticmethod
    def _new_key(path):
        run('openssl', 'genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', path)
        path.chmod(0o600)

    def _make(self, kind, host, domain):
        base = self.directory / f'{kind}-{host}'
        key, leaf, chain = (base.with_name(f'{base.name}.{end}') for end in ('key', 'crt', 'pem'))
        signer = None if kind in ('self', 'odd') else {'web': self.between, 'private': self.private, 'unknown': self.unknown}[kind.split('-')[0]]
        name = OTHER_NAME if kind.endswith('-name') or kind == 'odd' else domain if kind.endswith('-domain') else host
        self._new_key(key)
        self._sign(key, leaf, name, signer, kind.endswith('-old') or kind == 'odd')
        sent = [leaf]
        if kind.startswith('web'):
            sent.append(self.between[1])
        elif kind.startswith('private') and kind != 'private-leaf':
            sent.append(self.private[1])
        chain.write_bytes(b''.join(path.read_bytes() for path in sent))
        made = Chain(key, leaf, chain, signer[1] if signer else leaf)
        made.both.write_bytes(key.read_bytes() + chain.read_bytes())
        made.both.chmod(0o600)
        return made

    @staticmethod
    def _sign(key, leaf, name, signer, expired):
        extensions = ['-addext', f'subjectAltName=DNS:{name}', '-addext', 'basicConstraints=critical,CA:FALSE',
                      '-addext', 'extendedKeyUsage=serverAuth', '-addext', 'keyUsage=critical,digitalSignature']
        subject = ['-subj', f'/CN={name}'[:67]]
        if not expired:
            by = ['-CA', signer[1], '-CAkey', signer[0]] if signer else []
            run('openssl', 'req', '-x509', '-new', '-key', key, '-out', leaf, '-days', '20', *subject, *extensions, *by)
            return
        request = leaf.with_suffix('.csr')
        run('openssl', 'req', '-new', '-key', key, '-out', request, *subject, *extensions)
        by = ['-CA', signer[1], '-CAkey', signer[0]] if signer else ['-signkey', key]
        run('openssl', 'x509', '-req', '-in', request, '-out', leaf, '-days', '-1', '-copy_extensions', 'copyall', *by)


def public_key(certificate):
    """SubjectPublicKeyInfo of a certificate file."""
    return der(run('openssl', 'x509', '-in', certificate, '-noout', '-pubkey').stdout.decode())


def tlsa(words, chain):
    """The rdata of a record written as 'usage selector matching what'. RFC 6698 §2.1."""
    usage, selector, matching, what = words.split()
    if what == 'short':
        data = b'\x5a' * 20
    elif what.startswith('other'):
        data = hashlib.new('sha512' if matching == '2' else 'sha256', what.encode()).digest()
    else:
        source = chain.leaf if what == 'leaf' else chain.anchor
        data = der(source.read_text()) if selector == '0' else public_key(source)
        data = {'0': lambda d: d, '1': lambda d: hashlib.sha256(d).digest(), '2': lambda d: hashlib.sha512(d).digest()}[matching](data)
    return f'{usage} {selector} {matching} {data.hex()}'
