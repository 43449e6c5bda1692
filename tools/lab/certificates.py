"""Certificates of the lab, made by openssl for one run: a small CA, the box's ECDSA and RSA, the office's ECDSA."""
from tools.lab.shell import run

GATEWAY_NAME = 'mx.example.org'
OFFICE_NAME = 'mail.office.example'
SENDER_NAME = 'mail.sender.example'
DESK_NAME = 'desk.office.example'


def make(directory, name, host, authority, kind):
    """<name>.key and <name>.pem (leaf, then CA) for a host; kind is `ec` or `rsa`."""
    key, request, leaf, chain = (directory / f'{name}.{end}' for end in ('key', 'csr', 'crt', 'pem'))
    algorithm = ['EC', '-pkeyopt', 'ec_paramgen_curve:P-256'] if kind == 'ec' else ['RSA', '-pkeyopt', 'rsa_keygen_bits:2048']
    run('openssl', 'genpkey', '-algorithm', *algorithm, '-out', key)
    run('openssl', 'req', '-new', '-key', key, '-subj', f'/CN={host}', '-out', request)
    extensions = directory / f'{name}.ext'
    extensions.write_text(f'subjectAltName=DNS:{host}\nbasicConstraints=critical,CA:FALSE\n'
                          'keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth,clientAuth\n')
    run('openssl', 'x509', '-req', '-in', request, '-CA', authority[1], '-CAkey', authority[0], '-days', '30',
        '-CAcreateserial', '-extfile', extensions, '-out', leaf)
    chain.write_bytes(leaf.read_bytes() + authority[1].read_bytes())
    return {'key': key, 'chain': chain, 'leaf': leaf}


def make_all(directory):
    """All of them; keys are readable by root only."""
    key, certificate = directory / 'ca.key', directory / 'ca.pem'
    run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key,
        '-out', certificate, '-days', '30', '-subj', '/CN=Postern lab CA')
    authority = (key, certificate)
    made = {'ca': certificate,
            'gateway-ec': make(directory, 'gateway-ec', GATEWAY_NAME, authority, 'ec'),
            'gateway-rsa': make(directory, 'gateway-rsa', GATEWAY_NAME, authority, 'rsa'),
            'office': make(directory, 'office', OFFICE_NAME, authority, 'ec')}
    for path in directory.glob('*.key'):
        path.chmod(0o600)
    return made
